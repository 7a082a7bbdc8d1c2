// As whom a request is made: as somebody whose identity is written down, whose every step is told; or as a client with
// what a client has.
import type { ApiKey, GraphqlApi, Mode, Somebody } from '../../../api/services/appsync'
import { modesOf, titleOf } from '../../../api/services/appsync'
import { mistake } from '../../../parts/json'
import { Client, type ClientWay } from '../client.svelte'
import type { Credentials } from '../credentials'

export type Way = 'somebody' | ClientWay

// What resolvers see of each mode, to begin with.
const CONTEXTS: Record<Mode, string> = {
  API_KEY: '',
  AWS_IAM: '{\n  "accountId": "123456789012",\n  "username": "ada",\n  "userArn": "arn:aws:iam::123456789012:user/ada",\n  "sourceIp": ["127.0.0.1"]\n}',
  AMAZON_COGNITO_USER_POOLS: '{\n  "sub": "u-1",\n  "username": "ada",\n  "claims": {},\n  "groups": ["editors"]\n}',
  OPENID_CONNECT: '{\n  "sub": "u-1",\n  "issuer": "https://login.example.org",\n  "claims": {}\n}',
  AWS_LAMBDA: '{\n  "resolverContext": {}\n}',
}

export class Whom {
  isSomebody = $state(true)
  mode = $state<Mode>('API_KEY')
  context = $state('')
  client: Client

  constructor(api: GraphqlApi, keys: ApiKey[]) {
    const modes = modesOf(api).map(({ authenticationType }) => authenticationType)
    this.mode = modes[0] ?? 'API_KEY'
    this.context = CONTEXTS[this.mode]
    this.client = new Client(modes, keys)
  }

  get way(): Way {
    return this.isSomebody ? 'somebody' : this.client.way
  }

  turn(way: Way) {
    this.isSomebody = way === 'somebody'
    if (way !== 'somebody') this.client.way = way
  }

  turnTo(mode: Mode) {
    const isUntouched = this.context.trim() === '' || Object.values(CONTEXTS).includes(this.context)
    this.mode = mode
    if (isUntouched) this.context = CONTEXTS[mode]
  }

  get title(): string {
    return { somebody: `somebody, ${titleOf(this.mode)}`, key: 'API key', token: 'token', iam: 'IAM' }[this.way]
  }

  // What is still missing; empty if nothing is.
  get wrong(): string {
    if (!this.isSomebody) return this.client.wrong
    return this.context.trim() === '' ? '' : mistake(this.context) && `Identity: ${mistake(this.context)}`
  }

  somebody(): Somebody {
    const context = this.context.trim() === '' ? undefined : (JSON.parse(this.context) as { groups?: unknown } | null)
    const groups = context && Array.isArray(context.groups) ? context.groups.map(String) : undefined
    return { mode: this.mode, context, groups }
  }

  // None of somebody who shows none.
  credentials(): Credentials | undefined {
    return this.isSomebody ? undefined : this.client.credentials()
  }
}
