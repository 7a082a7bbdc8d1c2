// Texts in boxes.

// What of a text fits into so many pixels, if its characters are so wide on average.
export function cut(text: string, width: number, perCharacter: number): string {
  const fitting = Math.max(1, Math.floor(width / perCharacter))
  return text.length <= fitting ? text : `${text.slice(0, fitting - 1)}…`
}
