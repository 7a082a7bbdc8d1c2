// The variables that a state saw as it was entered, as far as the history tells.
import type { HistoryEvent } from '../../api/aws'
import { detailsOf, type Story, type Visit } from './visits'

// By their names, each as JSON. Told from the events that led here, the last assignment first; what was assigned inside of
// a Parallel or Map that has been left is not seen behind it.
export function variablesAt(visit: Visit, events: HistoryEvent[], story: Story): Record<string, string> {
  const byId = new Map(events.map((event) => [event.id, event]))
  const seen: Record<string, string> = {}
  let event = byId.get(byId.get(visit.id)?.previousEventId ?? 0)
  // Each step leads to an earlier event.
  while (event) {
    let back = event.previousEventId ?? 0
    if (event.type.endsWith('StateExited')) {
      const assigned = detailsOf(event).assignedVariables as Record<string, string> | undefined
      for (const [name, value] of Object.entries(assigned ?? {})) if (!(name in seen)) seen[name] = value
      const left = story.visitOf.get(event.id)
      if (left) back = byId.get(left.id)?.previousEventId ?? 0
    }
    event = back < event.id ? byId.get(back) : undefined
  }
  return seen
}

// What a visit has assigned, as one JSON object; nothing if it has not.
export function assignedBy(visit: Visit): string | undefined {
  const exited = visit.events.find((event) => event.type.endsWith('StateExited'))
  const variables = exited && (detailsOf(exited).assignedVariables as Record<string, string> | undefined)
  return variables && Object.keys(variables).length > 0 ? asObject(variables) : undefined
}

// As one JSON object.
export const asObject = (variables: Record<string, string>): string =>
  `{${Object.entries(variables).map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}`
