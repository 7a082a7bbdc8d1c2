// What a history tells of states: each time that one was entered is a visit, with the events that belong to it.
import type { HistoryEvent, Status } from '../../api/aws'

export interface Visit {
  // The event that entered the state.
  id: number
  name: string
  type: string
  entered: number
  left?: number
  input?: string
  output?: string
  error?: string
  cause?: string
  retries: number
  status: 'RUNNING' | 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED'
  events: HistoryEvent[]
  // The Parallel or Map that it is in, as it was then.
  within?: Visit
  // Which iteration of a Map it belongs to.
  iteration?: number
  depth: number
}

export interface Story {
  visits: Visit[]
  // By an event's number.
  visitOf: Map<number, Visit>
}

// What an event has beside its number, time and type.
export function detailsOf(event: HistoryEvent): Record<string, unknown> {
  const key = Object.keys(event).find((key) => key.endsWith('EventDetails'))
  return (key ? event[key] : undefined) as Record<string, unknown> ?? {}
}

const textIn = (details: Record<string, unknown>, name: string) => {
  const value = details[name]
  return typeof value === 'string' ? value : undefined
}

export function story(events: HistoryEvent[], status: Status | undefined): Story {
  const visits: Visit[] = []
  const visitOf = new Map<number, Visit>()
  const byId = new Map(events.map((event) => [event.id, event]))
  const iterations = new Map<number, number>()
  for (const event of events) {
    const previous = byId.get(event.previousEventId ?? 0)
    const before = visitOf.get(event.previousEventId ?? 0)
    // Behind what was left comes what it was in.
    const here = previous?.type.endsWith('StateExited') ? before?.within : before
    const details = detailsOf(event)
    const iteration = iterations.get(event.previousEventId ?? 0)
    if (event.type.endsWith('StateEntered')) {
      const visit: Visit = {
        id: event.id,
        name: textIn(details, 'name') ?? '',
        type: event.type.slice(0, -'StateEntered'.length),
        entered: event.timestamp,
        input: textIn(details, 'input'),
        retries: 0,
        status: 'RUNNING',
        events: [event],
        within: here,
        iteration,
        depth: here ? here.depth + 1 : 0,
      }
      visits.push(visit)
      visitOf.set(event.id, visit)
      if (iteration !== undefined) iterations.set(event.id, iteration)
      continue
    }
    const visit = ownerOf(event, details, before, here)
    if (event.type === 'MapIterationStarted') iterations.set(event.id, Number(details.index ?? 0))
    else if (iteration !== undefined && !event.type.startsWith('MapState')) iterations.set(event.id, iteration)
    if (!visit) continue
    visitOf.set(event.id, visit)
    visit.events.push(event)
    note(event, details, visit)
  }
  for (const visit of visits) if (visit.type === 'Fail') fail(visit, events)
  if (status !== 'RUNNING') {
    for (const visit of visits) {
      if (visit.status === 'RUNNING') visit.status = visit.error ? 'FAILED' : 'ABORTED'
      // It was never left, but nothing has happened in it since.
      visit.left ??= visit.events.at(-1)?.timestamp
    }
  }
  return { visits, visitOf }
}

// A Fail state is never left; what ends because of it says with which error.
function fail(visit: Visit, events: HistoryEvent[]) {
  const end = events.find((event) => event.previousEventId === visit.id && event.type.endsWith('Failed'))
  const details = end ? detailsOf(end) : {}
  visit.status = 'FAILED'
  visit.left ??= visit.entered
  visit.error = textIn(details, 'error')
  visit.cause = textIn(details, 'cause')
}

// Whose event it is: the state's that is being visited, or a container's around it.
function ownerOf(
  event: HistoryEvent,
  details: Record<string, unknown>,
  before: Visit | undefined,
  here: Visit | undefined,
): Visit | undefined {
  if (event.type.startsWith('Execution')) return undefined
  const until = (from: Visit | undefined, is: (visit: Visit) => boolean) => {
    let visit = from
    while (visit && !is(visit)) visit = visit.within
    return visit ?? from
  }
  if (event.type.endsWith('StateExited')) return until(here, (visit) => visit.name === details.name) ?? before
  if (event.type.startsWith('Map')) return until(here, (visit) => visit.type === 'Map')
  if (event.type.startsWith('ParallelState')) return until(here, (visit) => visit.type === 'Parallel')
  return here
}

function note(event: HistoryEvent, details: Record<string, unknown>, visit: Visit) {
  const { type } = event
  const isIteration = type.startsWith('MapIteration')
  if (type.endsWith('StateExited')) {
    visit.left = event.timestamp
    visit.output = textIn(details, 'output')
    visit.status = visit.error ? 'CAUGHT' : 'SUCCEEDED'
  } else if (type.endsWith('StateAborted')) {
    visit.left = event.timestamp
    visit.status = 'ABORTED'
  } else if (!isIteration && (type.endsWith('Failed') || type.endsWith('TimedOut'))) {
    visit.error = textIn(details, 'error') ?? type
    visit.cause = textIn(details, 'cause')
  } else if (!isIteration && type.endsWith('Succeeded')) {
    visit.error = undefined
    visit.cause = undefined
  } else if (type.endsWith('Scheduled') && visit.events.some((other) => other !== event && other.type === type)) {
    visit.retries++
    visit.error = undefined
    visit.cause = undefined
  }
}
