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
