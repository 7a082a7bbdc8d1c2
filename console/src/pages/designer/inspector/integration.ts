// What the server knows of an integration: how its result may come, and what it must be given.
import { listActivities } from '../../../api/aws'
import { actionsOf, services, type Action } from '../../../api/v1'
import type { Pattern, Resource } from './resource'

export interface Integration {
  patterns: Pattern[]
  required: string[]
}

// Services that were asked for while this page is open; a definition calls few.
const KEPT_MAX = 50
const kept = new Map<string, Promise<Action[]>>()

// Undefined if there is no such action, or nobody to ask.
export async function integration({ service, action }: Extract<Resource, { kind: 'integration' }>): Promise<Integration | undefined> {
  let actions = kept.get(service)
  if (!actions) {
    if (kept.size >= KEPT_MAX) kept.clear()
    actions = actionsOf(service).then((found) => found.actions)
    kept.set(service, actions)
    // Whoever asks again has another try.
    actions.catch(() => kept.delete(service))
  }
  const found = (await actions.catch(() => [])).find((one) => one.action === action)
  return found && { patterns: ['', ...(found.patterns ?? [])] as Pattern[], required: found.required ?? [] }
}

let resources: Promise<string[]> | undefined

// What a Resource may be, for who does not know it by heart: optimised integrations, and the activities that there are.
export function knownResources(): Promise<string[]> {
  resources ??= Promise.all([
    services().then(({ actions }) => actions.map(({ service, action }) => `arn:aws:states:::${service}:${action}`)),
    listActivities().then(({ activities }) => activities.map(({ activityArn }) => activityArn)),
  ]).then((all) => all.flat(), () => {
    resources = undefined
    return []
  })
  return resources
}
