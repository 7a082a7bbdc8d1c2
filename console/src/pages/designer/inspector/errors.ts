// Names of errors that a state may fail with: what Retry and Catch are offered. Any other may be typed.
import { resourceOf } from './resource'

const EVERYWHERE: [string, string][] = [
  ['States.ALL', 'every error but those that end the execution; alone, and last'],
  ['States.TaskFailed', 'every error but States.Timeout'],
  ['States.Timeout', 'it took longer than TimeoutSeconds'],
  ['States.QueryEvaluationError', 'a JSONata expression could not be evaluated'],
  ['States.DataLimitExceeded', 'a payload is larger than 256 KiB'],
  ['States.Permissions', 'the role does not permit it'],
]
const OF_TASK: [string, string][] = [['States.HeartbeatTimeout', 'no heartbeat came for HeartbeatSeconds']]
const OF_PARALLEL: [string, string][] = [['States.BranchFailed', 'a branch has failed']]
const OF_MAP: [string, string][] = [
  ['States.ItemReaderFailed', 'the items could not be read'],
  ['States.ResultWriterFailed', 'the results could not be written'],
  ['States.ExceedToleratedFailureThreshold', 'more items have failed than are tolerated'],
]
const OF_SERVICE: Record<string, string[]> = {
  lambda: [
    'Lambda.TooManyRequestsException', 'Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException',
    'Lambda.ResourceNotFoundException', 'Lambda.Unknown', 'Sandbox.Timedout',
  ],
  dynamodb: ['DynamoDB.ConditionalCheckFailedException', 'DynamoDB.ProvisionedThroughputExceededException', 'DynamoDB.ResourceNotFoundException', 'DynamoDB.AmazonDynamoDBException'],
  sqs: ['SQS.AmazonSQSException', 'SQS.SdkClientException'],
  sns: ['SNS.NotFoundException', 'SNS.InvalidParameterException', 'SNS.AmazonSNSException'],
  states: ['StepFunctions.StateMachineDoesNotExistException', 'StepFunctions.ExecutionAlreadyExistsException', 'StepFunctions.ExecutionLimitExceededException'],
  http: ['States.Http.StatusCode.429', 'States.Http.StatusCode.500', 'States.Http.StatusCode.502', 'States.Http.StatusCode.503', 'States.Http.Socket'],
  ecs: ['AmazonECS.Unknown', 'ECS.AmazonECSException', 'ECS.ClusterNotFoundException'],
  glue: ['Glue.ConcurrentRunsExceededException', 'Glue.EntityNotFoundException'],
}

// Each with what it means, if its name does not say so.
export function errorNames(type: unknown, resource: string): [string, string][] {
  const taken = resourceOf(resource)
  const service = taken.kind === 'function' ? 'lambda' : taken.kind === 'integration' ? taken.service : ''
  const ofType = type === 'Task' ? OF_TASK : type === 'Parallel' ? OF_PARALLEL : type === 'Map' ? OF_MAP : []
  return [...EVERYWHERE, ...ofType, ...(OF_SERVICE[service] ?? []).map((name): [string, string] => [name, ''])]
}
