// API Gateway's actions that the console uses: REST APIs, and HTTP APIs beside them. Times are seconds since 1970.
import { rest } from './protocols'

export interface RestApi {
  id: string
  name: string
  description?: string
  createdDate?: number
  version?: string
}

export interface Resource {
  id: string
  path: string
  resourceMethods?: Record<string, Method>
}

export interface Method {
  httpMethod?: string
  authorizationType?: string
  apiKeyRequired?: boolean
  methodIntegration?: { type?: string; httpMethod?: string; uri?: string }
}

export interface Stage {
  stageName: string
  deploymentId?: string
  description?: string
  createdDate?: number
  lastUpdatedDate?: number
}

export interface Tested {
  status: number
  body?: string
  headers?: Record<string, string>
  log?: string
  latency?: number
}

export interface HttpApi {
  apiId: string
  name: string
  apiEndpoint?: string
  description?: string
  protocolType: string
}

export interface Route {
  routeId: string
  routeKey: string
  target?: string
  authorizationType?: string
}

// More pages than this are no list any more.
const PAGES_MAX = 10

async function all<T>(address: string): Promise<T[]> {
  const found: T[] = []
  let position: string | undefined
  for (let page = 0; page < PAGES_MAX; page++) {
    const more = position ? `&position=${encodeURIComponent(position)}` : ''
    const answer = await rest<{ item?: T[]; position?: string }>('apigateway', 'GET', `${address}${more}`)
    found.push(...(answer.item ?? []))
    position = answer.position
    if (!position) break
  }
  return found
}

const of = (id: string) => `/restapis/${encodeURIComponent(id)}`

export const listRestApis = () => all<RestApi>('/restapis?limit=500')
export const describeRestApi = (id: string) => rest<RestApi>('apigateway', 'GET', of(id))
export const resourcesOf = async (id: string) =>
  (await all<Resource>(`${of(id)}/resources?embed=methods&limit=500`)).sort((one, other) => (one.path < other.path ? -1 : 1))
export const stagesOf = async (id: string) =>
  (await rest<{ item?: Stage[] }>('apigateway', 'GET', `${of(id)}/stages`)).item ?? []
export const deleteRestApi = (id: string) => rest('apigateway', 'DELETE', of(id))

export const testInvoke = (id: string, resource: string, method: string, request: {
  pathWithQueryString?: string
  body?: string
  headers?: Record<string, string>
}) => rest<Tested>('apigateway', 'POST', `${of(id)}/resources/${encodeURIComponent(resource)}/methods/${encodeURIComponent(method)}`, request)

export const listHttpApis = async () => (await rest<{ items?: HttpApi[] }>('apigateway', 'GET', '/v2/apis')).items ?? []
const ofHttp = (id: string) => `/v2/apis/${encodeURIComponent(id)}`
export const describeHttpApi = (id: string) => rest<HttpApi>('apigateway', 'GET', ofHttp(id))
export const routesOf = async (id: string) => (await rest<{ items?: Route[] }>('apigateway', 'GET', `${ofHttp(id)}/routes`)).items ?? []
export const httpStagesOf = async (id: string) => (await rest<{ items?: Stage[] }>('apigateway', 'GET', `${ofHttp(id)}/stages`)).items ?? []

// Where this server answers for a stage. (The path that is friendlier than AWS's host names, which need a name server.)
export const invokeUrl = (id: string, stage: string) =>
  `${location.origin}/rest/${encodeURIComponent(id)}/${stage === '$default' ? '' : `${encodeURIComponent(stage)}/`}`
