// What new states look like: as Workflow Studio makes them, and valid from the beginning where that can be.
import type { Language } from './flows'
import type { Plain } from './json'

// Something that can be added.
export interface Made {
  // The name that it gets if nobody has it.
  name: string
  state: (language: Language) => { Type: string; [field: string]: Plain }
}

export interface Kind extends Made {
  type: string
  says: string
}

// What cannot be known: the user fills it in.
const YOURS = 'MyData'

export const KINDS: Kind[] = [
  { type: 'Choice', name: 'Choice', says: 'Branches by conditions', state: (language) => ({ Type: 'Choice', Choices: [ruleTo(language, '')] }) },
  { type: 'Parallel', name: 'Parallel', says: 'Runs branches at once', state: () => ({ Type: 'Parallel', Branches: [emptyBranch('Pass'), emptyBranch('Pass')], End: true }) },
  { type: 'Map', name: 'Map', says: 'Does the same for each item', state: () => ({ Type: 'Map', ItemProcessor: { ProcessorConfig: { Mode: 'INLINE' }, ...emptyBranch('Pass') }, End: true }) },
  { type: 'Pass', name: 'Pass', says: 'Hands data on, or changes it', state: () => ({ Type: 'Pass', End: true }) },
  { type: 'Wait', name: 'Wait', says: 'Waits for a time', state: () => ({ Type: 'Wait', Seconds: 5, End: true }) },
  { type: 'Succeed', name: 'Success', says: 'Ends well', state: () => ({ Type: 'Succeed' }) },
  { type: 'Fail', name: 'Fail', says: 'Ends badly', state: () => ({ Type: 'Fail' }) },
]

// A flow of one state.
export const emptyBranch = (name: string): { [key: string]: Plain } => ({ StartAt: name, States: { [name]: { Type: 'Pass', End: true } } })

// A rule of a Choice that can be evaluated whatever the input is.
export function ruleTo(language: Language, next: string): { [key: string]: Plain } {
  return language === 'JSONata'
    ? { Condition: '{% $exists($states.input.value) %}', Next: next }
    : { Variable: '$.value', IsPresent: true, Next: next }
}

// A Task by its Resource, with the parameters that it must have.
export function task(name: string, resource: string, required: string[]): Made {
  return {
    name,
    state: (language) => {
      const own = OWN[resource.replace(/^arn:aws:states:::/, '')]?.(language)
      const parameters = own?.parameters ?? Object.fromEntries(required.map((field) => [field, YOURS]))
      const input = language === 'JSONata' ? 'Arguments' : 'Parameters'
      return { Type: 'Task', Resource: resource, [input]: parameters, ...own?.rest, End: true }
    },
  }
}

// An activity, which workers poll.
export const activity = (name: string, arn: string): Made => ({
  name, state: () => ({ Type: 'Task', Resource: arn, End: true }),
})

interface Own {
  parameters: { [key: string]: Plain }
  rest?: { [key: string]: Plain }
}

const CLIENT_ERRORS = ['Lambda.ServiceException', 'Lambda.AWSLambdaException', 'Lambda.SdkClientException', 'Lambda.TooManyRequestsException']
const RETRY = [{ ErrorEquals: CLIENT_ERRORS, IntervalSeconds: 1, MaxAttempts: 3, BackoffRate: 2, JitterStrategy: 'FULL' }]

// The state's input, and the task's token, in each language.
const input = (language: Language, name: string): { [key: string]: Plain } =>
  language === 'JSONata' ? { [name]: '{% $states.input %}' } : { [`${name}.$`]: '$' }
const token = (language: Language): { [key: string]: Plain } =>
  language === 'JSONata' ? { TaskToken: '{% $states.context.Task.Token %}' } : { 'TaskToken.$': '$$.Task.Token' }
const handed = (language: Language): { [key: string]: Plain } =>
  language === 'JSONata' ? { input: '{% $states.input %}', ...token(language) } : { 'input.$': '$', ...token(language) }

// Where more is wanted than required fields, as for those that most people use.
const OWN: Record<string, (language: Language) => Own> = {
  'lambda:invoke': (language) => ({
    parameters: { FunctionName: 'MyFunction', ...input(language, 'Payload') },
    rest: { Retry: RETRY, ...(language === 'JSONata' ? { Output: '{% $states.result.Payload %}' } : { OutputPath: '$.Payload' }) },
  }),
  'lambda:invoke.waitForTaskToken': (language) => ({
    parameters: { FunctionName: 'MyFunction', Payload: handed(language) },
    rest: { Retry: RETRY },
  }),
  'sqs:sendMessage': (language) => ({
    parameters: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/MyQueue', ...input(language, 'MessageBody') },
  }),
  'sqs:sendMessage.waitForTaskToken': (language) => ({
    parameters: { QueueUrl: 'https://sqs.us-east-1.amazonaws.com/123456789012/MyQueue', MessageBody: handed(language) },
  }),
  'sns:publish': (language) => ({
    parameters: { TopicArn: 'arn:aws:sns:us-east-1:123456789012:MyTopic', ...input(language, 'Message') },
  }),
  'dynamodb:getItem': () => ({ parameters: { TableName: 'MyTable', Key: { Id: { S: YOURS } } } }),
  'dynamodb:putItem': () => ({ parameters: { TableName: 'MyTable', Item: { Id: { S: YOURS } } } }),
  'dynamodb:deleteItem': () => ({ parameters: { TableName: 'MyTable', Key: { Id: { S: YOURS } } } }),
  'dynamodb:updateItem': () => ({
    parameters: {
      TableName: 'MyTable', Key: { Id: { S: YOURS } }, UpdateExpression: 'SET MyKey = :value', ExpressionAttributeValues: { ':value': { S: YOURS } },
    },
  }),
  'events:putEvents': () => ({
    parameters: { Entries: [{ Detail: {}, DetailType: 'MyDetailType', EventBusName: 'default', Source: 'my.source' }] },
  }),
  'http:invoke': () => ({
    parameters: {
      ApiEndpoint: 'https://example.com', Method: 'GET',
      Authentication: { ConnectionArn: 'arn:aws:events:us-east-1:123456789012:connection/MyConnection' },
    },
  }),
  ...Object.fromEntries(['', '.sync:2', '.sync', '.waitForTaskToken'].map((pattern) => [
    `states:startExecution${pattern}`,
    (language: Language): Own => ({
      parameters: {
        StateMachineArn: 'arn:aws:states:us-east-1:123456789012:stateMachine:MyStateMachine',
        Input: pattern === '.waitForTaskToken' ? handed(language)
          : language === 'JSONata' ? { AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID: '{% $states.context.Execution.Id %}' }
            : { 'AWS_STEP_FUNCTIONS_STARTED_BY_EXECUTION_ID.$': '$$.Execution.Id' },
      },
    }),
  ])),
}
