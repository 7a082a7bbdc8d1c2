// The inspector's pure parts, without a browser: which fields there are, conditions, findings, one step for what is
// typed, what a test asks.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'

const ROOT = fileURLToPath(new URL('../..', import.meta.url))

export async function checkForms(load) {
  const at = (file) => load(`/src/pages/designer/inspector/${file}`)
  const document = (file) => load(`/src/pages/designer/document/${file}`)
  checkSchema(await at('schema.ts'))
  checkResources(await at('resource.ts'), await at('retry.ts'))
  checkReader(await at('states/reader.ts'), await document('json.ts'))
  await checkConditions(await at('choice.ts'), document)
  await checkParts(at, document)
  checkTests(await at('test/request.ts'), await at('test/tests.ts'))
  console.log('ok  fields, conditions, findings and tests of the inspector')
}

// The forms know what the server's own checks know.
function checkSchema(schema) {
  const rust = readFileSync(`${ROOT}crates/asl/src/definition/schema.rs`, 'utf8')
  const names = (text) => [...text.matchAll(/"([^"]+)"/g)].map(([, name]) => name).sort()
  const shape = (name) => {
    const found = new RegExp(`const ${name}: Shape =\\s*Shape \\{([^}]*)\\}`).exec(rust)
    assert.ok(found, `there is no ${name} in schema.rs`)
    return names(found[1])
  }
  const list = (name) => names(new RegExp(`const ${name}: &\\[&str\\] =\\s*&\\[([^\\]]*)\\]`).exec(rust)[1])
  for (const type of schema.TYPES) {
    const known = new Set([...schema.fieldsOf(type, 'JSONPath'), ...schema.fieldsOf(type, 'JSONata')])
    assert.deepEqual([...known].sort(), shape(type.toUpperCase()), type)
  }
  assert.deepEqual([...schema.TYPES].sort(), list('STATE_TYPES'))
  const objects = ['MACHINE', 'RETRIER', 'CATCHER', 'JSONATA_RULE', 'ITEM_PROCESSOR', 'PROCESSOR_CONFIG', 'ITEM_READER', 'READER_CONFIG', 'ITEM_BATCHER', 'RESULT_WRITER', 'WRITER_CONFIG']
  for (const name of objects) assert.deepEqual([...schema[name]].sort(), shape(name), name)
  for (const [name, other] of [['JSONATA_ONLY', 'JSONPath'], ['JSONPATH_ONLY', 'JSONata']]) {
    for (const field of list(name)) assert.ok(!schema.isOfLanguage(field, other), `${field} is none of ${other}`)
  }
  for (const field of schema.fieldsOf('Task', 'JSONata')) assert.ok(!list('JSONPATH_ONLY').includes(field), field)
  assert.deepEqual(schema.fieldsOf('Nap', 'JSONPath'), ['Type', 'Comment', 'QueryLanguage'])
}

function checkResources({ resourceOf, resourceText, needsMock }, { plan }) {
  const integration = resourceOf('arn:aws-cn:states:::aws-sdk:sfn:startSyncExecution.waitForTaskToken')
  assert.deepEqual(integration, { kind: 'integration', prefix: 'arn:aws-cn:states:::', service: 'aws-sdk:sfn', action: 'startSyncExecution', pattern: '.waitForTaskToken' })
  assert.equal(resourceText(integration, ''), 'arn:aws-cn:states:::aws-sdk:sfn:startSyncExecution')
  assert.equal(resourceOf('arn:aws:states:::states:startExecution.sync:2').pattern, '.sync:2')
  assert.equal(resourceOf('arn:aws:states:us-east-1:1:activity:a').kind, 'activity')
  assert.equal(resourceOf('arn:aws:lambda:us-east-1:1:function:f').kind, 'function')
  assert.equal(resourceOf('f').kind, 'other')
  assert.deepEqual(['arn:aws:states:::sqs:sendMessage', 'arn:aws:states:::glue:startJobRun.sync', 'arn:aws:states:us-east-1:1:activity:a', 'x'].map(needsMock), [false, true, true, false])
  assert.equal(plan({}), 'Waits 1 s, 2 s and then 4 s before it tries again.')
  assert.equal(plan({ interval: 3, attempts: 1, jitter: true }), 'Waits up to 3 s before it tries again.')
  assert.equal(plan({ interval: 100, attempts: 9, rate: 10, delay: 3_600 }), 'Waits 100 s, 16.7 min, 60 min, 60 min, 60 min and so on, 9 times, before it tries again.')
  assert.equal(plan({ attempts: 0 }), 'Is not tried again.')
}

