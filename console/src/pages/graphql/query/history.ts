// What was asked of an API before, and what is being written: kept in this browser. Who asked is not in it.
export interface Asked {
  at: number
  query: string
  variables: string
}

const ASKED_MAX = 30
// Longer ones are not kept.
const TEXT_MAX = 20_000

const historyKey = (id: string) => `stepwell.graphql.history.${id}`
const draftKey = (id: string) => `stepwell.graphql.draft.${id}`

export function historyOf(id: string): Asked[] {
  const read = parsed(historyKey(id))
  return Array.isArray(read) ? read.filter(isAsked) : []
}

// The newest comes first, and the same text once.
export function remember(id: string, asked: Asked): Asked[] {
  if (asked.query.length + asked.variables.length > TEXT_MAX) return historyOf(id)
  const others = historyOf(id).filter(({ query, variables }) => query !== asked.query || variables !== asked.variables)
  const all = [asked, ...others].slice(0, ASKED_MAX)
  keep(historyKey(id), all)
  return all
}

export const forget = (id: string) => localStorage.removeItem(historyKey(id))

export function draftOf(id: string): Asked | undefined {
  const read = parsed(draftKey(id))
  return isAsked(read) ? read : undefined
}

export const keepDraft = (id: string, draft: Asked) => {
  if (draft.query.length + draft.variables.length <= TEXT_MAX) keep(draftKey(id), draft)
}

function isAsked(read: unknown): read is Asked {
  const asked = read as Partial<Asked> | undefined
  return typeof asked?.query === 'string' && typeof asked.variables === 'string' && typeof asked.at === 'number'
}

function parsed(key: string): unknown {
  try {
    return JSON.parse(localStorage.getItem(key) ?? 'null') ?? undefined
  } catch {
    return undefined
  }
}

function keep(key: string, value: unknown) {
  try {
    localStorage.setItem(key, JSON.stringify(value))
  } catch {
    // No room: what was kept stays.
  }
}
