// The pages of AppSync: a GraphQL API over a table, an event API, and what is done with them.
import assert from 'node:assert/strict'
import { open } from './browser.mjs'

// What tells AppSync's paths from API Gateway's.
const authorization = 'AWS4-HMAC-SHA256 Credential=tests/20261128/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=00'
const ROLE = 'arn:aws:iam::123456789012:role/any'

const SCHEMA = `schema { query: Query, mutation: Mutation, subscription: Subscription }

enum Status { DRAFT PUBLISHED }

"What somebody has written."
type Post {
  id: ID!
  title: String!
  author: String!
  status: Status
  "By a resolver of its own."
  writer: Writer
  "Refused to everybody."
  secret: String
}

type Writer { name: String! about: String }

input NewPost { title: String! author: String! status: Status }

type Query {
  post(id: ID!): Post
  posts(limit: Int, status: Status): [Post!]!
  feed: [Post!]!
  me: String @aws_cognito_user_pools(cognito_groups: ["editors"])
}

type Mutation { savePost(id: ID!, post: NewPost!): Post }

type Subscription { onPost(author: String): Post @aws_subscribe(mutations: ["savePost"]) }
`

const js = { runtime: { name: 'APPSYNC_JS', runtimeVersion: '1.0.0' } }
const through = 'export function response(ctx) { return ctx.result }'

