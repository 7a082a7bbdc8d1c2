// Places of a definition as the server names them, in diagnostics and layouts: `/States/P/Branches[0]/States/A`.
import { isMembers, type Json, type Path } from './json'

export const locationOf = (path: Path): string =>
  path.map((step) => (typeof step === 'number' ? `[${step}]` : `/${step}`)).join('')

// The way to a place, as far as it is there. Names may have slashes and brackets in them, so each is the longest that fits.
export function pathOf(value: Json | undefined, location: string): Path {
  const path: Path = []
  let rest = location === '/' ? '' : location
  while (rest !== '') {
    const index = /^\[(\d+)\]/.exec(rest)
    if (index && Array.isArray(value)) {
      path.push(Number(index[1]))
      value = value[Number(index[1])]
      rest = rest.slice(index[0].length)
      continue
    }
    if (!isMembers(value)) break
    const key = [...value.keys()]
      .filter((key) => rest.startsWith(`/${key}`) && /^(\/|\[|$)/.test(rest.slice(key.length + 1)))
      .sort((one, other) => other.length - one.length)[0]
    if (key === undefined) break
    path.push(key)
    value = value.get(key)
    rest = rest.slice(key.length + 1)
  }
  return path
}

// The innermost state around a place: a path that ends with ['States', name]. Undefined outside of states.
export function stateOf(path: Path): Path | undefined {
  for (let length = path.length; length >= 2; length--) {
    if (isState(path.slice(0, length))) return path.slice(0, length)
  }
  return undefined
}

// States are members of a flow's States, and flows are the whole, branches, and what a Map does with an item.
function isState(path: Path): boolean {
  if (path.length < 2 || path.at(-2) !== 'States' || typeof path.at(-1) !== 'string') return false
  return isFlow(path.slice(0, -2))
}

export function isFlow(path: Path): boolean {
  if (path.length === 0) return true
  const last = path.at(-1)
  if (typeof last === 'number') return path.at(-2) === 'Branches' && isState(path.slice(0, -2))
  return (last === 'ItemProcessor' || last === 'Iterator') && isState(path.slice(0, -1))
}
