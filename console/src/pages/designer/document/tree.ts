// JSON as a concrete syntax tree: each value with the piece of text that it is. Whoever knows the pieces can change one
// of them and leave the rest, blanks and all.
import { mistake } from '../../../parts/json'
import type { Json, Path } from './json'

export interface Tree {
  kind: 'object' | 'array' | 'text' | 'number' | 'word'
  start: number
  end: number
  // Of an object.
  members: Member[]
  // Of an array.
  items: Tree[]
}

export interface Member {
  key: string
  // Of its name, with the quotes.
  start: number
  nameEnd: number
  value: Tree
}

// Deeper ones are refused by the server, long before they would exhaust a browser.
const DEPTH_MAX = 500

const SPACE = /[ \t\r\n]*/y
const TEXT = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"/y
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?/y
const WORD = /(?:true|false|null)/y

// The tree of a text, or what is wrong with it, in words with a line and a column.
export function parse(text: string): Tree | string {
  const reader = new Reader(text)
  try {
    return reader.whole()
  } catch (error) {
    if (!(error instanceof Unexpected)) throw error
    return mistake(text) || error.message
  }
}

class Unexpected extends Error {}

class Reader {
  #at = 0

  constructor(private readonly text: string) {}

  whole(): Tree {
    const tree = this.#value(0)
    this.#skip(SPACE)
    if (this.#at < this.text.length) this.#stop()
    return tree
  }

  #value(depth: number): Tree {
    if (depth > DEPTH_MAX) throw new Unexpected(`More than ${DEPTH_MAX} levels of objects and arrays`)
    this.#skip(SPACE)
    const start = this.#at
    const tree = (kind: Tree['kind'], rest: Partial<Tree> = {}): Tree =>
      ({ kind, members: [], items: [], ...rest, start, end: this.#at })
    switch (this.text[start]) {
      case '{':
        return tree('object', { members: this.#list('}', () => this.#member(depth + 1)) })
      case '[':
        return tree('array', { items: this.#list(']', () => this.#value(depth + 1)) })
      case '"':
        this.#take(TEXT)
        return tree('text')
      case 't':
      case 'f':
      case 'n':
        this.#take(WORD)
        return tree('word')
      default:
        this.#take(NUMBER)
        return tree('number')
    }
  }

  // What stands between brackets, with commas. `end` closes it.
  #list<T>(end: string, one: () => T): T[] {
    const all: T[] = []
    this.#at++
    this.#skip(SPACE)
    if (this.text[this.#at] === end) {
      this.#at++
      return all
    }
    for (;;) {
      all.push(one())
      this.#skip(SPACE)
      const sign = this.text[this.#at++]
      if (sign === end) return all
      if (sign !== ',') this.#stop()
      this.#skip(SPACE)
    }
  }

  #member(depth: number): Member {
    const start = this.#at
    const key = JSON.parse(this.#take(TEXT)) as string
    const nameEnd = this.#at
    this.#skip(SPACE)
    if (this.text[this.#at++] !== ':') this.#stop()
    return { key, start, nameEnd, value: this.#value(depth) }
  }

  #skip(what: RegExp): string {
    what.lastIndex = this.#at
    const found = what.exec(this.text)?.[0] ?? ''
    this.#at += found.length
    return found
  }

  #take(what: RegExp): string {
    return this.#skip(what) || this.#stop()
  }

  #stop(): never {
    throw new Unexpected('This is not JSON')
  }
}

// Of names that an object has twice, the last one counts, as for everybody who reads JSON.
export const memberOf = (tree: Tree, key: string): Member | undefined => tree.members.findLast((member) => member.key === key)

export function find(tree: Tree | undefined, path: Path): Tree | undefined {
  return path.reduce<Tree | undefined>((part, step) => {
    if (part === undefined) return undefined
    return typeof step === 'number' ? part.items[step] : memberOf(part, step)?.value
  }, tree)
}

export function valueOf(text: string, tree: Tree): Json {
  switch (tree.kind) {
    case 'object':
      return new Map(tree.members.map((member) => [member.key, valueOf(text, member.value)]))
    case 'array':
      return tree.items.map((item) => valueOf(text, item))
    default:
      return JSON.parse(text.slice(tree.start, tree.end)) as Json
  }
}

// The way to the innermost value, or the name of one, around a place of the text.
export function pathAt(tree: Tree, place: number): Path {
  const path: Path = []
  let part: Tree | undefined = tree
  while (part) {
    const around: [string | number, Tree, number][] = part.kind === 'object'
      ? part.members.map((member) => [member.key, member.value, member.start])
      : part.items.map((item, at) => [at, item, item.start])
    const next = around.find(([, value, start]) => start <= place && place <= value.end)
    if (next) path.push(next[0])
    part = next?.[1]
  }
  return path
}
