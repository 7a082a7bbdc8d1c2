// The inspector in a browser: every field of every type of state is changed, and nothing else of the text is.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { listen } from './browser.mjs'
import { JSONATA, JSONPATH } from './inspector-cases.mjs'
import { arnOf } from './server.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
const LOOKED_AT = [
  ['every-field', 'Call', ['Configuration', 'Input & Output', 'Variables', 'Errors', 'Test state']],
  ['every-field', 'Choose', ['Configuration']],
  ['every-field', 'Many', ['Configuration']],
  ['every-field', 'Both', ['Configuration', 'Test state']],
  ['every-field-jsonata', 'Choose', ['Configuration', 'Output']],
  ['every-field-jsonata', 'Call', ['Configuration', 'Arguments & Output']],
]

const here = fileURLToPath(new URL('.', import.meta.url))
const definition = (name) => readFileSync(`${here}project/${name}.asl.json`, 'utf8')

// The inspector alone, beside a server: the draft is in reach there, as `draft`.
async function serve(server) {
  const vite = await createServer({
    root: fileURLToPath(new URL('..', import.meta.url)),
    server: { port: 0, hmr: false, watch: null, proxy: { '^/(v1/.*)?([?].*)?$': { target: server.endpoint, changeOrigin: true, headers: { origin: server.endpoint } } } },
    logLevel: 'error',
  })
  await vite.listen()
  const address = `${vite.resolvedUrls.local[0]}tests/harness/index.html`
  const [schema, choice] = await Promise.all(['schema', 'choice'].map((name) => vite.ssrLoadModule(`/src/pages/designer/inspector/${name}.ts`)))
  return { address, schema, choice, close: () => vite.close() }
}

