// What was done, step by step, so that it can be undone.

// A state of the document: its text, and what was chosen.
export interface Moment {
  text: string
  chosen: string
}

interface Step {
  what: string
  at: number
  removed: string
  added: string
  // Chosen before and after.
  before: string
  after: string
  time: number
}

// More than anybody goes back; each holds only what it has changed.
const STEPS_MAX = 1_000
// Keys that follow each other so soon are one step.
const PAUSE_MILLIS = 800

export class History {
  #steps: Step[] = []
  // So many of them hold; the rest are undone.
  #count = 0

  // Typing goes on with the step before, if that was typing too. `time` is in milliseconds.
  note(what: string, before: Moment, after: Moment, time: number, isTyping = false) {
    const last = this.#steps[this.#count - 1]
    const goesOn = isTyping && last?.what === what && time - last.time < PAUSE_MILLIS && this.#count === this.#steps.length
    const from = goesOn ? { text: back(last, before.text), chosen: last.before } : before
    const step = { what, ...difference(from.text, after.text), before: from.chosen, after: after.chosen, time }
    this.#steps = [...this.#steps.slice(Math.max(0, this.#count - STEPS_MAX), goesOn ? this.#count - 1 : this.#count), step]
    this.#count = this.#steps.length
  }

  get undoes(): string | undefined {
    return this.#steps[this.#count - 1]?.what
  }

  get redoes(): string | undefined {
    return this.#steps[this.#count]?.what
  }

  undo(text: string): Moment | undefined {
    const step = this.#steps[this.#count - 1]
    if (!step) return undefined
    this.#count--
    return { text: back(step, text), chosen: step.before }
  }

  redo(text: string): Moment | undefined {
    const step = this.#steps[this.#count]
    if (!step) return undefined
    this.#count++
    return { text: text.slice(0, step.at) + step.added + text.slice(step.at + step.removed.length), chosen: step.after }
  }
}

const back = (step: Step, text: string) => text.slice(0, step.at) + step.removed + text.slice(step.at + step.added.length)

// The one piece in which two texts differ.
function difference(one: string, other: string): { at: number; removed: string; added: string } {
  const shorter = Math.min(one.length, other.length)
  let at = 0
  while (at < shorter && one[at] === other[at]) at++
  let end = 0
  while (end < shorter - at && one[one.length - 1 - end] === other[other.length - 1 - end]) end++
  return { at, removed: one.slice(at, one.length - end), added: other.slice(at, other.length - end) }
}
