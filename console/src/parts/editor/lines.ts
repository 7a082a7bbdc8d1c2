// The editor knows one kind of line end; texts know two. What is not edited keeps its own.

// A piece of the editor's text that has become another one, by the places before the change.
export interface Piece {
  from: number
  to: number
  inserted: string
}

// As the editor has it.
export const plain = (text: string): string => text.replaceAll('\r\n', '\n').replaceAll('\r', '\n')

// The text after changes that were made to its plain form. They come in order and do not overlap.
export function changed(text: string, pieces: Piece[]): string {
  const carriages = placesOf(text)
  const newLine = text.includes('\r\n') ? '\r\n' : '\n'
  let [out, end] = ['', 0]
  for (const { from, to, inserted } of pieces) {
    out += text.slice(end, outer(carriages, from)) + inserted.replaceAll('\n', newLine)
    end = outer(carriages, to)
  }
  return out + text.slice(end)
}

// A place of the text as one of its plain form, and the other way round.
export const toPlain = (text: string, place: number): number => plain(text.slice(0, place)).length
export const fromPlain = (text: string, place: number): number => outer(placesOf(text), place)

// Where the plain form has a line feed that was two characters.
function placesOf(text: string): number[] {
  const places: number[] = []
  for (let at = text.indexOf('\r\n'); at >= 0; at = text.indexOf('\r\n', at + 2)) places.push(at - places.length)
  return places
}

// So many characters were left out before it.
function outer(carriages: number[], place: number): number {
  let [low, high] = [0, carriages.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (carriages[middle]! < place) low = middle + 1
    else high = middle
  }
  return place + low
}
