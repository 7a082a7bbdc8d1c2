// Schemas and documents as the pages read them, an answer with its errors at their places, steps as rows; without a browser.
import assert from 'node:assert/strict'

const SCHEMA = `# A shop.
schema @why { query: Root mutation: Change }
directive @why(a: [Int!] = [1, 2]) repeatable on SCHEMA | FIELD_DEFINITION
"""
What is sold.
With "quotes" in it.
"""
type Thing implements & Node & Named @aws_iam @aws_auth(cognito_groups: ["a", "b"]) {
  id: ID!
  "By name (of the shop)."
  names(first: Int = 3, like: [Filter!]! = [{ has: "x)" }], kind: Kind): [[String!]!]! @deprecated(reason: "old") # } not here
}
interface Node { id: ID! }
interface Named { names: [String] }
union Any = | Thing | Other
enum Kind { BIG @deprecated SMALL }
input Filter { has: String! deep: Filter, kind: Kind! }
scalar Odd
type Root { thing(id: ID!): Thing, any: Any, all: [Thing!]! }
type Change { put(filter: Filter!, on: Boolean!, count: Int): Thing }
extend type Root { more: Int }
type Other { thing: Thing }
`

export async function checkSchemas(load) {
  const [{ readSchema, nameIn }, { operations, expectedAt, documentFor }, { pieces }, { linesOf }, { rowsOf, failureOf, short, ticks }] =
    await Promise.all(['schema', 'document', 'tokens', 'query/lines', 'query/steps'].map((file) => load(`/src/pages/graphql/${file}.ts`)))

  const schema = readSchema(SCHEMA)
  assert.deepEqual(schema.roots, { query: 'Root', mutation: 'Change', subscription: '' })
  assert.deepEqual([...schema.types.values()].map(({ kind, name }) => `${kind} ${name}`), [
    'type Thing', 'interface Node', 'interface Named', 'union Any', 'enum Kind', 'input Filter', 'scalar Odd', 'type Root', 'type Change', 'type Other',
  ])
  const thing = schema.types.get('Thing')
  assert.equal(thing.description, 'What is sold.\nWith "quotes" in it.')
  assert.deepEqual(thing.names, ['Node', 'Named'])
  assert.deepEqual(thing.directives, ['@aws_iam', '@aws_auth(cognito_groups: ["a", "b"])'])
  const [, names] = thing.fields
  assert.deepEqual([names.type, names.description, names.directives], ['[[String!]!]!', 'By name (of the shop).', ['@deprecated(reason: "old")']])
  assert.deepEqual(names.arguments.map(({ name, type }) => `${name}: ${type}`), ['first: Int', 'like: [Filter!]!', 'kind: Kind'])
  assert.deepEqual(schema.types.get('Any').names, ['Thing', 'Other'])
  assert.deepEqual(schema.types.get('Kind').fields.map(({ name, type }) => [name, type]), [['BIG', ''], ['SMALL', '']])
  assert.deepEqual(schema.types.get('Root').fields.map(({ name, type }) => `${name}: ${type}`), ['thing: Thing', 'any: Any', 'all: [Thing!]!', 'more: Int'])
  assert.match(SCHEMA.slice(thing.from, thing.until), /^"""[\s\S]*\}$/)
  assert.equal(nameIn('[[String!]!]!'), 'String')
  // Whatever the text, reading comes to an end.
  for (let end = 0; end <= SCHEMA.length; end++) readSchema(SCHEMA.slice(0, end))
  assert.equal(pieces(SCHEMA).map(({ text }) => text).join(''), SCHEMA)

  assert.deepEqual(operations('query A { query } mutation { put } { x } fragment F on Root { mutation }'), [
    { kind: 'query', name: 'A' }, { kind: 'mutation', name: '' }, { kind: 'query', name: '' },
  ])
  assert.deepEqual(operations('query A($f: Filter = {has: "{"}) @x(a: [1]) { thing }'), [{ kind: 'query', name: 'A' }])
  assert.deepEqual(operations('# { a }'), [])

  // `|` is where one writes.
  const expected = (text) => {
    const { fields = [], arguments: given = [], words = [] } = expectedAt(text.replace('|', ''), text.indexOf('|'), schema)
    return [...fields, ...given].map(({ name }) => name).concat(words).join(' ')
  }
  const cases = {
    '|': 'query mutation subscription fragment',
    '{ | }': 'thing any all more __typename',
    '{ thi|': 'thing any all more __typename',
    '{ thing(id: 1) { id | } }': 'id names __typename',
    'query ($x: |': 'ID String Int Float Boolean Kind Filter Odd',
    'mutation { put(|': 'filter on count',
    'mutation { put(filter: {has: "a"}, |': 'filter on count',
    'mutation { put(on: |': 'true false',
    '{ thing(id: 1) { names(kind: |': 'BIG SMALL',
    '{ any { ... on | } }': 'Thing Node Named Any Root Change Other',
    '{ any { ... on Other { | } } }': 'thing __typename',
    '{ any { ... on Other { thing { id } | } } }': 'thing __typename',
    '{ all { id } | }': 'thing any all more __typename',
    'fragment F on |': 'Thing Node Named Any Root Change Other',
    'fragment F on Other { |': 'thing __typename',
    '{ x } query { |': 'thing any all more __typename',
  }
  for (const [text, said] of Object.entries(cases)) assert.equal(expected(text), said, text)

  const put = documentFor(schema, 'mutation', schema.types.get('Change').fields[0])
  assert.equal(put.query, `mutation Put($filter: Filter!, $on: Boolean!, $count: Int) {
  put(filter: $filter, on: $on, count: $count) {
    id
  }
}
`)
  assert.deepEqual(JSON.parse(put.variables), { filter: { has: '', kind: 'BIG' }, on: true })

  // Errors stand at their places; where a null went up, at the place that is left.
  const answer = {
    data: { a: [{ b: null }, null], c: {} },
    errors: [{ message: 'one', path: ['a', 0, 'b'] }, { message: 'two', path: ['a', 1, 'deep', 'er'] }, { message: 'three', path: null }, { message: 'four', path: ['gone'] }],
  }
  const { lines, homeless } = linesOf(answer)
  assert.deepEqual(homeless.map(({ message }) => message), ['three', 'four'])
  assert.equal(lines.map(({ depth, name, text, isLast, troubles }) =>
    `${' '.repeat(depth)}${name && `${name}: `}${text}${isLast || '[{'.includes(text) ? '' : ','}${troubles.map(({ message }) => ` < ${message}`).join('')}`).join('\n'),
  '{\n "a": [\n  {\n   "b": null < one\n  },\n  null < two\n ],\n "c": {}\n}')
  assert.equal(linesOf({ data: Array.from({ length: 5_000 }, () => 1) }), undefined)
  assert.deepEqual(linesOf({ errors: [{ message: 'no' }] }), { lines: [], homeless: [{ message: 'no' }] })

  // Steps: a pipeline with its function, and a field below it that fails.
  const stage = (path, step, part, startedMicroseconds, microseconds, gave = 1) => ({ path, step, part, given: {}, gave, logs: [], startedMicroseconds, microseconds })
  const rows = rowsOf([
    stage('/a', 'Query.a', 'request', 0, 5), stage('/a', 'Query.a/f', 'source', 5, 10), stage('/a', 'Query.a', 'response', 15, 5),
    stage('/a[0]/b', 'A.b', 'response', 20, 2, { error: { message: 'no', type: 'T' } }),
  ])
  assert.deepEqual(rows.map(({ step, depth, from, until, hasFailed }) => [step, depth, from, until, hasFailed]), [
    ['Query.a', 0, 0, 20, false], ['Query.a/f', 1, 5, 15, false], ['A.b', 1, 20, 22, true],
  ])
  assert.equal(failureOf({ gave: { error: 'a field of that name' } }), undefined)
  assert.equal(failureOf({ gave: { error: { message: 'x' }, other: 1 } }), undefined)
  assert.deepEqual(failureOf({ gave: { result: null, error: { message: 'x' } } }), { message: 'x', type: undefined })
  assert.deepEqual([9, 1_500, 250_000, 2_000_000].map(short), ['9 µs', '1.5 ms', '250 ms', '2.00 s'])
  assert.deepEqual([ticks(1), ticks(22), ticks(15_700)], [[0, 1], [0, 5, 10, 15, 20], [0, 5_000, 10_000, 15_000]])
  console.log('ok  schemas, documents, answers and steps of GraphQL')
}