export async function inspector({ step, browser, server, at }) {
  const alone = await serve(server)
  const context = await browser.newContext({ viewport: { width: 480, height: 1000 }, reducedMotion: 'reduce' })
  const page = await context.newPage()
  page.setDefaultTimeout(Number(process.env.WAIT ?? 15_000))
  const complaints = []
  listen(page, complaints)
  const show = async (text, state) => {
    await page.evaluate(([text, state]) => window.show(text, state), [text, state])
    await page.locator('h2, [role=tab]').first().waitFor()
  }
  try {
    // Its modules are many, and come one by one.
    await page.goto(alone.address, { timeout: 60_000 })
    await page.waitForFunction(() => window.show)

    for (const [name, cases, language] of [['every-field', JSONPATH, 'JSONPath'], ['every-field-jsonata', JSONATA, 'JSONata']]) {
      await step(`every field of every type is changed, and nothing else: ${language}`, async () => {
        const text = definition(name)
        const changed = new Map()
        for (const { state, tab, field, act, from, to, steps } of cases) {
          const what = `${state || 'the machine'}, ${field}`
          await show(text, state)
          if (tab) await page.getByRole('tab', { name: new RegExp(`^${tab}`) }).click()
          try {
            await act(page)
          } catch (error) {
            throw new Error(`${what}: ${error.message}`)
          }
          const place = text.indexOf(from, state === '' ? 0 : text.indexOf(`"${state}": {`))
          assert.ok(place >= 0, `${what}: ${from} is not there`)
          await page.evaluate(() => document.activeElement?.blur())
          assert.equal(await page.evaluate(() => window.draft.text), text.slice(0, place) + to + text.slice(place + from.length), what)
          for (let step = 0; step < steps; step++) await page.evaluate(() => window.draft.undo())
          assert.equal(await page.evaluate(() => window.draft.text), text, `${what}: undone`)
          assert.equal(await page.evaluate(() => window.draft.canUndo), false, `${what}: not more steps`)
          const type = state === '' ? 'machine' : JSON.parse(text).States[state].Type
          changed.set(type, (changed.get(type) ?? new Set()).add(field.split('.')[0]))
        }
        for (const type of alone.schema.TYPES) {
          // Names of before are in the fixture of JSONPath.
          const missing = alone.schema.fieldsOf(type, language).filter((field) =>
            field !== 'Type' && !changed.get(type)?.has(field) && !(language === 'JSONata' && field === 'Iterator'))
          assert.deepEqual(missing, [], `fields of ${type} that no case changes`)
        }
        console.log(`  ${cases.length} changes`)
      })
    }

    await step('a field that no form knows is shown, changed and kept', async () => {
      const text = '{"StartAt":"A","States":{"A":{"Type":"Pass","Mine":{"a":[1.0]},"Output":1,"End":true}}}'
      await show(text, 'A')
      await page.getByRole('region', { name: 'Other fields' }).waitFor()
      await page.getByText('A field of JSONata: here, JSONPath holds.').waitFor()
      await write(page, 'Mine', '{"a":[1.0,2]}')
      assert.equal(await page.evaluate(() => window.draft.text), text.replace('[1.0]', '[1.0,2]'))
    })

    await step('mistakes are told where they are, while one types', async () => {
      const text = definition('orders')
      await show(text, 'Pack')
      const timeout = page.getByLabel('Timeout', { exact: true })
      await timeout.pressSequentially('0')
      await timeout.fill('0')
      await page.getByText('Minimum value is 1').waitFor()
      assert.equal(await timeout.evaluate((input) => input === document.activeElement), true)
      await timeout.press('Escape')
      assert.equal(await page.evaluate(() => window.draft.text), text)
      await timeout.fill('0')
      await page.getByRole('tab', { name: 'Variables' }).click()
      await page.getByRole('button', { name: '1 error under Configuration' }).click()
      assert.equal(await timeout.inputValue(), '0')
      await page.evaluate(() => window.draft.undo())
      assert.equal(await page.evaluate(() => window.draft.text), text)
      await timeout.fill('soon')
      await page.getByText('A number is expected here.').waitFor()
      await timeout.press('Escape')
      const name = page.getByLabel('State name')
      await name.fill('Ship')
      await page.getByText('Another state of this machine has this name.').waitFor()
      await name.fill('x'.repeat(81))
      await page.getByText('A name has at most 80 characters.').waitFor()
      await name.fill('Wrap')
      await name.press('Enter')
      const renamed = await page.evaluate(() => window.draft.text)
      assert.equal(renamed, text.replaceAll('"Pack"', '"Wrap"'))
      assert.equal(await page.evaluate(() => window.draft.chosen), '/States/Wrap')
    })

    await step('a field keeps the focus while what is typed is written down', async () => {
      const text = definition('every-field')
      await show(text, 'Call')
      await page.getByRole('tab', { name: 'Input & Output' }).click()
      for (const name of ['Parameters', 'ResultSelector']) {
        const editor = page.getByRole('textbox', { name, exact: true })
        await editor.click()
        await page.keyboard.press('Control+End')
        await page.keyboard.press('ArrowLeft')
        for (const piece of [',"x":', '12']) {
          await page.keyboard.insertText(piece)
          const before = await page.evaluate(() => window.draft.text)
          if (piece === '12') await page.waitForFunction((before) => window.draft.text !== before, before)
        }
        await page.keyboard.insertText('34')
        await editor.blur()
        assert.equal(await page.evaluate((name) => window.draft.at(['States', 'Call', name, 'x']), name), 1234)
      }
      await page.evaluate(() => { window.draft.undo(); window.draft.undo() })
      assert.equal(await page.evaluate(() => window.draft.text), text)

      // Emptied on the way to something else, a field stays what it is.
      await show(text, 'Call by path')
      const path = page.getByLabel('Timeout', { exact: true })
      await page.clock.install()
      await path.fill('')
      await page.clock.runFor(1_000)
      await page.clock.resume()
      await path.pressSequentially('$.t')
      await page.waitForFunction(() => window.draft.text.includes('"TimeoutSecondsPath": "$.t"'))
      assert.equal(await path.evaluate((input) => input === document.activeElement), true)
    })

    await step('keys of the graph do not reach the state from a button', async () => {
      await show(definition('orders'), 'Pack')
      await page.evaluate(() => window.addEventListener('keydown', ({ key }) => (window.heard = `${window.heard ?? ''} ${key}`)))
      const tab = page.getByRole('tab', { name: 'Configuration' })
      for (const key of ['Delete', 'Backspace', 'a', 'Control+d', 'Control+z']) await tab.press(key)
      assert.equal(await page.evaluate(() => window.heard), ' Control Control z')
    })

    await step('a condition is built by hand, and says itself', async () => {
      await show(definition('orders'), 'Check order')
      await page.getByLabel('Kind of condition').selectOption('And')
      await page.getByRole('button', { name: 'Add condition' }).click()
      await page.getByLabel('Variable').last().fill('$.customer')
      await page.getByLabel('Operator').last().selectOption('StringMatches')
      await page.getByLabel('Value').last().fill('I*')
      await page.getByLabel('Value').last().blur()
      assert.match(await page.evaluate(() => window.draft.text),
        /"Choices": \[\{ "And": \[ ?\{ ?"Variable": ?"\$\.total", ?"NumericLessThan": ?5 ?\}, \{ ?"Variable": ?"\$\.customer", ?"StringMatches": ?"I\*" ?\} ?\], "Next": "Too small" \}\]/)
      await page.getByRole('button', { name: '$.total is less than 5 and $.customer matches "I*" → Too small' }).waitFor()
    })

    await step('the server takes all 39 operators with the values that they begin with', async () => {
      const rules = alone.choice.OPERATORS.map((operator) => ({ Variable: '$.value', [operator.name]: alone.choice.operandFor(operator, undefined), Next: 'B' }))
      assert.equal(rules.length, 39)
      const checked = await server.call('ValidateStateMachineDefinition', {
        definition: JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Choice', Choices: rules }, B: { Type: 'Succeed' } } }), severity: 'WARNING',
      })
      assert.deepEqual(checked, { result: 'OK', diagnostics: [], truncated: false })
    })

    await step('the server says what an integration can and must', async () => {
      const text = '{"StartAt":"A","States":{"A":{"Type":"Task","Resource":"arn:aws:states:::ecs:runTask","End":true}}}'
      await show(text, 'A')
      const pattern = page.getByLabel('Integration pattern')
      await page.waitForFunction(() => document.querySelectorAll('select option[value^="."]').length === 2)
      assert.deepEqual(await pattern.locator('option').evaluateAll((all) => all.map(({ value }) => value)), ['', '.sync', '.waitForTaskToken'])
      await pattern.selectOption('.sync')
      await page.getByRole('tab', { name: 'Input & Output' }).click()
      await page.getByRole('button', { name: 'TaskDefinition' }).click()
      assert.equal(await page.evaluate(() => window.draft.text),
        text.replace('runTask"', 'runTask.sync"').replace('"End":true', '"End":true,"Parameters":{"TaskDefinition":""}'))
      await show(text.replace('ecs:runTask', 'aws-sdk:s3:putObject'), 'A')
      await page.getByRole('tab', { name: 'Input & Output' }).click()
      await page.getByRole('button', { name: 'Bucket' }).waitFor()
      await page.getByRole('button', { name: 'Key', exact: true }).waitFor()
    })

    await step('a state is tested with a mock, and each stage is shown', async () => {
      await show(definition('every-field'), 'Call')
      await page.getByRole('button', { name: 'Test state' }).click()
      await page.getByText('Others do this work').waitFor()
      await write(page, 'Input of the test', '{"order": {"id": 7}}')
      await write(page, 'Mocked result', '{"answer": 42, "more": true}')
      await page.getByRole('button', { name: 'Run the test' }).click()
      const outcome = page.getByRole('region', { name: 'Outcome of the test' })
      await outcome.getByText('Succeeded').waitFor()
      assert.deepEqual(await outcome.getByRole('tab').allInnerTexts(),
        ['Output', 'Input', 'InputPath', 'Parameters', 'Result', 'ResultSelector', 'ResultPath', 'Variables'])
      await outcome.getByRole('tab', { name: 'ResultSelector' }).click()
      await outcome.getByRole('region', { name: 'ResultSelector' }).getByText('42').waitFor()
      await outcome.getByRole('button', { name: 'Call by path' }).waitFor()

      await page.getByLabel('fails').check()
      await page.getByLabel('Error', { exact: true }).fill('States.Timeout')
      await page.getByLabel('Cause').fill('It slept.')
      await page.getByRole('button', { name: 'Run the test' }).click()
      // With jitter it may be anything up to two seconds.
      await outcome.getByText(/Retrier 1 tries it again after [012] s\./).waitFor()

      // What a state was tested with is still there when one comes back.
      await page.evaluate(() => (window.draft.chosen = '/States/Both'))
      await page.getByText('What is inside of a Parallel state is not run in a test').waitFor()
      await write(page, 'Mocked result', '[1]')
      await page.getByRole('button', { name: 'Run the test' }).click()
      await page.getByText('Mocked result must contain the same number of items as number of Parallel branches.').waitFor()
      await page.evaluate(() => (window.draft.chosen = '/States/Call'))
      assert.equal(await page.getByLabel('Cause').inputValue(), 'It slept.')
    })

    for (const colorScheme of ['light', 'dark']) {
      await step(`axe finds nothing serious in the forms, ${colorScheme}`, async () => {
        // Colours fade into each other for a moment, and that moment is nobody's reading.
        await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' })
        await page.waitForTimeout(400)
        const found = []
        for (const [name, state, tabs] of LOOKED_AT) {
          await show(definition(name), state)
          for (const tab of tabs) {
            await page.getByRole(tab === 'Test state' ? 'button' : 'tab', { name: tab }).click()
            const heads = page.locator('[data-item="0"][aria-expanded="false"]')
            if (await heads.count()) await heads.first().click()
            await page.locator('pre[aria-busy]').first().waitFor({ state: 'detached' })
            await page.evaluate(axe)
            const { violations } = await page.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
            const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
            for (const { id, nodes } of grave) found.push(...nodes.map(({ target, failureSummary }) => `${state}, ${tab}: ${id} ${target}: ${failureSummary}`))
          }
        }
        assert.deepEqual(found, [])
      })
    }

    await step('in the designer, looking changes nothing, and what is saved is the text with the one change', async () => {
      const designer = await (await browser.newContext({ viewport: { width: 1280, height: 900 }, reducedMotion: 'reduce' })).newPage()
      designer.setDefaultTimeout(15_000)
      listen(designer, complaints)
      const text = definition('every-field')
      await designer.goto(at(`/state-machines/${arnOf('every-field')}/designer`))
      const choose = async (state) => {
        await designer.locator(`[data-node="/States/${state}"]`).getByRole('button').first().press('Enter')
        await designer.waitForFunction((state) => document.querySelector('.inspector input')?.value === state, state)
      }
      for (const state of Object.keys(JSON.parse(text).States)) {
        await choose(state)
        for (const tab of await designer.getByRole('tablist', { name: `Fields of ${state}` }).getByRole('tab').all()) {
          await tab.click()
          const heads = designer.locator('.inspector [data-item]')
          for (let item = 0; item < await heads.count(); item++) await heads.nth(item).click()
        }
      }
      assert.equal(await designer.getByText('not saved').count(), 0)
      await choose('Call')
      await designer.getByRole('tab', { name: 'Configuration' }).click()
      await designer.getByLabel('Timeout', { exact: true }).fill('601')
      await designer.getByText('not saved').waitFor()
      await designer.getByRole('button', { name: 'Save', exact: true }).click()
      await designer.getByText('not saved').waitFor({ state: 'detached' })
      const saved = await server.call('DescribeStateMachine', { stateMachineArn: arnOf('every-field') })
      assert.equal(saved.definition, text.replace('"TimeoutSeconds": 600', '"TimeoutSeconds": 601'))
      await designer.context().close()
    })

    await step('no script of the inspector failed', async () => {
      // One test was refused on purpose.
      assert.deepEqual(complaints.filter((said) => !said.includes('Mocked result must contain')), [])
    })
  } finally {
    await context.close()
    await alone.close()
  }
}

// Writes JSON into an editor and leaves it.
async function write(page, label, text) {
  const editor = page.getByRole('textbox', { name: label, exact: true })
  await editor.click()
  await page.keyboard.press('Control+A')
  await page.keyboard.insertText(text)
  await editor.blur()
}
