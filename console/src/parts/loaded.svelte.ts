// Something that a page asks the server for, again and again: what was there stays until the new one comes.
export class Loaded<T> {
  value = $state.raw<T | undefined>(undefined)
  error = $state.raw<unknown>(undefined)
  #asked = 0

  constructor(private readonly ask: () => Promise<T>) {}

  // The answer of the last question counts, in whatever order answers come.
  load = async (): Promise<void> => {
    const asked = ++this.#asked
    try {
      const value = await this.ask()
      if (asked !== this.#asked) return
      this.value = value
      this.error = undefined
    } catch (error) {
      if (asked === this.#asked) this.error = error
    }
  }
}
