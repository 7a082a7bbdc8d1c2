// Where the console begins.
import { mount } from 'svelte'
import App from './App.svelte'
import './style.css'

const target = document.getElementById('console')
if (!target) throw new Error('the page has no place for the console')
export default mount(App, { target })
