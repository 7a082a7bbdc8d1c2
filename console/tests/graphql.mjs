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
