// The definition that is being designed. Its text is the truth: everything else is read from it, and every change is a
// change of that text which leaves the rest of it alone.
import type { Diagnostic } from '../../../api/aws'
import * as edits from './edits'
import { History } from './history'
import { at, write, type Json, type Path } from './json'
import { locationOf, pathOf } from './location'
import { find, pathAt, valueOf, type Tree } from './tree'

export type { Json, Members, Path } from './json'
export type { Diagnostic } from '../../../api/aws'

// Asks the real validator.
export type Check = (text: string) => Promise<Diagnostic[]>

// The validator is asked when the text has rested so long.
const REST_MILLIS = 300

export class Draft {
  // What the validator says of the text, since a moment ago.
  diagnostics = $state.raw<Diagnostic[]>([])
  // The location of the chosen state, as layouts have it: '/States/A'; '' for none, which is the machine.
  chosen = $state('')

  #text = $state('')
  #sheet: edits.Sheet | undefined
  #value: Json | undefined
  #mistake = $state('')
  #history = new History()
  // Told of, because a history has no signals.
  #steps = $state(0)
  #open: { what: string; text: string; chosen: string } | undefined
  #check: Check | undefined
  #timer: ReturnType<typeof setTimeout> | undefined

  constructor(text: string, check?: Check) {
    this.#check = check
    this.#write(text)
  }

  // Exactly what would be saved. Whoever writes it types.
  get text(): string {
    return this.#text
  }

  set text(text: string) {
    if (text === this.#text) return
    const before = this.#moment()
    this.#write(text)
    if (!this.#open) this.#note('Typing', before, true)
  }

  // The text's value; the last good one while the text is no JSON.
  get value(): Json | undefined {
    void this.#text
    if (this.#value === undefined && this.#sheet) this.#value = valueOf(this.#sheet.text, this.#sheet.tree)
    return this.#value
  }

  // What is wrong with the text as JSON, with line and column; '' if nothing is.
  get mistake(): string {
    return this.#mistake
  }

  at(path: Path): Json | undefined {
    return at(this.value, path)
  }

  // A value as it is written, digits and blanks and all; its lines begin as if its first one had no blanks before it.
  source(path: Path): string | undefined {
    void this.#text
    return this.#sheet && edits.sourceAt(this.#sheet, path)
  }

  // Where a value is in the text.
  spanOf(path: Path): Tree | undefined {
    void this.#text
    return this.#sheet && find(this.#sheet.tree, path)
  }

  // The way to what is around a place of the text; undefined while it is no JSON.
  pathAt(place: number): Path | undefined {
    void this.#text
    return this.#sheet && this.#mistake === '' ? pathAt(this.#sheet.tree, place) : undefined
  }

  // The way to what the server calls so.
  pathOf(location: string): Path {
    return pathOf(this.value, location)
  }

  // Puts or replaces a member or item; parts that stay the same are not touched.
  set(path: Path, value: Json): void {
    this.#edit(`Change ${nameOf(path)}`, (sheet) => edits.set(sheet, path, value))
  }

  // The same with JSON as it shall stand there, if it has lines of its own; a new member comes behind the member `after`,
  // or first if that is null.
  put(path: Path, source: string, after?: string | null): void {
    this.#edit(`Change ${nameOf(path)}`, (sheet) => edits.put(sheet, path, source, after))
  }

  remove(path: Path): void {
    this.#edit(`Remove ${nameOf(path)}`, (sheet) => edits.remove(sheet, path))
  }

  rename(path: Path, key: string): void {
    this.#edit(`Rename ${nameOf(path)}`, (sheet) => edits.rename(sheet, path, key))
  }

  insert(path: Path, at: number, value: Json): void {
    this.#edit(`Add to ${nameOf(path)}`, (sheet) => edits.insert(sheet, path, at, write(value)))
  }

  move(path: Path, from: number, to: number): void {
    this.#edit(`Reorder ${nameOf(path)}`, (sheet) => edits.move(sheet, path, from, to))
  }

  // Several changes that are undone together. If one of them fails, none is made.
  edit(what: string, change: () => void): void {
    if (this.#open) return change()
    const before = this.#moment()
    this.#open = { what, ...before }
    try {
      change()
    } catch (error) {
      this.#write(before.text)
      this.chosen = before.chosen
      throw error
    } finally {
      this.#open = undefined
    }
    if (this.#text !== before.text) this.#note(what, before)
  }

  undo(): void {
    this.#go(this.#history.undo(this.#text))
  }

  redo(): void {
    this.#go(this.#history.redo(this.#text))
  }

  get canUndo(): boolean {
    return this.undoes !== undefined
  }

  get canRedo(): boolean {
    return this.redoes !== undefined
  }

  // What an undo would take back, in words.
  get undoes(): string | undefined {
    void this.#steps
    return this.#history.undoes
  }

  get redoes(): string | undefined {
    void this.#steps
    return this.#history.redoes
  }

  // Asks the validator now; also when something else that it judges by has changed.
  async check(): Promise<void> {
    clearTimeout(this.#timer)
    const text = this.#text
    if (!this.#check || this.#mistake !== '') return
    // A server that is away says so elsewhere, and another change asks again.
    const found = await this.#check(text).catch(() => undefined)
    if (found && text === this.#text) this.diagnostics = found
  }

  // No more questions.
  close(): void {
    clearTimeout(this.#timer)
    this.#check = undefined
  }

  #edit(what: string, change: (sheet: edits.Sheet) => string) {
    const sheet = this.#sheet
    if (this.#mistake !== '' || !sheet) throw new Error('The definition is no JSON at the moment.')
    this.edit(what, () => this.#write(change(sheet)))
  }

  #write(text: string) {
    if (text === this.#text && this.#sheet) return
    const sheet = edits.Sheet.read(text)
    this.#mistake = typeof sheet === 'string' ? sheet : ''
    if (typeof sheet !== 'string') {
      this.#sheet = sheet
      this.#value = undefined
    }
    this.#text = text
    clearTimeout(this.#timer)
    if (this.#check) this.#timer = setTimeout(() => void this.check(), REST_MILLIS)
  }

  #go(to: { text: string; chosen: string } | undefined) {
    if (!to) return
    this.#write(to.text)
    this.chosen = to.chosen
    this.#steps++
  }

  #moment = () => ({ text: this.#text, chosen: this.chosen })

  #note(what: string, before: { text: string; chosen: string }, isTyping = false) {
    this.#history.note(what, before, this.#moment(), Date.now(), isTyping)
    this.#steps++
  }
}

const nameOf = (path: Path): string => locationOf(path.slice(-1)).replace(/^\//, '') || 'the definition'
