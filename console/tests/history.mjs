// What a history tells beside visits, without a browser: variables, results, iterations; and the playground's links.
import assert from 'node:assert/strict'

const event = (id, previousEventId, type, details = {}) => ({ id, previousEventId, timestamp: id, type, someEventDetails: details })

export async function checkHistory(load) {
  const [{ story }, { variablesAt, assignedBy, asObject }, { workOf }, { iterationsOf, countsOf }, bench, { bytes }] = await Promise.all([
    'pages/execution/visits.ts', 'pages/execution/variables.ts', 'pages/execution/work.ts', 'pages/execution/iterations.ts',
    'pages/playground/work.ts', 'parts/bytes.ts',
  ].map((file) => load(`/src/${file}`)))

  // A assigns x and y; a branch of P assigns z and sees x; P assigns y again; behind it z is gone.
  const events = [
    event(1, 0, 'ExecutionStarted'),
    event(2, 0, 'PassStateEntered', { name: 'A', input: '{}' }),
    event(3, 2, 'PassStateExited', { name: 'A', output: '{}', assignedVariables: { x: '1', y: '[2]' } }),
    event(4, 3, 'ParallelStateEntered', { name: 'P', input: '{}' }),
    event(5, 4, 'ParallelStateStarted'),
    event(6, 5, 'PassStateEntered', { name: 'One', input: '{}' }),
    event(7, 6, 'PassStateExited', { name: 'One', output: '10', assignedVariables: { z: '3' } }),
    event(8, 5, 'PassStateEntered', { name: 'Two', input: '{}' }),
    event(9, 8, 'PassStateExited', { name: 'Two', output: '20' }),
    event(10, 7, 'PassStateEntered', { name: 'Three', input: '10' }),
    event(11, 10, 'PassStateExited', { name: 'Three', output: '30' }),
    event(12, 11, 'ParallelStateSucceeded'),
    event(13, 12, 'ParallelStateExited', { name: 'P', output: '[30,20]', assignedVariables: { y: '"new"' } }),
    event(14, 13, 'TaskStateEntered', { name: 'B', input: '[30,20]' }),
  ]
  const told = story(events, 'RUNNING')
  const visit = (name) => told.visits.find((visit) => visit.name === name)
  const seen = (name) => asObject(variablesAt(visit(name), events, told))
  assert.equal(seen('A'), '{}')
  assert.equal(seen('Two'), '{"x":1,"y":[2]}')
  assert.equal(seen('Three'), '{"z":3,"x":1,"y":[2]}')
  assert.equal(seen('B'), '{"y":"new","x":1}')
  assert.equal(assignedBy(visit('P')), '{"y":"new"}')
  assert.equal(assignedBy(visit('Two')), undefined)
  // Results by branch, in the order of the branches.
  assert.deepEqual(workOf(visit('P'), events, told), { kind: 'result', result: '[30,20]' })
  assert.equal(workOf(visit('B'), events, told).kind, 'unknown')

  // A task that was retried: what happened last counts.
  const task = [
    event(1, 0, 'ExecutionStarted'),
    event(2, 0, 'TaskStateEntered', { name: 'T', input: '{}' }),
    event(3, 2, 'TaskScheduled'),
    event(4, 3, 'TaskFailed', { error: 'E', cause: 'once' }),
    event(5, 4, 'TaskScheduled'),
    event(6, 5, 'TaskSucceeded', { output: '{"a":1.0}' }),
  ]
  const work = (count) => {
    const some = task.slice(0, count)
    const told = story(some, 'RUNNING')
    return workOf(told.visits[0], some, told)
  }
  assert.deepEqual(work(4), { kind: 'error', error: 'E', cause: 'once' })
  assert.equal(work(5).kind, 'unknown')
  assert.deepEqual(work(6), { kind: 'result', result: '{"a":1.0}' })

  // Iterations: where one has failed, that is shown, not what came to its end beside it.
  const map = [
    event(1, 0, 'ExecutionStarted'),
    event(2, 0, 'MapStateEntered', { name: 'M', input: '[1,2]' }),
    event(3, 2, 'MapStateStarted', { length: 2 }),
    event(4, 3, 'MapIterationStarted', { name: 'M', index: 0 }),
    event(5, 4, 'PassStateEntered', { name: 'Q', input: '1' }),
    event(6, 5, 'PassStateExited', { name: 'Q', output: '"one"' }),
    event(7, 6, 'MapIterationSucceeded', { name: 'M', index: 0 }),
    event(8, 3, 'MapIterationStarted', { name: 'M', index: 1 }),
    event(9, 8, 'TaskStateEntered', { name: 'Q', input: '2' }),
    event(10, 9, 'TaskScheduled'),
    event(11, 10, 'TaskFailed', { error: 'E' }),
    event(12, 11, 'MapIterationFailed', { name: 'M', index: 1 }),
  ]
  const mapped = story(map, 'RUNNING')
  const iterations = iterationsOf(mapped.visits[0], mapped)
  assert.deepEqual(iterations.map(({ index, status, visit }) => [index, status, visit.id]), [[0, 'SUCCEEDED', 5], [1, 'FAILED', 9]])
  assert.deepEqual(countsOf(iterations), [['SUCCEEDED', 1], ['FAILED', 1]])

  // A Fail state is never left, and has failed as soon as it is entered.
  const fail = [
    event(1, 0, 'ExecutionStarted'),
    event(2, 0, 'FailStateEntered', { name: 'F', input: '{}' }),
    event(3, 2, 'ExecutionFailed', { error: 'E', cause: 'c' }),
  ]
  const { status, error, cause, left } = story(fail, 'FAILED').visits[0]
  assert.deepEqual({ status, error, cause, left }, { status: 'FAILED', error: 'E', cause: 'c', left: 2 })

  // Links to the playground come back as they went out; what is none begins anew.
  const start = { language: 'JSONPath', what: 'expression', text: '$', input: '{}', variables: '', context: '', result: '', errorOutput: '' }
  const written = { ...start, language: 'JSONata', text: "$states.input.'ä → 漢 😀'", result: '{"a": "+/="}' }
  assert.deepEqual(bench.fromHash(bench.toHash(written), start), written)
  for (const hash of ['', 'nonsense!', btoa('[]'), btoa('{"language":"SQL","text":7}')]) assert.deepEqual(bench.fromHash(hash, start), start, hash)
  assert.match(bench.toEvaluation({ ...start, input: '{' }).wrong, /^Input: Line 1, column 2/)
  assert.equal(bench.toEvaluation({ ...start, text: ' ' }).wrong, 'Write an expression, or choose an example.')
  // JSONPath has no name for a result, so none is sent.
  const { evaluation } = bench.toEvaluation({ ...start, result: '1' })
  assert.deepEqual(JSON.parse(JSON.stringify(evaluation)), { queryLanguage: 'JSONPath', expression: '$', input: '{}' })

  assert.deepEqual([0, 999, 1_000, 123_456, 5_600_000, 7e15].map(bytes), ['0 B', '999 B', '1.0 kB', '123 kB', '5.6 MB', '7000 TB'])
}
