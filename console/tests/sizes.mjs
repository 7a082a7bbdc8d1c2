// How much JavaScript a browser reads before a page stands, and in all. Too much ends this with 1.
import { readFileSync, readdirSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'

const INITIAL_MAX = 150_000
const ALL_MAX = 700_000

const dist = fileURLToPath(new URL('../dist/', import.meta.url))
const names = readdirSync(`${dist}assets`).filter((name) => name.endsWith('.js'))
const text = new Map(names.map((name) => [name, readFileSync(`${dist}assets/${name}`)]))
const zipped = (some) => [...some].reduce((sum, name) => sum + gzipSync(text.get(name), { level: 9 }).length, 0)

// What a file needs before it runs.
function needed(name, found = new Set()) {
  if (found.has(name) || !text.has(name)) return found
  found.add(name)
  for (const [, other] of text.get(name).toString().matchAll(/(?:from|import)\s*["`']\.\/([\w.-]+\.js)["`']/g)) needed(other, found)
  return found
}

const entry = /src="\/console\/assets\/([^"]+\.js)"/.exec(readFileSync(`${dist}index.html`, 'utf8'))?.[1]
if (!entry) throw new Error('index.html begins with no script')
// Whichever page comes first: the frame, and the page that needs most.
const pages = names.filter((name) => name.startsWith('Page-'))
const initial = Math.max(...pages.map((page) => zipped(needed(page, needed(entry)))))
const all = zipped(names)
const kilobytes = (bytes) => `${(bytes / 1000).toFixed(1)} kB`
console.log(`JavaScript by gzip: ${kilobytes(initial)} before a page stands, ${kilobytes(all)} in all`)
if (initial > INITIAL_MAX || all > ALL_MAX) {
  console.error(`too much: at most ${kilobytes(INITIAL_MAX)} and ${kilobytes(ALL_MAX)}`)
  process.exit(1)
}
