// What the palette offers: flow states, and everything that a Task can call, by service.
import type { Action } from '../../api/v1'
import { KINDS, activity, task, type Made } from './document/states'

export interface Item {
  key: string
  title: string
  says: string
  icon: string
  made: Made
}

export interface Group {
  title: string
  items: Item[]
}

// As people call them.
const SERVICES: Record<string, string> = {
  apigateway: 'API Gateway', athena: 'Athena', batch: 'Batch', bedrock: 'Bedrock', codebuild: 'CodeBuild', databrew: 'DataBrew', dynamodb: 'DynamoDB',
  ecs: 'ECS', eks: 'EKS', elasticmapreduce: 'EMR', 'emr-containers': 'EMR on EKS', 'emr-serverless': 'EMR Serverless', events: 'EventBridge',
  glue: 'Glue', http: 'HTTP', lambda: 'Lambda', mediaconvert: 'MediaConvert', sagemaker: 'SageMaker', sns: 'SNS', sqs: 'SQS', states: 'Step Functions',
}

export const serviceTitle = (service: string): string => SERVICES[service] ?? service.replace(/^aws-sdk:/, '')

// What most machines call.
const USUAL = [
  'lambda:invoke', 'states:startExecution', 'sqs:sendMessage', 'sns:publish', 'events:putEvents', 'dynamodb:getItem', 'dynamodb:putItem',
  'http:invoke', 'ecs:runTask', 'glue:startJobRun',
]

const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

// Required parameters may come later than the item: they are asked for when it is put somewhere.
export function itemOf(action: Action, required: () => string[] = () => action.required ?? []): Item {
  const service = serviceTitle(action.service)
  const isSdk = action.service.startsWith('aws-sdk:')
  const title = capital(action.action)
  const resource = `arn:aws:states:::${action.service}:${action.action}`
  const name = isSdk ? title : `${service} ${title}`
  return {
    key: `${action.service}:${action.action}`, title: isSdk ? title : `${service}: ${title}`, icon: 'Task',
    says: isSdk ? `AWS SDK · ${service}` : '',
    made: { name, state: (language) => task(name, resource, required()).state(language) },
  }
}

export const flows = (): Group => ({
  title: 'Flow',
  items: KINDS.map((kind) => ({ key: kind.type, title: kind.name, says: kind.says, icon: kind.type, made: kind })),
})

export function usual(actions: Action[]): Group {
  const found = USUAL.map((wanted) => actions.find(({ service, action }) => `${service}:${action}` === wanted))
  return { title: 'Often used', items: found.filter((action) => action !== undefined).map((action) => itemOf(action)) }
}

export function byService(actions: Action[]): Group[] {
  const services = [...new Set(actions.map(({ service }) => service))]
  const groups = services.map((service) => ({ title: serviceTitle(service), items: actions.filter((action) => action.service === service).map((action) => itemOf(action)) }))
  return groups.sort((one, other) => one.title.localeCompare(other.title))
}

export const activities = (found: { name: string; activityArn: string }[]): Group => ({
  title: 'Activities',
  items: found.map(({ name, activityArn }) => ({ key: activityArn, title: name, says: 'Waits for a worker that polls', icon: 'Task', made: activity(name, activityArn) })),
})

export const wordsOf = (text: string): string[] => text.toLowerCase().split(/[\s:.]+/).filter(Boolean)

// Items with all words of a text in what they say.
export function matching(groups: Group[], text: string): Group[] {
  const words = wordsOf(text)
  const fits = (group: Group) => (item: Item) => words.every((word) => `${group.title} ${item.title} ${item.says} ${item.key}`.toLowerCase().includes(word))
  return groups.map((group) => ({ ...group, items: group.items.filter(fits(group)) })).filter((group) => group.items.length > 0)
}
