// What there is in a definition: flows, their states, and what leads to what. A flow is the machine itself, a branch of
// a Parallel state, or what a Map does with an item.
import type { Draft } from './draft.svelte'
import { isMembers, textAt, type Path } from './json'
import { locationOf, stateOf } from './location'

export type Language = 'JSONPath' | 'JSONata'

// The languages of a machine and of a state in it. States inside of a Parallel or Map begin with the machine's again.
export const languageOf = (draft: Draft): Language =>
  textAt(draft.value, ['QueryLanguage']) === 'JSONata' ? 'JSONata' : 'JSONPath'

export function languageAt(draft: Draft, state: Path): Language {
  const own = textAt(draft.value, [...state, 'QueryLanguage'])
  return own === 'JSONata' || own === 'JSONPath' ? own : languageOf(draft)
}

export const flowOf = (state: Path): Path => state.slice(0, -2)

export const nameOf = (state: Path): string => String(state.at(-1) ?? '')

export const stateIn = (flow: Path, name: string): Path => [...flow, 'States', name]

export const typeOf = (draft: Draft, state: Path): string => textAt(draft.value, [...state, 'Type']) ?? ''

// The names of a flow's states, in their order.
export function namesIn(draft: Draft, flow: Path): string[] {
  const states = draft.at([...flow, 'States'])
  return isMembers(states) ? [...states.keys()] : []
}

// The flows inside of a state.
export function flowsIn(draft: Draft, state: Path): Path[] {
  const branches = draft.at([...state, 'Branches'])
  const found: Path[] = Array.isArray(branches) ? branches.map((_, at) => [...state, 'Branches', at]) : []
  for (const name of ['ItemProcessor', 'Iterator']) {
    if (isMembers(draft.at([...state, name]))) found.push([...state, name])
  }
  return found
}

// All states from a flow on, those inside of others too.
export function statesFrom(draft: Draft, flow: Path = []): Path[] {
  return namesIn(draft, flow).flatMap((name) => {
    const state = stateIn(flow, name)
    return [state, ...flowsIn(draft, state).flatMap((inner) => statesFrom(draft, inner))]
  })
}

// Where a state of a flow says which state comes next.
export interface Reference {
  // Of the text with the name: ['States', 'A', 'Choices', 0, 'Next'].
  path: Path
  target: string
}

// All that a state says itself, in the order of what is tried first.
export function referencesOf(draft: Draft, state: Path): Reference[] {
  const at = (...rest: Path): Reference[] => {
    const target = textAt(draft.value, [...state, ...rest])
    return target === undefined ? [] : [{ path: [...state, ...rest], target }]
  }
  const each = (name: string): Reference[] => {
    const list = draft.at([...state, name])
    return Array.isArray(list) ? list.flatMap((_, place) => at(name, place, 'Next')) : []
  }
  return [...at('Next'), ...each('Choices'), ...at('Default'), ...each('Catch')]
}

// All in a flow that lead to a state of it.
export function referencesTo(draft: Draft, state: Path): Reference[] {
  const flow = flowOf(state)
  const start = textAt(draft.value, [...flow, 'StartAt'])
  const all = namesIn(draft, flow).flatMap((name) => referencesOf(draft, stateIn(flow, name)))
  return [...(start === undefined ? [] : [{ path: [...flow, 'StartAt'], target: start }]), ...all]
    .filter(({ target }) => target === nameOf(state))
}

// Whether a state may say what comes next by Next and End.
export const goesOn = (type: string): boolean => !['Choice', 'Succeed', 'Fail'].includes(type)

// What comes behind a state, all being well.
export function nextOf(draft: Draft, state: Path): string | undefined {
  if (goesOn(typeOf(draft, state))) return textAt(draft.value, [...state, 'Next'])
  return textAt(draft.value, [...state, 'Default']) ?? referencesOf(draft, state)[0]?.target
}

const NAME_MAX = 80

// A name that no state of the machine has: the wanted one, or it with a number behind.
export function freshName(draft: Draft, wanted: string): string {
  const taken = new Set(statesFrom(draft).map(nameOf))
  const plain = wanted.replace(/ \(\d+\)$/, '')
  let name = [...wanted].slice(0, NAME_MAX).join('')
  for (let number = 1; taken.has(name) || name === ''; number++) {
    const ending = ` (${number})`
    name = [...plain].slice(0, NAME_MAX - ending.length).join('') + ending
  }
  return name
}

// Why a state cannot be called so; '' if it can.
export function nameMistake(draft: Draft, state: Path, name: string): string {
  if (name === '') return 'A state needs a name.'
  if ([...name].length > NAME_MAX) return `A name has at most ${NAME_MAX} characters.`
  const others = statesFrom(draft).filter((other) => locationOf(other) !== locationOf(state))
  return others.some((other) => nameOf(other) === name) ? 'Another state of this machine has this name.' : ''
}

// The chosen state, if there is one.
export function chosenState(draft: Draft): Path | undefined {
  if (draft.chosen === '') return undefined
  const path = draft.pathOf(draft.chosen)
  return locationOf(path) === draft.chosen ? stateOf(path) : undefined
}
