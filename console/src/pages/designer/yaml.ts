// Definitions as YAML. The reader comes when it is needed.
import { Sheet } from './document/edits'
import { write, type Json } from './document/json'
import { USUAL, render } from './document/style'

// Aliases of aliases could fill any memory.
const ALIASES_MAX = 100

export async function toYaml(value: Json): Promise<string> {
  const { stringify } = await import('yaml')
  return stringify(value, { lineWidth: 0 })
}

// As JSON with two spaces for each level.
export async function fromYaml(text: string, name: string): Promise<string> {
  const { parseDocument } = await import('yaml')
  const document = parseDocument(text)
  const [first] = document.errors
  if (first) throw new Error(`${name} is neither JSON nor YAML: ${first.message}`)
  const value = document.toJS({ mapAsMap: true, maxAliasCount: ALIASES_MAX }) as Json
  if (!(value instanceof Map)) throw new Error(`${name} has no definition in it: an object is expected.`)
  const source = write(value)
  return `${render(source, Sheet.of(source).tree, USUAL, '')}\n`
}
