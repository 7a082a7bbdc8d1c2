// The designer as a person uses it: a machine is made by drag and drop alone, saved, started, fails, is mended in code
// mode and started anew; its versions are compared. One is made by the keyboard alone, and one by a finger. Files come in
// and go out, and others save meanwhile.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { arnOf, ended } from './server.mjs'

const ROLE = 'arn:aws:iam::123456789012:role/any'

export async function designer({ page, browser, server, at, step, node, listen, complaints }) {
  const mode = (name) => page.getByRole('group', { name: 'Mode' }).getByRole('button', { name }).click()
  const said = (text) => page.locator('.designer > [role=status]').getByText(text).waitFor()
  const describe = (name) => server.call('DescribeStateMachine', { stateMachineArn: arnOf(name) })
  const inState = (id) => page.locator(`[data-node="${id}"]`)
  const start = async (input) => {
    const dialog = page.getByRole('dialog')
    await dialog.getByLabel('Input', { exact: true }).fill(input)
    await dialog.getByRole('button', { name: 'Start', exact: true }).click()
    await page.waitForURL(/\/executions\//)
  }
  let name = ''

  await step('a machine is made by drag and drop alone', async () => {
    await page.goto(at('/'))
    await page.getByRole('link', { name: 'Create state machine' }).click()
    await node(page, 'Drop a state').waitFor()
    name = await page.getByRole('heading', { level: 1 }).innerText()
    const drag = (title, target) => carry(page, page.locator('.palette .item').filter({ hasText: title }).first(), target)
    await drag('Pass', '[data-node="/States/"]')
    await drag('StartExecution', '[data-edge="/States/Pass/End"]')
    await drag('Choice', '[data-edge="/States/Step Functions StartExecution/End"]')
    await inState('/States/Success').waitFor()
    await drag('Parallel', '[data-edge="/States/Choice/Default"]')
    await drag('Map', '[data-edge="/States/Parallel/Branches[0]/States/Pass (1)/End"]')
    // One that is there already goes elsewhere: out of its branch, and back by an undo.
    await page.getByRole('button', { name: 'Fit' }).click()
    await carry(page, inState('/States/Parallel/Branches[1]/States/Pass (2)').getByRole('button'), '[data-edge="/StartAt"]')
    await inState('/States/Pass (2)').waitFor()
    await said('Pass (2) was moved before Pass.')
    await page.keyboard.press('Control+z')
    await inState('/States/Parallel/Branches[1]/States/Pass (2)').waitFor()
    // Dropped where nothing can be put, it is not put anywhere.
    const before = await page.locator('[data-node]').count()
    await carry(page, page.locator('.palette .item').first(), 'header .mark', false)
    assert.equal(await page.locator('[data-node]').count(), before)
  })

  await step('it is saved and started, fails, and says why', async () => {
    await page.getByLabel('Publish version').check()
    await page.getByRole('button', { name: 'Save and start' }).click()
    await start('{"value": 1}')
    await node(page, 'Step Functions StartExecution', 'Failed').waitFor()
    const why = page.getByRole('region', { name: 'Why it ended' })
    assert.match(await why.innerText(), /StateMachineDoesNotExist[\s\S]*MyStateMachine/)
    const { StartAt, States } = JSON.parse((await describe(name)).definition)
    assert.equal(StartAt, 'Pass')
    assert.deepEqual(['Pass', 'Step Functions StartExecution', 'Parallel'].map((state) => States[state].Next), ['Step Functions StartExecution', 'Choice', 'Success'])
    assert.deepEqual([States.Choice.Choices[0].Next, States.Choice.Default, States.Parallel.Branches[0].States['Pass (1)'].Next], ['Success', 'Parallel', 'Map'])
  })

  let failed = ''
  await step('it is mended in code mode, where graph and text go together', async () => {
    failed = decodeURIComponent(page.url().split('/').at(-1)).replace(/\?.*/, '')
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('link', { name: 'Edit' }).click()
    await inState('/States/Parallel/Branches[1]/States/Pass (2)').click()
    await mode('Code')
    const code = page.getByRole('textbox', { name: 'Definition' })
    await code.waitFor()
    // Choosing in the graph goes to the text, and the cursor chooses in the graph.
    await page.locator('.cm-line').filter({ hasText: '"Pass (2)": {' }).waitFor()
    await page.locator('.cm-line').filter({ hasText: '"Next": "Success"' }).first().click()
    await page.waitForFunction(() => document.querySelector('[aria-pressed=true][role=button]')?.getAttribute('aria-label')?.startsWith('Choice'))
    const text = (await describe(name)).definition
    const write = async (text) => {
      await code.focus()
      await page.keyboard.press('Control+a')
      await page.keyboard.insertText(text)
    }
    await write(text.replace('"StartAt"', '"StartAt'))
    const problems = page.getByRole('region', { name: 'What is wrong' })
    await problems.getByText(/^Line \d+, column \d+: /).waitFor()
    await write(text.replace('"StartAt": "Pass"', '"StartAt": "Pas"'))
    await problems.getByText(/Pas/).first().waitFor()
    await page.keyboard.press('Control+z')
    await page.keyboard.press('Control+z')
    await problems.getByText('Nothing is wrong with it').waitFor()
    await write(text.replace('stateMachine:MyStateMachine', 'stateMachine:counting').replace('"AWS_STEP', '"at": 0, "until": 1, "AWS_STEP')
      .replace('"ItemProcessor"', '"Items": [1, 2], "ItemProcessor"'))
    await problems.getByText('Nothing is wrong with it').waitFor()
    await mode('Config')
    await page.getByLabel('Publish a version with the next save').check()
    await page.getByLabel('What is said of the version').fill('it does not fail any more')
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText(/was saved, and version 2 published/).waitFor()
  })

  await step('a redrive runs the old definition and fails again; started anew it succeeds', async () => {
    await server.call('RedriveExecution', { executionArn: failed })
    assert.equal(await ended(server, failed), 'FAILED')
    await page.getByRole('button', { name: 'Start', exact: true }).click()
    await start('{"value": 1}')
    await node(page, 'Success', 'Succeeded').waitFor()
  })

  await step('its versions are compared', async () => {
    await page.getByRole('link', { name, exact: true }).click()
    await page.getByRole('tab', { name: 'Versions and aliases' }).click()
    await page.getByLabel('From version').selectOption('1')
    await page.getByLabel('To version').selectOption('2')
    const differs = page.getByRole('region', { name: 'What differs' })
    await differs.getByText(/^\+.*stateMachine:counting/).waitFor()
    await differs.getByText(/^-.*stateMachine:MyStateMachine/).waitFor()
  })

  await step('a machine is made by the keyboard alone', async () => {
    await page.goto(at('/designer'))
    await node(page, 'Drop a state').focus()
    const focused = (state) => page.waitForFunction((state) => document.activeElement?.getAttribute('aria-label')?.startsWith(`${state}, `), state)
    const add = async (text, state) => {
      await page.keyboard.press('Insert')
      await page.keyboard.type(text)
      await page.locator('.palette .item').filter({ hasText: state }).first().waitFor()
      await page.keyboard.press('Enter')
      await focused(state)
    }
    await add('wait', 'Wait')
    await add('parallel', 'Parallel')
    await add('describeinstances ec2', 'DescribeInstances')
    await page.keyboard.press('Alt+ArrowUp')
    await said('DescribeInstances was moved before Parallel.')
    await page.keyboard.press('Control+d')
    await focused('DescribeInstances (1)')
    await page.keyboard.press('Control+c')
    await page.keyboard.press('Control+v')
    await focused('DescribeInstances (2)')
    await page.keyboard.press('Delete')
    await inState('/States/DescribeInstances (2)').waitFor({ state: 'detached' })
    await page.keyboard.press('Control+z')
    await inState('/States/DescribeInstances (2)').waitFor()
    await page.keyboard.press('Control+Shift+z')
    await inState('/States/DescribeInstances (2)').waitFor({ state: 'detached' })
    await node(page, 'Parallel').focus()
    await page.keyboard.press('Shift+F10')
    await page.getByRole('menuitem', { name: 'Add a branch' }).press('Enter')
    await page.keyboard.press('Control+s')
    await page.waitForURL(/state-machines/)
    await node(page, 'Parallel').waitFor()
    const { definition } = await describe(await page.getByRole('heading', { level: 1 }).innerText())
    const { States } = JSON.parse(definition)
    assert.deepEqual(Object.keys(States).sort(), ['DescribeInstances', 'DescribeInstances (1)', 'Parallel', 'Wait'])
    assert.equal(States.Parallel.Branches.length, 3)
    assert.equal(States['DescribeInstances (1)'].Next, 'Parallel')
  })

  await step('a file is opened, saved unchanged byte for byte, and exported', async () => {
    const odd = '{"States" : {\r\n\t"B": {"Type":"Pass", "Result": [1e3, 1.0], "End" :true},\r\n  "1": {"Comment": "\\u00e9", "Next":"B","Type":"Pass"} }, "StartAt":"1" }\r\n'
    await page.goto(at('/designer'))
    await page.getByLabel('Open a definition').setInputFiles({ name: 'odd one.asl.json', mimeType: 'application/json', buffer: Buffer.from(odd) })
    await node(page, 'B').waitFor()
    const exported = async (kind) => {
      await page.getByText('File', { exact: true }).click()
      const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('button', { name: `Export ${kind}` }).click()])
      return readFileSync(await download.path())
    }
    assert.equal((await exported('JSON')).toString(), odd)
    assert.match((await exported('YAML')).toString(), /^States:\n {2}B:\n {4}Type: Pass/)
    assert.match((await exported('SVG')).toString(), /^<svg[\s\S]*<\/svg>\s*$/)
    assert.equal((await exported('PNG')).subarray(1, 4).toString(), 'PNG')
    // Through the code editor, which has line ends of its own.
    await mode('Code')
    await page.locator('.cm-line').filter({ hasText: '"B": {' }).click()
    await page.keyboard.press('End')
    await page.keyboard.type(' ')
    await page.keyboard.press('Backspace')
    await page.getByRole('button', { name: 'Create' }).click()
    await page.getByText('odd-one was saved').waitFor()
    assert.equal((await describe('odd-one')).definition, odd)
    await page.getByLabel('Open a definition').setInputFiles({ name: 'a.yaml', mimeType: 'text/yaml', buffer: Buffer.from('# note\nStartAt: A\nStates:\n  A: {Type: Succeed}\n') })
    await page.getByText(/It is YAML: it was made JSON, without its comments/).waitFor()
    await page.locator('.cm-line').filter({ hasText: '"StartAt": "A",' }).waitFor()
  })

  await step('what somebody else has saved meanwhile is told, and not overwritten', async () => {
    await server.call('CreateStateMachine', { name: 'shared', roleArn: ROLE, definition: '{"StartAt": "A", "States": {"A": {"Type": "Pass", "End": true}}}' })
    // The machine before has changes, which the browser asks about.
    const leave = (dialog) => dialog.accept()
    page.on('dialog', leave)
    await page.goto(at(`/state-machines/${arnOf('shared')}/designer`))
    page.off('dialog', leave)
    await node(page, 'A').click()
    await page.keyboard.press('Control+d')
    await inState('/States/A (1)').waitFor()
    const theirs = '{"StartAt": "Z", "States": {"Z": {"Type": "Succeed"}}}'
    await server.call('UpdateStateMachine', { stateMachineArn: arnOf('shared'), definition: theirs })
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByText(/was changed by somebody else/).waitFor()
    assert.equal((await describe('shared')).definition, theirs)
    await dialog.getByRole('button', { name: 'Take theirs' }).click()
    await inState('/States/Z').waitFor()
    await page.getByRole('button', { name: 'Undo' }).click()
    await inState('/States/A (1)').waitFor()
    await page.getByRole('button', { name: 'Save', exact: true }).click()
    await page.getByText('shared was saved').waitFor()
    assert.match((await describe('shared')).definition, /"A \(1\)"/)
  })

  await step('changes that are not saved are asked about, and settings are written', async () => {
    await mode('Config')
    await page.getByLabel('Query language').selectOption('JSONata')
    await page.getByLabel('Level of execution logs').selectOption('ERROR')
    await page.getByLabel('Log group ARN').fill('arn:aws:logs:us-east-1:123456789012:log-group:flows:*')
    await page.getByLabel('Comment').fill('ours')
    await page.getByRole('button', { name: 'Add a tag' }).click()
    await page.getByLabel('Key of tag 1').fill('team')
    await page.getByLabel('Value of tag 1').fill('blue')
    const questions = []
    page.once('dialog', (dialog) => {
      questions.push(dialog.message())
      return dialog.dismiss()
    })
    await page.getByRole('navigation', { name: 'Pages' }).getByRole('link', { name: 'Executions' }).click()
    assert.deepEqual(questions, ['Your changes are not saved. Leave the designer?'])
    assert.match(page.url(), /designer/)
    // From inside a field, which has not said its text yet.
    await page.getByLabel('Comment').fill('all of ours')
    await page.keyboard.press('Control+s')
    await page.getByText('not saved').waitFor({ state: 'detached' })
    const { definition, loggingConfiguration } = await describe('shared')
    assert.deepEqual([JSON.parse(definition).QueryLanguage, JSON.parse(definition).Comment], ['JSONata', 'all of ours'])
    assert.equal(loggingConfiguration.level, 'ERROR')
    assert.deepEqual((await server.call('ListTagsForResource', { resourceArn: arnOf('shared') })).tags, [{ key: 'team', value: 'blue' }])
    // What belongs to the other language is named before it is changed.
    await page.goto(at(`/state-machines/${arnOf('orders')}/designer?mode=config`))
    await page.getByLabel('Query language').selectOption('JSONata')
    await page.getByRole('dialog').getByRole('listitem').first().waitFor()
    await page.getByRole('dialog').getByRole('button', { name: 'Cancel' }).click()
    assert.equal(await page.getByLabel('Query language').inputValue(), 'JSONPath')
  })

  await step('a finger that rests carries a state', async () => {
    const context = await browser.newContext({ viewport: { width: 390, height: 844 }, hasTouch: true, isMobile: true })
    const phone = await context.newPage()
    listen(phone, complaints)
    await phone.goto(at('/designer'))
    await node(phone, 'Drop a state').waitFor()
    const touch = await context.newCDPSession(phone)
    const send = (type, x, y) => touch.send('Input.dispatchTouchEvent', { type, touchPoints: type === 'touchEnd' ? [] : [{ x, y }] })
    const item = phone.locator('.palette .item').filter({ hasText: 'Wait' }).first()
    await item.scrollIntoViewIfNeeded()
    const from = await item.boundingBox()
    const to = await middle(phone.locator('[data-node="/States/"]'))
    await send('touchStart', from.x + 60, from.y + 12)
    await phone.locator('.ghost').waitFor()
    await send('touchMove', to.x, to.y + 30)
    await send('touchMove', to.x, to.y)
    await phone.locator('.ghost.aims').waitFor()
    await send('touchEnd')
    await node(phone, 'Wait').waitFor()
    await context.close()
  })
}

