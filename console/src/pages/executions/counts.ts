// How many executions there are, by status: of one state machine, or of all of them.
import { STATUSES } from '../../api/aws'
import { stateMachines, type MachineRow } from '../../api/v1'

export type StatusCounts = MachineRow['executions']

// More state machines are not counted; each page has a thousand.
const PAGES_MAX = 10

export async function countExecutions(stateMachineArn?: string): Promise<StatusCounts> {
  const sum: StatusCounts = { RUNNING: 0, SUCCEEDED: 0, FAILED: 0, TIMED_OUT: 0, ABORTED: 0 }
  let nextToken: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const answer = await stateMachines(stateMachineArn ? { stateMachineArn } : { nextToken })
    for (const { executions } of answer.stateMachines) for (const status of STATUSES) sum[status] += executions[status]
    nextToken = answer.nextToken
    if (!nextToken) break
  }
  return sum
}
