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

// Where a text stops being JSON, in words; empty if it is.
export function mistake(text: string): string {
  try {
    JSON.parse(text)
    return ''
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error)
    const at = /position (\d+)/.exec(message)?.[1]
    if (at === undefined || message.includes('line')) return message
    const before = text.slice(0, Number(at)).split('\n')
    return `${message} (line ${before.length}, column ${(before.at(-1)?.length ?? 0) + 1})`
  }
}
