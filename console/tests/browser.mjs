// Debian's Chromium, driven by Playwright.
import { existsSync } from 'node:fs'
import { chromium } from 'playwright-core'

const KNOWN = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']

export async function openBrowser() {
  const executablePath = process.env.CHROMIUM ?? KNOWN.find((path) => existsSync(path))
  if (!executablePath) throw new Error('no Chromium: apt-get install chromium, or set CHROMIUM')
  // As root, which build servers are, Chromium runs only without its sandbox.
  return chromium.launch({ executablePath, args: process.getuid?.() === 0 ? ['--no-sandbox'] : [] })
}

// Complaints of a page: errors of scripts, and everything that its policy has stopped.
export function listen(page, complaints) {
  page.on('pageerror', (error) => complaints.push(`${page.url()}: ${error.message}`))
  page.on('console', (message) => {
    // Answers are listened to below, with more words.
    if (message.type() === 'error' && !message.text().startsWith('Failed to load')) complaints.push(`${page.url()}: ${message.text()}`)
  })
  page.on('response', async (answer) => {
    if (answer.status() < 400 || isNone(answer)) return
    const asked = `${answer.request().method()} ${answer.url()} ${answer.request().postData() ?? ''}`
    complaints.push(`${answer.status()} ${asked}: ${await answer.text().catch(() => '')}`)
  })
}

// So AppSync says that an API has no cache, and no schema yet.
const isNone = (answer) => answer.request().method() === 'GET' && /[/]v1[/]apis[/]\w+[/](ApiCaches|schema)\b/.test(answer.url())

// Without waiting for the network to be quiet: the stream of events never is.
export async function open(page, address) {
  await page.goto(address)
  await page.locator('h1, h2').first().waitFor()
}
