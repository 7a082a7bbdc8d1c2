// What each state was tested with last, as long as its draft is open.
import type { Draft } from '../../document/draft.svelte'

export interface Setup {
  input: string
  variables: string
  context: string
  // Whether its work is done, or how it is said to end.
  work: 'done' | 'result' | 'error'
  result: string
  // How exactly a mocked result must fit the service.
  fit: 'STRICT' | 'PRESENT' | 'NONE'
  error: string
  cause: string
  role: string
  retries: string
  failures: string
  causedBy: string
  items: string
  reveals: boolean
}

export const BLANK: Setup = {
  input: '{}', variables: '', context: '', work: 'done', result: '', fit: 'STRICT', error: '', cause: '', role: 'arn:aws:iam::123456789012:role/any',
  retries: '', failures: '', causedBy: '', items: '', reveals: false,
}

// More states than anybody tests in one sitting.
const KEPT_MAX = 200
const kept = new WeakMap<Draft, Map<string, Setup>>()

export const setupOf = (draft: Draft, location: string): Setup | undefined => kept.get(draft)?.get(location)

export function keep(draft: Draft, location: string, setup: Setup) {
  const all = kept.get(draft) ?? new Map<string, Setup>()
  all.delete(location)
  const oldest = all.keys().next().value
  if (all.size >= KEPT_MAX && oldest !== undefined) all.delete(oldest)
  all.set(location, setup)
  kept.set(draft, all)
}

// A state has another name: it is known by both, because that may be undone.
export function moveTest(draft: Draft, before: string, after: string) {
  const setup = setupOf(draft, before)
  if (setup) keep(draft, after, setup)
}
