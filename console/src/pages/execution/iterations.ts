// The iterations of one visit of a Map, as the history has them.
import type { Story, Visit } from './visits'
import { detailsOf } from './visits'

export interface Iteration {
  index: number
  status: Visit['status']
  // Where to look: at what went wrong, or else at its last state.
  visit: Visit
}

export function iterationsOf(map: Visit, story: Story): Iteration[] {
  const ends = new Map<number, Visit['status']>()
  for (const event of map.events) {
    const end = /^MapIteration(Succeeded|Failed|Aborted)$/.exec(event.type)?.[1]
    if (end) ends.set(Number(detailsOf(event).index ?? 0), end.toUpperCase() as Visit['status'])
  }
  const found = new Map<number, Iteration>()
  for (const visit of story.visits) {
    if (visit.within !== map || visit.iteration === undefined) continue
    const index = visit.iteration
    const earlier = found.get(index)
    const shown = earlier && earlier.visit.status === 'FAILED' && visit.status !== 'FAILED' ? earlier.visit : visit
    found.set(index, { index, status: ends.get(index) ?? (map.left === undefined ? 'RUNNING' : 'ABORTED'), visit: shown })
  }
  return [...found.values()].sort((one, other) => one.index - other.index)
}

// How many have come to what.
export function countsOf(iterations: Iteration[]): [Visit['status'], number][] {
  const order: Visit['status'][] = ['SUCCEEDED', 'RUNNING', 'FAILED', 'ABORTED']
  const counts = order.map((status): [Visit['status'], number] => [status, iterations.filter((one) => one.status === status).length])
  return counts.filter(([, count]) => count > 0)
}
