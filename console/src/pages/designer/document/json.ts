// JSON values as the designer has them. Objects are maps, because JavaScript's own move keys like "1" to the front.
export type Json = null | boolean | number | string | Json[] | Members
export type Members = Map<string, Json>

// The way to a value: ['States', 'A', 'Choices', 0, 'Next'].
export type Path = (string | number)[]

export const isMembers = (value: Json | undefined): value is Members => value instanceof Map

// What JavaScript wrote as a plain value.
export type Plain = null | boolean | number | string | Plain[] | { [key: string]: Plain | undefined }

// Members that are undefined are left out.
export function json(plain: Plain): Json {
  if (Array.isArray(plain)) return plain.map(json)
  if (typeof plain !== 'object' || plain === null) return plain
  return new Map(Object.entries(plain).flatMap(([key, value]) => (value === undefined ? [] : [[key, json(value)]])))
}

// On one line, without blanks.
export function write(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(write).join(',')}]`
  if (isMembers(value)) return `{${[...value].map(([key, member]) => `${JSON.stringify(key)}:${write(member)}`).join(',')}}`
  return JSON.stringify(value)
}

export function at(value: Json | undefined, path: Path): Json | undefined {
  return path.reduce<Json | undefined>((part, step) => {
    if (typeof step === 'number') return Array.isArray(part) ? part[step] : undefined
    return isMembers(part) ? part.get(step) : undefined
  }, value)
}

// A value's text, if it is one.
export function textAt(value: Json | undefined, path: Path): string | undefined {
  const found = at(value, path)
  return typeof found === 'string' ? found : undefined
}
