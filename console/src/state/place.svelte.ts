// Where the user is. The address holds everything that a page shows: a link to it shows the same.
import { BASE } from '../routes'

class Place {
  path = $state('')
  query = $state.raw(new URLSearchParams())
  // A page that would lose something asks before it is left. Answers whether it may be.
  mayLeave: (() => boolean) | undefined
  #address = ''

  constructor() {
    this.read()
    window.addEventListener('popstate', () => {
      // The browser has gone already: it is sent back.
      if (this.#isLeaving(location.pathname) && !this.#asks()) history.pushState(null, '', this.#address)
      else this.read()
    })
    document.addEventListener('click', (event) => this.follow(event))
  }

  // Goes to an address of the console.
  go(address: string) {
    if (this.#isLeaving(new URL(address, location.href).pathname) && !this.#asks()) return
    history.pushState(null, '', address)
    this.read()
    window.scrollTo(0, 0)
  }

  // Goes to an address in place of this one: a step back does not come here again.
  replace(address: string) {
    history.replaceState(null, '', address)
    this.read()
  }

  // A value behind the question mark; empty if it is not there.
  get(name: string): string {
    return this.query.get(name) ?? ''
  }

  // Changes values behind the question mark; empty ones are left out. Steps back do not stop at each of them.
  set(values: Record<string, string>) {
    const query = new URLSearchParams(this.query)
    for (const [name, value] of Object.entries(values)) {
      if (value === '') query.delete(name)
      else query.set(name, value)
    }
    const text = query.toString().replaceAll('%3A', ':')
    history.replaceState(null, '', location.pathname + (text ? `?${text}` : ''))
    this.read()
  }

  #isLeaving = (path: string) => path !== new URL(this.#address, location.href).pathname

  #asks(): boolean {
    const may = this.mayLeave?.() ?? true
    if (may) this.mayLeave = undefined
    return may
  }

  private read() {
    this.#address = location.pathname + location.search
    this.path = location.pathname.startsWith(BASE) ? location.pathname.slice(BASE.length) || '/' : '/'
    this.query = new URLSearchParams(location.search)
  }

  // Links within the console need no new document.
  private follow(event: MouseEvent) {
    if (event.defaultPrevented || event.button !== 0) return
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return
    const link = event.target instanceof Element ? event.target.closest('a') : null
    if (!link || link.target || link.origin !== location.origin || link.hasAttribute('download')) return
    // A place in this page is the browser's affair.
    if (!link.pathname.startsWith(BASE) || link.getAttribute('href')?.startsWith('#')) return
    event.preventDefault()
    this.go(link.pathname + link.search + link.hash)
  }
}

export const place = new Place()
