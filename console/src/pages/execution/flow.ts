// Every stage that data goes through in a state: as the history has recorded it, and in between as TestState evaluates it
// again with the recorded input, variables and result.
import type { Execution, HistoryEvent, Machine } from '../../api/aws'
import { testState, type StateTest, type Tested } from '../../api/tasks'
import { pretty } from '../../parts/json'
import { machineOfExecution } from '../../parts/names'
import { partAt } from './definition'
import { asObject, assignedBy, variablesAt } from './variables'
import { detailsOf, type Story, type Visit } from './visits'
import { workOf, type Work } from './work'

export interface Stage {
  // The field of the definition, or what it is.
  name: string
  // As it is written in the definition; left out where it is not.
  written?: string
  // JSON; left out where it is not known.
  value?: string
  // Why it is not known, or what else there is to say.
  note?: string
  // Nothing has changed.
  isSame: boolean
  isRecorded: boolean
}

export interface Flow {
  stages: Stage[]
  // How it ended, if not well.
  fault?: { error?: string; cause?: string }
  // What to know before believing it.
  warning?: string
}

export interface Asked {
  visit: Visit
  execution: Execution
  // Its machine, or the part of it that a child of a Map Run runs.
  machine: Machine
  // Where the state stands in the definition.
  place: string
  events: HistoryEvent[]
  story: Story
}

type State = Record<string, unknown>

export async function flowOf(asked: Asked): Promise<Flow> {
  const { visit, machine, place } = asked
  const text = partAt(machine.definition, place)
  if (text === undefined || visit.input === undefined) {
    return { stages: [], warning: 'The history does not have the input of this visit, so nothing can be said of its data.' }
  }
  const state = JSON.parse(text) as State
  const work = isWork(visit) ? workOf(visit, asked.events, asked.story) : undefined
  const tested = await testState(testOf(asked, state, work))
  return { ...told(asked, state, work, tested), warning: warningOf(visit, tested, work) }
}

const isWork = (visit: Visit) => ['Task', 'Parallel', 'Map'].includes(visit.type)

// Nothing is called: where there is work, its end is given.
function testOf({ visit, execution, machine, events, story }: Asked, state: State, work: Work | undefined): StateTest {
  const variables = asObject(variablesAt(visit, events, story))
  const common = { input: visit.input ?? '{}', variables }
  if (visit.type === 'Wait') {
    // Its data flow is that of a Pass, which does not wait.
    const kept = ['QueryLanguage', 'InputPath', 'OutputPath', 'Output', 'Assign', 'Next', 'End'].filter((name) => name in state)
    const pass = { QueryLanguage: languageOf(machine, state), ...Object.fromEntries(kept.map((name) => [name, state[name]])), Type: 'Pass' }
    return { ...common, definition: JSON.stringify(pass) }
  }
  const test = { ...common, definition: definitionOf(machine), stateName: visit.name }
  if (!work) return test
  const retries = visit.retries > 0 ? { retrierRetryCount: visit.retries } : undefined
  return { ...test, context: contextOf(visit, execution, machine), mock: mockOf(work, visit), stateConfiguration: retries }
}

// What a child of a Map Run runs says of itself how it is run, which no state machine does.
function definitionOf({ definition }: Machine): string {
  const { ProcessorConfig: config, ...rest } = JSON.parse(definition) as State
  return config === undefined ? definition : JSON.stringify(rest)
}

// Where the end is not known, what comes before it still is.
function mockOf(work: Work, { type }: Visit): StateTest['mock'] {
  const fieldValidationMode = 'NONE'
  switch (work.kind) {
    case 'result':
      return { result: work.result, fieldValidationMode }
    case 'error':
      return { errorOutput: { error: work.error, cause: work.cause }, fieldValidationMode }
    case 'none':
      return type === 'Task' ? { result: '{}', fieldValidationMode } : { errorOutput: { error: 'Unknown' }, fieldValidationMode }
    case 'unknown':
      return { errorOutput: { error: 'Unknown' }, fieldValidationMode }
  }
}

const isoOf = (seconds: number) => new Date(seconds * 1000).toISOString()

function contextOf(visit: Visit, execution: Execution, machine: Machine): string {
  return JSON.stringify({
    Execution: {
      Id: execution.executionArn,
      Name: execution.name,
      RoleArn: machine.roleArn,
      StartTime: isoOf(execution.startDate),
      ...(execution.input === undefined ? {} : { Input: JSON.parse(execution.input) as unknown }),
      RedriveCount: execution.redriveCount ?? 0,
    },
    StateMachine: { Id: execution.stateMachineArn, Name: machineOfExecution(execution.executionArn) },
    State: { Name: visit.name, EnteredTime: isoOf(visit.entered), RetryCount: visit.retries },
  })
}

function languageOf(machine: Machine, state: State): 'JSONPath' | 'JSONata' {
  const own = state.QueryLanguage ?? (JSON.parse(machine.definition) as State).QueryLanguage
  return own === 'JSONata' ? 'JSONata' : 'JSONPath'
}

