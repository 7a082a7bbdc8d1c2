// A schema's text, read for people: its types, their fields, and where they stand in the text. The server has
// judged it already, so what is not understood is passed over.
import { tokens, type Token } from './tokens'

export const KINDS = ['type', 'interface', 'union', 'enum', 'input', 'scalar'] as const
export type Kind = (typeof KINDS)[number]

export interface Argument {
  name: string
  // `[Post!]!`
  type: string
  description: string
}

export interface Field extends Argument {
  arguments: Argument[]
  // `@aws_subscribe(mutations: ["put"])`
  directives: string[]
}

export interface Type {
  kind: Kind
  name: string
  description: string
  directives: string[]
  // Of unions their members, of others the interfaces.
  names: string[]
  // Of enums, values are fields without a type.
  fields: Field[]
  // Its piece of the text.
  from: number
  until: number
}

export type Root = 'query' | 'mutation' | 'subscription'

export interface Schema {
  text: string
  types: Map<string, Type>
  roots: Record<Root, string>
}

export const BUILT_IN = ['ID', 'String', 'Int', 'Float', 'Boolean']

export function readSchema(text: string): Schema {
  const schema: Schema = { text, types: new Map(), roots: { query: 'Query', mutation: 'Mutation', subscription: 'Subscription' } }
  const reader = new Reader(text)
  while (!reader.isAtEnd) reader.definition(schema)
  return schema
}

// `[Post!]!` is about `Post`.
export const nameIn = (type: string): string => type.replaceAll(/[[\]!\s]/g, '')

export const hasFields = ({ kind }: Type): boolean => kind === 'type' || kind === 'interface'

class Reader {
  readonly #all: Token[]
  #at = 0

  constructor(private readonly text: string) {
    this.#all = [...tokens(text)].filter(({ kind }) => kind !== 'comment')
  }

  get isAtEnd(): boolean {
    return this.#at >= this.#all.length
  }

  get #next(): Token | undefined {
    return this.#all[this.#at]
  }

  // Where the last word ended.
  get #end(): number {
    const last = this.#all[this.#at - 1]
    return last ? last.from + last.text.length : 0
  }

  definition(schema: Schema) {
    const from = this.#next?.from ?? 0
    const description = this.#description()
    if (this.#take('extend')) this.#description()
    const word = this.#next?.text ?? ''
    this.#at++
    if (word === 'schema') this.#roots(schema)
    else if (word === 'directive') this.#skipDirectiveDefinition()
    else if ((KINDS as readonly string[]).includes(word)) this.#type(word as Kind, description, from, schema)
  }

  #type(kind: Kind, description: string, from: number, schema: Schema) {
    const name = this.#name()
    const names: string[] = []
    if (this.#take('implements')) names.push(...this.#list('&'))
    const directives = this.#directives()
    if (kind === 'union' && this.#take('=')) names.push(...this.#list('|'))
    const fields = this.#take('{') ? this.#fields() : []
    const known = schema.types.get(name)
    if (known) {
      known.fields.push(...fields)
      known.names.push(...names)
    } else {
      schema.types.set(name, { kind, name, description, directives, names, fields, from, until: this.#end })
    }
  }

  #fields(): Field[] {
    const fields: Field[] = []
    while (!this.isAtEnd && !this.#take('}')) {
      const description = this.#description()
      const name = this.#name()
      if (name === '') {
        this.#at++
        continue
      }
      const given = this.#take('(') ? this.#arguments() : []
      const type = this.#take(':') ? this.#typeOf() : ''
      this.#default()
      fields.push({ name, type, description, arguments: given, directives: this.#directives() })
    }
    return fields
  }

  #arguments(): Argument[] {
    const given: Argument[] = []
    while (!this.isAtEnd && !this.#take(')')) {
      const description = this.#description()
      const name = this.#name()
      if (name === '') {
        this.#at++
        continue
      }
      const type = this.#take(':') ? this.#typeOf() : ''
      this.#default()
      this.#directives()
      given.push({ name, type, description })
    }
    return given
  }

  #typeOf(): string {
    let type = ''
    for (let next = this.#next; next && (/^[[\]!]$/.test(next.text) || (next.kind === 'name' && !/\w$/.test(type) && !/[\]!]$/.test(type))); next = this.#next) {
      type += next.text
      this.#at++
    }
    return type
  }

  #default() {
    if (this.#take('=')) this.#value()
  }

  #value() {
    const opening = this.#next?.text
    this.#at++
    if (opening === '[' || opening === '{') this.#skipTo(opening === '[' ? ']' : '}')
  }

  // To behind the sign that closes what has just been opened.
  #skipTo(closing: string) {
    for (let depth = 1; depth > 0 && !this.isAtEnd; this.#at++) {
      const text = this.#next?.text ?? ''
      if ('[{('.includes(text)) depth++
      else if (']})'.includes(text) && (text === closing || depth > 1)) depth--
    }
  }

  #directives(): string[] {
    const found: string[] = []
    while (this.#next?.kind === 'directive') {
      const from = this.#next.from
      this.#at++
      if (this.#take('(')) this.#skipTo(')')
      found.push(this.text.slice(from, this.#end))
    }
    return found
  }

  #skipDirectiveDefinition() {
    this.#at++
    if (this.#take('(')) this.#skipTo(')')
    this.#take('repeatable')
    if (this.#take('on')) this.#list('|')
  }

  #roots(schema: Schema) {
    this.#directives()
    if (!this.#take('{')) return
    // Written down, roots are those that are named.
    schema.roots = { query: '', mutation: '', subscription: '' }
    while (!this.isAtEnd && !this.#take('}')) {
      const kind = this.#name()
      if (kind === '') this.#at++
      else if (this.#take(':') && kind in schema.roots) schema.roots[kind as Root] = this.#name()
    }
  }

  #list(between: string): string[] {
    const names: string[] = []
    this.#take(between)
    do names.push(this.#name())
    while (this.#take(between))
    return names.filter((name) => name !== '')
  }

  #description(): string {
    if (this.#next?.kind !== 'string') return ''
    const { text } = this.#next
    this.#at++
    return text.replaceAll(/^"+|"+$/g, '').trim()
  }

  #name(): string {
    if (this.#next?.kind !== 'name') return ''
    this.#at++
    return this.#all[this.#at - 1]!.text
  }

  #take(text: string): boolean {
    if (this.#next?.text !== text) return false
    this.#at++
    return true
  }
}
