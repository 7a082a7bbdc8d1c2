// How a text of JSON is written: what new pieces must look like to be at home in it.
import type { Tree } from './tree'

export interface Style {
  // Whether members and items stand on lines of their own.
  hasLines: boolean
  newLine: string
  // One more level.
  unit: string
  // Between a name and its value.
  colon: string
  // Behind a comma, on one line.
  gap: string
  // Inside of braces, on one line.
  pad: string
  // Whether arrays of texts and numbers stand on one line.
  hasShortArrays: boolean
}

// Most people's, for texts that do not say.
export const USUAL: Style = { hasLines: true, newLine: '\n', unit: '  ', colon: ': ', gap: ' ', pad: '', hasShortArrays: false }

export function styleOf(text: string, tree: Tree): Style {
  const style = { ...USUAL }
  style.newLine = /\r?\n/.exec(text)?.[0] ?? USUAL.newLine
  const child = children(tree)[0]
  // An empty one says nothing.
  if (!child) return style
  style.hasLines = text.slice(tree.start, child.start).includes('\n')
  if (style.hasLines) {
    const unit = indentAt(text, child.start).slice(indentAt(text, tree.start).length)
    if (unit !== '') style.unit = unit
  }
  const member = someMember(tree)
  if (member) style.colon = oneLine(text.slice(member.nameEnd, member.value.start)) ?? style.colon
  const inline = someInline(text, tree)
  if (inline) {
    const [one, two] = children(inline)
    style.pad = text.slice(inline.start + 1, one!.start)
    style.gap = two ? text.slice(one!.end, two.start).replace(/^\s*,/, '') : style.colon.endsWith(' ') ? ' ' : ''
  }
  const array = first(tree, (part) => part.items.length > 0 && part.items.every(isSmall))
  if (array) style.hasShortArrays = !text.slice(array.start, array.end).includes('\n')
  return style
}

// The blanks at the beginning of the line that a place is in.
export function indentAt(text: string, place: number): string {
  const start = text.lastIndexOf('\n', place - 1) + 1
  return /^[ \t]*/.exec(text.slice(start, place))?.[0] ?? ''
}

// A tree's text in another style. `indent` is that of the line it begins in.
export function render(text: string, tree: Tree, style: Style, indent: string): string {
  const all = children(tree)
  const [open, close] = tree.kind === 'object' ? ['{', '}'] : ['[', ']']
  if (tree.kind !== 'object' && tree.kind !== 'array') return text.slice(tree.start, tree.end)
  if (all.length === 0) return open + close
  const hasLines = style.hasLines && !(style.hasShortArrays && tree.kind === 'array' && tree.items.every(isSmall))
  const inner = hasLines ? { ...style } : { ...style, hasLines: false }
  const deeper = hasLines ? indent + style.unit : indent
  const pieces = tree.kind === 'object'
    ? tree.members.map((member) => text.slice(member.start, member.nameEnd) + style.colon + render(text, member.value, inner, deeper))
    : tree.items.map((item) => render(text, item, inner, deeper))
  if (!hasLines) return open + style.pad + pieces.join(`,${style.gap}`) + style.pad + close
  const line = style.newLine + deeper
  return open + line + pieces.join(`,${line}`) + style.newLine + indent + close
}

const isSmall = (tree: Tree) => tree.kind !== 'object' && tree.kind !== 'array'

export interface Piece {
  start: number
  end: number
}

// Members or items, each as a whole.
export function children(tree: Tree): Piece[] {
  return tree.kind === 'object' ? tree.members.map(({ start, value }) => ({ start, end: value.end })) : tree.items
}

const values = (tree: Tree): Tree[] => (tree.kind === 'object' ? tree.members.map((member) => member.value) : tree.items)

const oneLine = (text: string): string | undefined => (text.includes('\n') ? undefined : text)

// The first that fits, from the outside in.
function first(tree: Tree, fits: (tree: Tree) => boolean): Tree | undefined {
  const line = [tree]
  // Parts come to the line while it is gone through.
  for (const part of line) {
    if (fits(part)) return part
    line.push(...values(part))
  }
  return undefined
}

const someMember = (tree: Tree) => first(tree, (part) => part.members.length > 0)?.members[0]

const someInline = (text: string, tree: Tree) =>
  first(tree, (part) => part.kind === 'object' && part.members.length > 0 && !text.slice(part.start, part.end).includes('\n'))
