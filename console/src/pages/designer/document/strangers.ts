// Fields that only one of the query languages has. (States Language: what follows when a machine changes its language)
import type { Draft } from './draft.svelte'
import { nameOf, statesFrom, type Language } from './flows'
import { isMembers, textAt, type Json } from './json'

const ONLY: Record<Language, string[]> = {
  JSONPath: [
    'InputPath', 'OutputPath', 'ResultPath', 'Parameters', 'ResultSelector', 'ItemsPath', 'SecondsPath', 'TimestampPath', 'TimeoutSecondsPath',
    'HeartbeatSecondsPath', 'MaxConcurrencyPath', 'ToleratedFailurePercentagePath', 'ToleratedFailureCountPath', 'ErrorPath', 'CausePath', 'Result',
  ],
  JSONata: ['Arguments', 'Output', 'Items'],
}

export interface Stranger {
  state: string
  fields: string[]
}

// The states that follow the machine's language, with what they have of the other one than `language`.
export function strangersTo(draft: Draft, language: Language): Stranger[] {
  const other = language === 'JSONata' ? 'JSONPath' : 'JSONata'
  return statesFrom(draft).flatMap((path): Stranger[] => {
    const state = draft.at(path)
    const own = textAt(draft.value, [...path, 'QueryLanguage'])
    // A machine in JSONata has no state in JSONPath; the other way round a state may keep its own.
    if (!isMembers(state) || own === language || (own !== undefined && language === 'JSONPath')) return []
    const fields = ONLY[other].filter((field) => state.has(field))
    if (own !== undefined) fields.unshift('QueryLanguage')
    const rules = state.get('Choices')
    if (Array.isArray(rules) && rules.some((rule) => isMembers(rule) && rule.has('Condition') === (language === 'JSONPath'))) fields.push('Choices')
    if (language === 'JSONPath' && hasExpression(state.get('Assign') ?? null)) fields.push('Assign')
    if (language === 'JSONata' && hasPathKey(state.get('Assign') ?? null)) fields.push('Assign')
    return fields.length > 0 ? [{ state: nameOf(path), fields }] : []
  })
}

const hasExpression = (value: Json): boolean =>
  some(value, (part) => typeof part === 'string' && /^\{%[\s\S]*%\}$/.test(part))

const hasPathKey = (value: Json): boolean =>
  some(value, (part) => isMembers(part) && [...part.keys()].some((key) => key.endsWith('.$')))

function some(value: Json, fits: (part: Json) => boolean): boolean {
  if (fits(value)) return true
  if (Array.isArray(value)) return value.some((item) => some(item, fits))
  return isMembers(value) && [...value.values()].some((member) => some(member, fits))
}
