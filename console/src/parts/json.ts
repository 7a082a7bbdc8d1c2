// JSON as text with colours: pieces of it, each with what it is. Nothing is ever written into a page but text.
export interface Piece {
  text: string
  kind: 'name' | 'string' | 'number' | 'word' | ''
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|(-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)|\b(true|false|null)\b/g

export function pieces(text: string): Piece[] {
  const all: Piece[] = []
  let end = 0
  for (const match of text.matchAll(TOKEN)) {
    if (match.index > end) all.push({ text: text.slice(end, match.index), kind: '' })
    const [whole, string, colon, number] = match
    if (string !== undefined && colon !== undefined) {
      all.push({ text: string, kind: 'name' }, { text: colon, kind: '' })
    } else {
      all.push({ text: whole, kind: string !== undefined ? 'string' : number !== undefined ? 'number' : 'word' })
    }
    end = match.index + whole.length
  }
  if (end < text.length) all.push({ text: text.slice(end), kind: '' })
  return all
}

// With line breaks and two spaces for each level; what is no JSON stays as it is. Numbers keep their digits.
export function pretty(text: string): string {
  try {
    JSON.parse(text)
  } catch {
    return text
  }
  let out = ''
  let depth = 0
  const newLine = () => '\n' + '  '.repeat(depth)
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\],:]|[^\s{}[\],:"]+/g)) {
    if (token === '{' || token === '[') {
      depth++
      out += token + newLine()
    } else if (token === '}' || token === ']') {
      depth--
      const empty = out.trimEnd()
      out = /[{[]$/.test(empty) ? empty + token : out + newLine() + token
    } else if (token === ',') out += ',' + newLine()
    else if (token === ':') out += ': '
    else out += token
  }
  return out
}

// Where a text stops being JSON, and what was expected there; empty if it is. The browser judges; this says it better
// than its words, which often have no place.
export function mistake(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    const [at, wanted] = expected(text) ?? [0, error instanceof Error ? error.message : String(error)]
    const before = text.slice(0, at).split('\n')
    return `Line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1}: ${wanted}`
  }
}

const SPACE = /[ \t\r\n]*/y
const SCALAR = /"(?:[^"\\\u0000-\u001f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"|-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])|(?:true|false|null)(?!\w)/y

// The first place where something else is expected, and what.
function expected(text: string): [number, string] | undefined {
  const open: ('{' | '[')[] = []
  let at = 0
  const skip = (what: RegExp) => {
    what.lastIndex = at
    const found = what.exec(text)?.[0]
    if (found !== undefined) at += found.length
    return found
  }
  // What may come: a value, a value or the end of an array, a name or the end of an object, a name, or what follows a value.
  let next: 'value' | 'first' | 'name or end' | 'name' | 'after' = 'value'
  for (;;) {
    skip(SPACE)
    const sign = text[at]
    const inside = open.at(-1)
    if (next === 'after' && inside === undefined) {
      return sign === undefined ? undefined : [at, 'nothing more is expected here']
    }
    const isEnd = (sign === '}' && inside === '{' && (next === 'after' || next === 'name or end'))
      || (sign === ']' && inside === '[' && (next === 'after' || next === 'first'))
    if (isEnd) {
      open.pop()
      at++
      next = 'after'
    } else if (next === 'after') {
      if (sign !== ',') return [at, `a comma or ${inside === '{' ? '}' : ']'} is expected here`]
      at++
      next = inside === '{' ? 'name' : 'value'
    } else if (next === 'name' || next === 'name or end') {
      if (sign !== '"') return [at, 'a name in double quotes is expected here']
      if (skip(SCALAR) === undefined) return [at, 'this text has no end, or a sign that must be escaped']
      skip(SPACE)
      if (text[at] !== ':') return [at, 'a colon is expected here']
      at++
      next = 'value'
    } else if (sign === '{' || sign === '[') {
      open.push(sign)
      at++
      next = sign === '{' ? 'name or end' : 'first'
    } else {
      if (skip(SCALAR) === undefined) {
        return [at, sign === '"' ? 'this text has no end, or a sign that must be escaped' : 'a value is expected here']
      }
      next = 'after'
    }
  }
}
