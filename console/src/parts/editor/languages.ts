// What the editor can colour: JSON with expressions in it, YAML, JSONata, and what GraphQL APIs are made of.
import { json } from '@codemirror/lang-json'
import { yaml } from '@codemirror/lang-yaml'
import { StreamLanguage, type StringStream } from '@codemirror/language'
import type { Extension } from '@codemirror/state'
import { Decoration, MatchDecorator, ViewPlugin, type DecorationSet, type EditorView, type ViewUpdate } from '@codemirror/view'
import { graphql, javascript, vtl } from './words'

export type Language = 'json' | 'yaml' | 'jsonata' | 'graphql' | 'javascript' | 'vtl' | 'plain'

export function languageOf(language: Language): Extension {
  switch (language) {
    case 'json':
      return [json(), expressions]
    case 'yaml':
      return [yaml(), expressions]
    case 'jsonata':
      return StreamLanguage.define({ name: 'jsonata', token })
    case 'graphql':
      return StreamLanguage.define(graphql)
    case 'javascript':
      return StreamLanguage.define(javascript)
    case 'vtl':
      return StreamLanguage.define(vtl)
    case 'plain':
      return []
  }
}

// Texts that are evaluated: `"{% $states.input %}"`, and intrinsic functions.
const matches = new MatchDecorator({
  regexp: /\{%(?:[^"\\]|\\.)*?%\}|(?<=")States\.[A-Z]\w+\((?:[^"\\]|\\.)*\)(?=")/g,
  decoration: Decoration.mark({ class: 'cm-expression' }),
})

const expressions = ViewPlugin.fromClass(
  class {
    marks: DecorationSet
    constructor(view: EditorView) {
      this.marks = matches.createDeco(view)
    }
    update(update: ViewUpdate) {
      this.marks = matches.updateDeco(update, this.marks)
    }
  },
  { decorations: (plugin) => plugin.marks },
)

// One word of JSONata, and what it is.
function token(stream: StringStream): string | null {
  if (stream.eatSpace()) return null
  if (stream.match('/*')) {
    // One that goes on in the next line is coloured up to its end there only; expressions are short.
    if (!stream.match(/.*?\*\//)) stream.skipToEnd()
    return 'comment'
  }
  if (stream.match(/"(?:[^"\\]|\\.)*"?/) || stream.match(/'(?:[^'\\]|\\.)*'?/)) return 'string'
  if (stream.match(/\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/)) return 'number'
  if (stream.match(/\$\$?[\w]*/)) return 'variableName'
  if (stream.match(/\{%|%\}/)) return 'meta'
  const word = stream.match(/[A-Za-z_]\w*/) as RegExpMatchArray | null
  if (word) return /^(?:and|or|in|function|true|false|null)$/.test(word[0]) ? 'keyword' : 'propertyName'
  stream.next()
  return null
}
