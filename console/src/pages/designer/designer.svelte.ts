// What the modes of the designer share: the draft, its picture, and what can be done to the chosen state.
import { untrack } from 'svelte'
import { layoutOf, type Layout } from '../../api/v1'
import { notes } from '../../state/notes.svelte'
import { Drag, type Load, type Target } from './drag.svelte'
import { copyOf, statesIn } from './document/clipboard'
import type { Path } from './document/json'
import { locationOf, stateOf } from './document/location'
import * as machine from './document/machine'
import type { Draft } from './document/draft.svelte'
import { chosenState, flowOf, flowsIn, goesOn, nameOf, namesIn, nextOf, stateIn, typeOf } from './document/flows'
import type { Made } from './document/states'

// Soon enough to look immediate, late enough to be asked once for each key.
const DRAW_MILLIS = 60
// More states than anybody copies at once.
const PASTED_MAX = 100

export class Designer {
  layout = $state.raw<Layout>()
  // Why there is none of the text as it is.
  trouble = $state('')
  // What was done, for those who do not see it.
  said = $state('')
  // A state that wants the keyboard as soon as it is drawn.
  wanted = $state('')
  // So often somebody wanted to search the palette.
  wantsPalette = $state(0)
  // And so often it was given the keyboard.
  paletteSeen = 0
  // Where new states go if that is not behind the chosen one.
  place = $state.raw<machine.Place>()
  readonly drag = new Drag((load, target) => this.drop(load, target))
  #asked = 0

  constructor(readonly draft: Draft) {}

  // Draws what the text says, as often as it changes. To be called in an effect; answers what ends it.
  follow(): () => void {
    const { text, mistake } = this.draft
    if (mistake !== '') return () => {}
    const asked = ++this.#asked
    const wait = untrack(() => this.layout) ? DRAW_MILLIS : 0
    const timer = setTimeout(async () => {
      try {
        const layout = await layoutOf(text)
        if (asked !== this.#asked) return
        this.layout = named(layout)
        this.trouble = ''
      } catch (error) {
        if (asked === this.#asked) this.trouble = error instanceof Error ? error.message : String(error)
      }
    }, wait)
    return () => clearTimeout(timer)
  }

  get chosen(): Path | undefined {
    return chosenState(this.draft)
  }

  // Adds a state at a place; without one where the user is.
  add(made: Made, at?: machine.Place) {
    this.#do(() => {
      const place = at ?? this.place ?? this.here()
      const name = machine.addState(this.draft, made, place)
      this.#came(`${name} was added.`)
    })
  }

  // Behind the chosen state, or at the end of the machine.
  here(): machine.Place {
    const { chosen, draft } = this
    if (chosen) return machine.canPut(draft, { after: chosen }) ? { after: chosen } : { before: chosen }
    // The box that stands for a first state.
    if (draft.chosen.endsWith('/States/')) return { flow: draft.pathOf(draft.chosen.slice(0, -'/States/'.length)) }
    const states = namesIn(draft, []).map((name) => stateIn([], name))
    const last = states.findLast((state) => goesOn(typeOf(draft, state)) && nextOf(draft, state) === undefined)
    if (last) return { after: last }
    return states[0] ? { before: states.at(-1)! } : { flow: [] }
  }

  // In words.
  get whereNext(): string {
    const place = this.place ?? this.here()
    if ('flow' in place) return place.flow.length === 0 ? 'as the first state' : `inside ${nameOf(flowOwner(place.flow))}`
    if ('edge' in place) return 'on the line'
    return 'after' in place ? `after ${nameOf(place.after)}` : `before ${nameOf(place.before)}`
  }

