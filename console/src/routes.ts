// The console's table of contents: each page is a folder in `pages/`, each address is one line here.
import type { Component } from 'svelte'

export type Parameters = Record<string, string>
// A page takes what stands in its address, or nothing.
export type Page = Component<{ parameters: Parameters }> | Component

export interface Route {
  // Below /console; `:name` is one part of it.
  path: string
  title: string
  // Whether it stands in the bar at the top.
  inBar?: boolean
  page: () => Promise<{ default: Page }>
}

export const routes: Route[] = [
  { path: '/', title: 'State machines', inBar: true, page: () => import('./pages/machines/Page.svelte') },
  { path: '/state-machines/:arn', title: 'State machine', page: () => import('./pages/machine/Page.svelte') },
  { path: '/designer', title: 'Designer', page: () => import('./pages/designer/Page.svelte') },
  { path: '/state-machines/:arn/designer', title: 'Designer', page: () => import('./pages/designer/Page.svelte') },
  { path: '/executions', title: 'Executions', inBar: true, page: () => import('./pages/executions/Page.svelte') },
  { path: '/executions/:arn', title: 'Execution', page: () => import('./pages/execution/Page.svelte') },
  { path: '/map-runs/:arn', title: 'Map Run', page: () => import('./pages/map-run/Page.svelte') },
  { path: '/activities', title: 'Activities', inBar: true, page: () => import('./pages/activities/Page.svelte') },
  { path: '/services', title: 'Services', inBar: true, page: () => import('./pages/services/Page.svelte') },
  { path: '/services/queues', title: 'Queues', page: () => import('./pages/queues/Page.svelte') },
  { path: '/services/queues/:name', title: 'Queue', page: () => import('./pages/queue/Page.svelte') },
  { path: '/services/topics', title: 'Topics', page: () => import('./pages/topics/Page.svelte') },
  { path: '/services/topics/:arn', title: 'Topic', page: () => import('./pages/topic/Page.svelte') },
  { path: '/services/buses', title: 'Event buses', page: () => import('./pages/buses/Page.svelte') },
  { path: '/services/buses/:name', title: 'Event bus', page: () => import('./pages/bus/Page.svelte') },
  { path: '/services/rule-tester', title: 'Rule tester', page: () => import('./pages/rule-tester/Page.svelte') },
  { path: '/services/schedules', title: 'Schedules', page: () => import('./pages/schedules/Page.svelte') },
  { path: '/services/apis', title: 'APIs', page: () => import('./pages/apis/Page.svelte') },
  { path: '/services/apis/:id', title: 'REST API', page: () => import('./pages/api/Page.svelte') },
  { path: '/services/http-apis/:id', title: 'HTTP API', page: () => import('./pages/http-api/Page.svelte') },
  { path: '/services/tables', title: 'Tables', page: () => import('./pages/tables/Page.svelte') },
  { path: '/services/tables/:name', title: 'Table', page: () => import('./pages/table/Page.svelte') },
  { path: '/services/graphql', title: 'GraphQL', page: () => import('./pages/graphql/apis/Page.svelte') },
  { path: '/services/graphql/:id', title: 'GraphQL API', page: () => import('./pages/graphql/api/Page.svelte') },
  { path: '/services/graphql/:id/query', title: 'Query', page: () => import('./pages/graphql/query/Page.svelte') },
  { path: '/services/event-apis/:id', title: 'Event API', page: () => import('./pages/graphql/events/Page.svelte') },
  { path: '/playground', title: 'Playground', inBar: true, page: () => import('./pages/playground/Page.svelte') },
  { path: '/server', title: 'Server', inBar: true, page: () => import('./pages/server/Page.svelte') },
]

export const BASE = '/console'

// The address of a page. Colons, of which ARNs are full, may stand in a path as they are.
const part = (text: string) => encodeURIComponent(text).replaceAll('%3A', ':')
export const addressOf = {
  machines: () => `${BASE}/`,
  machine: (arn: string) => `${BASE}/state-machines/${part(arn)}`,
  newMachine: () => `${BASE}/designer`,
  designer: (arn: string) => `${BASE}/state-machines/${part(arn)}/designer`,
  executions: () => `${BASE}/executions`,
  execution: (arn: string) => `${BASE}/executions/${part(arn)}`,
  mapRun: (arn: string) => `${BASE}/map-runs/${part(arn)}`,
  activities: () => `${BASE}/activities`,
  services: () => `${BASE}/services`,
  queues: () => `${BASE}/services/queues`,
  queue: (name: string) => `${BASE}/services/queues/${part(name)}`,
  topics: () => `${BASE}/services/topics`,
  topic: (arn: string) => `${BASE}/services/topics/${part(arn)}`,
  buses: () => `${BASE}/services/buses`,
  bus: (name: string) => `${BASE}/services/buses/${part(name)}`,
  ruleTester: () => `${BASE}/services/rule-tester`,
  schedules: () => `${BASE}/services/schedules`,
  apis: () => `${BASE}/services/apis`,
  api: (id: string) => `${BASE}/services/apis/${part(id)}`,
  httpApi: (id: string) => `${BASE}/services/http-apis/${part(id)}`,
  tables: () => `${BASE}/services/tables`,
  table: (name: string) => `${BASE}/services/tables/${part(name)}`,
  graphqlApis: () => `${BASE}/services/graphql`,
  graphqlApi: (id: string) => `${BASE}/services/graphql/${part(id)}`,
  graphqlQuery: (id: string) => `${BASE}/services/graphql/${part(id)}/query`,
  eventApi: (id: string) => `${BASE}/services/event-apis/${part(id)}`,
  playground: () => `${BASE}/playground`,
  server: () => `${BASE}/server`,
}

// The route of a path below BASE, and the parts of it that have names.
export function find(path: string): { route: Route; parameters: Parameters } | undefined {
  const parts = path.split('/').filter((part) => part !== '')
  for (const route of routes) {
    const wanted = route.path.split('/').filter((part) => part !== '')
    if (wanted.length !== parts.length) continue
    const parameters: Parameters = {}
    const fits = wanted.every((name, at) => {
      if (!name.startsWith(':')) return name === parts[at]
      parameters[name.slice(1)] = decode(parts[at] ?? '')
      return true
    })
    if (fits) return { route, parameters }
  }
  return undefined
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch {
    return text
  }
}
