// Pictures of each page, light and dark, into docs/console/; with a folder named, of every state of them into that.
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { open, openBrowser } from './browser.mjs'
import { acts } from './graphql.mjs'
import { startServer } from './server.mjs'
import { fill, pages } from './world.mjs'

const named = process.argv[2]
const folder = named ?? fileURLToPath(new URL('../../docs/console', import.meta.url))
// The same page with something else on it.
const again = named ? [] : ['running', 'flow', 'iterations', 'nowhere', 'graphql-sdl', 'graphql-functions', 'graphql-sources', 'graphql-keys', 'graphql-settings']
mkdirSync(folder, { recursive: true })

const server = await startServer()
const browser = await openBrowser()
try {
  const world = await fill(server)
  for (const colorScheme of ['light', 'dark']) {
    const context = await browser.newContext({ colorScheme, viewport: { width: 1280, height: named ? 860 : 1120 }, reducedMotion: 'reduce' })
    const page = await context.newPage()
    for (const [name, address] of Object.entries(pages(world))) {
      if (again.includes(name)) continue
      await open(page, `${server.endpoint}/console${address}`)
      await acts[name]?.(page)
      await page.waitForTimeout(700)
      await page.screenshot({ path: join(folder, `${name}-${colorScheme}.png`), fullPage: named !== undefined })
    }
    if (named) {
      await page.setViewportSize({ width: 390, height: 800 })
      for (const name of ['machines', 'executions', 'execution', 'flow', 'activities', 'playground', 'server', 'graphql-api', 'graphql-query', 'event-try']) {
        await open(page, `${server.endpoint}/console${pages(world)[name]}`)
        await page.waitForTimeout(700)
        await page.screenshot({ path: join(folder, `${name}-phone-${colorScheme}.png`), fullPage: true })
      }
    }
    await context.close()
  }
} finally {
  await browser.close()
  await server.stop()
}
