// What has just been done, said once at the edge of the page.
export interface Note {
  number: number
  text: string
  isTrouble: boolean
}

// Good news go by themselves; bad ones stay until they are read.
const SHOWN_FOR_MILLIS = 6_000
const NOTES_MAX = 5

class Notes {
  all = $state<Note[]>([])
  #next = 1

  say(text: string) {
    const number = this.#add(text, false)
    setTimeout(() => this.drop(number), SHOWN_FOR_MILLIS)
  }

  complain(error: unknown) {
    this.#add(error instanceof Error ? error.message : String(error), true)
  }

  drop(number: number) {
    this.all = this.all.filter((note) => note.number !== number)
  }

  #add(text: string, isTrouble: boolean): number {
    const number = this.#next++
    this.all = [...this.all, { number, text, isTrouble }].slice(-NOTES_MAX)
    return number
  }
}

export const notes = new Notes()