  drop(load: Load, target: Target) {
    if ('made' in load) return this.add(load.made, target.place)
    this.#do(() => {
      if (machine.moveState(this.draft, load.state, target.place)) this.#came(`${load.title} was moved ${target.says}.`)
    })
  }

  // Chooses the state that a place of the definition is in.
  show(location: string) {
    const state = stateOf(this.draft.pathOf(location))
    this.draft.chosen = state ? locationOf(state) : ''
    this.wanted = this.draft.chosen
  }

  remove() {
    this.#withChosen((state) => {
      machine.deleteState(this.draft, state)
      this.#came(`${nameOf(state)} was deleted.`)
    })
  }

  duplicate() {
    this.#withChosen((state) => this.#came(`${machine.duplicate(this.draft, state)} was added, a copy of ${nameOf(state)}.`))
  }

  addBranch() {
    this.#withChosen((state) => {
      machine.addBranch(this.draft, state)
      this.said = `${nameOf(state)} has another branch.`
    })
  }

  addRule() {
    this.#withChosen((state) => {
      machine.addRule(this.draft, state)
      this.said = `${nameOf(state)} has another rule, which leads to a new state.`
    })
  }

  addCatcher() {
    this.#withChosen((state) => {
      machine.addCatcher(this.draft, state)
      this.said = `Errors of ${nameOf(state)} are caught, and lead to a new state.`
    })
  }

  // Before the one that leads here, or behind the one that follows.
  shift(by: -1 | 1) {
    this.#withChosen((state) => {
      const [draft, flow] = [this.draft, flowOf(state)]
      const next = nextOf(draft, state)
      const before = namesIn(draft, flow).find((name) => nextOf(draft, stateIn(flow, name)) === nameOf(state) && name !== nameOf(state))
      const place: machine.Place | undefined = by > 0
        ? next === undefined ? undefined : { after: stateIn(flow, next) }
        : before === undefined ? undefined : { before: stateIn(flow, before) }
      const isPossible = place && machine.canPut(draft, place) && machine.moveState(draft, state, place)
      if (isPossible) this.#came(`${nameOf(state)} was moved ${by > 0 ? `behind ${next}` : `before ${before}`}.`)
      else this.said = `${nameOf(state)} cannot go further ${by > 0 ? 'down' : 'up'}.`
    })
  }

  // The chosen state as text: its name and what it is.
  copied(): string | undefined {
    const { chosen, draft } = this
    return chosen && copyOf(draft, chosen)
  }

  // States that were copied here or elsewhere, behind the chosen one. Answers whether there were any.
  paste(text: string): boolean {
    const states = statesIn(text)
    if (states.length === 0 || states.length > PASTED_MAX) return false
    this.#do(() => this.draft.edit('Paste', () => {
      const names = states.map(({ name, source }) => machine.paste(this.draft, name, source, this.here()))
      this.#came(`${names.join(', ')} ${names.length === 1 ? 'was' : 'were'} pasted.`)
    }))
    return true
  }

  undo() {
    const what = this.draft.undoes
    this.draft.undo()
    this.said = what === undefined ? 'There is nothing to undo.' : `Undone: ${what}.`
  }

  redo() {
    const what = this.draft.redoes
    this.draft.redo()
    this.said = what === undefined ? 'There is nothing to redo.' : `Done again: ${what}.`
  }

  // The flows of the chosen state that have no state yet.
  get emptyFlows(): Path[] {
    const { chosen, draft } = this
    return chosen ? flowsIn(draft, chosen).filter((flow) => namesIn(draft, flow).length === 0) : []
  }

  #came(said: string) {
    this.said = said
    this.place = undefined
    this.wanted = this.draft.chosen
  }

  #withChosen(act: (state: Path) => void) {
    const state = this.chosen
    if (state) this.#do(() => act(state))
  }

  #do(act: () => void) {
    try {
      act()
    } catch (error) {
      notes.complain(error)
    }
  }
}

const flowOwner = (flow: Path): Path => (typeof flow.at(-1) === 'number' ? flow.slice(0, -2) : flow.slice(0, -1))

// The box that stands for a state that is not there yet says what it is for.
const named = (layout: Layout): Layout => ({
  ...layout,
  nodes: layout.nodes.map((node) => (node.kind === 'missing' && node.name === '' ? { ...node, name: 'Drop a state' } : node)),
})
