// What is wrong, as pieces of the text.
import type { Mark } from '../../parts/editor/editor'
import type { Draft } from './document/draft.svelte'
import { memberOf } from './document/tree'

export function marksOf(draft: Draft): Mark[] {
  if (draft.mistake !== '') {
    const from = placeOfMistake(draft.text, draft.mistake)
    return [{ from, to: Math.min(draft.text.length, from + 1), severity: 'ERROR', message: draft.mistake }]
  }
  return draft.diagnostics.map(({ severity, message, location = '' }) => ({ severity, message, ...pieceOf(draft, location) }))
}

// `Line 3, column 7: …` as a place.
export function placeOfMistake(text: string, mistake: string): number {
  const [, line = '1', column = '1'] = /^Line (\d+), column (\d+)/.exec(mistake) ?? []
  let start = 0
  for (let at = 1; at < Number(line); at++) start = text.indexOf('\n', start) + 1
  return Math.min(text.length, start + Number(column) - 1)
}

// A value as a whole if it is small; of an object its name, because nobody reads a page that is underlined.
function pieceOf(draft: Draft, location: string): { from: number; to: number } {
  const path = draft.pathOf(location)
  const own = draft.spanOf(path)
  const key = path.at(-1)
  const parent = draft.spanOf(path.slice(0, -1))
  const member = typeof key === 'string' && parent ? memberOf(parent, key) : undefined
  if (own && (own.kind === 'object' || own.kind === 'array')) {
    return member ? { from: member.start, to: member.nameEnd } : { from: own.start, to: own.start + 1 }
  }
  return own ? { from: own.start, to: own.end } : { from: 0, to: 1 }
}
