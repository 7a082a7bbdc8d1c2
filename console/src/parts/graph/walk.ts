// From box to box by the keyboard.
import type { Edge, Layout, Node } from '../../api/v1'

// The boxes that one can be at.
export const statesOf = (layout: Layout): Node[] =>
  layout.nodes.filter((node) => node.kind === 'state' || node.kind === 'missing')

// Where an arrow key leads: down and up along the lines, left and right to the nearest box of the same height.
export function neighbour(layout: Layout, node: Node, key: string): Node | undefined {
  const states = statesOf(layout)
  switch (key) {
    case 'ArrowDown':
      return inside(states, node) ?? along(layout, states, node, 'from', 'to') ?? behind(layout, states, node)
    case 'ArrowUp':
      return along(layout, states, node, 'to', 'from') ?? states.find((other) => other.id === node.parent)
    case 'ArrowRight':
      return beside(states, node, (other) => middle(other) > middle(node))
    case 'ArrowLeft':
      return beside(states, node, (other) => middle(other) < middle(node))
    case 'Home':
      return states[0]
    default:
      return undefined
  }
}

const middle = (node: Node) => node.x + node.width / 2

const inside = (states: Node[], node: Node) =>
  node.container ? states.find((other) => other.parent === node.id) : undefined

function along(layout: Layout, states: Node[], node: Node, here: 'from' | 'to', there: 'from' | 'to'): Node | undefined {
  const ends = layout.edges.filter((edge: Edge) => edge[here] === node.id).map((edge) => edge[there])
  return states.find((other) => other !== node && ends.includes(other.id))
}

// From the end of what is inside a container to what comes after it.
function behind(layout: Layout, states: Node[], node: Node): Node | undefined {
  const container = states.find((other) => other.id === node.parent)
  return container && along(layout, states, container, 'from', 'to')
}

function beside(states: Node[], node: Node, is: (other: Node) => boolean): Node | undefined {
  const isLevel = (other: Node) => other.y < node.y + node.height && other.y + other.height > node.y
  const isAround = (other: Node) => other.id === node.parent || other.parent === node.id
  return states
    .filter((other) => other !== node && is(other) && isLevel(other) && !isAround(other))
    .sort((one, other) => Math.abs(middle(one) - middle(node)) - Math.abs(middle(other) - middle(node)))[0]
}
