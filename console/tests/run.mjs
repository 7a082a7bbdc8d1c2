// The console as a person uses it, against a real server: look, start, watch, see it fail, read why, redrive; and no
// serious fault of access on any page, light and dark. Prints what was done; anything wrong ends it with 1.
import assert from 'node:assert/strict'
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { listen, open, openBrowser } from './browser.mjs'
import { designer } from './designer.mjs'
import { acts, graphqlSteps, signedSettings, signedSteps } from './graphql.mjs'
import { inspector } from './inspector.mjs'
import { pagesSteps } from './pages.mjs'
import { ended, pack, startServer } from './server.mjs'
import { serviceSteps } from './services.mjs'
import { ORDER, fill, pages } from './world.mjs'

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8')
// Of a computer that does other things meanwhile.
const OPENS_WITHIN_MILLIS = 2_000

const server = await startServer()
const browser = await openBrowser()
const complaints = []
try {
  const world = await fill(server)
  const page = await (await browser.newContext({ viewport: { width: 1280, height: 900 } })).newPage()
  page.setDefaultTimeout(15_000)
  listen(page, complaints)
  const at = (address) => `${server.endpoint}/console${address}`

  await step('the list of state machines counts their executions', async () => {
    await open(page, at('/'))
    const row = page.getByRole('row', { name: /^orders/ })
    await row.waitFor()
    assert.match(await row.innerText(), /Standard\s+1\s+2\s+2\s+0\s+1/)
  })

  await step('an execution is started by the keyboard and watched', async () => {
    await page.getByRole('link', { name: 'orders', exact: true }).click()
    await page.getByRole('button', { name: 'Start execution' }).press('Enter')
    const input = page.getByLabel('Input', { exact: true })
    await input.fill('{"total": 30,')
    await page.getByText('Line 1, column 14: a name in double quotes is expected here').waitFor()
    assert.ok(await page.getByRole('button', { name: 'Start', exact: true }).isDisabled())
    await input.fill(JSON.stringify(ORDER))
    await page.getByLabel(/^Name/).last().fill('by-hand')
    await input.press('Control+Enter')
    await page.getByRole('heading', { name: 'by-hand' }).waitFor()
    await page.getByText('Running', { exact: true }).first().waitFor()
    // Nobody touches the page from here on.
    await node(page, 'Pack', 'Running').waitFor()
    await node(page, 'Price items', '3 of 3').waitFor()
  })

  await step('it fails before the eyes, and says why', async () => {
    // The other running order was first in line.
    await pack(server, { boxes: 2 })
    await pack(server, { error: 'Dropped', cause: 'The parcel fell off the table.' })
    await node(page, 'Pack', 'Failed').waitFor()
    const why = page.getByRole('region', { name: 'Why it ended' })
    assert.match(await why.innerText(), /Dropped in Pack[\s\S]*fell off the table/)
    await why.getByRole('button', { name: 'Pack' }).click()
    await page.getByRole('region', { name: 'Input of Pack' }).getByText('"customer"').waitFor()
    assert.match(page.url(), /state=Pack&visit=\d+/)
  })

  await step('it is redriven and succeeds', async () => {
    await page.getByRole('button', { name: 'Redrive' }).click()
    await page.getByText('Redriven', { exact: true }).waitFor()
    await pack(server, { boxes: 1, by: 'Mia' })
    await node(page, 'Done', 'Succeeded').waitFor()
    await page.getByText('Succeeded', { exact: true }).first().waitFor()
    await page.getByRole('region', { name: 'Output of Pack' }).getByText('"Mia"').waitFor()
  })

  await step('the keyboard walks along the lines of the graph', async () => {
    await node(page, 'Check order').focus()
    await page.keyboard.press('ArrowDown')
    await page.keyboard.press('ArrowUp')
    assert.equal(await focusedState(page), 'Check order')
    await node(page, 'Price items').focus()
    await page.keyboard.press('ArrowDown')
    assert.equal(await focusedState(page), 'Price item')
    await page.keyboard.press('ArrowDown')
    assert.equal(await focusedState(page), 'Prepare')
  })

  await step('events are narrowed, opened, and linked to', async () => {
    await page.getByLabel('Type of event').selectOption('trouble')
    await page.getByRole('button', { name: /ActivityFailed/ }).click()
    await page.getByText('The parcel fell off the table.').last().waitFor()
    const link = page.url()
    await open(page, link)
    await page.getByRole('button', { name: /ActivityFailed/, expanded: true }).waitFor()
  })

  await step('several executions are stopped at once', async () => {
    const orders = await Promise.all([1, 2, 3].map((number) =>
      server.call('StartExecution', {
        stateMachineArn: pageArn(world), name: `bulk-${number}`, input: JSON.stringify(ORDER),
      })))
    await open(page, at('/executions?text=bulk&status=RUNNING'))
    await page.getByRole('row').nth(3).waitFor()
    await page.getByLabel('All on this page').check()
    await page.getByRole('button', { name: 'Stop 3' }).click()
    await page.getByText('Stopped: 3').waitFor()
    for (const { executionArn } of orders) assert.equal(await ended(server, executionArn), 'ABORTED')
    await page.getByText('Nothing was found').waitFor()
  })

  await step('an execution of 25,000 events opens at once and scrolls to its end', async () => {
    const began = performance.now()
    await page.goto(at(`/executions/${encodeURIComponent(world.long)}`))
    await page.getByRole('button', { name: /^1 ExecutionStarted/ }).waitFor()
    const millis = Math.round(performance.now() - began)
    assert.ok(millis < OPENS_WITHIN_MILLIS, `it took ${millis} ms`)
    await page.getByRole('tab', { name: /Events \(24,8\d\d\)/ }).waitFor()
    const scrolled = await page.evaluate(scrollThrough)
    await page.getByRole('button', { name: /ExecutionSucceeded/ }).waitFor()
    console.log(`  its first events after ${millis} ms; ${scrolled.frames} frames of scrolling, the slowest ${scrolled.slowest} ms`)
  })

  await step('a map of 1,000 iterations opens at once, and so does a graph of 300 states', async () => {
    const items = Array.from({ length: 1_000 }, (_, at) => at)
    const { executionArn } = await server.call('StartExecution', {
      stateMachineArn: pageArn(world), name: 'many', input: JSON.stringify({ ...ORDER, items }),
    })
    await page.goto(at('/server'))
    const mapped = performance.now()
    await page.goto(at(`/executions/${encodeURIComponent(executionArn)}?state=Price item`))
    await node(page, 'Price items', '1000 of 1000').waitFor()
    await page.getByText('Visit 1000 of 1000 · iteration 999').waitFor()
    const map = Math.round(performance.now() - mapped)
    await server.call('StopExecution', { executionArn })

    const chain = Array.from({ length: 300 }, (_, at) => [`State ${at}`, at === 299 ? { Type: 'Succeed' } : at % 10 === 5
      ? { Type: 'Choice', Choices: [{ Variable: '$.a', NumericEquals: at, Next: `State ${at + 3}` }], Default: `State ${at + 1}` }
      : { Type: 'Pass', Next: `State ${at + 1}` }])
    const definition = JSON.stringify({ StartAt: 'State 0', States: Object.fromEntries(chain) })
    const { stateMachineArn } = await server.call('CreateStateMachine', {
      name: 'three-hundred', definition, roleArn: 'arn:aws:iam::123456789012:role/any',
    })
    const drawn = performance.now()
    await page.goto(at(`/state-machines/${stateMachineArn}?tab=definition`))
    await node(page, 'State 299').waitFor({ state: 'attached' })
    const graph = Math.round(performance.now() - drawn)
    const slowest = await page.evaluate(dragGraph)
    console.log(`  ${map} ms and ${graph} ms; the slowest frame of dragging ${slowest} ms`)
    assert.ok(map < OPENS_WITHIN_MILLIS && graph < OPENS_WITHIN_MILLIS, `${map} ms, ${graph} ms`)
  })

  await pagesSteps({ step, page, server, world, at })
  await serviceSteps({ step, page, server, at })
  await graphqlSteps({ step, page, world, at })

  await step('where keys are set, they are asked for', async () => {
    const guarded = await startServer(`[auth.access_keys]\nAKIDEXAMPLE = "secret"\n${signedSettings}`)
    try {
      const stranger = await (await browser.newContext()).newPage()
      await stranger.goto(`${guarded.endpoint}/console`)
      const enter = async (secret) => {
        await stranger.getByLabel('Access key').fill('AKIDEXAMPLE')
        await stranger.getByLabel('Secret').fill(secret)
        await stranger.getByRole('button', { name: 'Sign in' }).click()
      }
      await enter('wrong')
      await stranger.getByRole('alert').getByText(/signature/i).waitFor()
      await enter('secret')
      await stranger.getByRole('link', { name: 'orders', exact: true }).click()
      await stranger.getByText('No executions yet').waitFor()
      await stranger.getByRole('button', { name: 'Start execution' }).click()
      await stranger.getByLabel('Input', { exact: true }).fill('{"total": 1}')
      await stranger.getByRole('button', { name: 'Start', exact: true }).click()
      await stranger.getByText('OrderTooSmall').first().waitFor()
      // Words beyond ASCII, and signs that stand for something in an address.
      await stranger.goBack()
      await stranger.getByLabel('Name', { exact: true }).fill("it's & (é)")
      await stranger.getByText('Nothing was found').waitFor()
      // What is sent by POST beside AWS's API is signed, too.
      await stranger.getByRole('link', { name: 'Playground' }).click()
      await stranger.getByRole('region', { name: 'Result', exact: true }).getByText('"cup"').waitFor()
      // Each service has a signature of its own.
      await stranger.getByRole('link', { name: 'Services' }).click()
      for (const title of ['Queues', 'Topics', 'Event buses', 'Schedules', 'APIs', 'Tables', 'GraphQL']) {
        await stranger.getByRole('listitem').filter({ hasText: title }).getByText(/^\d+$/).waitFor()
      }
      await signedSteps(stranger)
    } finally {
      await guarded.stop()
    }
  })

  await designer({ page, browser, server, at, step, node, listen, complaints })

  for (const colorScheme of ['light', 'dark']) {
    await step(`axe finds nothing serious, ${colorScheme}`, async () => {
      const context = await browser.newContext({ colorScheme, reducedMotion: 'reduce', bypassCSP: true })
      const looked = await context.newPage()
      const found = []
      for (const [name, address] of Object.entries(pages(world))) {
        await open(looked, at(address))
        await acts[name]?.(looked)
        await looked.waitForTimeout(400)
        await looked.evaluate(axe)
        const { violations } = await looked.evaluate(() => window.axe.run({ resultTypes: ['violations'] }))
        const grave = violations.filter(({ impact }) => impact === 'serious' || impact === 'critical')
        for (const { id, nodes } of grave) {
          found.push(...nodes.map(({ target, failureSummary }) => `${name}: ${id} ${target}: ${failureSummary}`))
        }
      }
      await context.close()
      assert.deepEqual(found, [])
    })
  }

  await inspector({ step, browser, server, at })

  await step('nothing was stopped by the policy, and no script failed', async () => {
    // A page that is not there is asked for on purpose nowhere above.
    assert.deepEqual(complaints, [])
  })
} finally {
  await browser.close()
  await server.stop()
}

