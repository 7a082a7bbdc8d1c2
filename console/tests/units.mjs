// The console's pure parts, without a browser: JSON, differences, the line of time, histories, hashes.
import assert from 'node:assert/strict'
import { createHash, createHmac } from 'node:crypto'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { checkDesigner, checkDocument, checkLines } from './document.mjs'
import { checkForms } from './forms.mjs'
import { checkMachine } from './machine.mjs'
import { checkHistory } from './history.mjs'
import { checkSchemas } from './schemas.mjs'

const vite = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  server: { middlewareMode: true, hmr: false, watch: null },
  appType: 'custom',
  logLevel: 'error',
})
try {
  const [json, { difference }, { scale }, visits, { partAt }, hash] = await Promise.all([
    '/src/parts/json.ts', '/src/pages/machine/difference.ts', '/src/pages/execution/scale.ts',
    '/src/pages/execution/visits.ts', '/src/pages/execution/definition.ts', '/src/api/sha256.ts',
  ].map((file) => vite.ssrLoadModule(file)))

  // JSON keeps its digits, and what is none is left alone.
  assert.equal(json.pretty('{"a":[1.0,{}],"b":12345678901234567890,"c":"x,{"}'),
    '{\n  "a": [\n    1.0,\n    {}\n  ],\n  "b": 12345678901234567890,\n  "c": "x,{"\n}')
  assert.equal(json.pretty('no json'), 'no json')
  assert.deepEqual(json.pieces('{"a": -1e3, "b": null}').map(({ kind }) => kind).filter(Boolean), ['name', 'number', 'name', 'word'])
  assert.equal(json.pieces('{"a": "<b>"}').map(({ text }) => text).join(''), '{"a": "<b>"}')
  assert.equal(json.mistake('{}'), '')
  const mistakes = {
    '{\n"a": }': 'Line 2, column 6: a value is expected here',
    '{"a": 1,}': 'Line 1, column 9: a name in double quotes is expected here',
    '[1 2]': 'Line 1, column 4: a comma or ] is expected here',
    '[1,': 'Line 1, column 4: a value is expected here',
    '{"a" 1}': 'Line 1, column 6: a colon is expected here',
    '{} x': 'Line 1, column 4: nothing more is expected here',
    '["a\n"]': 'Line 1, column 2: this text has no end, or a sign that must be escaped',
    '[01]': 'Line 1, column 2: a value is expected here',
    '': 'Line 1, column 1: a value is expected here',
  }
  for (const [text, said] of Object.entries(mistakes)) assert.equal(json.mistake(text), said)

  // Differences.
  const lines = (one, other) => difference(one, other).map(({ sign, text }) => sign + text)
  assert.deepEqual(lines('a\nb\nc', 'a\nx\nc'), [' a', '-b', '+x', ' c'])
  assert.deepEqual(lines('a', 'a'), [' a'])
  const long = Array.from({ length: 20 }, (_, at) => `l${at}`)
  assert.deepEqual(lines(long.join('\n'), [...long.slice(0, 19), 'end'].join('\n')), ['…', ' l16', ' l17', ' l18', '-l19', '+end'])

  // A long wait between two short steps is folded, and order is kept.
  const folded = scale(0, 1_000, [1, 2, 999])
  assert.equal(folded.folds.length, 1)
  assert.ok(folded.place(1) > 0.2 && folded.place(2) < folded.place(999) && folded.place(1_000) === 1)
  const even = scale(0, 10, [5])
  assert.deepEqual([even.folds.length, even.place(2.5), even.place(-1), even.place(11)], [0, 0.25, 0, 1])
  assert.deepEqual(scale(3, 3, []).place(3), 0)

  // A Map in which one iteration fails, and the Catch around it.
  const event = (id, previousEventId, type, details = {}) => ({ id, previousEventId, timestamp: id, type, someEventDetails: details })
  const events = [
    event(1, 0, 'ExecutionStarted'),
    event(2, 0, 'MapStateEntered', { name: 'M', input: '[1,2]' }),
    event(3, 2, 'MapStateStarted', { length: 2 }),
    event(4, 3, 'MapIterationStarted', { name: 'M', index: 0 }),
    event(5, 4, 'TaskStateEntered', { name: 'T', input: '1' }),
    event(6, 3, 'MapIterationStarted', { name: 'M', index: 1 }),
    event(7, 6, 'TaskStateEntered', { name: 'T', input: '2' }),
    event(8, 5, 'TaskScheduled'),
    event(9, 8, 'TaskSucceeded', { output: '3' }),
    event(10, 9, 'TaskStateExited', { name: 'T', output: '3' }),
    event(11, 10, 'MapIterationSucceeded', { name: 'M', index: 0 }),
    event(12, 7, 'TaskScheduled'),
    event(13, 12, 'TaskFailed', { error: 'E', cause: 'once' }),
    event(14, 13, 'TaskScheduled'),
    event(15, 14, 'TaskFailed', { error: 'E', cause: 'twice' }),
    event(16, 15, 'MapIterationFailed', { name: 'M', index: 1 }),
    event(17, 16, 'MapStateFailed', { error: 'E' }),
    event(18, 17, 'MapStateExited', { name: 'M', output: '{}' }),
    event(19, 18, 'PassStateEntered', { name: 'P' }),
  ]
  const told = visits.story(events, 'ABORTED')
  const shown = told.visits.map(({ id, name, status, retries, iteration, depth, left }) => ({ id, name, status, retries, iteration, depth, left }))
  assert.deepEqual(shown, [
    { id: 2, name: 'M', status: 'CAUGHT', retries: 0, iteration: undefined, depth: 0, left: 18 },
    { id: 5, name: 'T', status: 'SUCCEEDED', retries: 0, iteration: 0, depth: 1, left: 10 },
    { id: 7, name: 'T', status: 'FAILED', retries: 1, iteration: 1, depth: 1, left: 15 },
    { id: 19, name: 'P', status: 'ABORTED', retries: 0, iteration: undefined, depth: 0, left: 19 },
  ])
  assert.equal(told.visits[2].cause, 'twice')
  assert.deepEqual([3, 11, 16, 17].map((id) => told.visitOf.get(id)?.name), ['M', 'M', 'M', 'M'])
  assert.equal(visits.story(events, 'RUNNING').visits.at(-1).status, 'RUNNING')

  // Parts of definitions, with names that look like places.
  const definition = JSON.stringify({ States: { 'a/States/b': { Branches: [{}, { States: { c: { Type: 'Pass' } } }] }, a: 1 } })
  assert.match(partAt(definition, '/States/a/States/b/Branches[1]/States/c') ?? '', /"Pass"/)
  assert.equal(partAt(definition, '/States/none'), undefined)
  assert.equal(partAt('no json', '/States/a'), undefined)

  // Hashes, beside Node's.
  for (const length of [0, 3, 55, 56, 63, 64, 65, 1_000]) {
    const bytes = Uint8Array.from({ length }, (_, at) => (at * 31) % 256)
    assert.equal(hash.hex(hash.sha256(bytes)), createHash('sha256').update(bytes).digest('hex'), String(length))
    assert.equal(hash.hex(hash.hmac(bytes, bytes)), createHmac('sha256', bytes).update(bytes).digest('hex'), String(length))
  }
  await checkDocument((file) => vite.ssrLoadModule(file))
  await checkMachine((file) => vite.ssrLoadModule(file))
  await checkDesigner((file) => vite.ssrLoadModule(file))
  await checkLines((file) => vite.ssrLoadModule(file))
  await checkForms((file) => vite.ssrLoadModule(file))
  await checkHistory((file) => vite.ssrLoadModule(file))
  await checkSchemas((file) => vite.ssrLoadModule(file))
  console.log('ok  JSON, differences, times, histories, definitions, hashes')
} finally {
  await vite.close()
}
