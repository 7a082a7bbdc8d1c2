// An answer's data as lines of text, each with the errors that are about it.
import type { Answer, FieldTrouble } from '../../../api/services/appsync'

export interface Line {
  depth: number
  // `"title"`, before a colon.
  name: string
  // A value, or the sign that opens or closes one.
  text: string
  kind: 'string' | 'number' | 'word' | ''
  isLast: boolean
  troubles: FieldTrouble[]
}

// More are no page any more.
const LINES_MAX = 4_000

type Path = (string | number)[]

// Nothing if there are too many. Errors without a place are those that are about the whole request.
export function linesOf({ data, errors = [] }: Answer): { lines: Line[]; homeless: FieldTrouble[] } | undefined {
  const at = new Map<string, FieldTrouble[]>()
  const homeless: FieldTrouble[] = []
  for (const error of errors) {
    const place = error.path && data !== undefined && data !== null ? anchor(data, error.path) : undefined
    if (!place || place.length === 0) homeless.push(error)
    else at.set(JSON.stringify(place), [...(at.get(JSON.stringify(place)) ?? []), error])
  }
  const lines: Line[] = []
  const isWhole = data === undefined || write(data, [], '', true, lines, at)
  return isWhole ? { lines, homeless } : undefined
}

// A null goes up to where it may be: the deepest place of a path that is there.
function anchor(data: unknown, path: Path): Path {
  let value = data
  for (const [at, step] of path.entries()) {
    const inner = typeof value === 'object' && value !== null ? (value as Record<string | number, unknown>)[step] : undefined
    if (inner === undefined) return path.slice(0, at)
    value = inner
  }
  return path
}

// Answers whether there was room.
function write(value: unknown, path: Path, name: string, isLast: boolean, lines: Line[], at: Map<string, FieldTrouble[]>): boolean {
  if (lines.length >= LINES_MAX) return false
  const line = { depth: path.length, name, kind: '', isLast: true, troubles: at.get(JSON.stringify(path)) ?? [] } as const
  const inner = typeof value === 'object' && value !== null ? Object.entries(value) : undefined
  if (!inner || inner.length === 0) {
    lines.push({ ...line, text: JSON.stringify(value), kind: kindOf(value), isLast })
    return true
  }
  const isList = Array.isArray(value)
  lines.push({ ...line, text: isList ? '[' : '{' })
  for (const [number, [key, member]] of inner.entries()) {
    const step = isList ? number : key
    if (!write(member, [...path, step], isList ? '' : JSON.stringify(key), number === inner.length - 1, lines, at)) return false
  }
  lines.push({ depth: path.length, name: '', text: isList ? ']' : '}', kind: '', isLast, troubles: [] })
  return true
}

const kindOf = (value: unknown): Line['kind'] =>
  typeof value === 'string' ? 'string' : typeof value === 'number' ? 'number' : typeof value === 'object' && value !== null ? '' : 'word'
