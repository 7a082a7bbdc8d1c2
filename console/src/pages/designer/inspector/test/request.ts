// What TestState is asked, and what it answers.
import type { Setup } from './tests'

export interface Request {
  definition: string
  stateName?: string
  roleArn?: string
  input?: string
  variables?: string
  context?: string
  mock?: { result?: string; errorOutput?: { error?: string; cause?: string }; fieldValidationMode?: string }
  stateConfiguration?: { retrierRetryCount?: number; mapIterationFailureCount?: number; errorCausedByState?: string; mapItemReaderData?: string }
  inspectionLevel: 'TRACE'
  revealSecrets?: boolean
}

export interface Answer {
  status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'
  output?: string
  error?: string
  cause?: string
  nextState?: string
  inspectionData?: Inspection
}

export interface Inspection {
  errorDetails?: { catchIndex?: number; retryIndex?: number; retryBackoffIntervalSeconds?: number }
  // Stages are JSON as text; requests and responses are objects of texts.
  [stage: string]: unknown
}

// What is tested: a state of a machine that has no errors is tested in it, any other by itself.
export interface Tested {
  type: string
  // The state as it is written.
  source: string
  // It holds the state's language, if the state does not say.
  isJsonata: boolean
  // The whole machine and the state's name in it.
  machine?: { text: string; name: string }
}

export function requestOf(setup: Setup, { type, source, isJsonata, machine }: Tested): Request {
  const given = (text: string) => (text.trim() === '' ? undefined : text)
  const request: Request = {
    ...(machine ? { definition: machine.text, stateName: machine.name } : { definition: isJsonata ? inJsonata(source) : source }),
    input: given(setup.input),
    variables: given(setup.variables),
    inspectionLevel: 'TRACE',
  }
  if (setup.work === 'done') {
    if (type === 'Task') request.roleArn = given(setup.role)
    if (setup.reveals) request.revealSecrets = true
    return request
  }
  request.mock = setup.work === 'result'
    ? { result: setup.result, fieldValidationMode: setup.fit }
    : { errorOutput: { error: given(setup.error), cause: given(setup.cause) } }
  request.context = given(setup.context)
  const configuration = {
    retrierRetryCount: count(setup.retries),
    mapIterationFailureCount: type === 'Map' ? count(setup.failures) : undefined,
    errorCausedByState: type === 'Task' ? undefined : given(setup.causedBy),
    mapItemReaderData: type === 'Map' ? given(setup.items) : undefined,
  }
  if (Object.values(configuration).some((value) => value !== undefined)) request.stateConfiguration = configuration
  return request
}

const count = (text: string): number | undefined => (/^\d+$/.test(text.trim()) ? Number(text) : undefined)

// A state of a JSONata machine, without the machine.
function inJsonata(source: string): string {
  const at = source.indexOf('{') + 1
  const rest = source.slice(at)
  return `${source.slice(0, at)}"QueryLanguage":"JSONata"${/^\s*\}/.test(rest) ? '' : ','}${rest}`
}

export interface Stage {
  key: string
  title: string
  text: string
}

// In the order in which a state goes through them.
const STAGES: [key: string, title: string][] = [
  ['input', 'Input'],
  ['afterInputPath', 'InputPath'],
  ['afterItemsPointer', 'ItemsPointer'],
  ['afterItemsPath', 'ItemsPath'],
  ['afterItemSelector', 'ItemSelector'],
  ['afterItemBatcher', 'ItemBatcher'],
  ['afterParameters', 'Parameters'],
  ['afterArguments', 'Arguments'],
  ['request', 'Request'],
  ['response', 'Response'],
  ['result', 'Result'],
  ['afterResultSelector', 'ResultSelector'],
  ['afterResultPath', 'ResultPath'],
  ['variables', 'Variables'],
]
const FACTS: [key: string, title: string][] = [
  ['maxConcurrency', 'At a time'],
  ['toleratedFailureCount', 'Tolerated failures'],
  ['toleratedFailurePercentage', 'Tolerated failures, in percent'],
]

// The output first, because that is what one came for; then all that was seen on the way, also what is not known here.
export function stagesOf({ output, inspectionData = {} }: Answer): Stage[] {
  const written = (value: unknown) => (typeof value === 'string' ? value : JSON.stringify(value, null, 2))
  const known = STAGES.filter(([key]) => inspectionData[key] !== undefined)
  const others = Object.keys(inspectionData).filter((key) => key !== 'errorDetails' && ![...STAGES, ...FACTS].some(([name]) => name === key))
  return [
    ...(output === undefined ? [] : [{ key: 'output', title: 'Output', text: output }]),
    ...known.map(([key, title]) => ({ key, title, text: written(inspectionData[key]) })),
    ...others.map((key) => ({ key, title: key, text: written(inspectionData[key]) })),
  ]
}

export const factsOf = ({ inspectionData = {} }: Answer): [title: string, value: string][] =>
  FACTS.flatMap(([key, title]): [string, string][] => (inspectionData[key] === undefined ? [] : [[title, String(inspectionData[key])]]))

// Who deals with the error, in words.
export function dealt({ status, inspectionData }: Answer): string {
  const details = inspectionData?.errorDetails ?? {}
  const number = (index: number | undefined) => (index === undefined ? '' : ` ${index + 1}`)
  if (status === 'RETRIABLE') {
    const after = details.retryBackoffIntervalSeconds
    return `Retrier${number(details.retryIndex)} tries it again${after === undefined ? '' : ` after ${after} s`}.`
  }
  return status === 'CAUGHT_ERROR' ? `Catcher${number(details.catchIndex)} catches it.` : ''
}
