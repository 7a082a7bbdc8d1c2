// JSONata in definitions: a text that begins with `{%` and ends with `%}`.
import { write, type Json } from '../../document/json'

export const isExpression = (value: Json | undefined): value is string =>
  typeof value === 'string' && value.startsWith('{%') && value.endsWith('%}') && value.length >= 4

// What stands between the signs, without the blanks beside them.
export const insideOf = (value: string): string => value.slice(2, -2).trim()

export const expressionOf = (inside: string): string => `{% ${inside.trim()} %}`

// A literal as an expression that gives it. Literals of JSON are literals of JSONata.
export const asExpression = (value: Json): string => expressionOf(write(value))

// The number or text that an expression is, if it is no more than that.
export function literalOf(value: string): number | string | undefined {
  try {
    const literal: unknown = JSON.parse(insideOf(value))
    return typeof literal === 'number' || typeof literal === 'string' ? literal : undefined
  } catch {
    return undefined
  }
}
