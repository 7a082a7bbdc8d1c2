// A picture that changes under its user's hands: what one looks at stays where it is, and the rest glides to its new place.
import type { Layout, Node } from '../../api/v1'
import type { View } from './view.svelte'

const MILLIS = 190
// Beyond this many boxes a browser would stumble.
const BOXES_MAX = 300

// Whether a picture has nothing of the one before: another definition was opened.
export function isOther(before: Layout, now: Layout): boolean {
  const old = new Set(before.nodes.filter(({ kind }) => kind === 'state').map(({ id }) => id))
  return now.nodes.filter(({ kind }) => kind === 'state').length > 1 && !now.nodes.some(({ id }) => old.has(id))
}

// Moves the view so that the chosen box, or the beginning, is where it was.
export function keepInPlace(view: View, before: Layout, now: Layout, chosen: string) {
  const start = (layout: Layout) => layout.nodes.find((node) => node.kind === 'start' && node.parent === undefined)
  const pairs: [Node | undefined, Node | undefined][] = [[of(before, chosen), of(now, chosen)], [start(before), start(now)]]
  const [old, next] = pairs.find(([old, next]) => old && next) ?? []
  if (!old || !next) return
  view.shift = { x: view.shift.x + (middle(old) - middle(next)) * view.zoom, y: view.shift.y + (old.y - next.y) * view.zoom }
}

// Lets boxes come from where they were. The view itself has moved by so much, in the picture's measures.
export function animate(picture: SVGGElement, before: Layout, now: Layout, x: number, y: number) {
  const isStill = matchMedia('(prefers-reduced-motion: reduce)').matches
  if (isStill || now.nodes.length > BOXES_MAX) return
  const old = new Map(before.nodes.map((node) => [node.id, node]))
  const nodes = new Map(now.nodes.map((node) => [node.id, node]))
  for (const box of picture.querySelectorAll<SVGGElement>('[data-node]')) {
    const [from, to] = [old.get(box.dataset.node ?? ''), nodes.get(box.dataset.node ?? '')]
    if (!to) continue
    const [dx, dy] = from ? [middle(from) - middle(to) + x, from.y - to.y + y] : [0, 0]
    if (from && Math.abs(dx) + Math.abs(dy) < 1) continue
    const start = from ? { transform: `translate(${dx}px, ${dy}px)` } : { opacity: 0 }
    box.animate([start, from ? { transform: 'none' } : { opacity: 1 }], { duration: MILLIS, easing: 'ease-out' })
  }
  for (const edge of picture.querySelectorAll<SVGPathElement>('[data-edge]')) {
    edge.animate([{ opacity: 0 }, {}], { duration: MILLIS, easing: 'ease-in' })
  }
}

const of = (layout: Layout, id: string) => layout.nodes.find((node) => node.id === id)

const middle = (node: Node) => node.x + node.width / 2
