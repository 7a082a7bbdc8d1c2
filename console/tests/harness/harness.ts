// The inspector alone: `show` opens a definition at a state, `draft` is what is open.
import { mount, unmount } from 'svelte'
import '../../src/style.css'
import { validate } from '../../src/api/aws'
import { Draft } from '../../src/pages/designer/document/draft.svelte'
import Inspector from '../../src/pages/designer/inspector/Inspector.svelte'

const target = document.getElementById('app')!
// As wide as it is in the designer.
target.style.cssText = 'width: min(372px, 100vw); min-height: 100vh; padding: 12px 16px 32px; background: var(--surface)'

let shown: ReturnType<typeof mount> | undefined
let draft: Draft | undefined

function show(text: string, state: string) {
  if (shown) void unmount(shown)
  draft?.close()
  draft = new Draft(text, async (text) => (await validate(text, 'STANDARD')).diagnostics)
  draft.chosen = state && `/States/${state}`
  void draft.check()
  shown = mount(Inspector, { target, props: { draft } })
  Object.assign(window, { draft })
}

Object.assign(window, { show })
