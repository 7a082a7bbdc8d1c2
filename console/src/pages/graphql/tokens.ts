// GraphQL as words: for colours, and for whoever reads schemas and documents. What is none of them is left out.
export interface Token {
  kind: 'name' | 'string' | 'number' | 'variable' | 'directive' | 'sign' | 'comment'
  text: string
  from: number
}

const TOKEN = new RegExp([
  /(?<comment>#[^\n]*)/,
  /(?<string>"""(?:[^"\\]|\\"""|\\|"(?!""))*(?:"""|$)|"(?:[^"\\\n]|\\.)*"?)/,
  /(?<variable>\$\w*)/,
  /(?<directive>@\w*)/,
  /(?<number>-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?)/,
  /(?<name>[A-Za-z_]\w*)/,
  /(?<sign>\.\.\.|[!&()*:=[\]{|}])/,
].map(({ source }) => source).join('|'), 'g')

export function* tokens(text: string): Generator<Token> {
  for (const match of text.matchAll(TOKEN)) {
    const [kind] = Object.entries(match.groups ?? {}).find(([, value]) => value !== undefined) ?? ['sign']
    yield { kind: kind as Token['kind'], text: match[0], from: match.index }
  }
}

// Pieces of a text, each with what it is; those that are nothing have no kind.
export function pieces(text: string): { kind: Token['kind'] | ''; text: string }[] {
  const all: { kind: Token['kind'] | ''; text: string }[] = []
  let end = 0
  for (const token of tokens(text)) {
    if (token.from > end) all.push({ kind: '', text: text.slice(end, token.from) })
    all.push({ kind: token.kind, text: token.text })
    end = token.from + token.text.length
  }
  if (end < text.length) all.push({ kind: '', text: text.slice(end) })
  return all
}
