// Inputs that a state machine was started with here, the latest first. They stay in this browser.
const KEPT_MAX = 10
// Larger ones would fill the browser's store soon.
const LENGTH_MAX = 20_000

const key = (arn: string) => `stepwell.inputs.${arn}`

export function inputs(arn: string): string[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key(arn)) ?? '[]')
    return Array.isArray(kept) ? kept.filter((text) => typeof text === 'string') : []
  } catch {
    return []
  }
}

export function keep(arn: string, input: string) {
  if (input.length > LENGTH_MAX) return
  const kept = [input, ...inputs(arn).filter((other) => other !== input)].slice(0, KEPT_MAX)
  try {
    localStorage.setItem(key(arn), JSON.stringify(kept))
  } catch {
    // A full store, or none at all, keeps nothing.
  }
}
