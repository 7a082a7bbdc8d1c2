// AppSync's actions that the console uses: GraphQL APIs, and event APIs beside them. Times are seconds since 1970.
import { door } from '../../state/keys.svelte'
import { json, post, send } from '../call'

export const MODES = ['API_KEY', 'AWS_IAM', 'AMAZON_COGNITO_USER_POOLS', 'OPENID_CONNECT', 'AWS_LAMBDA'] as const
export type Mode = (typeof MODES)[number]

export interface Provider {
  authenticationType: Mode
  userPoolConfig?: { userPoolId: string; awsRegion?: string; defaultAction?: 'ALLOW' | 'DENY'; appIdClientRegex?: string }
  openIDConnectConfig?: { issuer: string; clientId?: string; iatTTL?: number; authTTL?: number }
  lambdaAuthorizerConfig?: { authorizerUri: string; authorizerResultTtlInSeconds?: number; identityValidationExpression?: string }
}

export interface GraphqlApi extends Provider {
  apiId: string
  name: string
  arn: string
  uris?: { GRAPHQL?: string; REALTIME?: string }
  additionalAuthenticationProviders?: Provider[]
  logConfig?: { fieldLogLevel: string; excludeVerboseContent?: boolean }
  introspectionConfig?: 'ENABLED' | 'DISABLED'
  queryDepthLimit?: number
  resolverCountLimit?: number
  xrayEnabled?: boolean
  apiType?: string
  tags?: Record<string, string>
}

// Code or templates, of a resolver or a function.
export interface Handlers {
  dataSourceName?: string
  runtime?: { name: string; runtimeVersion: string }
  code?: string
  requestMappingTemplate?: string
  responseMappingTemplate?: string
  maxBatchSize?: number
}

export interface Resolver extends Handlers {
  typeName: string
  fieldName: string
  kind?: 'UNIT' | 'PIPELINE'
  pipelineConfig?: { functions?: string[] }
  cachingConfig?: { ttl: number; cachingKeys?: string[] }
  syncConfig?: { conflictHandler?: string; conflictDetection?: string }
}

export interface FunctionOf extends Handlers {
  functionId: string
  name: string
  description?: string
}

export interface DataSource {
  name: string
  type: string
  description?: string
  [config: `${string}Config`]: Record<string, unknown> | undefined
}

export interface ApiKey {
  id: string
  description?: string
  expires?: number
  deletes?: number
}

export interface Cache {
  ttl: number
  apiCachingBehavior: string
  type: string
  status?: string
}

export interface EventApi {
  apiId: string
  name: string
  apiArn: string
  created?: number
  dns?: { HTTP?: string; REALTIME?: string }
  eventConfig?: {
    authProviders?: EventProvider[]
    connectionAuthModes?: { authType: Mode }[]
    defaultPublishAuthModes?: { authType: Mode }[]
    defaultSubscribeAuthModes?: { authType: Mode }[]
    logConfig?: { logLevel?: string }
  }
}

export interface EventProvider {
  authType: Mode
  cognitoConfig?: Provider['userPoolConfig']
  openIDConnectConfig?: Provider['openIDConnectConfig']
  lambdaAuthorizerConfig?: Provider['lambdaAuthorizerConfig']
}

export interface Namespace {
  name: string
  publishAuthModes?: { authType: Mode }[]
  subscribeAuthModes?: { authType: Mode }[]
  codeHandlers?: string
  handlerConfigs?: { onPublish?: HandlerConfig; onSubscribe?: HandlerConfig }
  created?: number
  lastModified?: number
}

export interface HandlerConfig {
  behavior: 'CODE' | 'DIRECT'
  integration?: { dataSourceName?: string; lambdaConfig?: { invokeType?: string } }
}

// Event APIs have paths that API Gateway has too: the signature's scope tells them apart, even one that nobody checks.
const SCOPE = 'AWS4-HMAC-SHA256 Credential=console/20000101/us-east-1/appsync/aws4_request, SignedHeaders=host, Signature=00'
// More pages than this are no list any more.
const PAGES_MAX = 40

async function get(address: string): Promise<Response> {
  const headers: Record<string, string> = door.keys ? {} : { authorization: SCOPE }
  return send({ method: 'GET', address, headers, body: '' }, undefined, 'appsync')
}

async function all<T>(address: string, member: string): Promise<T[]> {
  const found: T[] = []
  let next: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const query = `${address.includes('?') ? '&' : '?'}maxResults=25${next ? `&nextToken=${encodeURIComponent(next)}` : ''}`
    const answer = await json<Record<string, unknown>>(get(address + query))
    found.push(...((answer[member] as T[] | undefined) ?? []))
    next = answer.nextToken as string | undefined
    if (!next) break
  }
  return found
}

