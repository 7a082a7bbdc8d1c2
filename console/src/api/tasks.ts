// What a worker does, done by hand; and TestState, which does nothing in the world when its result is given.
import { call } from './call'

// Waits for at most this long: whoever clicks has seen that there is a task.
const PATIENCE_MILLIS = 3_000

// The oldest task of an activity; nothing if somebody was quicker.
export async function takeTask(activityArn: string): Promise<{ taskToken: string; input: string } | undefined> {
  const patience = AbortSignal.timeout(PATIENCE_MILLIS)
  try {
    const task = await call<{ taskToken?: string; input?: string }>(
      'GetActivityTask', { activityArn, workerName: 'console' }, patience)
    return task.taskToken ? { taskToken: task.taskToken, input: task.input ?? '' } : undefined
  } catch (error) {
    if (patience.aborted) return undefined
    throw error
  }
}

export const sendSuccess = (taskToken: string, output: string) => call('SendTaskSuccess', { taskToken, output })
export const sendFailure = (taskToken: string, error?: string, cause?: string) =>
  call('SendTaskFailure', { taskToken, error, cause })
export const sendHeartbeat = (taskToken: string) => call('SendTaskHeartbeat', { taskToken })

export interface StateTest {
  definition: string
  stateName?: string
  input: string
  variables?: string
  context?: string
  mock?: { result?: string; errorOutput?: { error?: string; cause?: string }; fieldValidationMode: 'NONE' }
  stateConfiguration?: { retrierRetryCount?: number }
}

// Each stage is JSON as text.
export interface Tested {
  status: 'SUCCEEDED' | 'FAILED' | 'RETRIABLE' | 'CAUGHT_ERROR'
  output?: string
  error?: string
  cause?: string
  nextState?: string
  inspectionData?: Record<string, unknown>
}

export const testState = (test: StateTest) => call<Tested>('TestState', { ...test, inspectionLevel: 'TRACE' })
