// What the server knows of an integration: how its result may come, and what it must be given. The validator is asked
// with Tasks that give nothing, so this is never older than the server.
import { validate } from '../../../api/aws'
import { PATTERNS, resourceText, type Pattern, type Resource } from './resource'

export interface Integration {
  patterns: Pattern[]
  required: string[]
}

// Asked for while this page is open; a definition has few.
const KEPT_MAX = 200
const kept = new Map<string, Promise<Integration>>()

export function integration(resource: Extract<Resource, { kind: 'integration' }>): Promise<Integration> {
  const key = resourceText(resource, '')
  let found = kept.get(key)
  if (!found) {
    if (kept.size >= KEPT_MAX) kept.clear()
    found = ask(resource)
    kept.set(key, found)
    // Whoever asks again has another try.
    found.catch(() => kept.delete(key))
  }
  return found
}

async function ask(resource: Extract<Resource, { kind: 'integration' }>): Promise<Integration> {
  const tasks = PATTERNS.map(({ pattern }, at) => [`T${at}`, {
    Type: 'Task', Resource: resourceText(resource, pattern), Parameters: {}, ...(at + 1 < PATTERNS.length ? { Next: `T${at + 1}` } : { End: true }),
  }])
  const { diagnostics } = await validate(JSON.stringify({ StartAt: 'T0', States: Object.fromEntries(tasks) }), 'STANDARD')
  const patterns = PATTERNS.filter((_, at) => !diagnostics.some(({ location }) => location === `/States/T${at}/Resource`)).map(({ pattern }) => pattern)
  const first = patterns.length > 0 ? PATTERNS.findIndex(({ pattern }) => pattern === patterns[0]) : 0
  return { patterns, required: missing(diagnostics.filter(({ location }) => location === `/States/T${first}/Parameters`).map(({ message }) => message)) }
}

// The names in the server's complaints that something is not there.
export function missing(messages: string[]): string[] {
  return messages.flatMap((message) => /^The field '(.+)' is required but was missing$/.exec(message)?.[1] ?? [])
}
