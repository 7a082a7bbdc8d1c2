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
