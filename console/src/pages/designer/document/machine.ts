// What one does with states: add, move, duplicate, delete, rename. Each is one step of the draft's history, and leaves
// every text alone that it is not about.
import type { Draft } from './draft.svelte'
import {
  flowOf, flowsIn, freshName, goesOn, languageAt, languageOf, nameMistake, nameOf, namesIn, nextOf, referencesOf, referencesTo, stateIn,
  statesFrom, typeOf, type Reference,
} from './flows'
import { json, textAt, write, type Json, type Path } from './json'
import { isFlow, locationOf, stateOf } from './location'
import { emptyBranch, ruleTo, type Made } from './states'

// Where a state comes to be.
export type Place =
  // On a line: the id of an edge of the layout, such as `/States/A/Next`, `/States/A/End`, `/StartAt`.
  | { edge: string }
  | { after: Path }
  | { before: Path }
  // In a flow without states.
  | { flow: Path }

// Puts a new state at a place, and chooses it. Says its name.
export function addState(draft: Draft, made: Made, place: Place): string {
  return putIn(draft, `Add ${made.name}`, made.name, write(json(made.state(languageOf(draft)))), place)
}

// Puts a state that was copied at a place.
export function paste(draft: Draft, name: string, source: string, place: Place): string {
  return putIn(draft, `Paste ${name}`, name, source, place)
}

// The same state once more, behind it; before it if nothing can follow. A copy of an end stands alone at first.
export function duplicate(draft: Draft, state: Path): string {
  const [type, source] = [typeOf(draft, state), draft.source(state) ?? '{}']
  const what = `Duplicate ${nameOf(state)}`
  if (goesOn(type)) return putIn(draft, what, nameOf(state), source, { after: state })
  if (type === 'Choice') return putIn(draft, what, nameOf(state), source, { before: state })
  let name = ''
  draft.edit(what, () => {
    name = freshName(draft, nameOf(state))
    draft.put(stateIn(flowOf(state), name), source, nameOf(state))
    draft.chosen = locationOf(stateIn(flowOf(state), name))
  })
  return name
}

// Takes a state out: what led to it leads to what it led to.
export function deleteState(draft: Draft, state: Path): void {
  draft.edit(`Delete ${nameOf(state)}`, () => {
    const next = nextOf(draft, state)
    takeOut(draft, state)
    const neighbour = stateIn(flowOf(state), next ?? '')
    draft.chosen = draft.at(neighbour) === undefined ? '' : locationOf(neighbour)
  })
}

// Takes a state to another place, also into another flow. False if it is there already, or if the place is inside of it.
export function moveState(draft: Draft, state: Path, place: Place): boolean {
  if (!canMove(draft, state, place)) return false
  draft.edit(`Move ${nameOf(state)}`, () => {
    const [name, passing] = [nameOf(state), freshName(draft, nameOf(state))]
    // First there are two of them, so that places keep their names until the old one goes.
    const copy = putAt(draft, passing, draft.source(state) ?? '{}', place)
    const isSameFlow = locationOf(flowOf(copy)) === locationOf(flowOf(state))
    if (isSameFlow) referencesOf(draft, copy).filter(({ target }) => target === name).forEach(({ path }) => draft.set(path, passing))
    // Its inner states are there twice for a moment, and may be.
    takeOut(draft, state)
    renameIn(draft, copy, name)
    draft.chosen = locationOf(stateIn(flowOf(copy), name))
  })
  return true
}

export function canMove(draft: Draft, state: Path, place: Place): boolean {
  const flow = flowAt(draft, place)
  const own = locationOf(state)
  if (!flow || isInside(flow, state)) return false
  if ('after' in place) return locationOf(place.after) !== own && nextOf(draft, place.after) !== nameOf(state)
  if ('before' in place) return locationOf(place.before) !== own
  if ('flow' in place) return true
  const reference = referenceAt(draft, place.edge)
  if (!reference) return false
  const isOfItself = isInside(reference.path, state)
  return !isOfItself && !(reference.target === nameOf(state) && locationOf(flow) === locationOf(flowOf(state)))
}

// Gives a state another name; all that lead to it follow. Throws what is wrong with the name.
export function renameState(draft: Draft, state: Path, name: string): void {
  const mistake = nameMistake(draft, state, name)
  if (mistake !== '') throw new Error(mistake)
  if (name !== nameOf(state)) draft.edit(`Rename ${nameOf(state)}`, () => renameIn(draft, state, name))
}