function checkReader({ readerFields }, { json }) {
  const shown = (resource, config) => {
    const { types, ...others } = readerFields(`arn:aws:states:::s3:${resource}`, json(config))
    return [types.map(([name]) => name).join(' '), ...Object.keys(others).filter((name) => others[name])].join(' ')
  }
  assert.equal(shown('getObject', { InputType: 'CSV' }), 'CSV JSON JSONL PARQUET MANIFEST manifest csv delimiter')
  assert.equal(shown('getObject', { InputType: 'CSV', CSVHeaderLocation: 'GIVEN' }), 'CSV JSON JSONL PARQUET MANIFEST manifest csv headers delimiter')
  assert.equal(shown('getObject', { ManifestType: 'S3_INVENTORY' }), ' manifest delimiter')
  assert.equal(shown('getObject', { ManifestType: 'ATHENA_DATA', InputType: 'JSONL' }), 'CSV JSONL PARQUET manifest')
  assert.equal(shown('listObjectsV2', {}), ' transformation')
  assert.equal(shown('listObjectsV2', { Transformation: 'LOAD_AND_FLATTEN' }), 'CSV JSON JSONL PARQUET transformation')
  // What has a value is shown, even where it must not stand.
  assert.equal(shown('listObjectsV2', { InputType: 'JSON' }), 'CSV JSON JSONL PARQUET MANIFEST transformation pointer')
}

async function checkConditions(choice, document) {
  const [{ find, parse, valueOf }, { json }] = await Promise.all(['tree.ts', 'json.ts'].map(document))
  assert.equal(choice.OPERATORS.length, 39)
  assert.equal(new Set(choice.OPERATORS.map(({ name }) => name)).size, 39)
  const rust = readFileSync(`${ROOT}crates/asl/src/choice/parse.rs`, 'utf8')
  assert.match(rust, /"String", "Numeric", "Boolean", "Timestamp"/)
  for (const name of ['IsNull', 'IsNumeric', 'IsString', 'IsBoolean', 'IsTimestamp', 'IsPresent', 'StringMatches']) {
    assert.ok(rust.includes(`"${name}"`) && choice.operatorOf(name), name)
  }
  const converted = (text, kind) => {
    const tree = parse(text)
    const made = choice.converted(valueOf(text, tree), kind, (path) => {
      const part = find(tree, path)
      return text.slice(part.start, part.end)
    })
    return `{${made.map(([name, value]) => `"${name}":${value}`).join(',')}}`
  }
  const one = '{"Variable":"$.a","NumericEquals":1.0,"Next":"B"}'
  const asked = '{"Variable":"$.a","NumericEquals":1.0}'
  assert.equal(converted(one, 'And'), `{"And":[${asked}]}`)
  assert.equal(converted(one, 'Not'), `{"Not":${asked}}`)
  assert.equal(converted(one, 'test'), asked)
  assert.equal(converted(`{"And":[{"Not":{}},${asked}],"Next":"B"}`, 'Or'), `{"Or":[{"Not":{}},${asked}]}`)
  assert.equal(converted(`{"And":[{"Not":{}},${asked}]}`, 'test'), asked)
  assert.equal(converted(`{"Or":[${asked}]}`, 'Not'), `{"Not":{"Or":[${asked}]}}`)
  assert.equal(converted(`{"Not":${asked}}`, 'And'), `{"And":[${asked}]}`)
  assert.equal(converted(`{"Not":${asked}}`, 'test'), asked)
  assert.equal(converted('{"And":[]}', 'test'), choice.BLANK)
  assert.equal(converted('{"Next":"B"}', 'And'), `{"And":[${choice.BLANK}]}`)
  const said = (plain) => choice.sentence(json(plain))
  assert.equal(said({ Variable: '$.a', NumericGreaterThanEquals: 5 }), '$.a is at least 5')
  assert.equal(said({ Variable: '$.a', StringEqualsPath: '$.b' }), '$.a equals $.b')
  assert.equal(said({ Variable: '$.a', IsPresent: false }), '$.a is not there')
  assert.equal(said({ And: [{ Variable: '$.a', IsNull: true }, { Or: [{ Variable: '$.b', BooleanEquals: true }, { Not: { Variable: '$.c', StringMatches: 'x*' } }] }] }),
    '$.a is null and ($.b equals true or not ($.c matches "x*"))')
  assert.equal(said({}), 'nothing yet')
  const operand = (name, before) => choice.operandFor(choice.operatorOf(name), before)
  assert.deepEqual([operand('NumericEquals', '12'), operand('StringEquals', 5), operand('IsNull', 'x'), operand('StringEqualsPath', 'x'), operand('StringEqualsPath', '$.x')],
    [12, '5', true, '$.other', '$.x'])
}