export async function fillGraphql({ endpoint }) {
  const ask = async (method, path, body) => {
    const answer = await fetch(endpoint + path, { method, headers: { authorization, 'content-type': 'application/json' }, body: JSON.stringify(body) })
    if (!answer.ok) throw new Error(`${method} ${path}: ${await answer.text()}`)
    return answer.json()
  }
  const table = await fetch(endpoint, {
    method: 'POST', headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'DynamoDB_20120810.CreateTable' },
    body: JSON.stringify({ TableName: 'posts', BillingMode: 'PAY_PER_REQUEST', AttributeDefinitions: [{ AttributeName: 'id', AttributeType: 'S' }], KeySchema: [{ AttributeName: 'id', KeyType: 'HASH' }] }),
  })
  if (!table.ok) throw new Error(await table.text())
  const { graphqlApi } = await ask('POST', '/v1/apis', {
    name: 'blog', authenticationType: 'API_KEY', queryDepthLimit: 10,
    additionalAuthenticationProviders: [
      { authenticationType: 'AWS_IAM' },
      { authenticationType: 'AMAZON_COGNITO_USER_POOLS', userPoolConfig: { userPoolId: 'us-east-1_abc', awsRegion: 'us-east-1' } },
    ],
  })
  const api = `/v1/apis/${graphqlApi.apiId}`
  const { apiKey } = await ask('POST', `${api}/apikeys`, { description: 'for the web site' })
  await ask('POST', `${api}/schemacreation`, { definition: Buffer.from(SCHEMA).toString('base64') })
  await ask('POST', `${api}/datasources`, { name: 'posts', type: 'AMAZON_DYNAMODB', serviceRoleArn: ROLE, dynamodbConfig: { tableName: 'posts', awsRegion: 'us-east-1' } })
  await ask('POST', `${api}/datasources`, { name: 'nothing', type: 'NONE' })
  const resolve = (type, fieldName, rest) => ask('POST', `${api}/types/${type}/resolvers`, { fieldName, ...rest })
  await resolve('Query', 'post', {
    dataSourceName: 'posts',
    requestMappingTemplate: '## One post by its key.\n#set($id = $ctx.args.id)\n{\n  "version": "2018-05-29",\n  "operation": "GetItem",\n  "key": { "id": $util.dynamodb.toDynamoDBJson($id) }\n}',
    responseMappingTemplate: '#if($ctx.error)\n  $util.error($ctx.error.message, $ctx.error.type)\n#end\n$util.toJson($ctx.result)',
  })
  await resolve('Query', 'posts', {
    ...js, dataSourceName: 'posts', cachingConfig: { ttl: 60, cachingKeys: ['$context.arguments.status'] },
    code: "import * as ddb from '@aws-appsync/utils/dynamodb'\n\nexport function request(ctx) {\n  console.log('limit', ctx.args.limit ?? 'none')\n  return ddb.scan({ limit: ctx.args.limit ?? 20 })\n}\n\nexport function response(ctx) {\n  return ctx.result.items\n}\n",
  })
  const made = async (name, dataSourceName, code) => (await ask('POST', `${api}/functions`, { ...js, name, dataSourceName, code })).functionConfiguration.functionId
  const recent = await made('recent', 'posts', `export function request() { return { operation: 'Scan', limit: 50 } }\n\nexport function response(ctx) {\n  return ctx.result.items\n}\n`)
  const published = await made('published', 'nothing', `// Drafts are nobody's business.\nexport function request(ctx) {\n  return { payload: ctx.prev.result.filter((post) => post.status === 'PUBLISHED') }\n}\n\n${through}\n`)
  await resolve('Query', 'feed', {
    ...js, kind: 'PIPELINE', pipelineConfig: { functions: [recent, published] },
    code: `export function request() { return {} }\n\nexport function response(ctx) { return ctx.prev.result }\n`,
  })
  await resolve('Query', 'me', { ...js, dataSourceName: 'nothing', code: `export function request(ctx) { return { payload: ctx.identity.username } }\n\n${through}\n` })
  await resolve('Mutation', 'savePost', {
    ...js, dataSourceName: 'posts',
    code: `import * as ddb from '@aws-appsync/utils/dynamodb'\n\nexport function request(ctx) {\n  return ddb.put({ key: { id: ctx.args.id }, item: ctx.args.post })\n}\n\n${through}\n`,
  })
  await resolve('Post', 'writer', { ...js, dataSourceName: 'nothing', code: `export function request(ctx) {\n  return { payload: { name: ctx.source.author, about: 'Writes' } }\n}\n\n${through}\n` })
  await resolve('Post', 'secret', { ...js, dataSourceName: 'nothing', code: "import { util } from '@aws-appsync/utils'\n\nexport function request() { return { payload: null } }\n\nexport function response(ctx) {\n  util.error('Nobody may know', 'Refused', null, { title: ctx.source.title })\n}\n" })
  const graphql = async (query, variables) => {
    const answer = await fetch(`${endpoint}/${graphqlApi.apiId}/graphql`, { method: 'POST', headers: { 'x-api-key': apiKey.id }, body: JSON.stringify({ query, variables }) })
    const { errors } = await answer.json()
    if (errors) throw new Error(JSON.stringify(errors))
  }
  for (const [id, title, author, status] of [['1', 'On engines', 'ada', 'PUBLISHED'], ['2', 'On compilers', 'grace', 'DRAFT'], ['3', 'On moons', 'annie', 'PUBLISHED']]) {
    await graphql('mutation ($id: ID!, $post: NewPost!) { savePost(id: $id, post: $post) { id title author } }', { id, post: { title, author, status } })
  }
  await ask('POST', '/v1/apis', { name: 'empty', authenticationType: 'AWS_IAM' })
  const modes = [{ authType: 'API_KEY' }]
  const { api: chat } = await ask('POST', '/v2/apis', {
    name: 'chat', eventConfig: { authProviders: modes, connectionAuthModes: modes, defaultPublishAuthModes: modes, defaultSubscribeAuthModes: modes },
  })
  await ask('POST', `/v1/apis/${chat.apiId}/apikeys`, {})
  await ask('POST', `/v2/apis/${chat.apiId}/channelNamespaces`, { name: 'default' })
  await ask('POST', `/v2/apis/${chat.apiId}/channelNamespaces`, {
    name: 'rooms', codeHandlers: "export function onPublish(ctx) {\n  return ctx.events.filter((event) => event.payload.text !== 'darn')\n}\n",
  })
  return { api: graphqlApi.apiId, key: apiKey.id, chat: chat.apiId, graphql }
}

export const graphqlPages = ({ api, chat }) => ({
  'graphql-apis': '/services/graphql',
  'graphql-api': `/services/graphql/${api}?type=Query&field=posts`,
  'graphql-functions': `/services/graphql/${api}?tab=functions`,
  'graphql-sources': `/services/graphql/${api}?tab=sources&source=posts`,
  'graphql-keys': `/services/graphql/${api}?tab=keys`,
  'graphql-settings': `/services/graphql/${api}?tab=settings`,
  'graphql-sdl': `/services/graphql/${api}?as=sdl`,
  'graphql-query': `/services/graphql/${api}/query?field=Query.posts`,
  'event-api': `/services/event-apis/${chat}?namespace=rooms`,
  'event-try': `/services/event-apis/${chat}?tab=try`,
})

