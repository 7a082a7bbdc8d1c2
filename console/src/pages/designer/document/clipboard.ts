// States as text, to be copied from here to there: `{"Name": {"Type": …}}`.
import type { Draft } from './draft.svelte'
import { Sheet, sourceAt } from './edits'
import { nameOf } from './flows'
import type { Path } from './json'
import { find, memberOf } from './tree'

export interface Copied {
  name: string
  source: string
}

export const copyOf = (draft: Draft, state: Path): string => `{\n${JSON.stringify(nameOf(state))}: ${draft.source(state) ?? '{}'}\n}`

// The states in a text: of a copy, or of a whole definition. None if it is something else.
export function statesIn(text: string): Copied[] {
  const sheet = Sheet.read(text.trim())
  if (typeof sheet === 'string') return []
  const outer = memberOf(sheet.tree, 'States')?.value.kind === 'object' ? ['States'] : []
  const members = find(sheet.tree, outer)?.members ?? []
  const areStates = members.every(({ value }) => memberOf(value, 'Type')?.value.kind === 'text')
  return areStates ? members.map(({ key }) => ({ name: key, source: sourceAt(sheet, [...outer, key]) ?? '{}' })) : []
}
