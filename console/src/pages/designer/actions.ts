// What can be done to the chosen state, for menus and tool bars.
import type { IconName } from '../../parts/Icon.svelte'
import type { Designer } from './designer.svelte'
import { goesOn, nameOf, typeOf } from './document/flows'

export interface Action {
  title: string
  icon: IconName
  keys?: string
  isDanger?: boolean
  // Its picture says enough where there is little room.
  isBrief?: boolean
  run: () => void
}

export function actionsFor(designer: Designer): Action[] {
  const { chosen, draft } = designer
  if (!chosen) return [{ title: 'Add a state here…', icon: 'plus', keys: 'Insert', run: () => search(designer) }]
  const type = typeOf(draft, chosen)
  const canFollow = type !== 'Succeed' && type !== 'Fail'
  return [
    { title: canFollow ? 'Add after…' : 'Add before…', icon: 'plus', keys: 'Insert', run: () => search(designer) },
    ...(canFollow ? [{ title: 'Add before…', icon: 'plus' as const, run: () => search(designer, { before: chosen }) }] : []),
    ...designer.emptyFlows.slice(0, 1).map((flow) => ({ title: `Add inside ${nameOf(chosen)}…`, icon: 'plus' as const, run: () => search(designer, { flow }) })),
    ...(type === 'Choice' ? [{ title: 'Add a rule', icon: 'plus' as const, run: () => designer.addRule() }] : []),
    ...(type === 'Parallel' ? [{ title: 'Add a branch', icon: 'plus' as const, run: () => designer.addBranch() }] : []),
    ...(goesOn(type) && ['Task', 'Parallel', 'Map'].includes(type) ? [{ title: 'Catch errors', icon: 'plus' as const, run: () => designer.addCatcher() }] : []),
    { title: 'Duplicate', icon: 'copy', keys: 'Ctrl+D', isBrief: true, run: () => designer.duplicate() },
    { title: 'Move up', icon: 'up', keys: 'Alt+↑', isBrief: true, run: () => designer.shift(-1) },
    { title: 'Move down', icon: 'open', keys: 'Alt+↓', isBrief: true, run: () => designer.shift(1) },
    { title: 'Delete', icon: 'bin', keys: 'Del', isDanger: true, isBrief: true, run: () => designer.remove() },
  ]
}

// The palette's search, for a state at a place.
function search(designer: Designer, place?: Designer['place']) {
  designer.place = place
  designer.wantsPalette++
}
