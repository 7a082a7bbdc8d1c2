// The conditions of a Choice where JSONPath holds: a comparison, or others joined by And, Or and Not.
import { isMembers, type Json, type Path } from '../document/json'

export type Operand = 'text' | 'pattern' | 'number' | 'truth' | 'time' | 'path'

export interface Operator {
  name: string
  group: string
  operand: Operand
  // As it is said between the variable and the value.
  says: string
}

const COMPARISONS = [
  ['Equals', 'equals'],
  ['LessThan', 'is less than'],
  ['LessThanEquals', 'is at most'],
  ['GreaterThan', 'is greater than'],
  ['GreaterThanEquals', 'is at least'],
] as const
const KINDS: [kind: string, operand: Operand, comparisons: number][] = [
  ['String', 'text', 5],
  ['Numeric', 'number', 5],
  ['Boolean', 'truth', 1],
  ['Timestamp', 'time', 5],
]
const TESTS = [
  ['IsPresent', 'is there'], ['IsNull', 'is null'], ['IsString', 'is a text'], ['IsNumeric', 'is a number'], ['IsBoolean', 'is true or false'],
  ['IsTimestamp', 'is a time'],
] as const

// All 39.
export const OPERATORS: Operator[] = [
  ...TESTS.map(([name, says]): Operator => ({ name, group: 'What it is', operand: 'truth', says })),
  ...KINDS.flatMap(([kind, operand, comparisons]) => [
    ...COMPARISONS.slice(0, comparisons).map(([name, says]): Operator => ({ name: kind + name, group: kind, operand, says })),
    ...(kind === 'String' ? [{ name: 'StringMatches', group: kind, operand: 'pattern' as const, says: 'matches' }] : []),
    ...COMPARISONS.slice(0, comparisons).map(([name, says]): Operator =>
      ({ name: `${kind}${name}Path`, group: `${kind}, with another value of the input`, operand: 'path', says })),
  ]),
]
export const JOINS = ['And', 'Or', 'Not'] as const
export type Join = (typeof JOINS)[number]

const BY_NAME = new Map(OPERATORS.map((operator) => [operator.name, operator]))
export const operatorOf = (name: string): Operator | undefined => BY_NAME.get(name)

export const isJoin = (name: string): name is Join => JOINS.some((join) => join === name)

// What a rule may have beside its operator, at the top and inside of another.
export const OF_RULE = ['Variable', 'Next', 'Comment', 'Assign']
export const OF_NESTED = ['Variable', 'Comment']

// The operator that a condition has: of several, which is a mistake, the first.
export function operatorIn(condition: Json | undefined): string | undefined {
  if (!isMembers(condition)) return undefined
  return [...condition.keys()].find((name) => isJoin(name) || BY_NAME.has(name))
}

export type Kind = 'test' | Join

export function kindOf(condition: Json | undefined): Kind {
  const operator = operatorIn(condition)
  return operator !== undefined && isJoin(operator) ? operator : 'test'
}

// A comparison to begin with, as it is written.
export const BLANK = '{"Variable":"$.value","IsPresent":true}'

// What a condition becomes as another kind: the members that ask something, as they are written; the rest of a rule stays
// beside them. What is there is taken along where it can be: a comparison goes into And, Or and Not, and comes out of
// them again. `source` says how a part of the condition is written.
export function converted(condition: Json | undefined, kind: Kind, source: (path: Path) => string): [name: string, source: string][] {
  const from = kindOf(condition)
  const asked = question(condition).map((name): [string, string] => [name, source([name])])
  if (kind === from) return asked
  const whole = asked.length > 0 ? `{${asked.map(([name, value]) => `${JSON.stringify(name)}:${value}`).join(',')}}` : BLANK
  if (kind === 'Not') return [['Not', whole]]
  if (kind === 'test') return comparisonIn(condition, from, source)
  // And and Or differ by their names only.
  if (from === 'And' || from === 'Or') return [[kind, source([from])]]
  return [[kind, `[${from === 'Not' ? source(['Not']) : whole}]`]]
}

// The first comparison that is joined.
function comparisonIn(condition: Json | undefined, from: Kind, source: (path: Path) => string): [string, string][] {
  const all = joined(condition)
  const at = all.findIndex((one) => isMembers(one) && kindOf(one) === 'test')
  if (at < 0) return [['Variable', '"$.value"'], ['IsPresent', 'true']]
  const place: Path = from === 'Not' ? [from] : [from, at]
  return question(all[at]).map((name) => [name, source([...place, name])])
}

// The names of the members that ask something.
export function question(condition: Json | undefined): string[] {
  if (!isMembers(condition)) return []
  const operator = operatorIn(condition)
  const names = operator !== undefined && isJoin(operator) ? [operator] : ['Variable', operator]
  return [...condition.keys()].filter((name) => names.includes(name))
}

// The conditions that And, Or or Not is about.
export function joined(condition: Json | undefined): Json[] {
  const operator = operatorIn(condition)
  const value = isMembers(condition) && operator !== undefined && isJoin(operator) ? condition.get(operator) : undefined
  if (Array.isArray(value)) return value
  return value === undefined ? [] : [value]
}

// The value that an operator begins with, made of the one before it where that fits.
export function operandFor(operator: Operator, before: Json | undefined): Json {
  switch (operator.operand) {
    case 'truth':
      return typeof before === 'boolean' ? before : true
    case 'number':
      return typeof before === 'number' ? before : typeof before === 'string' && /^-?\d+(\.\d+)?$/.test(before) ? Number(before) : 0
    case 'path':
      return typeof before === 'string' && before.startsWith('$') ? before : '$.other'
    case 'time':
      return typeof before === 'string' && /^\d{4}-/.test(before) ? before : '2030-01-01T00:00:00Z'
    default:
      return typeof before === 'string' && !before.startsWith('$') ? before : typeof before === 'number' ? String(before) : ''
  }
}

// Conditions inside of each other that are written out; deeper ones are dots.
const DEPTH_MAX = 3

// A condition as one would say it.
export function sentence(condition: Json | undefined, depth = 0): string {
  const name = operatorIn(condition)
  if (name === undefined || !isMembers(condition)) return 'nothing yet'
  if (depth > DEPTH_MAX) return '…'
  if (isJoin(name)) {
    const parts = joined(condition).map((one) => sentence(one, depth + 1))
    if (name === 'Not') return `not (${parts.join('')})`
    return parts.map((part) => (parts.length > 1 && / (and|or) /.test(part) ? `(${part})` : part)).join(name === 'And' ? ' and ' : ' or ')
  }
  const variable = condition.get('Variable')
  const subject = typeof variable === 'string' ? variable : '?'
  const value = condition.get(name)
  const operator = BY_NAME.get(name)!
  if (operator.name.startsWith('Is')) return value === false ? `${subject} ${operator.says.replace('is ', 'is not ')}` : `${subject} ${operator.says}`
  return `${subject} ${operator.says} ${operator.operand === 'path' ? String(value) : JSON.stringify(value)}`
}
