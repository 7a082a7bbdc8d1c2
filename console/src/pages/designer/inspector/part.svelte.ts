// An object of the definition, as a form shows it: members by name, changes of them, what is wrong with them.
import { isMembers, type Json, type Members, type Path } from '../document/json'
import type { Draft } from '../document/draft.svelte'
import { stateOf } from '../document/location'
import { exactly, placed, within, type Finding } from './findings'

// The draft, and what was found in it.
export class Subject {
  readonly findings: Finding[] = $derived.by(() => placed(this.draft.value, this.draft.diagnostics))

  constructor(readonly draft: Draft) {}
}

export class Part {
  constructor(
    readonly subject: Subject,
    readonly path: Path,
    // The object around one that goes when it is empty.
    readonly owner?: Part,
  ) {}

  get draft(): Draft {
    return this.subject.draft
  }

  get value(): Json | undefined {
    return this.draft.at(this.path)
  }

  get members(): Members {
    const { value } = this
    return isMembers(value) ? value : NONE
  }

  get(name: string | number): Json | undefined {
    return this.draft.at([...this.path, name])
  }

  has(name: string): boolean {
    return this.members.has(name)
  }

  // A member that is a text; empty if it is none.
  text(name: string): string {
    const value = this.get(name)
    return typeof value === 'string' ? value : ''
  }

  // A member as it stands in the definition; empty if it is not there.
  source(name: string | number): string {
    return this.draft.source([...this.path, name]) ?? ''
  }

  items(name: string): Json[] {
    const value = this.get(name)
    return Array.isArray(value) ? value : []
  }

  // An object in this one that is there only as long as something is in it.
  inner(name: string): Part {
    return new Part(this.subject, [...this.path, name], this)
  }

  item(name: string, at: number): Part {
    return new Part(this.subject, [...this.path, name, at])
  }

  // The values are put, or taken away if they are undefined, as one step that can be undone.
  change(what: string, values: Record<string, Json | undefined>) {
    this.draft.edit(what, () => {
      // An object that is empty in between would forget how it is written, or go.
      const all = Object.entries(values).sort(([, one], [, other]) => Number(one === undefined) - Number(other === undefined))
      for (const [name, value] of all) this.put(name, value)
    })
  }

  // A field that is left because its state was deleted must not bring it back.
  get isGone(): boolean {
    const state = stateOf(this.path)
    return state !== undefined && this.draft.at(state) === undefined
  }

  put(name: string, value: Json | undefined) {
    if (this.isGone) return
    if (value === undefined) this.#remove(name)
    else this.draft.set([...this.path, name], value)
  }

  // JSON as it was written. What stood on one line and still does is not made into more.
  putSource(name: string | number, source: string) {
    const { draft } = this
    if (this.isGone) return
    const path = [...this.path, name]
    const [span, written] = [draft.spanOf(path), source.trim()]
    const isLine = span !== undefined && !/\n/.test(draft.text.slice(span.start, span.end) + written)
    if (!isLine) return draft.put(path, source)
    draft.edit(`Change ${name}`, () => (draft.text = draft.text.slice(0, span.start) + written + draft.text.slice(span.end)))
  }

  // A member under another name and with another value, in the place of the one before, if that is there.
  replace(name: string, other: string, value: Json) {
    const fits = name !== other && this.has(name) && !this.has(other)
    if (fits) this.draft.rename([...this.path, name], other)
    else if (name !== other && this.has(name)) this.#remove(name)
    this.put(other, value)
  }

  #remove(name: string) {
    if (!this.has(name)) return
    this.draft.remove([...this.path, name])
    if (this.owner && this.members.size === 0) this.owner.#remove(String(this.path.at(-1)))
  }

  // What is wrong with a member, whatever is in it.
  wrong(name: string | number): Finding[] {
    return within(this.subject.findings, [...this.path, name])
  }

  // What is wrong with this object itself.
  get wrongItself(): Finding[] {
    return exactly(this.subject.findings, this.path)
  }
}

const NONE: Members = new Map()