// One more branch of a Parallel state, with a state in it.
export function addBranch(draft: Draft, state: Path): void {
  draft.edit(`Add a branch to ${nameOf(state)}`, () => {
    const branches = draft.at([...state, 'Branches'])
    draft.insert([...state, 'Branches'], Array.isArray(branches) ? branches.length : 0, json(emptyBranch(freshName(draft, 'Pass'))))
  })
}

// One more rule of a Choice. It leads where the others do not: to a new state.
export function addRule(draft: Draft, state: Path): void {
  draft.edit(`Add a rule to ${nameOf(state)}`, () => {
    const [flow, name] = [flowOf(state), freshName(draft, 'Pass')]
    // Where the other way goes on, too.
    const other = nextOf(draft, state)
    const end = other === undefined ? undefined : nextOf(draft, stateIn(flow, other))
    const source = end === undefined ? { Type: 'Pass', End: true } : { Type: 'Pass', Next: end }
    draft.put(stateIn(flow, name), write(json(source)), nameOf(state))
    const rules = draft.at([...state, 'Choices'])
    draft.insert([...state, 'Choices'], Array.isArray(rules) ? rules.length : 0, json(ruleTo(languageAt(draft, state), name)))
  })
}

// Catches every error of a state, and leads to the state that is named, or to a new one that fails.
export function addCatcher(draft: Draft, state: Path, target?: string): void {
  draft.edit(`Add a catcher to ${nameOf(state)}`, () => {
    const name = target ?? freshName(draft, 'Fail')
    if (target === undefined) draft.put(stateIn(flowOf(state), name), write(json({ Type: 'Fail' })), nameOf(state))
    const catchers = draft.at([...state, 'Catch'])
    draft.insert([...state, 'Catch'], Array.isArray(catchers) ? catchers.length : 0, json({ ErrorEquals: ['States.ALL'], Next: name }))
  })
}

// The flow that a place is in.
function flowAt(draft: Draft, place: Place): Path | undefined {
  if ('flow' in place) return place.flow
  if ('after' in place) return flowOf(place.after)
  if ('before' in place) return flowOf(place.before)
  const path = referenceAt(draft, place.edge)?.path
  if (!path) return undefined
  return path.at(-1) === 'StartAt' ? path.slice(0, -1) : flowOf(stateOf(path) ?? path)
}

// Whether something can be put at a place: nothing follows a state that ends the flow.
export const canPut = (draft: Draft, place: Place): boolean =>
  'after' in place ? !['Succeed', 'Fail'].includes(typeOf(draft, place.after)) : flowAt(draft, place) !== undefined

// The line that a layout names so. At an End there is no target.
function referenceAt(draft: Draft, edge: string): { path: Path; target: string | undefined } | undefined {
  const path = draft.pathOf(edge)
  // Of an end that nothing says, such as a Succeed's.
  if (locationOf(path) !== edge) return undefined
  const last = path.at(-1)
  if (last === 'StartAt' ? !isFlow(path.slice(0, -1)) : !stateOf(path)) return undefined
  const target = textAt(draft.value, path)
  return { path, target: target === '' ? undefined : target }
}

function putIn(draft: Draft, what: string, wanted: string, source: string, place: Place): string {
  let name = ''
  draft.edit(what, () => {
    name = freshName(draft, wanted)
    const state = putAt(draft, name, source, place)
    makeUnique(draft, state)
    draft.chosen = locationOf(state)
  })
  return name
}

// A state with its lines: what led there leads to it, and it leads where they led.
function putAt(draft: Draft, name: string, source: string, place: Place): Path {
  const flow = flowAt(draft, place)
  if (!flow) throw new Error('There is no such place any more.')
  const state = stateIn(flow, name)
  if ('flow' in place) {
    draft.put(state, source, null)
    settle(draft, state, undefined)
    draft.put([...flow, 'StartAt'], JSON.stringify(name), null)
    return state
  }
  if ('before' in place) {
    const leading = referencesTo(draft, place.before)
    const names = namesIn(draft, flow)
    draft.put(state, source, names[names.indexOf(nameOf(place.before)) - 1] ?? null)
    settle(draft, state, nameOf(place.before))
    leading.forEach(({ path }) => draft.set(path, name))
    return state
  }
  const line = 'edge' in place ? referenceAt(draft, place.edge) : lineBehind(draft, place.after)
  if (!line) throw new Error('Nothing can follow here.')
  const from = stateOf(line.path)
  draft.put(state, source, from ? nameOf(from) : null)
  settle(draft, state, line.target)
  point(draft, line.path, name)
  return state
}

