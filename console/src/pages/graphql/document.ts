// What a document asks for: its operations, and what stands around a place of it.
import { BUILT_IN, nameIn, type Field, type Schema } from './schema'
import { tokens, type Token } from './tokens'

export interface Operation {
  kind: 'query' | 'mutation' | 'subscription'
  name: string
}

export function operations(text: string): Operation[] {
  const found: Operation[] = []
  const all = [...tokens(text)].filter(({ kind }) => kind !== 'comment')
  let depth = 0
  for (const [at, { text, kind }] of all.entries()) {
    if (depth === 0 && text === '{' && isShort(all, at)) found.push({ kind: 'query', name: '' })
    if (depth === 0 && kind === 'name' && /^(query|mutation|subscription)$/.test(text) && isFirst(all, at)) {
      const next = all[at + 1]
      found.push({ kind: text as Operation['kind'], name: next?.kind === 'name' ? next.text : '' })
    }
    if ('{([' .includes(text)) depth++
    if ('})]'.includes(text)) depth--
  }
  return found
}

// A word at the beginning of a definition: behind the end of another, or behind nothing.
const isFirst = (all: Token[], at: number): boolean => at === 0 || all[at - 1]!.text === '}'
// `{ post }`, without a word before it.
const isShort = isFirst

// What may stand at a place: fields of the type that is selected from, arguments of a field, values, types.
export interface Expected {
  fields?: Field[]
  arguments?: Field['arguments']
  words?: string[]
}

// Where each opened sign leads to.
type Level = { sign: '{'; type: string } | { sign: '('; field?: Field } | { sign: '[' | 'value' | 'variables' }

export function expectedAt(text: string, place: number, schema: Schema): Expected {
  const before = [...tokens(text.slice(0, place))].filter(({ kind }) => kind !== 'comment')
  // The word under the cursor is still being written.
  const last = before.at(-1)
  if (last && last.from + last.text.length === place && /^(?:name|variable|directive)$/.test(last.kind)) before.pop()
  const levels: Level[] = []
  // What the next `{` selects from, and the field whose arguments a `(` opens.
  let selected = schema.roots.query
  let field: Field | undefined
  const top = () => levels.at(-1)
  for (const [at, { text, kind }] of before.entries()) {
    const level = top()
    if (text === '{') {
      levels.push(level && level.sign !== '{' ? { sign: 'value' } : { sign: '{', type: selected })
    } else if (text === '(') {
      levels.push(level?.sign === '{' ? { sign: '(', field } : { sign: 'variables' })
    } else if (text === '[') levels.push({ sign: '[' })
    else if (text === '}' || text === ')' || text === ']') {
      levels.pop()
      if (levels.length === 0) selected = schema.roots.query
    } else if (kind === 'name') {
      if (!level) {
        if (text in schema.roots) selected = schema.roots[text as keyof Schema['roots']]
        if (before[at - 1]?.text === 'on') selected = text
      } else if (level.sign === '{') {
        if (before[at - 1]?.text === 'on' && before[at - 2]?.text === '...') selected = text
        else {
          field = schema.types.get(level.type)?.fields.find(({ name }) => name === text)
          selected = field ? nameIn(field.type) : ''
        }
      }
    }
  }
  return expected(top(), before.at(-1)?.text, before, schema)
}

function expected(level: Level | undefined, last: string | undefined, before: Token[], schema: Schema): Expected {
  if (!level) return { words: last === undefined || last === '}' ? ['query', 'mutation', 'subscription', 'fragment'] : last === 'on' ? composites(schema) : [] }
  if (level.sign === '{') {
    if (last === 'on' && before.at(-2)?.text === '...') return { words: composites(schema) }
    if (last === '...') return { words: ['on'] }
    const type = schema.types.get(level.type)
    const fields = type?.kind === 'union' ? [] : (type?.fields ?? [])
    return { fields: [...fields, { name: '__typename', type: 'String!', description: 'The name of the type', arguments: [], directives: [] }] }
  }
  if (level.sign === '(') {
    if (last !== ':') return { arguments: level.field?.arguments ?? [] }
    const wanted = level.field?.arguments.find(({ name }) => name === before.at(-2)?.text)
    const type = schema.types.get(nameIn(wanted?.type ?? ''))
    if (type?.kind === 'enum') return { words: type.fields.map(({ name }) => name) }
    return { words: nameIn(wanted?.type ?? '') === 'Boolean' ? ['true', 'false'] : [] }
  }
  if (level.sign === 'variables' && (last === ':' || last === '[')) return { words: inputs(schema) }
  return {}
}

const composites = (schema: Schema): string[] =>
  [...schema.types.values()].filter(({ kind }) => ['type', 'interface', 'union'].includes(kind)).map(({ name }) => name)

const inputs = (schema: Schema): string[] =>
  [...BUILT_IN, ...[...schema.types.values()].filter(({ kind }) => ['input', 'enum', 'scalar'].includes(kind)).map(({ name }) => name)]

// A document that asks for one field: its arguments as variables, and the plain fields of what it gives.
export function documentFor(schema: Schema, root: Operation['kind'], field: Field): { query: string; variables: string } {
  const given = field.arguments
  const named = field.name.charAt(0).toUpperCase() + field.name.slice(1)
  const declared = given.length ? `(${given.map(({ name, type }) => `$${name}: ${type}`).join(', ')})` : ''
  const passed = given.length ? `(${given.map(({ name }) => `${name}: $${name}`).join(', ')})` : ''
  const selection = selectionOf(schema, nameIn(field.type), 1)
  const query = `${root} ${named}${declared} {\n  ${field.name}${passed}${selection}\n}\n`
  const wanted = given.filter(({ type }) => type.endsWith('!'))
  const variables = Object.fromEntries(wanted.map(({ name, type }) => [name, sampleOf(schema, type)]))
  return { query, variables: wanted.length ? JSON.stringify(variables, null, 2) : '' }
}

// Deeper ones the user writes.
const DEPTH_MAX = 2

function selectionOf(schema: Schema, name: string, depth: number): string {
  const type = schema.types.get(name)
  if (!type || !['type', 'interface', 'union'].includes(type.kind)) return ''
  const indent = '  '.repeat(depth + 1)
  const lines = type.fields.filter((field) => !field.arguments.some(({ type }) => type.endsWith('!'))).flatMap((field) => {
    const inner = schema.types.get(nameIn(field.type))
    const isLeaf = !inner || inner.kind === 'enum' || inner.kind === 'scalar'
    if (isLeaf) return [indent + field.name]
    return depth < DEPTH_MAX ? [indent + field.name + selectionOf(schema, nameIn(field.type), depth + 1)] : []
  })
  if (lines.length === 0) lines.push(`${indent}__typename`)
  return ` {\n${lines.join('\n')}\n${'  '.repeat(depth)}}`
}

function sampleOf(schema: Schema, type: string): unknown {
  if (type.startsWith('[')) return []
  const name = nameIn(type)
  const known = schema.types.get(name)
  if (known?.kind === 'enum') return known.fields[0]?.name ?? ''
  if (known?.kind === 'input') {
    const wanted = known.fields.filter((field) => field.type.endsWith('!') && nameIn(field.type) !== name)
    return Object.fromEntries(wanted.map((field) => [field.name, sampleOf(schema, field.type)]))
  }
  return { Int: 1, Float: 1, Boolean: true, ID: '1' }[name] ?? ''
}
