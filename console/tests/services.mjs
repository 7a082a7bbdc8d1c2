// The pages of the services around workflows: what they have to show, and what is done there.
import assert from 'node:assert/strict'
import { open } from './browser.mjs'

const ACCOUNT = 'us-east-1:123456789012'
export const NEWS = `arn:aws:sns:${ACCOUNT}:news`
const queueArn = (name) => `arn:aws:sqs:${ACCOUNT}:${name}`

// As the console's own, for tests: JSON by target, forms, REST.
export function clients({ endpoint }) {
  const post = async (headers, body) => {
    const answer = await fetch(endpoint, { method: 'POST', headers, body })
    const text = await answer.text()
    if (!answer.ok) throw new Error(`${body}: ${text}`)
    return text
  }
  const named = async (prefix, version, action, body) =>
    JSON.parse(await post({ 'content-type': `application/x-amz-json-${version}`, 'x-amz-target': `${prefix}.${action}` }, JSON.stringify(body)) || '{}')
  return {
    sqs: (action, body) => named('AmazonSQS', '1.0', action, body),
    events: (action, body) => named('AWSEvents', '1.1', action, body),
    dynamodb: (action, body) => named('DynamoDB_20120810', '1.0', action, body),
    sns: (Action, members) =>
      post({ 'content-type': 'application/x-www-form-urlencoded' }, new URLSearchParams({ Action, Version: '2010-03-31', ...members }).toString()),
    rest: async (method, path, body) => {
      const answer = await fetch(endpoint + path, { method, headers: body ? { 'content-type': 'application/json' } : {}, body: JSON.stringify(body) })
      if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
      return answer.json()
    },
  }
}

export async function fillServices(server) {
  const { sqs, events, dynamodb, sns, rest } = clients(server)
  await sqs('CreateQueue', { QueueName: 'parcels-dead' })
  const { QueueUrl } = await sqs('CreateQueue', {
    QueueName: 'parcels',
    Attributes: { RedrivePolicy: JSON.stringify({ deadLetterTargetArn: queueArn('parcels-dead'), maxReceiveCount: 3 }) },
  })
  await sqs('CreateQueue', { QueueName: 'letters.fifo', Attributes: { FifoQueue: 'true' } })
  for (const [order, kind] of [['o-1', 'gift'], ['o-2', 'book']]) {
    await sqs('SendMessage', { QueueUrl, MessageBody: JSON.stringify({ order }), MessageAttributes: { kind: { DataType: 'String', StringValue: kind } } })
  }
  await sns('CreateTopic', { Name: 'news' })
  await sns('Subscribe', {
    TopicArn: NEWS, Protocol: 'sqs', Endpoint: queueArn('parcels'),
    'Attributes.entry.1.key': 'FilterPolicy', 'Attributes.entry.1.value': '{"kind": ["gift"]}',
  })
  await events('CreateEventBus', { Name: 'shop' })
  await events('PutRule', { EventBusName: 'shop', Name: 'big-orders', Description: 'Orders that somebody looks at', EventPattern: '{"source": ["my.shop"], "detail": {"total": [{"numeric": [">", 100]}]}}' })
  await events('PutTargets', {
    EventBusName: 'shop', Rule: 'big-orders',
    Targets: [{ Id: 'parcels', Arn: queueArn('parcels'), InputTransformer: { InputPathsMap: { order: '$.detail.order' }, InputTemplate: '{"order": <order>, "from": "rule"}' } }],
  })
  await rest('POST', '/schedules/nightly', {
    ScheduleExpression: 'cron(0 2 * * ? *)', ScheduleExpressionTimezone: 'Europe/Oslo', FlexibleTimeWindow: { Mode: 'OFF' },
    Target: { Arn: queueArn('parcels'), RoleArn: 'arn:aws:iam::123456789012:role/any', Input: '{"order": "nightly"}' },
  })
  const { id } = await rest('POST', '/restapis', { name: 'shop' })
  const { item: [root] } = await rest('GET', `/restapis/${id}/resources`)
  const orders = await rest('POST', `/restapis/${id}/resources/${root.id}`, { pathPart: 'orders' })
  const method = `/restapis/${id}/resources/${orders.id}/methods/GET`
  await rest('PUT', method, { authorizationType: 'NONE' })
  await rest('PUT', `${method}/integration`, { type: 'MOCK', requestTemplates: { 'application/json': '{"statusCode": 200}' } })
  await rest('PUT', `${method}/responses/200`, {})
  await rest('PUT', `${method}/integration/responses/200`, { responseTemplates: { 'application/json': '{"customer": "$input.params(\'customer\')"}' } })
  await rest('POST', `/restapis/${id}/deployments`, { stageName: 'live' })
  await dynamodb('CreateTable', {
    TableName: 'orders', BillingMode: 'PAY_PER_REQUEST',
    AttributeDefinitions: [{ AttributeName: 'customer', AttributeType: 'S' }, { AttributeName: 'number', AttributeType: 'N' }],
    KeySchema: [{ AttributeName: 'customer', KeyType: 'HASH' }, { AttributeName: 'number', KeyType: 'RANGE' }],
  })
  for (const [customer, number] of [['Ida', '1'], ['Ida', '2'], ['Per', '7']]) {
    await dynamodb('PutItem', { TableName: 'orders', Item: { customer: { S: customer }, number: { N: number }, items: { L: [{ S: 'tea' }] }, isPaid: { BOOL: number === '1' } } })
  }
}