async function checkParts(at, document) {
  const [{ Draft }, { Part, Subject }, { Typing }, findings, expression, { json }] = await Promise.all([
    document('draft.svelte.ts'), at('part.svelte.ts'), at('fields/typing.ts'), at('findings.ts'), at('fields/expression.ts'), document('json.ts'),
  ])
  const change = (text, act) => {
    const draft = new Draft(text)
    act(new Part(new Subject(draft), []), draft)
    return draft.text
  }
  // What is not there yet is made with its first member, and goes with its last one; what is not optional stays.
  assert.equal(change('{"a": 1}', (part) => part.inner('b').inner('c').put('d', 2)), '{"a": 1, "b": {"c": {"d": 2}}}')
  assert.equal(change('{"a": 1, "b": {"c": {"d": 2}}}', (part) => part.inner('b').inner('c').put('d', undefined)), '{"a": 1}')
  assert.equal(change('{"a": [{"d": 2}]}', (part) => part.item('a', 0).put('d', undefined)), '{"a": [{}]}')
  // A twin takes the place of the other, and takes its place only.
  assert.equal(change('{"Seconds": 5, "End": true}', (part) => part.replace('Seconds', 'SecondsPath', '$.s')), '{"SecondsPath": "$.s", "End": true}')
  assert.equal(change('{"A": 1, "B": 2}', (part) => part.replace('A', 'B', 3)), '{"B": 3}')
  assert.equal(change('{"A": 1}', (part) => part.change('', { A: undefined, B: 2 })), '{"B": 2}')
  assert.equal(change('{"A": 1}', (part) => part.putSource('A', '1.50')), '{"A": 1.50}')

  // Whatever is typed is one step, unless somebody else comes between.
  const draft = new Draft('{"a": ""}')
  const typing = new Typing(draft, () => 'Change a')
  for (const text of ['x', 'xy', 'xyz']) typing.now(() => draft.set(['a'], text))
  assert.equal(draft.text, '{"a": "xyz"}')
  draft.undo()
  assert.equal(draft.text, '{"a": ""}')
  assert.equal(draft.canUndo, false)
  typing.now(() => draft.set(['a'], 'x'))
  draft.set(['b'], 1)
  typing.now(() => draft.set(['a'], 'y'))
  assert.equal(draft.text, '{"a": "y", "b": 1}')
  typing.end()
  typing.now(() => draft.set(['a'], 'z'))
  typing.back()
  assert.equal(draft.text, '{"a": "y", "b": 1}')

  // Findings belong to the innermost state, whatever its name is.
  const value = json({ StartAt: 'P', States: { P: { Type: 'Parallel', Branches: [{ States: { 'a/b[0]': { Choices: [{ Next: 'x' }] } } }] } } })
  const found = findings.placed(value, ['/States/P/Branches[0]/States/a/b[0]/Choices[0]/Next', '/States/P/Branches', '/States/P/Retry[0]', '/', undefined]
    .map((location) => ({ severity: 'ERROR', code: 'X', message: 'no', location })))
  const branches = ['States', 'P', 'Branches']
  assert.deepEqual(found.map(({ path }) => path), [[...branches, 0, 'States', 'a/b[0]', 'Choices', 0, 'Next'], branches, ['States', 'P'], [], []])
  assert.equal(findings.exactly(found, []).length, 2)
  assert.equal(findings.within(found, ['States', 'P']).length, 2)
  assert.equal(findings.inside(found, branches), 1)
  assert.equal(findings.within(found, found[0].path.slice(0, -2)).length, 1)

  assert.deepEqual(['{% a %}', '{%%}', '{%}', ' {% a %}', '{% a', 5].map(expression.isExpression), [true, true, false, false, false, false])
  assert.equal(expression.asExpression(json({ a: [1] })), '{% {"a":[1]} %}')
  assert.deepEqual(['{% 5 %}', '{% "x" %}', '{% $x %}', '{% [1] %}'].map(expression.literalOf), [5, 'x', undefined, undefined])
  assert.equal(expression.insideOf('{%  a\n + b %}'), 'a\n + b')
}

