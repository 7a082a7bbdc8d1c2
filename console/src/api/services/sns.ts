// SNS's actions that the console uses.
import { form, mapOf, membersOf, textOf } from './protocols'

export interface Subscription {
  SubscriptionArn: string
  Protocol: string
  Endpoint: string
  TopicArn: string
}

export async function listTopics(NextToken?: string): Promise<{ topics: string[]; nextToken: string }> {
  const answer = await form('ListTopics', { NextToken })
  return { topics: membersOf(answer, 'Topics').map((topic) => textOf(topic, 'TopicArn')), nextToken: textOf(answer, 'NextToken') }
}

export const topicAttributes = async (TopicArn: string) => mapOf(await form('GetTopicAttributes', { TopicArn }), 'Attributes')
export const createTopic = async (Name: string, isFifo: boolean) =>
  textOf(await form('CreateTopic', {
    Name,
    ...(isFifo ? { 'Attributes.entry.1.key': 'FifoTopic', 'Attributes.entry.1.value': 'true' } : {}),
  }), 'TopicArn')
export const deleteTopic = (TopicArn: string) => form('DeleteTopic', { TopicArn })

export async function subscriptionsOf(TopicArn: string): Promise<Subscription[]> {
  const all: Subscription[] = []
  let NextToken: string | undefined
  // AWS has a hundred in a page; more pages than this are no list any more.
  for (let page = 0; page < 10; page++) {
    const answer = await form('ListSubscriptionsByTopic', { TopicArn, NextToken })
    all.push(...membersOf(answer, 'Subscriptions').map((one) => ({
      SubscriptionArn: textOf(one, 'SubscriptionArn'),
      Protocol: textOf(one, 'Protocol'),
      Endpoint: textOf(one, 'Endpoint'),
      TopicArn: textOf(one, 'TopicArn'),
    })))
    NextToken = textOf(answer, 'NextToken')
    if (!NextToken) break
  }
  return all
}

export const subscriptionAttributes = async (SubscriptionArn: string) =>
  mapOf(await form('GetSubscriptionAttributes', { SubscriptionArn }), 'Attributes')

export const subscribe = (TopicArn: string, Protocol: string, Endpoint: string, filter: string) =>
  form('Subscribe', {
    TopicArn, Protocol, Endpoint, ReturnSubscriptionArn: 'true',
    ...(filter ? { 'Attributes.entry.1.key': 'FilterPolicy', 'Attributes.entry.1.value': filter } : {}),
  })
export const confirmSubscription = (TopicArn: string, Token: string) => form('ConfirmSubscription', { TopicArn, Token })
export const unsubscribe = (SubscriptionArn: string) => form('Unsubscribe', { SubscriptionArn })

export async function publish(message: {
  TopicArn: string
  Message: string
  Subject?: string
  MessageGroupId?: string
  MessageDeduplicationId?: string
  attributes: Record<string, string>
}): Promise<string> {
  const { attributes, ...rest } = message
  const fields: Record<string, string | undefined> = { ...rest }
  Object.entries(attributes).forEach(([name, value], at) => {
    const entry = `MessageAttributes.entry.${at + 1}`
    fields[`${entry}.Name`] = name
    fields[`${entry}.Value.DataType`] = 'String'
    fields[`${entry}.Value.StringValue`] = value
  })
  return textOf(await form('Publish', fields), 'MessageId')
}
