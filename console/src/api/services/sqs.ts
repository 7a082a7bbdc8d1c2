// SQS's actions that the console uses. Times are in attributes as texts, in seconds or milliseconds, as AWS has them.
import { named } from './protocols'

export interface Message {
  MessageId: string
  ReceiptHandle: string
  Body: string
  Attributes?: Record<string, string>
  MessageAttributes?: Record<string, { DataType: string; StringValue?: string; BinaryValue?: string }>
}

export interface MoveTask {
  TaskHandle?: string
  Status: string
  SourceArn: string
  DestinationArn?: string
  ApproximateNumberOfMessagesMoved?: number
  ApproximateNumberOfMessagesToMove?: number
  FailureReason?: string
}

export type Attributes = Record<string, string>

export const listQueues = (page: { NextToken?: string; QueueNamePrefix?: string }) =>
  named<{ QueueUrls?: string[]; NextToken?: string }>('sqs', 'ListQueues', { MaxResults: 1000, ...page })

export const queueUrl = async (QueueName: string) =>
  (await named<{ QueueUrl: string }>('sqs', 'GetQueueUrl', { QueueName })).QueueUrl

export const queueAttributes = async (QueueUrl: string) =>
  (await named<{ Attributes?: Attributes }>('sqs', 'GetQueueAttributes', { QueueUrl, AttributeNames: ['All'] })).Attributes ?? {}

export const createQueue = (QueueName: string, Attributes: Attributes) =>
  named<{ QueueUrl: string }>('sqs', 'CreateQueue', { QueueName, Attributes })

export const deleteQueue = (QueueUrl: string) => named('sqs', 'DeleteQueue', { QueueUrl })
export const purgeQueue = (QueueUrl: string) => named('sqs', 'PurgeQueue', { QueueUrl })

export const sendMessage = (message: {
  QueueUrl: string
  MessageBody: string
  DelaySeconds?: number
  MessageGroupId?: string
  MessageDeduplicationId?: string
  MessageAttributes?: Record<string, { DataType: string; StringValue: string }>
}) => named<{ MessageId: string }>('sqs', 'SendMessage', message)

// It counts as a receive, and hides the messages from others for the queue's visibility timeout.
export const receiveMessages = async (QueueUrl: string) =>
  (await named<{ Messages?: Message[] }>('sqs', 'ReceiveMessage', {
    QueueUrl, MaxNumberOfMessages: 10, WaitTimeSeconds: 0, MessageSystemAttributeNames: ['All'], MessageAttributeNames: ['All'],
  })).Messages ?? []

export const deleteMessage = (QueueUrl: string, ReceiptHandle: string) =>
  named('sqs', 'DeleteMessage', { QueueUrl, ReceiptHandle })

// Gives a message back at once.
export const showMessage = (QueueUrl: string, ReceiptHandle: string) =>
  named('sqs', 'ChangeMessageVisibility', { QueueUrl, ReceiptHandle, VisibilityTimeout: 0 })

export const sourcesOf = async (QueueUrl: string) =>
  (await named<{ queueUrls?: string[] }>('sqs', 'ListDeadLetterSourceQueues', { QueueUrl })).queueUrls ?? []

export const startMove = (SourceArn: string) => named<{ TaskHandle: string }>('sqs', 'StartMessageMoveTask', { SourceArn })
export const moveTasks = async (SourceArn: string) =>
  (await named<{ Results?: MoveTask[] }>('sqs', 'ListMessageMoveTasks', { SourceArn, MaxResults: 10 })).Results ?? []
