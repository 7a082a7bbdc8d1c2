// The actions of AWS's API that the console uses, and the shapes of their answers. Times are seconds since 1970.
import { call } from './call'

export const STATUSES = ['RUNNING', 'SUCCEEDED', 'FAILED', 'TIMED_OUT', 'ABORTED'] as const
export type Status = (typeof STATUSES)[number] | 'PENDING_REDRIVE'

export interface ExecutionRow {
  executionArn: string
  stateMachineArn: string
  name: string
  status: Status
  startDate: number
  stopDate?: number
  mapRunArn?: string
  itemCount?: number
  redriveCount?: number
  redriveDate?: number
}

export interface Execution extends ExecutionRow {
  input?: string
  output?: string
  error?: string
  cause?: string
  stateMachineVersionArn?: string
  stateMachineAliasArn?: string
  traceHeader?: string
  redriveStatus?: 'REDRIVABLE' | 'NOT_REDRIVABLE' | 'REDRIVABLE_BY_MAP_RUN'
  redriveStatusReason?: string
}

export interface Machine {
  stateMachineArn: string
  name: string
  status: 'ACTIVE' | 'DELETING'
  definition: string
  roleArn: string
  type: 'STANDARD' | 'EXPRESS'
  creationDate: number
  loggingConfiguration?: Logging
  tracingConfiguration?: { enabled?: boolean }
  revisionId?: string
  description?: string
}

export interface Logging {
  level?: string
  includeExecutionData?: boolean
  destinations?: { cloudWatchLogsLogGroup?: { logGroupArn?: string } }[]
}

export interface HistoryEvent {
  id: number
  previousEventId?: number
  timestamp: number
  type: string
  // Each type has details of its own.
  [details: string]: unknown
}

export interface MapRun {
  mapRunArn: string
  executionArn: string
  status: Status
  startDate: number
  stopDate?: number
  maxConcurrency: number
  toleratedFailurePercentage: number
  toleratedFailureCount: number
  itemCounts: Counts
  executionCounts: Counts
  redriveCount?: number
}

export interface Counts {
  pending: number
  running: number
  succeeded: number
  failed: number
  timedOut: number
  aborted: number
  total: number
  resultsWritten: number
}

export interface MapRunRow {
  mapRunArn: string
  executionArn: string
  stateMachineArn: string
  startDate: number
  stopDate?: number
}

export const describeExecution = (executionArn: string) => call<Execution>('DescribeExecution', { executionArn })

export const describeMachine = (stateMachineArn: string) => call<Machine>('DescribeStateMachine', { stateMachineArn })

export const describeMachineForExecution = (executionArn: string) =>
  call<Machine & { mapRunArn?: string; label?: string }>('DescribeStateMachineForExecution', { executionArn })

export const history = (
  executionArn: string,
  page: { nextToken?: string; reverseOrder?: boolean; maxResults: number },
) => call<{ events: HistoryEvent[]; nextToken?: string }>('GetExecutionHistory', { executionArn, ...page })

export const stopExecution = (executionArn: string, error?: string, cause?: string) =>
  call('StopExecution', { executionArn, error, cause })

export const redriveExecution = (executionArn: string) => call('RedriveExecution', { executionArn })

export const startExecution = (stateMachineArn: string, input: string, name?: string) =>
  call<{ executionArn: string }>('StartExecution', { stateMachineArn, input, name })

export const startSyncExecution = (stateMachineArn: string, input: string, name?: string) =>
  call<SyncExecution>('StartSyncExecution', { stateMachineArn, input, name })

export interface SyncExecution {
  executionArn: string
  status: Status
  output?: string
  error?: string
  cause?: string
  startDate: number
  stopDate: number
}

export const listExecutions = (of: { stateMachineArn: string } | { mapRunArn: string }, page: {
  statusFilter?: string
  nextToken?: string
  maxResults: number
}) => call<{ executions: ExecutionRow[]; nextToken?: string }>('ListExecutions', { ...of, ...page })

export const listMapRuns = (executionArn: string) =>
  call<{ mapRuns: MapRunRow[] }>('ListMapRuns', { executionArn, maxResults: 100 })

export const describeMapRun = (mapRunArn: string) => call<MapRun>('DescribeMapRun', { mapRunArn })

export const listVersions = (stateMachineArn: string) =>
  call<{ stateMachineVersions: { stateMachineVersionArn: string; creationDate: number }[] }>(
    'ListStateMachineVersions',
    { stateMachineArn, maxResults: 1000 },
  )

export const listAliases = (stateMachineArn: string) =>
  call<{ stateMachineAliases: { stateMachineAliasArn: string; creationDate: number }[] }>(
    'ListStateMachineAliases',
    { stateMachineArn, maxResults: 1000 },
  )

export const describeAlias = (stateMachineAliasArn: string) =>
  call<{
    stateMachineAliasArn: string
    name: string
    description?: string
    routingConfiguration: { stateMachineVersionArn: string; weight: number }[]
    updateDate: number
  }>('DescribeStateMachineAlias', { stateMachineAliasArn })

export const listTags = (resourceArn: string) =>
  call<{ tags: { key: string; value: string }[] }>('ListTagsForResource', { resourceArn })

export const validate = (definition: string, type: string) =>
  call<{ result: string; diagnostics: Diagnostic[] }>('ValidateStateMachineDefinition', { definition, type, severity: 'WARNING' })

export interface Diagnostic {
  severity: 'ERROR' | 'WARNING'
  code: string
  message: string
  location?: string
}

export const listActivities = (nextToken?: string) =>
  call<{ activities: { activityArn: string; name: string; creationDate: number }[]; nextToken?: string }>(
    'ListActivities',
    { maxResults: 1000, nextToken },
  )

export interface NewMachine {
  name: string
  definition: string
  roleArn: string
  type: 'STANDARD' | 'EXPRESS'
  loggingConfiguration?: Logging
  tracingConfiguration?: { enabled: boolean }
  tags?: { key: string; value: string }[]
  publish?: boolean
  versionDescription?: string
}

export const createMachine = (machine: NewMachine) =>
  call<{ stateMachineArn: string; stateMachineVersionArn?: string }>('CreateStateMachine', machine)

export const updateMachine = (change: { stateMachineArn: string } & Partial<Omit<NewMachine, 'name' | 'type' | 'tags'>>) =>
  call<{ revisionId?: string; stateMachineVersionArn?: string }>('UpdateStateMachine', change)

export const tag = (resourceArn: string, tags: { key: string; value: string }[]) => call('TagResource', { resourceArn, tags })

export const untag = (resourceArn: string, tagKeys: string[]) => call('UntagResource', { resourceArn, tagKeys })
