// What the server's checks have found, by the place it is about.
import type { Diagnostic } from '../../../api/aws'
import type { Json, Path } from '../document/json'
import { pathOf, stateOf } from '../document/location'

export interface Finding {
  isError: boolean
  message: string
  // From the machine on.
  path: Path
}

// Findings without a place are about the whole machine.
export function placed(value: Json | undefined, diagnostics: Diagnostic[]): Finding[] {
  return diagnostics.map(({ severity, message, location }) => ({
    isError: severity === 'ERROR',
    message,
    path: pathOf(value, location ?? '/'),
  }))
}

// About this place itself.
export const exactly = (findings: Finding[], path: Path): Finding[] =>
  findings.filter((finding) => finding.path.length === path.length && startsWith(finding.path, path))

// About this place and what is in it; what is about a state inside of it belongs to that state.
export function within(findings: Finding[], path: Path): Finding[] {
  const depth = depthOf(path)
  return findings.filter((finding) => startsWith(finding.path, path) && depthOf(finding.path) === depth)
}

// How many are about the states inside of a place.
export function inside(findings: Finding[], path: Path): number {
  const depth = depthOf(path)
  return findings.filter((finding) => startsWith(finding.path, path) && depthOf(finding.path) > depth).length
}

// How far it is to the innermost state on the way: nothing if there is none.
const depthOf = (path: Path): number => stateOf(path)?.length ?? 0

const startsWith = (path: Path, start: Path): boolean => path.length >= start.length && start.every((step, at) => path[at] === step)