async function step(name, act) {
  try {
    await act()
    console.log(`ok  ${name}`)
  } catch (error) {
    console.log(`NOT ${name}`)
    console.log(complaints.join('\n'))
    throw error
  }
}

function node(page, name, status = '') {
  return page.getByRole('button', { name: new RegExp(`^${name}, .*${status}`) })
}

function focusedState(page) {
  return page.evaluate(() => document.activeElement?.getAttribute('aria-label')?.split(',')[0])
}

function pageArn(world) {
  return world.failed.replace(':execution:', ':stateMachine:').replace(/:[^:]+$/, '')
}

// In the page: drags the graph to and fro; the slowest frame in milliseconds.
async function dragGraph() {
  const frame = document.querySelector('.graph .frame')
  const { left, top } = frame.getBoundingClientRect()
  const send = (type, x, y) =>
    frame.dispatchEvent(new PointerEvent(type, { clientX: left + x, clientY: top + y, pointerId: 1, bubbles: true }))
  frame.setPointerCapture = () => {}
  send('pointerdown', 100, 100)
  let [slowest, last] = [0, performance.now()]
  for (let at = 0; at < 60; at++) {
    send('pointermove', 100 + Math.sin(at / 8) * 80, 100 - at * 6)
    await new Promise(requestAnimationFrame)
    const now = performance.now()
    slowest = Math.max(slowest, Math.round(now - last))
    last = now
  }
  send('pointerup', 100, 100)
  return slowest
}

// In the page: down through all events, a screen for each frame; the slowest frame in milliseconds.
async function scrollThrough() {
  const frame = document.querySelector('[aria-label="Events"][role="region"]')
  let [slowest, frames, last] = [0, 0, performance.now()]
  while (frame.scrollTop + frame.clientHeight < frame.scrollHeight - 2) {
    frame.scrollTop += 4_000
    await new Promise(requestAnimationFrame)
    const now = performance.now()
    slowest = Math.max(slowest, Math.round(now - last))
    last = now
    frames++
  }
  return { slowest, frames }
}
