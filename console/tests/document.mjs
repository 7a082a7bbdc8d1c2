// The designer's document without a browser: edits of a text that leave the rest of it alone, and undo.
import assert from 'node:assert/strict'

export async function checkDocument(load) {
  const [{ Draft }, { json, write }, { locationOf, pathOf, stateOf }, tree] = await Promise.all(
    ['draft.svelte.ts', 'json.ts', 'location.ts', 'tree.ts'].map((file) => load(`/src/pages/designer/document/${file}`)),
  )

  // One edit: what comes out, and that undo and redo lead back and forth.
  const edited = (text, act) => {
    const draft = new Draft(text)
    act(draft)
    const after = draft.text
    if (after !== text) {
      draft.undo()
      assert.equal(draft.text, text, 'undo')
      draft.redo()
      assert.equal(draft.text, after, 'redo')
    }
    assert.equal(tree.parse(after).kind !== undefined, true, after)
    return after
  }
  const check = (text, act, expected) => assert.equal(edited(text, act), expected)

  // Values are replaced where they stand; digits of others stay.
  check('{"b": 1.0, "1": 1e3,\t"a" : [ 2 ]}', (draft) => draft.set(['b'], 2), '{"b": 2, "1": 1e3,\t"a" : [ 2 ]}')
  check('{"b": 1.0}', (draft) => draft.set(['b'], 1), '{"b": 1.0}')
  check('[1e3, 100000000000000000000.0]', (draft) => draft.set([0], 5), '[5, 100000000000000000000.0]')

  // A new member looks like its neighbours.
  check('{"a":1}', (draft) => draft.set(['b'], json({ c: [1, { d: 2 }] })), '{"a":1,"b":{"c":[1,{"d":2}]}}')
  check('{"a": 1}', (draft) => draft.set(['b'], json({ c: [1, 2] })), '{"a": 1, "b": {"c": [1, 2]}}')
  check('{ "a": 1 }', (draft) => draft.set(['b'], json({ c: 1 })), '{ "a": 1, "b": { "c": 1 } }')
  check('{\n  "a": 1\n}', (draft) => draft.set(['b'], json({ c: [1] })), '{\n  "a": 1,\n  "b": {\n    "c": [\n      1\n    ]\n  }\n}')
  check('{\n\t"a" : 1\n}\n', (draft) => draft.set(['b'], json({ c: 2 })), '{\n\t"a" : 1,\n\t"b" : {\n\t\t"c" : 2\n\t}\n}\n')
  check('{\r\n    "a": 1,\r\n\r\n    "b": 2\r\n}', (draft) => draft.set(['c'], json({ d: {} })),
    '{\r\n    "a": 1,\r\n\r\n    "b": 2,\r\n    "c": {\r\n        "d": {}\r\n    }\r\n}')
  check('{\n  "s": { "x": 1 },\n  "t": {}\n}', (draft) => draft.set(['s', 'y'], json({ z: 1 })),
    '{\n  "s": { "x": 1, "y": { "z": 1 } },\n  "t": {}\n}')
  check('{\n  "t": {}\n}', (draft) => draft.set(['t', 'y'], true), '{\n  "t": {\n    "y": true\n  }\n}')
  check('{}', (draft) => draft.set(['a', 'b'], null), '{\n  "a": {\n    "b": null\n  }\n}')
  check('{\n  "e": ["x", "y"]\n}', (draft) => draft.set(['f'], json(['z', 'w'])), '{\n  "e": ["x", "y"],\n  "f": ["z", "w"]\n}')
  check('{\n  "a": 1,\n  "c": 3\n}', (draft) => draft.put(['b'], '2', 'a'), '{\n  "a": 1,\n  "b": 2,\n  "c": 3\n}')

  // Only what differs is written anew.
  check('{ "a": {"x":1.0,  "y":[1e2, 2]}, "z":0 }', (draft) => draft.set(['a'], json({ x: 1, y: [100, 3], w: 'n' })),
    '{ "a": {"x":1.0,  "y":[1e2, 3],  "w":"n"}, "z":0 }')
  check('{"a": {"x": 1, "y": 2}}', (draft) => draft.set(['a'], json({ y: 2 })), '{"a": {"y": 2}}')
  check('{"a": {"x": 1, "y": 2}}', (draft) => draft.set(['a'], json({ y: 2, x: 1 })), '{"a": {"y": 2, "x": 1}}')

  // JSON that somebody has laid out keeps its lines.
  check('{\n  "a": {\n    "b": 1\n  }\n}', (draft) => draft.put(['a', 'b'], '{"x": 1.0,\n  "y": 2}'),
    '{\n  "a": {\n    "b": {"x": 1.0,\n      "y": 2}\n  }\n}')
  assert.equal(new Draft('{\n  "a": {\n    "b": 1\n  }\n}').source(['a']), '{\n  "b": 1\n}')

  // Removing takes one comma along.
  check('{"a": 1, "b": 2, "c": 3}', (draft) => draft.remove(['a']), '{"b": 2, "c": 3}')
  check('{"a": 1, "b": 2, "c": 3}', (draft) => draft.remove(['b']), '{"a": 1, "c": 3}')
  check('{\n "a": 1,\n "c": 3\n}', (draft) => draft.remove(['c']), '{\n "a": 1\n}')
  check('{\n "a": 1\n}', (draft) => draft.remove(['a']), '{}')
  check('[1, 2, 3]', (draft) => draft.remove([1]), '[1, 3]')
  check('[1]', (draft) => draft.remove([7]), '[1]')

  // Names change in place, items change places.
  check('{"a" : 1, "b": 2}', (draft) => draft.rename(['a'], 'say "c"'), '{"say \\"c\\"" : 1, "b": 2}')
  assert.throws(() => new Draft('{"a": 1, "b": 2}').rename(['a'], 'b'), /“b” already/)
  check('[1.0,  {"x":2}, 3]', (draft) => draft.move([], 0, 2), '[{"x":2},  3, 1.0]')
  check('[1, 2]', (draft) => draft.insert([], 0, 0), '[0, 1, 2]')
  check('[1, 2]', (draft) => draft.insert([], 1, 0), '[1, 0, 2]')
  check('[\n  1\n]', (draft) => draft.insert([], 1, json({ a: 1 })), '[\n  1,\n  {\n    "a": 1\n  }\n]')
  check('{"a": 1}', (draft) => draft.insert(['list'], 0, 'x'), '{"a": 1, "list": ["x"]}')

  // Names that are numbers keep their order, and of two that are the same the last counts.
  assert.equal(write(new Draft('{"2":0,"1":0,"__proto__":1}').value), '{"2":0,"1":0,"__proto__":1}')
  check('{"a": 1, "a": 2}', (draft) => draft.set(['a'], 3), '{"a": 1, "a": 3}')

  // While a text is no JSON, the last good value stays and nothing but the text can be changed.
  const broken = new Draft('{"a": 1}')
  broken.text = '{"a": 1'
  assert.equal(broken.at(['a']), 1)
  assert.equal(broken.mistake, 'Line 1, column 8: a comma or } is expected here')
  assert.throws(() => broken.set(['a'], 2), /no JSON/)
  broken.text = '{"a": 12}'
  assert.deepEqual([broken.mistake, broken.at(['a'])], ['', 12])
  broken.undo()
  assert.equal(broken.text, '{"a": 1}', 'typing is one step')
  assert.ok(typeof tree.parse('['.repeat(600) + ']'.repeat(600)) === 'string', 'depth is bounded')

  // Several changes are one step, or none.
  const draft = new Draft('{"a": 1}')
  draft.chosen = '/States/A'
  draft.edit('both', () => {
    draft.set(['a'], 2)
    draft.set(['b'], 3)
    draft.chosen = '/States/B'
  })
  assert.deepEqual([draft.text, draft.undoes, draft.canRedo], ['{"a": 2, "b": 3}', 'both', false])
  draft.undo()
  assert.deepEqual([draft.text, draft.chosen, draft.canUndo, draft.redoes], ['{"a": 1}', '/States/A', false, 'both'])
  assert.throws(() => draft.edit('half', () => {
    draft.set(['a'], 9)
    throw new Error('stop')
  }))
  assert.equal(draft.text, '{"a": 1}')

  // Places, with names that look like places.
  const value = new Draft('{"States": {"a/b[0]": {"Branches": [{}, {"States": {"c": {"Type": "Pass"}}}]}, "a": 1}}').value
  const place = '/States/a/b[0]/Branches[1]/States/c'
  assert.deepEqual(pathOf(value, place), ['States', 'a/b[0]', 'Branches', 1, 'States', 'c'])
  assert.equal(locationOf(pathOf(value, place)), place)
  assert.deepEqual(stateOf(pathOf(value, `${place}/Type`)), pathOf(value, place))
  assert.equal(stateOf(['Branches']), undefined)
  const text = '{"States": {"A": {"Next": "B"}}}'
  assert.deepEqual(tree.pathAt(tree.parse(text), text.indexOf('B"')), ['States', 'A', 'Next'])
  console.log('ok  the document: edits of text, undo, places')
}