const of = (id: string) => `/v1/apis/${encodeURIComponent(id)}`
const ofEvents = (id: string) => `/v2/apis/${encodeURIComponent(id)}`

export const listGraphqlApis = () => all<GraphqlApi>('/v1/apis', 'graphqlApis')
export const describeGraphqlApi = async (id: string) => (await json<{ graphqlApi: GraphqlApi }>(get(of(id)))).graphqlApi
export const functionsOf = (id: string) => all<FunctionOf>(`${of(id)}/functions`, 'functions')
export const dataSourcesOf = (id: string) => all<DataSource>(`${of(id)}/datasources`, 'dataSources')
export const keysOf = (id: string) => all<ApiKey>(`${of(id)}/apikeys`, 'apiKeys')
export const environmentOf = async (id: string) =>
  (await json<{ environmentVariables?: Record<string, string> }>(get(`${of(id)}/environmentVariables`))).environmentVariables ?? {}

export const listEventApis = () => all<EventApi>('/v2/apis', 'apis')
export const describeEventApi = async (id: string) => (await json<{ api: EventApi }>(get(ofEvents(id)))).api
export const namespacesOf = (id: string) => all<Namespace>(`${ofEvents(id)}/channelNamespaces`, 'channelNamespaces')

// The schema as text; empty if there is none yet.
export const schemaOf = (id: string): Promise<string> =>
  orNothing(async () => (await get(`${of(id)}/schema?format=SDL&includeDirectives=true`)).text(), '')

export const cacheOf = (id: string): Promise<Cache | undefined> =>
  orNothing(async () => (await json<{ apiCache?: Cache }>(get(`${of(id)}/ApiCaches`))).apiCache, undefined)

// AppSync lists resolvers by type only. So many questions are under way at once: a browser has six connections.
const AT_ONCE = 4
export async function resolversOf(id: string, types: string[]): Promise<Resolver[]> {
  const found: Resolver[] = []
  const waiting = [...types]
  const ask = async () => {
    for (let type = waiting.shift(); type !== undefined; type = waiting.shift()) {
      found.push(...(await orNothing(() => all<Resolver>(`${of(id)}/types/${type}/resolvers`, 'resolvers'), [])))
    }
  }
  await Promise.all(Array.from({ length: AT_ONCE }, ask))
  return found
}

// What AppSync says of what is not there.
const NONE = ['NotFoundException', 'GraphQLSchemaException']

async function orNothing<T>(ask: () => Promise<T>, nothing: T): Promise<T> {
  try {
    return await ask()
  } catch (error) {
    if (error instanceof Error && NONE.includes(error.name)) return nothing
    throw error
  }
}

// All modes of an API, its default first.
export const modesOf = (api: GraphqlApi): Provider[] => [api, ...(api.additionalAuthenticationProviders ?? [])]

const TITLES: Record<Mode, string> = {
  API_KEY: 'API key', AWS_IAM: 'IAM', AMAZON_COGNITO_USER_POOLS: 'User pool', OPENID_CONNECT: 'OpenID Connect', AWS_LAMBDA: 'Lambda',
}
export const titleOf = (mode: Mode): string => TITLES[mode] ?? mode

// Where this page's server answers for an API: what a browser reaches for certain.
export const pathOf = (id: string) => `/${encodeURIComponent(id)}/graphql`
export const eventPathOf = (id: string) => `/${encodeURIComponent(id)}/event`
export const realtime = (path: string) => `${location.origin.replace(/^http/, 'ws')}${path}/realtime`

export interface Asking {
  query: string
  operationName?: string
  variables?: unknown
}

export interface Answer {
  data?: unknown
  errors?: FieldTrouble[]
  extensions?: unknown
}

export interface FieldTrouble {
  message: string
  path?: (string | number)[] | null
  errorType?: string | null
  errorInfo?: unknown
  data?: unknown
  locations?: { line: number; column: number }[] | null
}

// What one step of a resolver was and did. (docs/v1-api.md)
export interface Stage {
  path: string
  // `Query.post`, and behind a slash the function of a pipeline.
  step: string
  part: 'request' | 'source' | 'response'
  given: unknown
  gave: unknown
  logs: string[]
  startedMicroseconds: number
  microseconds: number
}

export interface Somebody {
  mode: Mode
  context?: unknown
  groups?: string[]
}

export const askAsSomebody = (apiId: string, asking: Asking, identity: Somebody, signal?: AbortSignal) =>
  post<{ status: number; response: Answer; stages: Stage[] }>('/v1/graphql', { apiId, ...asking, identity }, signal)
