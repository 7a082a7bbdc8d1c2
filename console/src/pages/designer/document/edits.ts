// Changes of JSON as changes of its text: what is not meant stays as it is, byte for byte. Each answers with a new text.
import { write, type Json, type Path } from './json'
import { children, indentAt, render, styleOf, type Piece, type Style } from './style'
import { find, memberOf, parse, type Tree } from './tree'

// A text, and what there is to know of it.
export class Sheet {
  #style: Style | undefined

  private constructor(
    readonly text: string,
    readonly tree: Tree,
  ) {}

  // Or what is wrong with it.
  static read(text: string): Sheet | string {
    const tree = parse(text)
    return typeof tree === 'string' ? tree : new Sheet(text, tree)
  }

  // Of what we have written ourselves.
  static of(text: string): Sheet {
    const sheet = Sheet.read(text)
    if (typeof sheet === 'string') throw new Error(sheet)
    return sheet
  }

  get style(): Style {
    return (this.#style ??= styleOf(this.text, this.tree))
  }

  cut({ start, end }: Piece): string {
    return this.text.slice(start, end)
  }

  with({ start, end }: Piece, text: string): string {
    return this.text.slice(0, start) + text + this.text.slice(end)
  }
}

// Puts a value at its place, whether there was one or not. `source` is JSON: if it has lines of its own they are kept and
// moved to their place; otherwise it is written as its neighbours are. A new member of an object comes behind the member
// `after`, first if that is null, or last.
export function put(sheet: Sheet, path: Path, source: string, after?: string | null): string {
  const [step, outer] = [path.at(-1), path.slice(0, -1)]
  const old = find(sheet.tree, path)
  if (old) return sheet.with(old, fit(sheet, source, indentAt(sheet.text, old.start), isOnLine(sheet, path)))
  const parent = find(sheet.tree, outer)
  // What would hold it is made, too.
  if (!parent) return put(sheet, outer, typeof step === 'number' ? `[${source}]` : `{${JSON.stringify(step)}:${source}}`)
  if (parent.kind === 'array' && step === parent.items.length) return add(sheet, outer, parent, step, '', source)
  if (parent.kind !== 'object' || typeof step !== 'string') throw new Error(`nothing can be put at ${path.join('/')}`)
  const before = parent.members.findLastIndex((member) => member.key === after)
  const at = after === null ? 0 : before < 0 ? parent.members.length : before + 1
  return add(sheet, outer, parent, at, JSON.stringify(step), source)
}

// Puts a value that may say the same as before in most of its parts: only those that differ are written anew.
export function set(sheet: Sheet, path: Path, value: Json): string {
  return merge(sheet, path, Sheet.of(write(value)))
}

// Takes a member or an item out, with the comma that goes with it.
export function remove(sheet: Sheet, path: Path): string {
  const parent = find(sheet.tree, path.slice(0, -1))
  const at = parent ? placeOf(parent, path.at(-1)) : -1
  if (!parent || at < 0) return sheet.text
  const all = children(parent)
  const [before, own, behind] = [all[at - 1], all[at]!, all[at + 1]]
  if (behind) return sheet.with({ start: own.start, end: behind.start }, '')
  if (before) return sheet.with({ start: before.end, end: own.end }, '')
  return sheet.with({ start: parent.start + 1, end: parent.end - 1 }, '')
}

// Gives a member another name; its place and its value stay.
export function rename(sheet: Sheet, path: Path, key: string): string {
  const old = path.at(-1)
  const parent = find(sheet.tree, path.slice(0, -1))
  const member = typeof old === 'string' && parent ? memberOf(parent, old) : undefined
  if (!parent || !member || old === key) return sheet.text
  if (memberOf(parent, key)) throw new Error(`there is a “${key}” already`)
  return sheet.with({ start: member.start, end: member.nameEnd }, JSON.stringify(key))
}

// Puts an item into an array.
export function insert(sheet: Sheet, path: Path, at: number, source: string): string {
  const array = find(sheet.tree, path)
  if (array?.kind !== 'array') return put(sheet, path, `[${source}]`)
  return add(sheet, path, array, Math.max(0, Math.min(at, array.items.length)), '', source)
}

// Items change places; what stands between the places stays.
export function move(sheet: Sheet, path: Path, from: number, to: number): string {
  const items = find(sheet.tree, path)?.items ?? []
  const [first, last] = [items[0], items.at(-1)]
  if (!first || !last || !items[from] || !items[to]) return sheet.text
  const order = [...items]
  order.splice(to, 0, ...order.splice(from, 1))
  const text = items.map((item, at) => {
    const next = items[at + 1]
    return sheet.cut(order[at]!) + (next ? sheet.cut({ start: item.end, end: next.start }) : '')
  })
  return sheet.with({ start: first.start, end: last.end }, text.join(''))
}

// A value's own text, with its lines as if its first one had no blanks before it.
export function sourceAt(sheet: Sheet, path: Path): string | undefined {
  const tree = find(sheet.tree, path)
  if (!tree) return undefined
  const indent = indentAt(sheet.text, tree.start)
  return sheet.cut(tree).split('\n').map((line) => (line.startsWith(indent) ? line.slice(indent.length) : line)).join('\n')
}

// A new child of a container, at its place among the others. `name` is JSON, and empty in an array.
function add(sheet: Sheet, path: Path, parent: Tree, at: number, name: string, source: string): string {
  const { text, style } = sheet
  const all = children(parent)
  const outer = indentAt(text, parent.start)
  const lines = hasLines(sheet, path)
  const first = all[0]
  const piece = (indent: string) => (name && name + colonIn(sheet, parent)) + fit(sheet, source, indent, lines)
  if (!first) {
    const inner = outer + style.unit
    const [open, close] = lines ? [style.newLine + inner, style.newLine + outer] : [style.pad, style.pad]
    return sheet.with({ start: parent.start + 1, end: parent.end - 1 }, open + piece(lines ? inner : outer) + close)
  }
  const blanks = blanksBetween(sheet, parent, all)
  const own = piece(lines ? blanks.slice(blanks.lastIndexOf('\n') + 1) : outer)
  const before = all[at - 1]
  if (!before) return sheet.with({ start: first.start, end: first.start }, `${own},${blanks}`)
  return sheet.with({ start: before.end, end: before.end }, `,${blanks}${own}`)
}

// Between a name and its value.
function colonIn(sheet: Sheet, parent: Tree): string {
  const member = parent.members[0]
  const colon = member && sheet.cut({ start: member.nameEnd, end: member.value.start })
  return colon && !colon.includes('\n') ? colon : sheet.style.colon
}

// What stands behind a comma: a blank, or a line's end and an indentation. Empty lines are not repeated.
function blanksBetween(sheet: Sheet, parent: Tree, [one, two]: Piece[]): string {
  const between = two
    ? sheet.cut({ start: one!.end, end: two.start }).replace(/^\s*,/, '')
    : sheet.cut({ start: parent.start + 1, end: one!.start })
  return /\r?\n[ \t]*$/.exec(between)?.[0] ?? (two ? between : sheet.style.gap)
}

// JSON as it must look in a line that begins with `indent`.
function fit(sheet: Sheet, source: string, indent: string, lines: boolean): string {
  const trimmed = source.trim()
  if (lines && trimmed.includes('\n')) return trimmed.split(/\r?\n/).join(sheet.style.newLine + indent)
  return render(trimmed, Sheet.of(trimmed).tree, { ...sheet.style, hasLines: lines }, indent)
}

// Whether the children of a container stand on lines of their own. Those of an empty one would as their container does.
function hasLines(sheet: Sheet, path: Path): boolean {
  const container = find(sheet.tree, path)
  const first = container && children(container)[0]
  if (container && first) return sheet.cut({ start: container.start, end: first.start }).includes('\n')
  return isOnLine(sheet, path)
}

// Whether a value has a line of its own.
const isOnLine = (sheet: Sheet, path: Path): boolean =>
  path.length === 0 ? sheet.style.hasLines : hasLines(sheet, path.slice(0, -1))

function placeOf(parent: Tree, step: string | number | undefined): number {
  if (typeof step === 'number') return parent.kind === 'array' && step in parent.items ? step : -1
  return parent.members.findLastIndex((member) => member.key === step)
}

// The way from an old value to a new one, part by part.
function merge(sheet: Sheet, path: Path, made: Sheet): string {
  const old = find(sheet.tree, path)
  if (old && isSame(sheet, old, made, made.tree)) return sheet.text
  const isAlike = old?.kind === 'object' && made.tree.kind === 'object' && old.members.length > 0 && hasSameOrder(old, made.tree)
  const isAsLong = old?.kind === 'array' && made.tree.kind === 'array' && old.items.length === made.tree.items.length
  if (!isAlike && !isAsLong) return put(sheet, path, made.text)
  let now = sheet
  const step = (text: string) => (now = text === now.text ? now : Sheet.of(text))
  made.tree.items.forEach((item, at) => step(merge(now, [...path, at], Sheet.of(made.cut(item)))))
  for (const { key } of old.members) if (!memberOf(made.tree, key)) step(remove(now, [...path, key]))
  made.tree.members.forEach(({ key, value }, at) => {
    const part = made.cut(value)
    step(memberOf(old, key) ? merge(now, [...path, key], Sheet.of(part)) : put(now, [...path, key], part, made.tree.members[at - 1]?.key))
  })
  return now.text
}

// Whether the members that both have come in the same order.
function hasSameOrder(old: Tree, made: Tree): boolean {
  const keys = (one: Tree, other: Tree) => one.members.map(({ key }) => key).filter((key) => memberOf(other, key))
  const [before, after] = [keys(old, made), keys(made, old)]
  return before.length === after.length && before.every((key, at) => key === after[at])
}

// The same value, however it is written: 1e3 is 1000.
function isSame(sheet: Sheet, one: Tree, other: Sheet, two: Tree): boolean {
  if (one.kind !== two.kind) return false
  if (one.kind === 'object') {
    return one.members.length === two.members.length && one.members.every(({ key, value }, at) =>
      key === two.members[at]?.key && isSame(sheet, value, other, two.members[at].value))
  }
  if (one.kind === 'array') {
    return one.items.length === two.items.length && one.items.every((item, at) => isSame(sheet, item, other, two.items[at]!))
  }
  return JSON.parse(sheet.cut(one)) === JSON.parse(other.cut(two))
}
