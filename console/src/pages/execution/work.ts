// What a state's work has given, read out of the history.
import type { HistoryEvent } from '../../api/aws'
import { detailsOf, type Story, type Visit } from './visits'

export type Work =
  // JSON.
  | { kind: 'result'; result: string }
  | { kind: 'error'; error?: string; cause?: string }
  // Nobody was asked: the state failed before.
  | { kind: 'none' }
  // It has not ended, or the history does not tell, and why.
  | { kind: 'unknown'; why: string }

const unknown = (why: string): Work => ({ kind: 'unknown', why })
const textIn = (event: HistoryEvent, name: string) => {
  const value = detailsOf(event)[name]
  return typeof value === 'string' ? value : undefined
}

// Of a Task, Parallel or Map.
export function workOf(visit: Visit, events: HistoryEvent[], story: Story): Work {
  if (visit.type === 'Task') return ofTask(visit)
  const { error, cause } = visit
  if (!visit.events.some((event) => /^(Map|Parallel)StateStarted$/.test(event.type)) && error !== undefined) return { kind: 'none' }
  if (error !== undefined) return { kind: 'error', error, cause }
  if (visit.left === undefined) return unknown('It has not ended yet.')
  return visit.type === 'Map' ? ofMap(visit, story) : ofParallel(visit, events, story)
}

// What has happened last counts: a retry begins anew.
function ofTask(visit: Visit): Work {
  const last = visit.events.findLast((event) => /^(Task|LambdaFunction|Activity)(?!State)/.test(event.type))
  if (!last) return visit.left === undefined && visit.error === undefined ? unknown('It has only begun.') : { kind: 'none' }
  if (last.type.endsWith('Succeeded')) {
    const result = textIn(last, 'output')
    return result === undefined ? unknown('The history does not have the result.') : { kind: 'result', result }
  }
  if (/(Failed|TimedOut)$/.test(last.type)) {
    return { kind: 'error', error: textIn(last, 'error') ?? visit.error, cause: textIn(last, 'cause') }
  }
  return unknown('The task has given no result yet.')
}

function ofMap(visit: Visit, story: Story): Work {
  if (visit.events.some((event) => event.type === 'MapRunStarted')) {
    return unknown('The results of a distributed Map are with its child executions, not in this history.')
  }
  const last = new Map<number, Visit>()
  for (const other of story.visits) if (other.within === visit) last.set(other.iteration ?? 0, other)
  const started = visit.events.find((event) => event.type === 'MapStateStarted')
  const count = started ? Number(detailsOf(started).length ?? 0) : last.size
  return joined(Array.from({ length: count }, (_, at) => last.get(at)))
}

// Each branch begins with a state that is entered right behind ParallelStateStarted, and they begin in their order.
function ofParallel(visit: Visit, events: HistoryEvent[], story: Story): Work {
  const byId = new Map(events.map((event) => [event.id, event]))
  const started = visit.events.find((event) => event.type === 'ParallelStateStarted')?.id
  const beginnings = new Map<number, number>()
  const last = new Map<number, Visit>()
  for (const other of story.visits) {
    if (other.within !== visit) continue
    const previous = byId.get(other.id)?.previousEventId ?? 0
    const before = story.visitOf.get(previous)
    const first = previous === started ? other.id : (before && beginnings.get(before.id)) ?? other.id
    beginnings.set(other.id, first)
    last.set(first, other)
  }
  return joined([...last].sort(([one], [other]) => one - other).map(([, visit]) => visit))
}

function joined(parts: (Visit | undefined)[]): Work {
  const outputs = parts.map((part) => part?.output)
  if (outputs.some((output) => output === undefined)) return unknown('Not every part of it has given a result.')
  return { kind: 'result', result: `[${outputs.join(',')}]` }
}
