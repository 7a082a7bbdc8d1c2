// The server's own API beside AWS's. (docs/v1-api.md)
import { ask, post, send } from './call'
import type { Diagnostic, ExecutionRow, Status } from './aws'

export interface MachineRow {
  stateMachineArn: string
  name: string
  type: 'STANDARD' | 'EXPRESS'
  status: 'ACTIVE' | 'DELETING'
  creationDate: number
  updateDate: number
  executions: Record<Exclude<Status, 'PENDING_REDRIVE'>, number>
}

export const stateMachines = (query: { stateMachineArn?: string; nextToken?: string } = {}) =>
  ask<{ stateMachines: MachineRow[]; nextToken?: string }>('/v1/state-machines', query)

export interface Search {
  stateMachineArn?: string
  status?: string
  text?: string
  from?: number
  until?: number
  maxResults?: number
  nextToken?: string
}

export const searchExecutions = (search: Search) =>
  ask<{ executions: ExecutionRow[]; nextToken?: string }>('/v1/executions', { ...search })

export const origin = (executionArn: string) =>
  ask<{ parentExecutionArn?: string; mapRunArn?: string; testCase?: string }>('/v1/execution', { executionArn })

export interface Server {
  version: string
  region: string
  account: string
  uptimeSeconds: number
  date: number
  diskIsFull: boolean
  isStopping: boolean
  storage: Storage
  memoryBytes?: number
  connections: number
  counters: Record<string, number>
  settings: { name: string; value: string; origin: string }[]
}

export interface Storage {
  isKept: boolean
  segments: number
  segmentBytes: number
  neededBytes: number
  snapshots: number
  snapshotBytes: number
  executions: number
}

export const server = () => ask<Server>('/v1/server', {})

export interface Layout {
  width: number
  height: number
  nodes: Node[]
  edges: Edge[]
  problems: { location: string; message: string }[]
}

export interface Box {
  x: number
  y: number
  width: number
  height: number
}

export interface Node extends Box {
  id: string
  kind: 'start' | 'end' | 'state' | 'missing'
  type?: string
  name: string
  detail?: string
  retries: boolean
  container: boolean
  parent?: string
  execution?: StateStatus
}

export interface StateStatus {
  status: 'NOT_REACHED' | 'RUNNING' | 'SUCCEEDED' | 'CAUGHT' | 'FAILED' | 'ABORTED'
  visits?: number
  retries?: number
  error?: string
  mapRunArn?: string
  iterations?: { total: number; running: number; succeeded: number; failed: number; aborted: number }
}

export interface Edge {
  id: string
  kind: 'start' | 'next' | 'choice' | 'default' | 'catch' | 'end'
  from: string
  to: string
  points: [number, number][]
  label?: Box & { text: string }
  taken?: boolean
}

export const layout = (of: { stateMachineArn: string } | { executionArn: string }) =>
  ask<Layout>('/v1/layout', { ...of })

// Of a definition that is nobody's yet.
export const layoutOf = async (definition: string, signal?: AbortSignal): Promise<Layout> =>
  (await drawn('/v1/layout', definition, signal)).json() as Promise<Layout>

export const svgOf = async (definition: string): Promise<string> => (await drawn('/v1/layout?format=svg', definition)).text()

const drawn = (address: string, definition: string, signal?: AbortSignal) =>
  send({ method: 'POST', address, headers: { 'content-type': 'application/json' }, body: definition }, signal)

// Something that a Task can call. Patterns and required parameters are left out where names were searched for.
export interface Action {
  service: string
  action: string
  patterns?: string[]
  required?: string[]
}

export const services = () => ask<{ actions: Action[]; services: { service: string }[] }>('/v1/services', {})

export const actionsOf = (service: string) => ask<{ actions: Action[] }>('/v1/services', { service })

export const actionsWith = (text: string, signal?: AbortSignal) => ask<{ actions: Action[]; isWhole: boolean }>('/v1/services', { text }, signal)

export interface ActivityRow {
  activityArn: string
  name: string
  creationDate: number
  waitingTasks: number
  waitingWorkers: number
  workers: { name?: string; count: number }[]
}

export const activities = (query: { nextToken?: string } = {}) =>
  ask<{ activities: ActivityRow[]; nextToken?: string }>('/v1/activities', query)

// A task that waits for a worker, or for whoever has its token.
export interface WaitingTask {
  executionArn: string
  stateMachineArn: string
  name: string
  state: string
  activityArn?: string
  resource?: string
  status: 'OFFERED' | 'CALLED' | 'GIVEN'
  enteredDate: number
  timeoutDate?: number
  heartbeatDate?: number
  heartbeatSeconds?: number
  taskToken?: string
}

export const waitingTasks = (query: { stateMachineArn?: string; activityArn?: string; nextToken?: string; maxResults?: number }) =>
  ask<{ tasks: WaitingTask[]; nextToken?: string }>('/v1/waiting', query)

export interface Evaluation {
  queryLanguage: 'JSONPath' | 'JSONata'
  expression?: string
  template?: string
  input?: string
  variables?: string
  context?: string
  result?: string
  errorOutput?: string
}

export type Evaluated =
  | { status: 'SUCCEEDED'; output: string; steps: number; stepsMax: number }
  | { status: 'FAILED'; error?: string; cause?: string; steps: number; stepsMax: number }
  | { status: 'INVALID'; diagnostics: Diagnostic[] }

export const evaluate = (evaluation: Evaluation, signal?: AbortSignal) => post<Evaluated>('/v1/evaluate', evaluation, signal)

// A message as it stands in a queue; nobody has received it for this.
export interface PeekedMessage {
  messageId: string
  sentDate: number
  status: 'VISIBLE' | 'DELAYED' | 'IN_FLIGHT'
  untilDate?: number
  receiveCount: number
  messageGroupId?: string
  sequenceNumber?: string
  deadLetterQueueSourceArn?: string
  body: string
  attributes: Record<string, string | null>
}

export const queueMessages = (query: { queueName: string; maxResults?: number; nextToken?: string }) =>
  ask<{ messages: PeekedMessage[]; nextToken?: string }>('/v1/queue-messages', query)
