// The places of a layout where a state can be put, and which of them is nearest.
import type { Edge, Layout, Node } from '../../api/v1'
import type { Draft } from './document/draft.svelte'
import { isMembers } from './document/json'
import { isFlow, locationOf } from './document/location'
import { canMove, canPut } from './document/machine'
import type { Load, Target } from './drag.svelte'

export interface Spot extends Target {
  // Where its sign is drawn, in the picture's measures.
  x: number
  y: number
  // The line that it is on.
  points: [number, number][]
}

// All of them for what is carried.
export function spotsOf(layout: Layout, draft: Draft, load: Load): Spot[] {
  const names = new Map(layout.nodes.map((node) => [node.id, node]))
  const lines = layout.edges.map((edge): Spot => ({
    place: { edge: edge.id }, key: edge.id, says: saysOf(edge, names), points: edge.points, ...middleOf(edge.points),
  }))
  const fits = ({ place }: Spot) => canPut(draft, place) && (!('state' in load) || canMove(draft, load.state, place))
  return [...lines.filter(({ key }) => !isVoid(names, layout, key)), ...emptyFlows(layout, draft)].filter(fits)
}

// The one that a point is nearest to, if it is not too far away.
export function nearest(spots: Spot[], x: number, y: number, farthest: number): Spot | undefined {
  let [best, least] = [undefined as Spot | undefined, farthest]
  for (const spot of spots) {
    // The sign draws more than its line, or nobody could choose among lines that run side by side.
    const way = Math.min(toLine(spot.points, x, y), 0.6 * Math.hypot(spot.x - x, spot.y - y))
    if (way < least) [best, least] = [spot, way]
  }
  return best
}

// Flows without a state, by the box that stands for one, or by where they begin.
function emptyFlows(layout: Layout, draft: Draft): Spot[] {
  return layout.nodes.flatMap((node): Spot[] => {
    if (node.kind !== 'start') return []
    const path = node.id === '/StartAt' ? [] : draft.pathOf(node.id.slice(0, -'/StartAt'.length))
    const states = draft.at([...path, 'States'])
    if (!isFlow(path) || (isMembers(states) && states.size > 0)) return []
    const box = layout.nodes.find((other) => other.kind === 'missing' && layout.edges.some((edge) => edge.from === node.id && edge.to === other.id)) ?? node
    const center = { x: box.x + box.width / 2, y: box.y + box.height / 2 }
    const owner = path.length === 0 ? 'the machine' : `the empty ${node.id.includes('Branches') ? 'branch' : 'flow'} of ${ownerOf(layout, node)}`
    return [{ place: { flow: path }, key: `${locationOf(path)} flow`, says: `into ${owner}`, ...center, points: corners(box) }]
  })
}

// A line to a box that only stands for a state: the box is the place, not the line.
function isVoid(names: Map<string, Node>, layout: Layout, edge: string): boolean {
  const to = names.get(layout.edges.find(({ id }) => id === edge)?.to ?? '')
  return to?.kind === 'missing' && to.id.endsWith('/States/')
}

function saysOf(edge: Edge, names: Map<string, Node>): string {
  const [from, to] = [names.get(edge.from), names.get(edge.to)]
  if (from?.kind === 'start') return `before ${to?.name ?? ''}`
  if (to?.kind === 'end') return `after ${from?.name ?? ''}`
  return `between ${from?.name ?? ''} and ${to?.name ?? ''}`
}

const ownerOf = (layout: Layout, node: Node) => layout.nodes.find(({ id }) => id === node.parent)?.name ?? ''

function corners({ x, y, width, height }: Node): [number, number][] {
  return [[x, y], [x + width, y], [x + width, y + height], [x, y + height], [x, y]]
}

// Halfway along a line.
function middleOf(points: [number, number][]): { x: number; y: number } {
  const pieces = points.slice(1).map((to, at) => ({ from: points[at]!, to, length: Math.hypot(to[0] - points[at]![0], to[1] - points[at]![1]) }))
  let rest = pieces.reduce((sum, { length }) => sum + length, 0) / 2
  for (const { from, to, length } of pieces) {
    if (rest <= length && length > 0) {
      const part = rest / length
      return { x: from[0] + (to[0] - from[0]) * part, y: from[1] + (to[1] - from[1]) * part }
    }
    rest -= length
  }
  const [x, y] = points[0] ?? [0, 0]
  return { x, y }
}

function toLine(points: [number, number][], x: number, y: number): number {
  let least = Infinity
  points.slice(1).forEach(([tx, ty], at) => {
    const [fx, fy] = points[at]!
    const length = (tx - fx) ** 2 + (ty - fy) ** 2 || 1
    const part = Math.max(0, Math.min(1, ((x - fx) * (tx - fx) + (y - fy) * (ty - fy)) / length))
    least = Math.min(least, Math.hypot(fx + (tx - fx) * part - x, fy + (ty - fy) * part - y))
  })
  return least
}
