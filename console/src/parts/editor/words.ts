// The words of GraphQL, of JavaScript as AppSync runs it, and of VTL, for their colours.
import type { StreamParser, StringStream } from '@codemirror/language'

// Whether a comment, a text or the like goes on in the next line.
interface State {
  inside: '' | 'comment' | 'string'
}

const parser = (name: string, token: StreamParser<State>['token'], line: string): StreamParser<State> => ({
  name, token, startState: () => ({ inside: '' }), languageData: { commentTokens: { line } },
})

// Up to an end, or to the end of the line.
function upTo(stream: StringStream, state: State, end: RegExp, inside: 'comment' | 'string'): string {
  state.inside = stream.match(end) ? '' : inside
  if (state.inside) stream.skipToEnd()
  return inside
}

export const graphql = parser('graphql', (stream, state) => {
  if (state.inside) return upTo(stream, state, /^.*?"""/, 'string')
  if (stream.eatSpace()) return null
  if (stream.match('"""')) return upTo(stream, state, /^.*?"""/, 'string')
  if (stream.match(/^#.*/)) return 'comment'
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/)) return 'string'
  if (stream.match(/^-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number'
  if (stream.match(/^\$\w*/)) return 'variableName'
  if (stream.match(/^@\w*/)) return 'meta'
  const word = stream.match(/^[A-Za-z_]\w*/) as RegExpMatchArray | null
  if (!word) {
    stream.next()
    return null
  }
  if (/^(?:query|mutation|subscription|fragment|on|type|input|enum|union|interface|scalar|schema|extend|implements|directive|true|false|null)$/.test(word[0])) return 'keyword'
  return /^[A-Z]/.test(word[0]) ? 'typeName' : 'propertyName'
}, '#')

export const javascript = parser('javascript', (stream, state) => {
  if (state.inside === 'comment') return upTo(stream, state, /^.*?\*\//, 'comment')
  if (state.inside === 'string') return upTo(stream, state, /^(?:[^`\\]|\\.)*`/, 'string')
  if (stream.eatSpace()) return null
  if (stream.match('/*')) return upTo(stream, state, /^.*?\*\//, 'comment')
  if (stream.match(/^\/\/.*/)) return 'comment'
  if (stream.match('`')) return upTo(stream, state, /^(?:[^`\\]|\\.)*`/, 'string')
  if (stream.match(/^"(?:[^"\\]|\\.)*"?/) || stream.match(/^'(?:[^'\\]|\\.)*'?/)) return 'string'
  if (stream.match(/^\d[\d_]*(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number'
  const word = stream.match(/^[A-Za-z_$][\w$]*/) as RegExpMatchArray | null
  if (!word) {
    stream.next()
    return null
  }
  if (/^(?:import|export|from|as|function|return|const|let|var|if|else|for|of|in|switch|case|break|default|typeof|void|delete|true|false|null|undefined)$/.test(word[0])) return 'keyword'
  return stream.match(/^\s*\(/, false) ? 'variableName' : null
}, '//')

export const vtl = parser('vtl', (stream, state) => {
  if (state.inside) return upTo(stream, state, /^.*?\*#/, 'comment')
  if (stream.eatSpace()) return null
  if (stream.match('#*')) return upTo(stream, state, /^.*?\*#/, 'comment')
  if (stream.match(/^##.*/)) return 'comment'
  if (stream.match(/^#\{?(?:set|if|elseif|else|end|foreach|break|return|macro|stop|include|parse|define)\}?\b/)) return 'keyword'
  if (stream.match(/^\$!?\{?[A-Za-z_][\w.-]*\}?/)) return 'variableName'
  // References within texts are coloured too, so a text is taken piece by piece.
  if (stream.match(/^"[^"$#\n]*"?/) || stream.match(/^'[^'\n]*'?/)) return 'string'
  if (stream.match(/^-?\d+(?:\.\d+)?/)) return 'number'
  if (stream.match(/^(?:true|false|null)\b/)) return 'number'
  if (!stream.match(/^\w+/)) stream.next()
  return null
}, '##')
