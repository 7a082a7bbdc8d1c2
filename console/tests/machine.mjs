// What the designer does with states, without a browser: each deed on small machines, and all of them, at random, on
// machines of every shape.
import assert from 'node:assert/strict'

export async function checkMachine(load) {
  const { Draft, machine, flows, KINDS, task } = await rooms(load)
  const kind = (type) => KINDS.find((kind) => kind.type === type)
  const at = (...names) => names.flatMap((name) => (Array.isArray(name) ? name : ['States', name]))
  // Of a branch.
  const branch = (number) => ['Branches', number]

  const machineOf = (states, start = Object.keys(states)[0] ?? '') => JSON.stringify({ StartAt: start, States: states }, null, 2)
  const pass = (next) => (next ? { Type: 'Pass', Next: next } : { Type: 'Pass', End: true })
  // A machine as words: `>A A>B, B.` begins with A, which leads to B, which ends it.
  const told = (draft, flow = []) => {
    const names = flows.namesIn(draft, flow).map((name) => {
      const state = flows.stateIn(flow, name)
      const leads = flows.referencesOf(draft, state).map(({ path, target }) => `${path.slice(state.length).filter((step) => step !== 'Next').join('.').toLowerCase()}>${target}`)
      const ends = draft.at([...state, 'End']) === true ? ['.'] : []
      const inner = flows.flowsIn(draft, state).map((flow) => `[${told(draft, flow)}]`)
      const [first, ...rest] = [...leads, ...ends, ...inner]
      return [first?.startsWith('>') ? name + first : [name, first].filter(Boolean).join(' '), ...rest].join(' ')
    })
    return `>${draft.at([...flow, 'StartAt'])} ${names.join(', ')}`.trim()
  }
  const check = (text, act, expected) => {
    const draft = new Draft(text)
    act(draft)
    assert.equal(told(draft), expected)
    const after = draft.text
    draft.undo()
    assert.equal(draft.text, text, 'undo is whole')
    draft.redo()
    assert.equal(draft.text, after, 'redo is whole')
  }
  const line = machineOf({ A: pass('B'), B: pass('C'), C: pass() })
  const fork = machineOf({
    A: { Type: 'Choice', Choices: [{ Variable: '$.x', IsPresent: true, Next: 'B' }], Default: 'C' }, B: pass('D'), C: { Type: 'Fail' },
    D: { Type: 'Task', Resource: 'r', Catch: [{ ErrorEquals: ['E'], Next: 'C' }, { ErrorEquals: ['F'], Next: 'B' }], End: true },
  })
  const inner = machineOf({ P: { Type: 'Parallel', Branches: [{ StartAt: 'I', States: { I: pass('J'), J: pass() } }, { StartAt: '', States: {} }], Next: 'Q' }, Q: pass() })

  // Add.
  const add = (type, place) => (draft) => machine.addState(draft, kind(type), place)
  check(line, add('Wait', { edge: '/States/A/Next' }), '>A A>Wait, Wait>B, B>C, C .')
  check(line, add('Pass', { edge: '/StartAt' }), '>Pass Pass>A, A>B, B>C, C .')
  check(line, add('Pass', { edge: '/States/C/End' }), '>A A>B, B>C, C>Pass, Pass .')
  check(line, add('Pass', { after: at('A') }), '>A A>Pass, Pass>B, B>C, C .')
  check(line, add('Pass', { before: at('B') }), '>A A>Pass, Pass>B, B>C, C .')
  check(line, add('Fail', { edge: '/States/A/Next' }), '>A A>Fail, Fail, B>C, C .')
  check(line, add('Choice', { edge: '/States/A/Next' }), '>A A>Choice, Choice choices.0>B default>B, B>C, C .')
  check(line, add('Choice', { edge: '/States/C/End' }), '>A A>B, B>C, C>Choice, Choice choices.0>Success default>Success, Success')
  check('{"StartAt":"","States":{}}', add('Pass', { flow: [] }), '>Pass Pass .')
  check('{}', add('Parallel', { flow: [] }), '>Parallel Parallel . [>Pass Pass .] [>Pass (1) Pass (1) .]')
  check(machineOf({ Pass: pass() }), add('Map', { after: at('Pass') }), '>Pass Pass>Map, Map . [>Pass (1) Pass (1) .]')
  check(inner, add('Pass', { flow: ['States', 'P', 'Branches', 1] }), '>P P>Q [>I I>J, J .] [>Pass Pass .], Q .')
  check(inner, add('Pass', { edge: '/States/P/Branches[0]/States/J/End' }), '>P P>Q [>I I>J, J>Pass, Pass .] [>], Q .')
  check(fork, add('Pass', { edge: '/States/A/Choices[0]/Next' }), '>A A choices.0>Pass default>C, Pass>B, B>D, C, D catch.0>C catch.1>B .')
  check(fork, add('Pass', { edge: '/States/D/Catch[0]/Next' }), '>A A choices.0>B default>C, B>D, C, D catch.0>Pass catch.1>B ., Pass>C')
  check(fork, add('Pass', { before: at('B') }), '>A A choices.0>Pass default>C, Pass>B, B>D, C, D catch.0>C catch.1>Pass .')
  assert.ok(!machine.canPut(new Draft(fork), { after: at('C') }) && !machine.canPut(new Draft(fork), { edge: '/States/C/End' }))

  // Delete: what led to it leads to what it led to.
  const remove = (...names) => (draft) => machine.deleteState(draft, at(...names))
  check(line, remove('B'), '>A A>C, C .')
  check(line, remove('A'), '>B B>C, C .')
  check(line, remove('C'), '>A A>B, B .')
  check(machineOf({ A: pass() }), remove('A'), '>')
  check(fork, remove('B'), '>A A choices.0>D default>C, C, D catch.0>C .')
  check(fork, remove('C'), '>A A choices.0>B, B>D, D catch.0>B .')
  check(fork, remove('D'), '>A A choices.0>B default>C, B ., C')
  check(fork, remove('A'), '>C B>D, C, D catch.0>C catch.1>B .')
  check(machineOf({ A: pass('B'), B: pass('A') }), remove('B'), '>A A .')

  // Move.
  const move = (names, place) => (draft) => assert.ok(machine.moveState(draft, at(...names), place))
  check(line, move(['A'], { edge: '/States/C/End' }), '>B B>C, C>A, A .')
  check(line, move(['C'], { edge: '/StartAt' }), '>C C>A, A>B, B .')
  check(line, move(['B'], { before: at('A') }), '>B B>A, A>C, C .')
  check(inner, move(['Q'], { flow: ['States', 'P', 'Branches', 1] }), '>P P . [>I I>J, J .] [>Q Q .]')
  check(inner, move(['P', branch(0), 'I'], { after: at('Q') }), '>P P>Q [>J J .] [>], Q>I, I .')
  check(fork, move(['D'], { edge: '/StartAt' }), '>D D>A catch.0>C catch.1>B, A choices.0>B default>C, B ., C')
  check(fork, move(['A'], { before: at('D') }), '>C B>A, C, A choices.0>B default>D, D catch.0>C catch.1>B .')
  // Into another flow, where others have other names.
  const deep = machineOf({
    P: { Type: 'Parallel', Branches: [{ StartAt: 'I', States: { I: pass() } }], Next: 'T' },
    T: { Type: 'Task', Resource: 'r', Retry: [], Catch: [{ ErrorEquals: ['E'], Next: 'P' }, { ErrorEquals: ['F'], Next: 'T' }], End: true },
  })
  check(deep, move(['T'], { after: at('P', branch(0), 'I') }), '>P P . [>I I>T, T .]')
  const draft = new Draft(deep)
  for (const place of [{ edge: '/States/P/Next' }, { after: at('P') }, { before: at('T') }, { flow: at('T') }]) {
    assert.ok(!machine.moveState(draft, at('T'), place), JSON.stringify(place))
  }
  assert.ok(!machine.moveState(draft, at('P'), { after: at('P', branch(0), 'I') }), 'not into itself')
  assert.equal(draft.text, deep)

  // Duplicate, copy and paste: every name is there once.
  check(line, (draft) => assert.equal(machine.duplicate(draft, at('A')), 'A (1)'), '>A A>A (1), A (1)>B, B>C, C .')
  check(fork, (draft) => machine.duplicate(draft, at('A')), '>A (1) A (1) choices.0>B default>A, A choices.0>B default>C, B>D, C, D catch.0>C catch.1>B .')
  check(fork, (draft) => machine.duplicate(draft, at('C')), '>A A choices.0>B default>C, B>D, C, C (1), D catch.0>C catch.1>B .')
  check(inner, (draft) => machine.duplicate(draft, at('P')), '>P P>P (1) [>I I>J, J .] [>], P (1)>Q [>I (1) I (1)>J (1), J (1) .] [>], Q .')
  check(line, (draft) => machine.paste(draft, 'B', '{"Type": "Pass", "Next": "Elsewhere"}', { after: at('C') }), '>A A>B, B>C, C>B (1), B (1) .')

  // Rename: whatever leads there follows, and so does the choice.
  check(fork, (draft) => machine.renameState(draft, at('C'), 'No "C"'), '>A A choices.0>B default>No "C", B>D, No "C", D catch.0>No "C" catch.1>B .')
  check(inner, (draft) => machine.renameState(draft, at('P', branch(0), 'I'), 'K'), '>P P>Q [>K K>J, J .] [>], Q .')
  const renamed = new Draft(inner)
  renamed.chosen = '/States/P/Branches[0]/States/J'
  machine.renameState(renamed, at('P'), 'R')
  assert.equal(renamed.chosen, '/States/R/Branches[0]/States/J')
  assert.throws(() => machine.renameState(renamed, at('R'), 'J'), /Another state/)
  assert.throws(() => machine.renameState(renamed, at('R'), 'x'.repeat(81)), /at most 80/)

  // Branches, rules and catchers.
  check(inner, (draft) => machine.addBranch(draft, at('P')), '>P P>Q [>I I>J, J .] [>] [>Pass Pass .], Q .')
  check(fork, (draft) => machine.addRule(draft, at('A')), '>A A choices.0>B choices.1>Pass default>C, Pass ., B>D, C, D catch.0>C catch.1>B .')
  check(line, (draft) => machine.addCatcher(draft, at('A')), '>A A>B catch.0>Fail, Fail, B>C, C .')
  check(line, (draft) => machine.addCatcher(draft, at('A'), 'C'), '>A A>B catch.0>C, B>C, C .')

  // What is added is written as its neighbours are, in the machine's language, and nothing else moves.
  const tabs = '{\n\t"QueryLanguage":"JSONata",\n\t"x": 1.0,\n\t"StartAt":"A",\n\t"States":{\n\t\t"A":{"Type":"Pass","End":true}\n\t}\n}\n'
  const made = new Draft(tabs)
  machine.addState(made, task('Invoke', 'arn:aws:states:::sns:publish', []), { after: at('A') })
  assert.equal(made.text, '{\n\t"QueryLanguage":"JSONata",\n\t"x": 1.0,\n\t"StartAt":"A",\n\t"States":{\n\t\t"A":{"Type":"Pass","Next":"Invoke"},\n'
    + '\t\t"Invoke":{\n\t\t\t"Type":"Task",\n\t\t\t"Resource":"arn:aws:states:::sns:publish",\n\t\t\t"Arguments":{\n\t\t\t\t"TopicArn":"arn:aws:sns:us-east-1:123456789012:MyTopic",\n'
    + '\t\t\t\t"Message":"{% $states.input %}"\n\t\t\t},\n\t\t\t"End":true\n\t\t}\n\t}\n}\n')

  const deeds = await deedsAtRandom(load)
  let done = 0
  for (let seed = 1; seed <= 60; seed++) done += deeds([line, fork, inner, deep, tabs][seed % 5], seed, 12)
  console.log(`ok  states added, moved, renamed, deleted; ${done} deeds at random undone`)
}

