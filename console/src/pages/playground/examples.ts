// Something to begin with, in each language.
import type { Work } from './work'

export interface Example extends Partial<Work> {
  title: string
}

const order = `{
  "order": "o-17",
  "customer": { "name": "Ida", "city": "Oslo" },
  "items": [
    { "name": "tea", "price": 4.5, "count": 2 },
    { "name": "cup", "price": 12, "count": 1 },
    { "name": "spoon", "price": 3, "count": 6 }
  ]
}`

export const examples: Example[] = [
  { title: 'A path with a filter', language: 'JSONPath', what: 'expression', text: '$.items[?(@.price > 4)].name', input: order },
  { title: 'The Context Object', language: 'JSONPath', what: 'expression', text: '$$.Execution.Name', input: order },
  { title: 'States.Format', language: 'JSONPath', what: 'expression', text: "States.Format('{} for {} in {}', $.order, $.customer.name, $.customer.city)", input: order },
  { title: 'Parts of an array', language: 'JSONPath', what: 'expression', text: 'States.ArrayPartition($.items[*].name, 2)', input: order },
  { title: 'Parameters', language: 'JSONPath', what: 'template', input: order, text: `{
  "customer.$": "$.customer.name",
  "count.$": "States.ArrayLength($.items)",
  "first.$": "$.items[0]",
  "limit.$": "$limit",
  "source": "web"
}`, variables: '{ "limit": 100 }' },
  { title: 'A sum', language: 'JSONata', what: 'expression', text: '$sum($states.input.items.(price * count))', input: order },
  { title: 'Sorted and renamed', language: 'JSONata', what: 'expression', input: order,
    text: '[$states.input.items^(>price).{ "what": name, "total": price * count }]' },
  { title: 'A task’s result', language: 'JSONata', what: 'expression', input: order,
    text: "$states.result.StatusCode = 200 ? $parse($states.result.Payload) : $error('no answer')",
    result: '{ "StatusCode": 200, "Payload": "{\\"stock\\": 3}" }' },
  { title: 'Arguments', language: 'JSONata', what: 'template', input: order, text: `{
  "TableName": "orders",
  "Key": { "id": { "S": "{% $states.input.order %}" } },
  "Total": "{% $sum($states.input.items.(price * count)) %}",
  "Limit": "{% $limit %}",
  "At": "{% $now() %}"
}`, variables: '{ "limit": 100 }' },
  { title: 'A mistake, and its words', language: 'JSONata', what: 'expression', text: '$states.input.items.price & 1 + "x"', input: order },
]

// As an execution has it.
export const CONTEXT = `{
  "Execution": {
    "Id": "arn:aws:states:us-east-1:123456789012:execution:orders:o-17",
    "Name": "o-17",
    "StartTime": "2026-01-05T08:30:00.000Z",
    "RedriveCount": 0
  },
  "StateMachine": {
    "Id": "arn:aws:states:us-east-1:123456789012:stateMachine:orders",
    "Name": "orders"
  },
  "State": {
    "Name": "Price",
    "EnteredTime": "2026-01-05T08:30:01.250Z",
    "RetryCount": 0
  }
}`
