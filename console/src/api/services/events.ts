// EventBridge's actions that the console uses, and Scheduler's.
import { named, rest } from './protocols'

export interface Bus {
  Name: string
  Arn: string
  Description?: string
  CreationTime?: number
}

export interface Rule {
  Name: string
  Arn: string
  EventPattern?: string
  ScheduleExpression?: string
  State: 'ENABLED' | 'DISABLED' | string
  Description?: string
  EventBusName?: string
}

export interface Target {
  Id: string
  Arn: string
  Input?: string
  InputPath?: string
  InputTransformer?: { InputPathsMap?: Record<string, string>; InputTemplate: string }
  DeadLetterConfig?: { Arn?: string }
  RetryPolicy?: { MaximumRetryAttempts?: number; MaximumEventAgeInSeconds?: number }
  RoleArn?: string
}

export interface Schedule {
  Name: string
  GroupName: string
  Arn: string
  State: 'ENABLED' | 'DISABLED'
  Target?: { Arn: string; Input?: string; RoleArn?: string }
  ScheduleExpression?: string
  ScheduleExpressionTimezone?: string
  StartDate?: number
  EndDate?: number
  Description?: string
  CreationDate?: number
  LastModificationDate?: number
  [others: string]: unknown
}

// AWS has a hundred in a page; more pages than this are no list any more.
const PAGES_MAX = 10

async function all<T>(ask: (nextToken: string | undefined) => Promise<{ items: T[]; nextToken?: string }>): Promise<T[]> {
  const found: T[] = []
  let nextToken: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await ask(nextToken)
    found.push(...answer.items)
    nextToken = answer.nextToken
    if (!nextToken) break
  }
  return found
}

export const listBuses = () => all<Bus>(async (NextToken) => {
  const { EventBuses = [], NextToken: nextToken } = await named<{ EventBuses?: Bus[]; NextToken?: string }>('events', 'ListEventBuses', { NextToken })
  return { items: EventBuses, nextToken }
})

export const listRules = (EventBusName: string) => all<Rule>(async (NextToken) => {
  const { Rules = [], NextToken: nextToken } = await named<{ Rules?: Rule[]; NextToken?: string }>('events', 'ListRules', { EventBusName, NextToken })
  return { items: Rules, nextToken }
})

export const listTargets = (EventBusName: string, Rule: string) => all<Target>(async (NextToken) => {
  const { Targets = [], NextToken: nextToken } = await named<{ Targets?: Target[]; NextToken?: string }>('events', 'ListTargetsByRule', { EventBusName, Rule, NextToken })
  return { items: Targets, nextToken }
})

export const setRule = (EventBusName: string, Name: string, isOn: boolean) =>
  named('events', isOn ? 'EnableRule' : 'DisableRule', { EventBusName, Name })

export const createBus = (Name: string) => named('events', 'CreateEventBus', { Name })
export const deleteBus = (Name: string) => named('events', 'DeleteEventBus', { Name })

export const testPattern = async (EventPattern: string, Event: string) =>
  (await named<{ Result: boolean }>('events', 'TestEventPattern', { EventPattern, Event })).Result

export const putEvent = (entry: { EventBusName: string; Source: string; DetailType: string; Detail: string; Resources?: string[] }) =>
  named<{ FailedEntryCount: number; Entries: { EventId?: string; ErrorCode?: string; ErrorMessage?: string }[] }>('events', 'PutEvents', { Entries: [entry] })

export const listSchedules = () => all<Schedule>(async (token) => {
  const query = token ? `?MaxResults=100&NextToken=${encodeURIComponent(token)}` : '?MaxResults=100'
  const { Schedules = [], NextToken: nextToken } = await rest<{ Schedules?: Schedule[]; NextToken?: string }>('scheduler', 'GET', `/schedules${query}`)
  return { items: Schedules, nextToken }
})

const addressOfSchedule = (name: string) => `/schedules/${encodeURIComponent(name)}`
export const describeSchedule = (group: string, name: string) =>
  rest<Schedule>('scheduler', 'GET', `${addressOfSchedule(name)}?groupName=${encodeURIComponent(group)}`)

// An update replaces all of a schedule, so all of it is sent back.
export async function setSchedule(group: string, name: string, isOn: boolean) {
  const { Arn: _arn, CreationDate: _created, LastModificationDate: _changed, ...kept } = await describeSchedule(group, name)
  await rest('scheduler', 'PUT', addressOfSchedule(name), { ...kept, GroupName: group, State: isOn ? 'ENABLED' : 'DISABLED' })
}
export const deleteSchedule = (group: string, name: string) =>
  rest('scheduler', 'DELETE', `${addressOfSchedule(name)}?groupName=${encodeURIComponent(group)}`)