// The fields before and behind the work, each with TestState's name for what it gives.
function fieldsOf(type: string, language: 'JSONPath' | 'JSONata'): { before: [string, string][]; behind: [string, string][] } {
  if (language === 'JSONata') {
    const before: Record<string, [string, string][]> = {
      Task: [['Arguments', 'afterArguments']],
      Parallel: [['Arguments', 'afterArguments']],
      Map: [['Items', 'afterItemsPath'], ['ItemSelector', 'afterItemSelector'], ['ItemBatcher', 'afterItemBatcher']],
    }
    return { before: before[type] ?? [], behind: type === 'Fail' ? [] : [['Output', 'output']] }
  }
  const input: [string, string][] = [['InputPath', 'afterInputPath']]
  const parameters: [string, string][] = [...input, ['Parameters', 'afterParameters']]
  const path: [string, string][] = [['ResultPath', 'afterResultPath'], ['OutputPath', 'output']]
  const selector: [string, string][] = [['ResultSelector', 'afterResultSelector'], ...path]
  switch (type) {
    case 'Task':
    case 'Parallel':
      return { before: parameters, behind: selector }
    case 'Map':
      return {
        before: [...input, ['ItemsPath', 'afterItemsPath'], ['ItemSelector', 'afterItemSelector'], ['ItemBatcher', 'afterItemBatcher']],
        behind: selector,
      }
    case 'Pass':
      return { before: parameters, behind: path }
    case 'Fail':
      return { before: [], behind: [] }
    default:
      return { before: input, behind: [['OutputPath', 'output']] }
  }
}

function told({ visit, machine, story }: Asked, state: State, work: Work | undefined, tested: Tested): Flow {
  const given = givenTo(visit, story)
  const recorded: Record<string, string | undefined> = { afterParameters: given, afterArguments: given, output: visit.output }
  const seen = { ...tested.inspectionData, output: tested.output } as Record<string, unknown>
  const { before, behind } = fieldsOf(visit.type, languageOf(machine, state))
  const stages: Stage[] = [{ name: 'Input', value: visit.input, isSame: false, isRecorded: true }]
  // The older name of a Map's ItemSelector.
  const named = (name: string) => (name === 'ItemSelector' && !(name in state) && visit.type === 'Map' ? 'Parameters' : name)
  const add = ([field, key]: [string, string]) => {
    const name = named(field)
    const isWritten = name in state
    const last = stages.at(-1)?.value
    const value = recorded[key] ?? textOf(seen[key]) ?? (isWritten ? undefined : last)
    stages.push({
      name,
      written: isWritten ? writtenOf(state[name]) : undefined,
      value,
      note: value === undefined ? `What ${name} has given is not told of a ${visit.type} state.` : undefined,
      isSame: value !== undefined && last !== undefined && pretty(value) === pretty(last),
      isRecorded: recorded[key] !== undefined,
    })
  }
  const optional = ['ItemSelector', 'ItemBatcher', 'Items']
  before.filter(([field]) => !optional.includes(field) || named(field) in state).forEach(add)
  const isUnfinished = work?.kind === 'unknown'
  // What failed before its work says so in the test as well.
  const fault = work?.kind === 'error' ? { error: work.error, cause: work.cause }
    : tested.error !== undefined && !isUnfinished ? { error: tested.error, cause: tested.cause } : undefined
  if (work?.kind === 'result') stages.push({ name: 'Result', value: work.result, isSame: false, isRecorded: true })
  if (work?.kind === 'unknown') stages.push({ name: 'Result', note: work.why, isSame: false, isRecorded: true })
  if (!work && 'Result' in state && visit.type === 'Pass') {
    stages.push({ name: 'Result', written: undefined, value: JSON.stringify(state.Result), isSame: false, isRecorded: false })
  }
  if (!fault && !isUnfinished) behind.forEach(add)
  // How it came to its output is not known; the output itself is.
  if (isUnfinished && visit.output !== undefined) behind.slice(-1).forEach(add)
  if (fault && visit.output !== undefined) stages.push(caught(state, tested, visit))
  const assigned = assignedBy(visit)
  if (assigned !== undefined) {
    const written = !fault && 'Assign' in state ? writtenOf(state.Assign) : undefined
    stages.push({ name: 'Assign', written, value: assigned, isSame: false, isRecorded: true })
  }
  if (visit.type === 'Choice' && tested.nextState) {
    stages.push({ name: 'Next', written: tested.nextState, isSame: false, isRecorded: false })
  }
  return { stages, fault }
}

// What its work was asked with: what the task was sent, or what the first branch began with.
function givenTo(visit: Visit, story: Story): string | undefined {
  if (visit.type === 'Parallel') return story.visits.find((other) => other.within === visit)?.input
  const scheduled = visit.events.findLast((event) => event.type.endsWith('Scheduled'))
  const details = scheduled ? detailsOf(scheduled) : {}
  return textOf(details.parameters) ?? textOf(details.input)
}

function caught(state: State, tested: Tested, visit: Visit): Stage {
  const at = (tested.inspectionData?.errorDetails as { catchIndex?: number } | undefined)?.catchIndex
  const catcher = at === undefined ? undefined : (state.Catch as unknown[] | undefined)?.[at]
  return {
    name: at === undefined ? 'Catch' : `Catch ${at + 1}`,
    written: catcher === undefined ? undefined : writtenOf(catcher),
    value: visit.output,
    isSame: false,
    isRecorded: true,
  }
}

const textOf = (value: unknown) => (typeof value === 'string' ? value : undefined)
const writtenOf = (field: unknown) => (typeof field === 'string' ? field : JSON.stringify(field, null, 2))

// Evaluated again, it may come to something else: the time and chance are others, and so is a part of the Context Object.
function warningOf(visit: Visit, tested: Tested, work: Work | undefined): string | undefined {
  if (work?.kind === 'unknown' || visit.output === undefined || tested.output === undefined) return undefined
  if (pretty(visit.output) === pretty(tested.output)) return undefined
  return 'What is not marked as recorded was evaluated again just now, and the output came out otherwise than then: the state '
    + 'reads the time, chance, a Map’s item, or something of the Context Object that only its own execution has.'
}
