// Every definition of a folder of recorded cases goes through the designer's document: opened and saved unchanged it is the same
// byte for byte; after deeds at random and as many undos, too; and YAML and back says the same.
import assert from 'node:assert/strict'
import { existsSync, readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createServer } from 'vite'
import { deedsAtRandom } from './machine.mjs'

const DEEDS = 8

// Where the graph's own tests find them, or what is named.
const folder = process.argv[2] ?? fileURLToPath(new URL('../../../shared/conformance/cases', import.meta.url))
if (!existsSync(folder)) {
  console.log(`skipped: no recorded cases at ${folder}`)
  process.exit(0)
}

// All texts under the name `definition` that are JSON objects, wherever they are in a case.
function* definitionsIn(value) {
  if (typeof value !== 'object' || value === null) return
  for (const [name, member] of Object.entries(value)) {
    if (name === 'definition' && typeof member === 'string' && isObject(member)) yield member
    else yield* definitionsIn(member)
  }
}

function isObject(text) {
  try {
    const value = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
  } catch {
    return false
  }
}

const vite = await createServer({
  root: fileURLToPath(new URL('..', import.meta.url)),
  server: { middlewareMode: true, hmr: false, watch: null },
  appType: 'custom',
  logLevel: 'error',
})
try {
  const load = (file) => vite.ssrLoadModule(file)
  const [{ Draft }, { write, json }, { changed }, { fromYaml, toYaml }] = await Promise.all([
    load('/src/pages/designer/document/draft.svelte.ts'), load('/src/pages/designer/document/json.ts'),
    load('/src/parts/editor/lines.ts'), load('/src/pages/designer/yaml.ts'),
  ])
  const deeds = await deedsAtRandom(load)
  let [count, done, states] = [0, 0, 0]
  for (const name of readdirSync(folder).filter((name) => name.endsWith('.json')).sort()) {
    for (const text of definitionsIn(JSON.parse(readFileSync(join(folder, name), 'utf8')))) {
      count++
      const draft = new Draft(text)
      assert.equal(draft.text, text, name)
      assert.equal(draft.mistake, '', name)
      assert.equal(changed(text, []), text, name)
      // Whoever sets what is there already changes nothing.
      draft.set([], json(JSON.parse(text)))
      assert.equal(draft.text, text, name)
      assert.deepEqual(JSON.parse(write(draft.value)), JSON.parse(text), name)
      const yaml = await toYaml(draft.value)
      assert.deepEqual(JSON.parse(await fromYaml(yaml, name)), JSON.parse(text), name)
      states += (text.match(/"Type"/g) ?? []).length
      done += deeds(text, count, DEEDS)
    }
  }
  console.log(`ok  ${count} definitions with about ${states} states, opened and saved unchanged; ${done} deeds undone`)
  assert.ok(count > 300, 'few definitions')
} finally {
  await vite.close()
}