// What else can be known without a browser: languages, clipboards, places, YAML.
export async function checkDesigner(load) {
  const file = (name) => load(`/src/pages/designer/${name}`)
  const [{ Draft }, { strangersTo }, { copyOf, statesIn }, { nearest, spotsOf }, { fromYaml, toYaml }, { placeOfMistake, marksOf }] = await Promise.all(
    ['document/draft.svelte.ts', 'document/strangers.ts', 'document/clipboard.ts', 'places.ts', 'yaml.ts', 'marks.ts'].map(file),
  )

  // What a change of the query language leaves behind.
  const paths = new Draft(JSON.stringify({ StartAt: 'A', States: {
    A: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'B' }] },
    B: { Type: 'Map', ItemsPath: '$', ItemProcessor: { StartAt: 'C', States: { C: { Type: 'Pass', Assign: { 'x.$': '$' }, End: true } } }, End: true },
    D: { Type: 'Pass', QueryLanguage: 'JSONata', Output: '{% 1 %}', End: true },
  } }))
  assert.deepEqual(strangersTo(paths, 'JSONata'), [{ state: 'A', fields: ['Choices'] }, { state: 'B', fields: ['ItemsPath'] }, { state: 'C', fields: ['Assign'] }])
  assert.deepEqual(strangersTo(paths, 'JSONPath'), [])
  const expressions = new Draft('{"QueryLanguage": "JSONata", "States": {"A": {"Type": "Choice", "Choices": [{"Condition": "{% true %}"}]}, "B": {"Type": "Pass", "Output": 1, "Assign": {"y": "{% 1 %}"}}}}')
  assert.deepEqual(strangersTo(expressions, 'JSONPath'), [{ state: 'A', fields: ['Choices'] }, { state: 'B', fields: ['Output', 'Assign'] }])
  // A machine in JSONata has no state in JSONPath.
  assert.deepEqual(strangersTo(new Draft('{"States": {"A": {"QueryLanguage": "JSONPath"}}}'), 'JSONata'), [{ state: 'A', fields: ['QueryLanguage'] }])

  // States as text, and back.
  const text = '{\n  "States": {\n    "A \\"b\\"": {\n      "Type": "Pass",\n      "Result": 1.0\n    }\n  }\n}'
  const copied = copyOf(new Draft(text), ['States', 'A "b"'])
  assert.deepEqual(statesIn(copied), [{ name: 'A "b"', source: '{\n  "Type": "Pass",\n  "Result": 1.0\n}' }])
  assert.deepEqual(statesIn(text), statesIn(copied), 'or a whole definition')
  for (const other of ['', 'text', '[1]', '{"a": 1}', '{"a": {"Type": 1}}']) assert.deepEqual(statesIn(other), [], other)

  // The place that is nearest to a point, of those that what is carried may go to.
  const draft = new Draft('{"StartAt": "A", "States": {"A": {"Type": "Pass", "Next": "B"}, "B": {"Type": "Succeed"}}}')
  const box = (id, kind, y) => ({ id, kind, name: id.split('/').at(-1), x: 0, y, width: 100, height: 40, container: false, retries: false })
  const edge = (id, from, to, y) => ({ id, kind: 'next', from, to, points: [[50, y], [50, y + 40]] })
  const layout = {
    width: 100, height: 400, problems: [],
    nodes: [box('/StartAt', 'start', 0), box('/States/A', 'state', 80), box('/States/B', 'state', 160), box('/End', 'end', 240)],
    edges: [edge('/StartAt', '/StartAt', '/States/A', 40), edge('/States/A/Next', '/States/A', '/States/B', 120), edge('/States/B/End', '/States/B', '/End', 200)],
  }
  const pass = { made: { name: 'Pass', state: () => ({ Type: 'Pass' }) }, title: 'Pass', icon: 'Pass' }
  const spots = spotsOf(layout, draft, pass)
  assert.deepEqual(spots.map(({ key, says }) => [key, says]), [['/StartAt', 'before A'], ['/States/A/Next', 'between A and B']], 'nothing follows a Succeed')
  assert.equal(nearest(spots, 60, 70, 100)?.key, '/StartAt')
  assert.equal(nearest(spots, 60, 150, 100)?.key, '/States/A/Next')
  assert.equal(nearest(spots, 400, 150, 100), undefined)
  assert.deepEqual(spotsOf(layout, draft, { state: ['States', 'B'], title: 'B', icon: 'Pass' }).map(({ key }) => key), ['/StartAt'], 'not where it is')
  const empty = { ...layout, nodes: [box('/StartAt', 'start', 0), { ...box('/States/', 'missing', 80), name: 'Drop a state' }], edges: [edge('/StartAt', '/StartAt', '/States/', 40)] }
  assert.deepEqual(spotsOf(empty, new Draft('{"StartAt": "", "States": {}}'), pass).map(({ place, says }) => [place, says]), [[{ flow: [] }, 'into the machine']])

  // YAML.
  assert.equal(await fromYaml('StartAt: A\nStates:\n  "2": {Type: Pass}\n  "1": &p {Type: Succeed}\n', 'f'),
    '{\n  "StartAt": "A",\n  "States": {\n    "2": {\n      "Type": "Pass"\n    },\n    "1": {\n      "Type": "Succeed"\n    }\n  }\n}\n')
  await assert.rejects(fromYaml('a: [1', 'f.yaml'), /f.yaml is neither JSON nor YAML/)
  await assert.rejects(fromYaml('just words', 'f.yaml'), /an object is expected/)
  assert.equal(await toYaml(draft.value), 'StartAt: A\nStates:\n  A:\n    Type: Pass\n    Next: B\n  B:\n    Type: Succeed\n')

  // What is wrong, as a piece of the text.
  assert.equal(placeOfMistake('{\n  "a" 1\n}', 'Line 2, column 7: a colon is expected here'), 8)
  draft.diagnostics = [{ severity: 'ERROR', code: 'X', message: 'no', location: '/States/A/Next' }, { severity: 'WARNING', code: 'X', message: 'hm', location: '/States/B' }]
  assert.deepEqual(marksOf(draft).map(({ from, to, message }) => [draft.text.slice(from, to), message]), [['"B"', 'no'], ['"B"', 'hm']])
  assert.equal(marksOf(draft)[1].from, draft.text.lastIndexOf('"B"'))
  console.log("ok  the designer's languages, clipboard, places, YAML, marks")
}

// The editor has one kind of line end; the text keeps its own.
export async function checkLines(load) {
  const { changed, fromPlain, plain, toPlain } = await load('/src/parts/editor/lines.ts')
  const text = 'a\r\nbc\nd\r\n'
  assert.equal(plain(text), 'a\nbc\nd\n')
  assert.equal(changed(text, [{ from: 2, to: 3, inserted: 'x\ny' }]), 'a\r\nx\r\nyc\nd\r\n')
  assert.equal(changed(text, [{ from: 1, to: 2, inserted: '' }, { from: 7, to: 7, inserted: 'e' }]), 'abc\nd\r\ne')
  assert.equal(changed('a\nb', [{ from: 1, to: 1, inserted: '\n' }]), 'a\n\nb')
  for (let place = 0; place <= 7; place++) assert.equal(toPlain(text, fromPlain(text, place)), place)
  console.log('ok  lines of texts in the editor')
}