export const servicePages = {
  services: '/services',
  queues: '/services/queues',
  queue: '/services/queues/parcels',
  'queue-send': '/services/queues/letters.fifo?tab=send',
  topics: '/services/topics',
  topic: `/services/topics/${NEWS}`,
  'topic-publish': `/services/topics/${NEWS}?tab=publish`,
  buses: '/services/buses',
  bus: '/services/buses/shop?rule=big-orders',
  'bus-send': '/services/buses/shop?tab=send',
  'rule-tester': '/services/rule-tester',
  schedules: '/services/schedules?schedule=default/nightly',
  apis: '/services/apis',
  tables: '/services/tables',
  table: '/services/tables/orders',
}

export async function serviceSteps({ step, page, server, at }) {
  const { sqs } = clients(server)

  await step('a message goes through a queue by hand', async () => {
    await open(page, at('/services'))
    await page.getByRole('link', { name: 'Queues', exact: true }).first().click()
    const row = page.getByRole('row', { name: /^parcels 2 0 0/ })
    await row.getByRole('link', { name: 'parcels', exact: true }).click()
    await page.getByRole('tab', { name: 'Send' }).click()
    await page.getByLabel('Body').fill('{"order": "o-3"}')
    await page.getByRole('button', { name: 'Add' }).click()
    await page.getByLabel('Name 1 of Attributes').fill('kind')
    await page.getByLabel('Value 1 of Attributes').fill('letter')
    await page.getByLabel('Body').press('Control+Enter')
    await page.getByText(/^Sent: /).waitFor()
    await page.getByRole('tab', { name: 'Messages' }).click()
    // Looking at it is no receive.
    const standing = page.getByRole('region', { name: 'Messages in the queue' })
    await standing.getByRole('row', { name: /o-3.* Waits .* 0×/ }).getByRole('button').click()
    await standing.getByText('letter').waitFor()
    await page.getByRole('button', { name: 'Receive up to 10' }).click()
    await standing.getByRole('row', { name: /o-3.* In flight .* 1×/ }).waitFor()
    const message = page.getByRole('listitem').filter({ hasText: 'o-3' })
    await message.getByText('letter').waitFor()
    await message.getByRole('button', { name: /^Delete / }).click()
    await message.waitFor({ state: 'detached' })
    for (const order of ['o-1', 'o-2']) {
      const other = page.getByRole('listitem').filter({ hasText: order })
      await other.getByRole('button', { name: /^Give back / }).click()
      await other.waitFor({ state: 'detached' })
    }
    await page.getByText('Waiting2').waitFor()
  })

  await step('a queue is made, purged and deleted', async () => {
    await open(page, at('/services/queues'))
    await page.getByRole('button', { name: 'Create queue' }).click()
    await page.getByRole('dialog').getByRole('textbox', { name: 'Name' }).fill('short-lived')
    await page.getByRole('dialog').getByRole('button', { name: 'Create' }).click()
    await page.getByRole('heading', { name: 'short-lived', level: 1 }).waitFor()
    const { QueueUrl } = await sqs('GetQueueUrl', { QueueName: 'short-lived' })
    await sqs('SendMessage', { QueueUrl, MessageBody: 'x' })
    await page.getByText('Waiting1').waitFor()
    await page.getByRole('button', { name: 'Purge' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Purge' }).click()
    await page.getByText('Waiting0').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('heading', { name: 'Queues', level: 1 }).waitFor()
    await page.getByRole('link', { name: 'short-lived' }).waitFor({ state: 'detached' })
  })

  await step('what is published comes where its filter lets it', async () => {
    await open(page, at(`/services/topics/${NEWS}`))
    await page.getByRole('region', { name: `Filter policy of ${queueArn('parcels')}` }).getByText('"gift"').waitFor()
    await page.getByRole('tab', { name: 'Publish' }).click()
    const publish = async (order, kind) => {
      await page.getByLabel('Message').fill(JSON.stringify({ order }))
      if (kind) {
        await page.getByRole('button', { name: 'Add' }).click()
        await page.getByLabel('Name 1 of Attributes').fill('kind')
        await page.getByLabel('Value 1 of Attributes').fill(kind)
      }
      await page.getByRole('button', { name: 'Publish', exact: true }).click()
      await page.getByText(/^Published: /).last().waitFor()
    }
    await publish('nobody-wants-this')
    await publish('from-topic', 'gift')
    await open(page, at('/services/queues/parcels'))
    await page.getByText('Waiting3').waitFor()
  })

  await step('an event goes by a rule, and the tester says why', async () => {
    await open(page, at('/services/buses/shop?rule=big-orders'))
    const rule = page.getByRole('region', { name: 'Rule big-orders' })
    await rule.getByText('"from": "rule"').waitFor()
    await rule.getByRole('link', { name: 'Test the pattern' }).click()
    await page.getByText('The pattern takes the event').waitFor()
    const event = page.getByRole('textbox', { name: 'Event' })
    await event.fill((await event.inputValue()).replace('120,', '12,'))
    await page.getByText('The pattern does not take the event').waitFor()
    // What the server refuses is listened to on the page; here that is wanted.
    const another = await page.context().newPage()
    await open(another, at('/services/rule-tester'))
    await another.getByRole('textbox', { name: 'Pattern' }).fill('{"source": []}')
    await another.getByRole('status').getByText(/Event pattern is not valid/).waitFor()
    await another.close()
    await open(page, at('/services/buses/shop?tab=send'))
    await page.getByLabel('Detail', { exact: true }).fill('{"order": "by-rule", "total": 500}')
    await page.getByRole('button', { name: 'Send', exact: true }).click()
    await page.getByText(/^Sent: /).waitFor()
    await open(page, at('/services/queues/parcels'))
    await page.getByText('Waiting4').waitFor()
    // And off it goes nowhere.
    await open(page, at('/services/buses/shop'))
    await page.getByRole('switch', { name: 'big-orders is on' }).click()
    await page.getByRole('switch', { name: 'big-orders is on', checked: false }).waitFor()
  })

  await step('a schedule is turned off and deleted', async () => {
    await open(page, at('/services/schedules'))
    await page.getByRole('switch', { name: 'nightly is on' }).click()
    await page.getByRole('switch', { name: 'nightly is on', checked: false }).waitFor()
    await page.getByRole('button', { name: 'nightly', exact: true }).click()
    await page.getByText('Europe/Oslo').waitFor()
    await page.getByRole('button', { name: 'Delete' }).click()
    await page.getByRole('dialog').getByRole('button', { name: 'Delete' }).click()
    await page.getByText('No schedules yet').waitFor()
  })

  await step('a method of an API is tried, and its stage answers', async () => {
    await open(page, at('/services/apis'))
    await page.getByRole('link', { name: 'shop', exact: true }).click()
    await page.getByRole('button', { name: 'GET /orders' }).click()
    const trying = page.getByRole('region', { name: 'Try GET /orders' })
    await trying.getByLabel('Path and query').fill('/orders?customer=Ida')
    await trying.getByRole('button', { name: 'Send' }).click()
    await trying.getByRole('region', { name: 'Body of the answer' }).getByText('"Ida"').waitFor()
    await trying.getByRole('region', { name: 'Log' }).getByText(/Method completed with status: 200/).waitFor()
    const id = /apis\/([^?]+)/.exec(page.url())[1]
    const answer = await fetch(`${server.endpoint}/rest/${id}/live/orders?customer=Per`)
    assert.deepEqual([answer.status, await answer.json()], [200, { customer: 'Per' }])
    await page.getByRole('region', { name: 'Stages' }).getByText(`/rest/${id}/live/`).waitFor()
  })

  await step('items of a table are read', async () => {
    await open(page, at('/services/tables'))
    await page.getByRole('row', { name: /orders customer \+ number/ }).getByRole('link').click()
    await page.getByRole('row', { name: /^Per 7/ }).getByRole('button').click()
    const item = page.getByRole('region', { name: 'Item', exact: true })
    await item.getByText('"tea"').first().waitFor()
    await item.getByLabel('with types').check()
    await item.getByText('"BOOL"').waitFor()
    assert.equal(await page.getByRole('row').count(), 4)
  })
}