function checkTests({ requestOf, stagesOf, factsOf, dealt }, { BLANK, keep, setupOf, moveTest }) {
  const task = { type: 'Task', source: '{ "Type": "Task" }', isJsonata: false }
  assert.deepEqual(JSON.parse(JSON.stringify(requestOf({ ...BLANK, context: '{}', retries: '1' }, task))), {
    definition: task.source, input: '{}', roleArn: 'arn:aws:iam::123456789012:role/any', inspectionLevel: 'TRACE',
  })
  assert.equal(requestOf(BLANK, { ...task, isJsonata: true }).definition, '{"QueryLanguage":"JSONata", "Type": "Task" }')
  assert.equal(requestOf(BLANK, { ...task, source: '{}', isJsonata: true }).definition, '{"QueryLanguage":"JSONata"}')
  const inMachine = requestOf(BLANK, { ...task, isJsonata: true, machine: { text: '{"States": {}}', name: 'A' } })
  assert.deepEqual([inMachine.definition, inMachine.stateName], ['{"States": {}}', 'A'])
  const mocked = requestOf({ ...BLANK, work: 'result', result: '[1]', failures: '2', retries: 'x', items: 'a,b', causedBy: '' }, { ...task, type: 'Map' })
  assert.deepEqual(JSON.parse(JSON.stringify(mocked)), {
    definition: task.source, input: '{}', inspectionLevel: 'TRACE', mock: { result: '[1]', fieldValidationMode: 'STRICT' },
    stateConfiguration: { mapIterationFailureCount: 2, mapItemReaderData: 'a,b' },
  })
  assert.deepEqual(requestOf({ ...BLANK, work: 'error', error: 'E' }, task).mock, { errorOutput: { error: 'E', cause: undefined } })

  const answer = { status: 'RETRIABLE', output: '1', inspectionData: { variables: '{}', input: '2', request: { method: 'GET' }, afterSomethingNew: '3', maxConcurrency: 4, errorDetails: { retryIndex: 1, retryBackoffIntervalSeconds: 6 } } }
  assert.deepEqual(stagesOf(answer).map(({ title }) => title), ['Output', 'Input', 'Request', 'Variables', 'afterSomethingNew'])
  assert.equal(stagesOf(answer)[2].text, '{\n  "method": "GET"\n}')
  assert.deepEqual(factsOf(answer), [['At a time', '4']])
  assert.equal(dealt(answer), 'Retrier 2 tries it again after 6 s.')
  assert.equal(dealt({ status: 'CAUGHT_ERROR', inspectionData: { errorDetails: { catchIndex: 0 } } }), 'Catcher 1 catches it.')
  assert.equal(dealt({ status: 'FAILED' }), '')

  const draft = {}
  keep(draft, '/States/A', { ...BLANK, input: '1' })
  moveTest(draft, '/States/A', '/States/B')
  assert.equal(setupOf(draft, '/States/B').input, '1')
  for (let number = 0; number < 200; number++) keep(draft, String(number), BLANK)
  assert.equal(setupOf(draft, '/States/A'), undefined)
}