// Of a server with keys: its only API lets in who has signed, and so do its subscriptions.
export const signedSettings = '[appsync.signed]\nfolder = "signed"\n'

export async function signedSteps(page) {
  const outcome = page.getByRole('region', { name: 'What comes of it' })
  const write = writer(page)
  await page.getByRole('link', { name: 'GraphQL', exact: true }).first().click()
  await page.getByRole('row', { name: /^signed GraphQL IAM .* 2 resolvers/ }).getByRole('link', { name: 'Query signed' }).click()
  await page.getByRole('tab', { name: 'As somebody, IAM' }).click()
  await page.getByRole('group', { name: 'As whom' }).getByRole('button', { name: 'IAM' }).click()
  await write('{ who }')
  await page.keyboard.press('Control+Enter')
  await outcome.getByText(/"arn:aws:iam::.*AKIDEXAMPLE/).waitFor()
  await write('subscription { heard }')
  await page.getByRole('button', { name: 'Listen', exact: true }).click()
  await outcome.getByText('Listening').waitFor()
  await page.getByLabel('Access key').fill('AKIDEXAMPLE')
  await page.getByLabel('Secret').fill('wrong')
  await page.getByRole('button', { name: 'Stop listening' }).click()
  await page.getByRole('button', { name: 'Listen', exact: true }).click()
  await outcome.getByText(/signature/i).waitFor()
}

// The editor is no field that can be filled.
const writer = (page) => async (text) => {
  await page.getByRole('textbox', { name: 'Document' }).click()
  await page.keyboard.press('Control+A')
  await page.keyboard.press('Delete')
  await page.keyboard.insertText(text)
}

// What is done on a page before it is looked at.
export const acts = {
  'graphql-query': async (page) => {
    await page.getByRole('button', { name: 'Run', exact: true }).click()
    await page.getByRole('region', { name: 'Steps' }).getByRole('listitem').first().waitFor()
  },
}

export async function graphqlSteps({ step, page, world, at }) {
  const { api, chat, graphql } = world.graphql
  const region = (name) => page.getByRole('region', { name, exact: true })
  const button = (name) => page.getByRole('button', { name, exact: true })
  const write = writer(page)
  const answered = (text) => region('What comes of it').getByText(text).first().waitFor()

  await step('beside each field of a schema stands its resolver', async () => {
    await open(page, at('/services'))
    await page.getByRole('link', { name: 'GraphQL', exact: true }).first().click()
    await page.getByRole('row', { name: /^empty GraphQL IAM .* no schema yet/ }).waitFor()
    const row = page.getByRole('row', { name: /^blog GraphQL API key.*7 resolvers/ })
    await row.getByRole('link', { name: 'blog', exact: true }).click()
    await page.getByLabel('Search types and fields').fill('writer')
    await page.getByRole('navigation', { name: 'Types' }).getByRole('button', { name: /^Post/ }).click()
    await page.getByRole('button', { name: /^Resolver of writer: nothing\s*JavaScript/ }).press('Enter')
    await region('Code of Post.writer').getByText("about: 'Writes'").waitFor()
    await open(page, at(`/services/graphql/${api}?type=Query&field=feed`))
    await region('Code of published').getByText('ctx.prev.result.filter').waitFor()
    await page.getByRole('tab', { name: 'Functions (2)' }).click()
    await button('Query.feed').first().click()
    await region('Code of recent').waitFor()
    await page.getByRole('tab', { name: 'Keys (1)' }).click()
    await page.getByRole('row', { name: /^da2-\w+ .*for the web site/ }).waitFor()
  })

  await step('an answer has its errors at their places, and every step is told', async () => {
    await open(page, at(`/services/graphql/${api}`))
    await page.getByRole('link', { name: 'Query posts', exact: true }).click()
    await button('Run').click()
    const wrong = region('Data').getByText(/"secret": null/)
    await wrong.first().waitFor()
    assert.equal(await wrong.count(), 3)
    assert.match(await wrong.first().innerText(), /Refused Nobody may know/)
    // What failed is shown without being asked for.
    await page.getByRole('region', { name: /^Step Post.secret at / }).getByText('Nobody may know').first().waitFor()
    await page.getByRole('button', { name: /^request of Query.posts at \/posts, / }).press('Enter')
    await region('Request to the data source').getByText('"Scan"').waitFor()
    assert.match(await region('Log of the step').innerText(), /limit/)
    await page.getByRole('group', { name: 'Parts of the step' }).getByRole('button', { name: /^source/ }).click()
    await region('Result').getByText('"On moons"').waitFor()
  })

  await step('somebody is who one says, and a client is who it is', async () => {
    await page.getByRole('tab', { name: 'As somebody, API key' }).click()
    await page.getByLabel('Let in by').selectOption('User pool')
    await write('query Me { me }')
    await page.keyboard.press('Control+Enter')
    await answered('"ada"')
    await page.getByLabel('Identity', { exact: true }).fill('{"username": "eve", "groups": ["readers"]}')
    await button('Run').click()
    await answered('Not Authorized to access me on type Query')
    await page.getByRole('group', { name: 'As whom' }).getByRole('button', { name: 'API key' }).click()
    await write('query Feed { feed { title } }')
    await button('Run').click()
    await answered('"On engines"')
    assert.equal(await region('Data').getByText('On compilers').count(), 0)
    await button('Run it as somebody').waitFor()
    await page.getByRole('tab', { name: 'History (3)' }).click()
    await page.getByRole('button', { name: /^query Me/ }).click()
    await page.getByRole('textbox', { name: 'Document' }).getByText('Me', { exact: true }).first().waitFor()
  })

  await step('the editor says what may stand there', async () => {
    await write('{ posts { ')
    await page.keyboard.type('ti')
    await page.getByRole('option', { name: /title/ }).waitFor()
    await page.keyboard.press('Enter')
    await page.keyboard.insertText(' } }')
    await page.keyboard.press('Control+Enter')
    await answered('"On moons"')
  })

  await step('a subscription hears of a mutation', async () => {
    await write('subscription { onPost(author: "ada") { id title } }')
    await button('Listen').click()
    await answered('Listening')
    const save = (id, author) => graphql('mutation ($id: ID!, $post: NewPost!) { savePost(id: $id, post: $post) { id title author } }', { id, post: { title: `By ${author}`, author } })
    await save('8', 'grace')
    await save('9', 'ada')
    await region('Message 2').getByText('"By ada"').waitFor()
    assert.equal(await region('Messages').getByText('By grace').count(), 0)
    await button('Stop listening').click()
    await write('subscription { onPost(author: "ada") { nothing } }')
    await button('Listen').click()
    await answered(/nothing/)
    await button('Listen').waitFor()
  })

  await step('namespaces of an event API show their handlers', async () => {
    await open(page, at('/services/graphql'))
    await page.getByRole('row', { name: /^chat Events/ }).getByRole('link', { name: 'chat', exact: true }).click()
    await page.getByRole('row', { name: /^\/default .* none: events go on as they come/ }).waitFor()
    await button('/rooms').click()
    await page.getByText('ctx.events.filter').waitFor()
    assert.match(page.url(), new RegExp(`event-apis/${chat}[?]namespace=rooms`))
  })

  await step('what is published to a channel is heard', async () => {
    await button('Try rooms').click()
    const subscribe = region('Subscribe')
    await subscribe.getByLabel('Channel').fill('/rooms/*')
    await button('Listen').click()
    await subscribe.getByText('Listening to /rooms/*').waitFor()
    await page.getByLabel('Events', { exact: true }).fill('[{"text": "hello"}, {"text": "darn"}]')
    await button('Publish').click()
    await region('Message 2').getByText('"hello"').waitFor()
    await page.getByLabel('Events', { exact: true }).fill('{"text": "goodbye"}')
    await button('Publish').click()
    await region('Message 3').getByText('"goodbye"').waitFor()
    // A handler has kept it back.
    assert.equal(await subscribe.getByText('darn').count(), 0)
    await button('Stop listening').click()
    await button('Listen').waitFor()
  })
}
