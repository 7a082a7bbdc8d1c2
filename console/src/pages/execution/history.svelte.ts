// The events of an execution: all of them, page by page, and then what comes on.
import { history, type HistoryEvent } from '../../api/aws'

const PAGE = 1_000
// What has just come fits into a small page nearly always.
const NEWS = 100
// As many as an execution can have.
const EVENTS_MAX = 25_100

export class History {
  events = $state.raw<HistoryEvent[]>([])
  // Whether the pages that there were at first have all come.
  isWhole = $state(false)
  error = $state.raw<unknown>(undefined)
  #isBusy = false
  #isDue = false

  constructor(private readonly arn: () => string) {}

  // Everything first, then only what is new. Calls that come meanwhile are one more call.
  load = async (): Promise<void> => {
    if (this.#isBusy) {
      this.#isDue = true
      return
    }
    this.#isBusy = true
    try {
      await (this.isWhole ? this.#catchUp() : this.#readAll())
      this.error = undefined
    } catch (error) {
      this.error = error
    }
    this.#isBusy = false
    if (this.#isDue && !this.error) {
      this.#isDue = false
      await this.load()
    }
  }

  async #readAll() {
    let nextToken: string | undefined
    const read: HistoryEvent[] = []
    do {
      const page = await history(this.arn(), { maxResults: PAGE, nextToken })
      read.push(...page.events)
      this.events = read.slice()
      nextToken = page.nextToken
    } while (nextToken && read.length < EVENTS_MAX)
    this.isWhole = true
  }

  async #catchUp() {
    const last = this.events.at(-1)?.id ?? 0
    const fresh: HistoryEvent[] = []
    let nextToken: string | undefined
    let maxResults = NEWS
    do {
      const page = await history(this.arn(), { maxResults, nextToken, reverseOrder: true })
      const unknown = page.events.filter((event) => event.id > last)
      fresh.push(...unknown)
      if (unknown.length < page.events.length) break
      nextToken = page.nextToken
      maxResults = PAGE
    } while (nextToken && fresh.length < EVENTS_MAX)
    if (fresh.length > 0) this.events = [...this.events, ...fresh.reverse()]
  }
}
