// The inspector alone, with a draft that a test can hold.
import { mount } from 'svelte'
import '../../src/style.css'
import { validate } from '../../src/api/aws'
import { Draft } from '../../src/pages/designer/document/draft.svelte'
import Inspector from '../../src/pages/designer/inspector/Inspector.svelte'

const text = sessionStorage.getItem('definition') ?? '{}'
const draft = new Draft(text, async (text) => (await validate(text, 'STANDARD')).diagnostics)
draft.chosen = sessionStorage.getItem('chosen') ?? ''
void draft.check()
Object.assign(window, { draft })
const target = document.getElementById('app')!
target.style.cssText = 'width: min(440px, 100vw); padding: 16px; background: var(--surface); min-height: 100vh; border-right: 1px solid var(--line)'
mount(Inspector, { target, props: { draft } })
