// What differs between two texts, line by line: the shortest way from one to the other.
export interface Line {
  // Added, removed, in both, or left out because nothing near it differs.
  sign: '+' | '-' | ' ' | '…'
  text: string
}

// Lines in both that are shown around a difference.
const AROUND = 3
// The work grows with the product of both; definitions beyond this are compared as wholes.
const CELLS_MAX = 4_000_000

export function difference(one: string, other: string): Line[] {
  return shortened(lines(one.split('\n'), other.split('\n')))
}

function lines(before: string[], after: string[]): Line[] {
  let start = 0
  while (start < before.length && before[start] === after[start]) start++
  let end = 0
  while (end < before.length - start && end < after.length - start && before.at(-1 - end) === after.at(-1 - end)) end++
  const same = (texts: string[]): Line[] => texts.map((text) => ({ sign: ' ', text }))
  return [
    ...same(before.slice(0, start)),
    ...between(before.slice(start, before.length - end), after.slice(start, after.length - end)),
    ...same(end === 0 ? [] : before.slice(-end)),
  ]
}

function between(before: string[], after: string[]): Line[] {
  const removed = before.map((text): Line => ({ sign: '-', text }))
  const added = after.map((text): Line => ({ sign: '+', text }))
  if (before.length * after.length > CELLS_MAX) return [...removed, ...added]
  // The longest common part of the rests, for each pair of places.
  const width = after.length + 1
  const longest = new Uint32Array((before.length + 1) * width)
  for (let row = before.length - 1; row >= 0; row--) {
    for (let column = after.length - 1; column >= 0; column--) {
      const at = row * width + column
      longest[at] = before[row] === after[column]
        ? longest[at + width + 1]! + 1
        : Math.max(longest[at + width]!, longest[at + 1]!)
    }
  }
  const found: Line[] = []
  let [row, column] = [0, 0]
  while (row < before.length && column < after.length) {
    if (before[row] === after[column]) {
      found.push({ sign: ' ', text: before[row]! })
      row++
      column++
    } else if (longest[(row + 1) * width + column]! >= longest[row * width + column + 1]!) found.push(removed[row++]!)
    else found.push(added[column++]!)
  }
  return [...found, ...removed.slice(row), ...added.slice(column)]
}

function shortened(all: Line[]): Line[] {
  const isNear = all.map((_, at) => all.slice(Math.max(0, at - AROUND), at + AROUND + 1).some((line) => line.sign !== ' '))
  if (!isNear.some(Boolean)) return all
  return all.flatMap((line, at): Line[] => {
    if (isNear[at]) return [line]
    return at > 0 && !isNear[at - 1] ? [] : [{ sign: '…', text: '' }]
  })
}
