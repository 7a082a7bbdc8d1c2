// Parts of a definition by their places in it: `/States/P/Branches[0]/States/A`.
export function partAt(definition: string, place: string): string | undefined {
  try {
    let value: unknown = JSON.parse(definition)
    // A state's name may have slashes in it, so each name is the longest that is there.
    let rest = place
    while (rest !== '') {
      const index = /^\[(\d+)\]/.exec(rest)
      if (index && Array.isArray(value)) {
        value = value[Number(index[1])]
        rest = rest.slice(index[0].length)
        continue
      }
      if (typeof value !== 'object' || value === null) return undefined
      const below: Record<string, unknown> = value as Record<string, unknown>
      const name = Object.keys(below)
        .filter((name) => rest.startsWith(`/${name}`) && /^(\/|\[|$)/.test(rest.slice(name.length + 1)))
        .sort((one, other) => other.length - one.length)[0]
      if (name === undefined) return undefined
      value = below[name]
      rest = rest.slice(name.length + 1)
    }
    return JSON.stringify(value, null, 2)
  } catch {
    return undefined
  }
}
