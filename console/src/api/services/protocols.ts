// How the services around workflows are asked: each as AWS has it, on the port that this page came from.
import { json, send } from '../call'

// JSON by name of the operation: SQS, EventBridge, DynamoDB.
const TARGETS = {
  sqs: { prefix: 'AmazonSQS', version: '1.0' },
  events: { prefix: 'AWSEvents', version: '1.1' },
  dynamodb: { prefix: 'DynamoDB_20120810', version: '1.0' },
} as const

export function named<T>(service: keyof typeof TARGETS, operation: string, body: object): Promise<T> {
  const { prefix, version } = TARGETS[service]
  const headers = { 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${prefix}.${operation}` }
  return json(send({ method: 'POST', address: '/', headers, body: JSON.stringify(body) }, undefined, service))
}

// JSON at addresses: Scheduler, API Gateway.
export function rest<T>(service: 'scheduler' | 'apigateway', method: string, address: string, body?: object): Promise<T> {
  const headers: Record<string, string> = body ? { 'content-type': 'application/json' } : {}
  const request = { method, address, headers, body: body ? JSON.stringify(body) : '' }
  return json(send(request, undefined, service))
}

// Forms, answered in XML: SNS.
export async function form(operation: string, members: Record<string, string | undefined>): Promise<Element> {
  const fields = new URLSearchParams({ Action: operation, Version: '2010-03-31' })
  for (const [name, value] of Object.entries(members)) if (value !== undefined) fields.set(name, value)
  const headers = { 'content-type': 'application/x-www-form-urlencoded; charset=utf-8' }
  const answer = await send({ method: 'POST', address: '/', headers, body: fields.toString() }, undefined, 'sns')
  const read = new DOMParser().parseFromString(await answer.text(), 'text/xml')
  const result = read.documentElement.querySelector(`${operation}Result`)
  return result ?? read.documentElement
}

// The text of a child element.
export const textOf = (element: Element, tag: string): string =>
  [...element.children].find((child) => child.localName === tag)?.textContent ?? ''

// The members of a list: `<Topics><member>…`.
export const membersOf = (element: Element, tag: string): Element[] =>
  [...([...element.children].find((child) => child.localName === tag)?.children ?? [])]

// A map of texts: `<Attributes><entry><key>…</key><value>…`.
export const mapOf = (element: Element, tag: string): Record<string, string> =>
  Object.fromEntries(membersOf(element, tag).map((entry) => [textOf(entry, 'key'), textOf(entry, 'value')]))
