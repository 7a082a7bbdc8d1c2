// What is typed into a field becomes one step that can be undone, however often it is written down meanwhile.
import type { Draft } from '../../document/draft.svelte'

// Long enough for a word, short enough to see at once what the server thinks of it.
const PAUSE_MILLIS = 400

export class Typing {
  #timer: ReturnType<typeof setTimeout> | undefined
  // The text after what was written last, if that has changed it.
  #after: string | undefined

  constructor(
    private readonly draft: Draft,
    private readonly what: () => string,
  ) {}

  // Makes the change when nothing was typed for a while.
  later(change: () => void) {
    clearTimeout(this.#timer)
    this.#timer = setTimeout(() => this.now(change), PAUSE_MILLIS)
  }

  // Nothing is to be written down yet.
  rest() {
    clearTimeout(this.#timer)
  }

  now(change: () => void) {
    this.rest()
    // Of a text that is no JSON nothing can be changed.
    if (this.draft.mistake !== '') return
    // Only if nobody else has changed anything since.
    if (this.#after === this.draft.text) this.draft.undo()
    const before = this.draft.text
    this.draft.edit(this.what(), change)
    this.#after = this.draft.text === before ? undefined : this.draft.text
  }

  // What is typed from here on is another step.
  end() {
    this.rest()
    this.#after = undefined
  }

  // As it was before.
  back() {
    if (this.#after === this.draft.text) this.draft.undo()
    this.end()
  }
}
