// What is said of a state, on its box and to those who do not see it.
import type { Node } from '../../api/v1'
import { wordFor } from '../Status.svelte'

// What stands at the border of a box.
export function notesOf(node: Node): string[] {
  const { retries, iterations } = node.execution ?? {}
  const notes = retries ? [`${retries} ${retries === 1 ? 'retry' : 'retries'}`] : []
  if (!iterations) return notes
  const { total, succeeded, failed, running } = iterations
  const words = [`${succeeded} of ${total}`, failed ? `${failed} failed` : '', running ? `${running} running` : '']
  return [...notes, words.filter(Boolean).join(' · ')]
}

// All that is drawn, in its order, and what is only drawn as a picture.
export function spoken(node: Node): string {
  const drawn = [node.name, node.detail ?? '', ...notesOf(node)].filter(Boolean)
  const status = node.execution ? [wordFor(node.execution.status)] : []
  return [...drawn, node.type ? `${node.type} state` : 'missing state', ...status].join(', ')
}
