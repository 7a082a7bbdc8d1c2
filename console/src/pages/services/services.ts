// The services around workflows that have pages, and what is said where a server does not offer one.
import { Refusal } from '../../api/call'
import { addressOf } from '../../routes'

export interface Service {
  key: 'queues' | 'topics' | 'buses' | 'schedules' | 'apis' | 'tables' | 'graphql'
  title: string
  // As AWS calls it.
  aws: string
  what: string
  address: string
}

export const services: Service[] = [
  { key: 'queues', title: 'Queues', aws: 'SQS', what: 'Messages that wait for whoever receives them', address: addressOf.queues() },
  { key: 'topics', title: 'Topics', aws: 'SNS', what: 'Messages that go to all who have subscribed', address: addressOf.topics() },
  { key: 'buses', title: 'Event buses', aws: 'EventBridge', what: 'Events, and rules that send them on', address: addressOf.buses() },
  { key: 'schedules', title: 'Schedules', aws: 'EventBridge Scheduler', what: 'Targets that are called at their time', address: addressOf.schedules() },
  { key: 'apis', title: 'APIs', aws: 'API Gateway', what: 'Addresses that lead to services and functions', address: addressOf.apis() },
  { key: 'tables', title: 'Tables', aws: 'DynamoDB', what: 'Items by their keys', address: addressOf.tables() },
  { key: 'graphql', title: 'GraphQL', aws: 'AppSync', what: 'Questions to many sources at once, and channels to hear what changes', address: addressOf.graphqlApis() },
]

// The server does not know what was asked for: it does not offer the service.
export const isAbsent = (error: unknown): boolean =>
  error instanceof Refusal && (error.code === 'UnknownOperationException' || error.code === 'HTTP 404')