// By the mouse, from here to there, as hands do: not in one jump.
async function carry(page, from, target, isPut = true) {
  const states = await page.locator('[data-node]').count()
  const start = await from.boundingBox()
  const end = await middle(page.locator(target))
  await page.mouse.move(start.x + Math.min(60, start.width / 2), start.y + Math.min(20, start.height / 2))
  await page.mouse.down()
  await page.mouse.move(end.x - 40, end.y - 30, { steps: 5 })
  await page.mouse.move(end.x, end.y, { steps: 3 })
  if (isPut) await page.locator('.ghost.aims').waitFor()
  await page.mouse.up()
  if (isPut) await page.waitForFunction(([target, states]) => !document.querySelector(target) || document.querySelectorAll('[data-node]').length !== states, [target, states])
  // Boxes glide for a moment.
  await page.evaluate(() => Promise.all(document.getAnimations().map((animation) => animation.finished.catch(() => {}))))
}

// Of a line the point halfway along it, of anything else its middle.
async function middle(locator) {
  await locator.waitFor({ state: 'attached' })
  return locator.evaluate((element) => {
    if (element instanceof SVGPathElement) {
      const { x, y } = element.getPointAtLength(element.getTotalLength() / 2).matrixTransform(element.getScreenCTM())
      return { x, y }
    }
    const { left, top, width, height } = element.getBoundingClientRect()
    return { x: left + width / 2, y: top + height / 2 }
  })
}
