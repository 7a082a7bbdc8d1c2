// A client of an event API: hears channels, and publishes to them.
import { eventPathOf, realtime } from '../../../api/services/appsync'
import { Refusal } from '../../../api/call'
import { headerObject, headersFor, type Credentials } from '../credentials'
import { Heard } from '../listener.svelte'
import { open, troubleOf, type Message } from '../wire'

export interface Published {
  successful: { identifier: string; index: number }[]
  failed: { identifier?: string; index: number; code?: number; message?: string }[]
}

export class Channels {
  isListening = $state(false)
  readonly heard = new Heard()
  #hangUp: (() => void) | undefined

  constructor(readonly id: string) {}

  listen(channel: string, credentials: Credentials) {
    this.hangUp()
    this.heard.clear()
    this.isListening = true
    const path = eventPathOf(this.id)
    const wire = open(realtime(path), 'aws-appsync-event-ws', headerObject(credentials, path, '{}'), {
      ready: () => wire.send({ type: 'subscribe', id: '1', channel, authorization: headerObject(credentials, path, JSON.stringify({ channel })) }),
      heard: (message) => this.#hear(message, channel),
      ended: (why) => this.#ended(why, !/ended\.$/.test(why)),
    })
    this.#hangUp = () => {
      wire.send({ type: 'unsubscribe', id: '1' })
      wire.close()
    }
  }

  hangUp() {
    const hangUp = this.#hangUp
    this.#hangUp = undefined
    this.isListening = false
    hangUp?.()
  }

  #hear(message: Message, channel: string) {
    switch (message.type) {
      case 'subscribe_success':
        return this.heard.say('note', `Listening to ${channel}`)
      case 'data':
        // One event as text, or several.
        for (const event of [message.event].flat()) this.heard.say('data', typeof event === 'string' ? event : JSON.stringify(event))
        return
      case 'subscribe_error':
        return this.#ended(troubleOf(message), true)
      case 'broadcast_error':
      case 'error':
        return this.heard.say('trouble', troubleOf(message))
    }
  }

  #ended(why: string, isTrouble = false) {
    if (!this.isListening) return
    this.heard.say(isTrouble ? 'trouble' : 'note', why)
    this.hangUp()
  }
}

// Over HTTP, as publishers do.
export async function publish(id: string, channel: string, events: string[], credentials: Credentials): Promise<Published> {
  const [path, body] = [eventPathOf(id), JSON.stringify({ channel, events })]
  const answer = await fetch(path, { method: 'POST', headers: headersFor(credentials, path, body), body, cache: 'no-store' })
    .catch(() => { throw new Refusal('Unreachable', 'The server does not answer. Is it running?', 0) })
  const text = await answer.text()
  if (!answer.ok) throw new Refusal(`HTTP ${answer.status}`, refused(text), answer.status)
  return JSON.parse(text) as Published
}

function refused(text: string): string {
  try {
    return troubleOf(JSON.parse(text) as Message)
  } catch {
    return text || 'It was refused'
  }
}
