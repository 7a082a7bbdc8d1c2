// What happens on the server, as it happens. Read by fetch, because EventSource cannot sign.
import { address, send } from './call'

export interface Happening {
  executionArn: string
  stateMachineArn: string
  name: string
  status: string
}

// After trouble the next try comes later each time, up to this.
const PAUSE_MILLIS_MAX = 10_000

// Calls `changed` when the stream begins and after each piece of news: with no more words, because whoever shows
// something asks anew; after trouble, too, so that it is seen. A page that nobody sees does not listen. Returns what ends it.
export function follow(of: { stateMachineArn?: string; executionArn?: string }, changed: () => void): () => void {
  let stop = new AbortController()
  let hasEnded = false

  async function listen(signal: AbortSignal) {
    let pause = 250
    while (!signal.aborted) {
      try {
        const request = { method: 'GET', address: address('/v1/events', of), headers: {}, body: '' }
        const answer = await send(request, signal)
        pause = 250
        for await (const event of events(answer, signal)) if (event !== '') changed()
      } catch {
        if (signal.aborted) return
        // The server is away, or has too many listeners: whoever shows something finds out which.
        changed()
        pause = Math.min(pause * 2, PAUSE_MILLIS_MAX)
      }
      await new Promise((go) => setTimeout(go, pause))
    }
  }

  function look() {
    stop.abort()
    if (document.hidden || hasEnded) return
    stop = new AbortController()
    void listen(stop.signal)
  }

  document.addEventListener('visibilitychange', look)
  look()
  return () => {
    hasEnded = true
    document.removeEventListener('visibilitychange', look)
    stop.abort()
  }
}

// The names of the events of a stream.
async function* events(answer: Response, signal: AbortSignal): AsyncGenerator<string> {
  const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  while (reader && !signal.aborted) {
    const { done, value } = await reader.read()
    if (done) return
    const pieces = (rest + value).split('\n\n')
    rest = pieces.pop() ?? ''
    for (const piece of pieces) yield /^event: (.*)$/m.exec(piece)?.[1] ?? ''
  }
}

// Lets `act` run at once, and then no more often than this, the last call never lost.
export function atMostEvery(millis: number, act: () => void): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined
  let isDue = false
  return function ring() {
    if (timer !== undefined) {
      isDue = true
      return
    }
    act()
    timer = setTimeout(() => {
      timer = undefined
      if (isDue) {
        isDue = false
        ring()
      }
    }, millis)
  }
}