// The line on which a state goes on: made, if it has none yet.
function lineBehind(draft: Draft, state: Path): { path: Path; target: string | undefined } | undefined {
  const type = typeOf(draft, state)
  if (type === 'Succeed' || type === 'Fail') return undefined
  const member = type === 'Choice' ? 'Default' : draft.at([...state, 'Next']) === undefined ? 'End' : 'Next'
  return { path: [...state, member], target: textAt(draft.value, [...state, member]) }
}

// Makes a state at its place go on to `next`, or end its flow. What led to states of another flow goes there too.
function settle(draft: Draft, state: Path, next: string | undefined) {
  const names = namesIn(draft, flowOf(state))
  const type = typeOf(draft, state)
  if (goesOn(type)) {
    const member = draft.at([...state, 'Next']) === undefined ? 'End' : 'Next'
    point(draft, [...state, member], next)
  }
  const lost = referencesOf(draft, state).filter(({ target }) => !names.includes(target))
  if (type === 'Choice' && (next !== undefined || lost.length > 0)) {
    const end = next ?? endOf(draft, state)
    lost.forEach(({ path }) => draft.set(path, end))
    if (next !== undefined || draft.at([...state, 'Default']) === undefined) draft.set([...state, 'Default'], end)
    return
  }
  // The last first: places of later ones follow from those before.
  lost.filter(({ path }) => path.at(-3) === 'Catch').reverse().forEach(({ path }) => point(draft, path, undefined))
}

// Where a Choice leads that is the last of its flow: it cannot end it itself.
function endOf(draft: Draft, state: Path): string {
  const name = freshName(draft, 'Success')
  draft.put(stateIn(flowOf(state), name), write(json({ Type: 'Succeed' })), nameOf(state))
  return name
}

// Leads a line to another state of its flow, or nowhere. What leads nowhere ends, or is gone.
function point(draft: Draft, path: Path, target: string | undefined) {
  const [member, owner] = [path.at(-1), path.slice(0, -1)]
  if (member === 'StartAt') return draft.set(path, target ?? '')
  if (target !== undefined) {
    if (member !== 'End' || draft.at(path) === undefined) return draft.set(member === 'End' ? [...owner, 'Next'] : path, target)
    draft.set(path, target)
    return draft.rename(path, 'Next')
  }
  if (member === 'End') return draft.set(path, true)
  const list = owner.slice(0, -1)
  switch (list.at(-1)) {
    case 'Choices':
      return draft.remove(owner)
    case 'Catch':
      return draft.remove((draft.at(list) as Json[]).length === 1 ? list : owner)
  }
  if (member === 'Default') return draft.remove(path)
  draft.set(path, true)
  draft.rename(path, 'End')
}

// Out of its flow. Nothing leads to itself because of that: it ends then.
function takeOut(draft: Draft, state: Path) {
  const name = nameOf(state)
  const next = nextOf(draft, state)
  const isOwn = ({ path }: Reference) => isInside(path, state)
  // One at a time, the last first: places of later ones follow from those before.
  for (const { path } of referencesTo(draft, state).filter((reference) => !isOwn(reference)).reverse()) {
    const isStart = path.at(-1) === 'StartAt'
    const from = isStart ? name : nameOf(stateOf(path) ?? [])
    const target = next === name || next === from ? undefined : next
    point(draft, path, isStart ? target ?? namesIn(draft, flowOf(state)).find((other) => other !== name) : target)
  }
  draft.remove(state)
}

function renameIn(draft: Draft, state: Path, name: string) {
  const to = locationOf(stateIn(flowOf(state), name))
  const from = locationOf(state)
  referencesTo(draft, state).forEach(({ path }) => draft.set(path, name))
  draft.rename(state, name)
  // What is chosen may be inside of it.
  if (draft.chosen === from || draft.chosen.startsWith(`${from}/`)) draft.chosen = to + draft.chosen.slice(from.length)
}

// Of states with the same name, those inside of this one get others.
function makeUnique(draft: Draft, state: Path) {
  const inner = flowsIn(draft, state).flatMap((flow) => statesFrom(draft, flow))
  const taken = new Set(statesFrom(draft).filter((other) => other.length <= state.length || !isInside(other, state)).map(nameOf))
  // The innermost first, because they are found by the names of those around them.
  for (const path of inner.sort((one, other) => other.length - one.length)) {
    const name = taken.has(nameOf(path)) ? freshName(draft, nameOf(path)) : nameOf(path)
    if (name !== nameOf(path)) renameIn(draft, path, name)
    taken.add(name)
  }
}

const isInside = (path: Path, outer: Path): boolean => outer.every((step, at) => path[at] === step)
