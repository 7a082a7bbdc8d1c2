// Beside the way of one order: every stage of a state's data, iterations, counts, waiting tasks, the playground, the server,
// findings of a definition.
import assert from 'node:assert/strict'
import { open } from './browser.mjs'
import { PACK, arnOf, ended, pack } from './server.mjs'
import { ORDER, pages } from './world.mjs'

export async function pagesSteps({ step, page, server, world, at }) {
  const shown = pages(world)
  const region = (name) => page.getByRole('region', { name, exact: true })

  await step('every stage of a state’s data is shown', async () => {
    await open(page, at(shown.flow))
    await region('Result').getByText('"Mia"').waitFor()
    await region('After ResultPath').getByText('"parcel"').waitFor()
    await page.getByText('OutputPath not set, nothing changes').waitFor()
    assert.equal(await page.getByText('came out otherwise').count(), 0)
    // A Catch took its failure.
    await open(page, at(shown.flow.replace(encodeURIComponent(world.shipped).replaceAll('%3A', ':'), world.caught)))
    await region('After Catch 1').getByText('"OutOfBoxes"').waitFor()
    // A Parallel's result is put together of its branches'; nothing of it is kept.
    await open(page, at(`/executions/${world.shipped}?state=Prepare&data=flow`))
    await region('Result').getByText('"reserved"').waitFor()
    await page.getByText('null', { exact: true }).waitFor()
    // A child of a Map Run runs a part of its machine.
    await open(page, at(`/executions/${encodeURIComponent(world.child)}?state=Owes something&data=flow`))
    await page.getByText('OutputPath not set, nothing changes').waitFor()
    await page.getByText('Send bill', { exact: true }).last().waitFor()
  })

  await step('an iteration of a Map is found', async () => {
    await open(page, at(shown.iterations))
    await page.getByRole('button', { name: '3 succeeded' }).waitFor()
    await page.getByRole('button', { name: 'Iteration 0, Succeeded' }).focus()
    await page.keyboard.press('ArrowRight')
    await page.keyboard.press('Enter')
    await page.getByText('Visit 2 of 3 · iteration 1').waitFor()
    await region('Output of Price item').getByText('"cup"').waitFor()
  })

  await step('executions are counted as they come', async () => {
    await open(page, at('/executions'))
    const failed = page.getByRole('button', { name: /^\d+ Failed$/ })
    const before = Number.parseInt(await failed.innerText(), 10)
    await server.call('StartExecution', { stateMachineArn: arnOf('orders'), name: 'small', input: '{"total": 1}' })
    await page.getByRole('button', { name: `${before + 1} Failed` }).click()
    await page.getByRole('row', { name: /^small/ }).waitFor()
    assert.match(page.url(), /status=FAILED/)
    await page.getByRole('button', { name: 'Clear' }).click()
    await page.getByLabel('Started', { exact: true }).selectOption('between')
    await page.getByLabel('Started before').fill('2001-01-01T00:00')
    await page.getByText('Nothing was found').waitFor()
    await page.getByLabel('Started before').fill('2101-01-01T00:00')
    await page.getByRole('row', { name: /^small/ }).waitFor()
  })

  await step('several executions are redriven at once', async () => {
    const names = ['again-1', 'again-2']
    const started = await Promise.all(names.map((name) =>
      server.call('StartExecution', { stateMachineArn: arnOf('orders'), name, input: '{"total": 1}' })))
    for (const { executionArn } of started) assert.equal(await ended(server, executionArn), 'FAILED')
    await open(page, at('/executions?text=again&status=FAILED'))
    for (const name of names) await page.getByRole('checkbox', { name }).check()
    await page.getByRole('button', { name: 'Redrive 2' }).click()
    await page.getByText('Redriven: 2').waitFor()
    for (const { executionArn } of started) {
      assert.equal(await ended(server, executionArn), 'FAILED')
      assert.equal((await server.call('DescribeExecution', { executionArn })).redriveCount, 1)
    }
  })

  await step('an execution is started again with its input', async () => {
    await open(page, at(`/executions/${world.caught}`))
    await page.getByRole('link', { name: 'Start again' }).click()
    const dialog = page.getByRole('dialog')
    assert.match(await dialog.getByLabel('Input', { exact: true }).inputValue(), /"customer": "Ida"/)
    await page.keyboard.press('Escape')
    await page.getByRole('dialog').waitFor({ state: 'detached' })
    assert.doesNotMatch(page.url(), /again/)
  })

  await step('a callback is answered by hand', async () => {
    await open(page, at('/activities'))
    await page.getByRole('button', { name: 'Answer Ask somebody of refund-1' }).press('Enter')
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('button', { name: 'Send a heartbeat' }).click()
    await page.getByText('A heartbeat was sent').waitFor()
    const output = dialog.getByLabel('Output', { exact: true })
    await output.fill('{"by": "Ann"')
    assert.ok(await dialog.getByRole('button', { name: 'Send the result' }).isDisabled())
    await output.fill('{"by": "Ann"}')
    await output.press('Control+Enter')
    await page.getByText('The task has its result').waitFor()
    assert.equal(await ended(server, world.refund), 'SUCCEEDED')
    await page.getByRole('link', { name: 'refund-1' }).waitFor({ state: 'detached' })
    // What it assigned is seen by the next state.
    await open(page, at(`/executions/${world.refund}?state=Pay`))
    await region('Variables that Pay saw').getByText('"approvedBy"').waitFor()
  })

  await step('workers are seen polling, and a task is taken by hand', async () => {
    await server.call('CreateActivity', { name: 'gift-wrap' })
    await open(page, at('/activities'))
    const hangUp = new AbortController()
    const poll = fetch(server.endpoint, {
      method: 'POST',
      signal: hangUp.signal,
      headers: { 'content-type': 'application/x-amz-json-1.0', 'x-amz-target': 'AWSStepFunctions.GetActivityTask' },
      body: JSON.stringify({ activityArn: PACK.replace(':pack', ':gift-wrap'), workerName: 'mia' }),
    }).catch(() => undefined)
    await page.getByRole('row', { name: /gift-wrap/ }).getByText('mia').waitFor()
    hangUp.abort()
    await poll
    await page.getByRole('row', { name: /gift-wrap/ }).getByText('nobody').waitFor()

    const { executionArn } = await server.call('StartExecution', { stateMachineArn: arnOf('orders'), name: 'mine', input: JSON.stringify(ORDER) })
    await page.getByRole('row', { name: /^mine/ }).waitFor()
    // Whatever waited before is packed, so that the oldest is this one.
    while ((await waitingAt(server)) > 1) await pack(server, { boxes: 1 })
    await page.getByRole('button', { name: 'Take a task of pack' }).click()
    const dialog = page.getByRole('dialog')
    await dialog.getByRole('region', { name: 'Input of the task' }).getByText('"Ida"').waitFor()
    await dialog.getByRole('tab', { name: 'It has failed' }).click()
    await dialog.getByLabel(/^Error/).fill('OutOfBoxes')
    await dialog.getByLabel('Cause').fill('The last one is gone.')
    await dialog.getByRole('button', { name: 'Let it fail' }).click()
    await page.getByText('The task has failed').waitFor()
    assert.equal(await ended(server, executionArn), 'SUCCEEDED')
    await open(page, at(`/executions/${executionArn}?state=Tell the customer`))
    await region('Input of Tell the customer').getByText('"The last one is gone."').waitFor()
  })

  await step('the playground evaluates as one types, with the engine’s words', async () => {
    await open(page, at('/playground'))
    await region('Result').getByText('"cup"').waitFor()
    await page.getByRole('textbox', { name: 'Expression' }).fill('$.items[7].name')
    await page.getByText("The JSONPath '$.items[7].name' specified for the field 'value.$' could not be found").waitFor()
    await page.getByRole('button', { name: 'JSONata' }).click()
    // What was written stays; what it means has changed.
    await page.getByText('No state machine could have this').waitFor()
    await page.getByRole('button', { name: 'A sum' }).click()
    await region('Result').getByText('39').waitFor()
    await page.getByRole('textbox', { name: 'Variables' }).fill('{"x": ')
    await page.getByText('Variables: Line 1, column 7: a value is expected here').waitFor()
    await page.getByRole('textbox', { name: 'Variables' }).fill('{"x": 2}')
    await page.getByRole('textbox', { name: 'Expression' }).fill('$x * 21')
    await region('Result').getByText('42').waitFor()
    const link = page.url()
    await open(page, at('/server'))
    await page.goto(link)
    await region('Result').getByText('42').waitFor()
    assert.equal(await page.getByRole('textbox', { name: 'Expression' }).inputValue(), '$x * 21')
  })

  await step('the server says how it is', async () => {
    await open(page, at('/server'))
    await page.getByText('Ready', { exact: true }).waitFor()
    await page.getByText('What it holds in memory').waitFor()
    await page.getByText(/^\d+ segments?$/).waitFor()
  })

  await step('findings of a definition lead to their states', async () => {
    const definition = JSON.stringify({ StartAt: 'A', States: { A: { Type: 'Pass', Parameters: { order: '$.order' }, Next: 'B' }, B: { Type: 'Succeed' } } })
    const { stateMachineArn } = await server.call('CreateStateMachine', { name: 'warned', definition, roleArn: 'arn:aws:iam::123456789012:role/any' })
    await open(page, at(`/state-machines/${stateMachineArn}`))
    await page.getByRole('tab', { name: 'Definition (1 finding)' }).click()
    await page.getByText('No .$ on a field that appears to be a JSONPath').waitFor()
    await page.getByRole('button', { name: '/States/A/Parameters' }).click()
    await page.locator('[aria-pressed="true"][aria-label^="A, "]').waitFor()
    assert.equal(await page.getByRole('listitem').filter({ hasText: 'NO_DOLLAR' }).count(), 1)
  })

  await step('times are shown in UTC for who wants it', async () => {
    await open(page, at('/server'))
    await page.getByRole('button', { name: /^Local .*zone of times/ }).click()
    const exact = await page.locator('time').first().getAttribute('title')
    assert.match(exact ?? '', /UTC/)
    await page.getByRole('button', { name: /^UTC: the zone of times/ }).click()
  })
}

// How many tasks of the packing table nobody has taken.
async function waitingAt(server) {
  const { activities } = await (await fetch(`${server.endpoint}/v1/activities`)).json()
  return activities.find(({ activityArn }) => activityArn === PACK).waitingTasks
}