async function rooms(load) {
  const names = ['draft.svelte.ts', 'machine.ts', 'flows.ts', 'states.ts', 'location.ts']
  const [{ Draft }, machine, flows, { KINDS, task }, { locationOf }] = await Promise.all(
    names.map((file) => load(`/src/pages/designer/document/${file}`)),
  )
  return { Draft, machine, flows, KINDS, task, locationOf }
}

// Many deeds on a definition, one behind the other; then all are undone. Answers how many were done.
export async function deedsAtRandom(load) {
  const { Draft, machine, flows, KINDS, locationOf } = await rooms(load)
  return (text, seed, count) => {
    const random = numbers(seed)
    const pick = (all) => all[Math.floor(random() * all.length)]
    const draft = new Draft(text)
    const texts = [text]
    const dangling = () => flows.statesFrom(draft).flatMap((state) => flows.referencesOf(draft, state)
      .filter(({ target }) => !flows.namesIn(draft, flows.flowOf(state)).includes(target)).map(({ target }) => target))
    const lost = new Set(dangling())
    const twice = repeated(flows, draft)
    for (let at = 0; at < count; at++) {
      const states = flows.statesFrom(draft)
      const state = pick(states)
      const place = state === undefined ? { flow: [] } : pick([{ after: state }, { before: state }, ...flows.referencesOf(draft, state).map(({ path }) => ({ edge: locationOf(path) }))])
      const before = new Map(states.map((path) => [locationOf(path), draft.source(path)]))
      const deed = pick(['add', 'add', 'delete', 'move', 'duplicate', 'rename', 'catcher', 'rule', 'branch'])
      const type = state && flows.typeOf(draft, state)
      if (deed === 'add' && machine.canPut(draft, place)) machine.addState(draft, pick(KINDS), place)
      else if (!state) continue
      else if (deed === 'delete') machine.deleteState(draft, state)
      else if (deed === 'move' && machine.canPut(draft, place)) machine.moveState(draft, pick(states), place)
      else if (deed === 'duplicate') machine.duplicate(draft, state)
      else if (deed === 'rename') machine.renameState(draft, state, flows.freshName(draft, `r${at}`))
      else if (deed === 'catcher' && flows.goesOn(type)) machine.addCatcher(draft, state)
      else if (deed === 'rule' && type === 'Choice') machine.addRule(draft, state)
      else if (deed === 'branch' && type === 'Parallel') machine.addBranch(draft, state)
      if (draft.text !== texts.at(-1)) texts.push(draft.text)
      JSON.parse(draft.text)
      const what = `seed ${seed}, ${deed} ${at}\n${texts.at(-2)}\n${draft.text}`
      // Nothing leads into the void that did not before, and no name is there twice.
      assert.deepEqual(dangling().filter((name) => !lost.has(name)), [], what)
      assert.ok(repeated(flows, draft) <= twice, what)
      // States that are not concerned are written as they were.
      const changed = [...before].filter(([location, source]) => {
        const now = draft.pathOf(location)
        return locationOf(now) === location && draft.source(now) !== source
      })
      if (['catcher', 'rule', 'branch'].includes(deed)) {
        const own = locationOf(state)
        assert.ok(changed.every(([location]) => location === own || own.startsWith(`${location}/`)), what)
      }
      // Of those that hold no others, an addition changes where they lead, and nothing else.
      for (const [location, source] of deed === 'add' ? changed : []) {
        const now = draft.pathOf(location)
        if (flows.flowsIn(draft, now).length === 0) assert.equal(withoutLeads(draft.source(now)), withoutLeads(source), what)
      }
    }
    for (const expected of texts.slice(0, -1).reverse()) {
      draft.undo()
      assert.equal(draft.text, expected, `seed ${seed}: undo`)
    }
    assert.ok(!draft.canUndo)
    for (const expected of texts.slice(1)) {
      draft.redo()
      assert.equal(draft.text, expected, `seed ${seed}: redo`)
    }
    return texts.length - 1
  }
}

// A state's text without the members that say where it leads.
const LEADS = /,?\s*"(?:Next|End|Default)"\s*:\s*(?:"(?:[^"\\]|\\.)*"|true)\s*/g
const withoutLeads = (text) => text.replaceAll(LEADS, '')

const repeated = (flows, draft) => {
  const names = flows.statesFrom(draft).map(flows.nameOf)
  return names.length - new Set(names).size
}

// The same numbers from 0 to 1 for the same seed.
export function numbers(seed) {
  let state = seed >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}
