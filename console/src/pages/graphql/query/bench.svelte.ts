// What the query page works on: a document with its variables, and what came of the last request.
import { askAsSomebody, pathOf, realtime, type Answer, type Asking, type Stage } from '../../../api/services/appsync'
import { Refusal } from '../../../api/call'
import { mistake } from '../../../parts/json'
import { headerObject, headersFor, type Credentials } from '../credentials'
import { operations, type Operation } from '../document'
import { Heard } from '../listener.svelte'
import { open, troubleOf } from '../wire'
import type { Whom } from './whom.svelte'

export interface Outcome {
  status: number
  answer: Answer
  // None of clients: only whoever runs the server is told.
  stages?: Stage[]
  millis: number
}

export class Bench {
  query = $state('')
  variables = $state('')
  // Of several operations the chosen one.
  named = $state('')
  outcome = $state.raw<Outcome | undefined>()
  error = $state.raw<unknown>()
  isBusy = $state(false)
  isListening = $state(false)
  readonly heard = new Heard()
  #hangUp: (() => void) | undefined

  constructor(readonly id: string) {}

  get operations(): Operation[] {
    return operations(this.query)
  }

  get operation(): Operation | undefined {
    const all = this.operations
    return all.find(({ name }) => name !== '' && name === this.named) ?? all[0]
  }

  get wrong(): string {
    if (this.operations.length === 0) return 'Write an operation.'
    const wrong = this.variables.trim() === '' ? '' : mistake(this.variables)
    return wrong && `Variables: ${wrong}`
  }

  get asking(): Asking {
    const name = this.operations.length > 1 ? this.operation?.name : ''
    return {
      query: this.query,
      ...(name ? { operationName: name } : {}),
      ...(this.variables.trim() === '' ? {} : { variables: JSON.parse(this.variables) as unknown }),
    }
  }

  async run(whom: Whom) {
    this.isBusy = true
    this.error = undefined
    const begun = performance.now()
    try {
      const { asking } = this
      const credentials = whom.credentials()
      const made = credentials ? await asClient(this.id, asking, credentials) : await asSomebody(this.id, asking, whom)
      this.outcome = { ...made, millis: performance.now() - begun }
    } catch (trouble) {
      this.outcome = undefined
      this.error = trouble
    }
    this.isBusy = false
  }

  listen(credentials: Credentials) {
    this.hangUp()
    this.heard.clear()
    this.isListening = true
    const path = pathOf(this.id)
    const data = JSON.stringify(this.asking)
    const wire = open(realtime(path), 'graphql-ws', headerObject(credentials, `${path}/connect`, '{}'), {
      ready: () => wire.send({ id: '1', type: 'start', payload: { data, extensions: { authorization: headerObject(credentials, path, data) } } }),
      heard: (message) => {
        if (message.type === 'start_ack') this.heard.say('note', 'Listening')
        else if (message.type === 'data') this.heard.say('data', JSON.stringify(message.payload))
        else if (message.type === 'complete') this.#ended('The server has ended this subscription.')
        else if (message.type === 'error') this.#ended(troubleOf(message), true)
      },
      ended: (why) => this.#ended(why, !/ended\.$/.test(why)),
    })
    this.#hangUp = () => {
      wire.send({ id: '1', type: 'stop' })
      wire.close()
    }
  }

  hangUp() {
    const hangUp = this.#hangUp
    this.#hangUp = undefined
    this.isListening = false
    hangUp?.()
  }

  // Said once, and not if it was us.
  #ended(why: string, isTrouble = false) {
    if (!this.isListening) return
    this.heard.say(isTrouble ? 'trouble' : 'note', why)
    this.hangUp()
  }
}

async function asSomebody(id: string, asking: Asking, whom: Whom) {
  const { status, response, stages } = await askAsSomebody(id, asking, whom.somebody())
  return { status, answer: response, stages }
}

// As any client: what is refused is an answer, too, if it is JSON.
async function asClient(id: string, asking: Asking, credentials: Credentials) {
  const [path, body] = [pathOf(id), JSON.stringify(asking)]
  const answered = await fetch(path, { method: 'POST', headers: headersFor(credentials, path, body), body, cache: 'no-store' })
    .catch(() => { throw new Refusal('Unreachable', 'The server does not answer. Is it running?', 0) })
  const text = await answered.text()
  try {
    return { status: answered.status, answer: JSON.parse(text) as Answer }
  } catch {
    throw new Refusal(`HTTP ${answered.status}`, text, answered.status)
  }
}
