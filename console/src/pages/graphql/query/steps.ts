// What resolvers did, as rows on a line of time: one for each field and resolver, and for each function of its pipeline.
import type { Stage } from '../../../api/services/appsync'

export interface Row {
  key: string
  path: string
  step: string
  // How far below the operation, and below its resolver.
  depth: number
  stages: Stage[]
  from: number
  until: number
  hasFailed: boolean
}

export function rowsOf(stages: Stage[]): Row[] {
  const rows = new Map<string, Row>()
  for (const stage of stages) {
    const key = `${stage.path} ${stage.step}`
    const row = rows.get(key) ?? {
      key, path: stage.path, step: stage.step, depth: depthOf(stage), stages: [], from: Infinity, until: 0, hasFailed: false,
    }
    row.stages.push(stage)
    row.from = Math.min(row.from, stage.startedMicroseconds)
    row.until = Math.max(row.until, stage.startedMicroseconds + stage.microseconds)
    row.hasFailed ||= failureOf(stage) !== undefined
    rows.set(key, row)
  }
  return [...rows.values()].sort((one, other) => one.from - other.from || one.depth - other.depth)
}

const depthOf = ({ path, step }: Stage): number => path.split('/').filter((part) => part !== '').length - 1 + (step.includes('/') ? 1 : 0)

// Handlers and data sources tell errors in the same way; a data source's stands beside its result.
export function failureOf({ gave }: Stage): { message: string; type?: string } | undefined {
  if (typeof gave !== 'object' || gave === null || Array.isArray(gave)) return undefined
  const names = Object.keys(gave)
  if (!names.every((name) => name === 'error' || name === 'result')) return undefined
  const { error } = gave as { error?: { message?: unknown; type?: string } }
  return typeof error?.message === 'string' ? { message: error.message, type: error.type } : undefined
}

export function short(microseconds: number): string {
  if (microseconds < 1_000) return `${microseconds} µs`
  if (microseconds < 100_000) return `${(microseconds / 1_000).toFixed(1)} ms`
  return microseconds < 1_000_000 ? `${Math.round(microseconds / 1_000)} ms` : `${(microseconds / 1_000_000).toFixed(2)} s`
}

// Round numbers between nothing and an end, a handful of them.
export function ticks(end: number): number[] {
  const rough = end / 5
  const power = 10 ** Math.floor(Math.log10(Math.max(rough, 1)))
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((step) => step >= rough) ?? power
  return Array.from({ length: Math.min(12, Math.floor(end / step) + 1) }, (_, at) => at * step)
}
