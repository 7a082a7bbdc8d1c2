// As whom a request is made: as somebody whose identity is written down, whose every step is told; or as a client with
// what a client has.
import type { ApiKey, GraphqlApi, Mode, Somebody } from '../../../api/services/appsync'
import { modesOf, titleOf } from '../../../api/services/appsync'
import { mistake } from '../../../parts/json'
import { door } from '../../../state/keys.svelte'
import type { Credentials } from '../credentials'

export type Way = 'somebody' | 'key' | 'token' | 'iam'

// What resolvers see of each mode, to begin with.
const CONTEXTS: Record<Mode, string> = {
  API_KEY: '',
  AWS_IAM: '{\n  "accountId": "123456789012",\n  "username": "ada",\n  "userArn": "arn:aws:iam::123456789012:user/ada",\n  "sourceIp": ["127.0.0.1"]\n}',
  AMAZON_COGNITO_USER_POOLS: '{\n  "sub": "u-1",\n  "username": "ada",\n  "claims": {},\n  "groups": ["editors"]\n}',
  OPENID_CONNECT: '{\n  "sub": "u-1",\n  "issuer": "https://login.example.org",\n  "claims": {}\n}',
  AWS_LAMBDA: '{\n  "resolverContext": {}\n}',
}

export class Whom {
  way = $state<Way>('somebody')
  mode = $state<Mode>('API_KEY')
  context = $state('')
  key = $state('')
  token = $state('')
  accessKey = $state('')
  secret = $state('')

  constructor(api: GraphqlApi, keys: ApiKey[]) {
    this.mode = modesOf(api)[0]?.authenticationType ?? 'API_KEY'
    this.context = CONTEXTS[this.mode]
    this.key = keys[0]?.id ?? ''
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
    if (this.way === 'somebody') return this.context.trim() === '' ? '' : mistake(this.context) && `Identity: ${mistake(this.context)}`
    if (this.way === 'key') return this.key ? '' : 'This API has no API key.'
    if (this.way === 'token') return this.token.trim() ? '' : 'Paste a token.'
    return this.accessKey.trim() || door.keys ? '' : 'Type an access key.'
  }

  somebody(): Somebody {
    const context = this.context.trim() === '' ? undefined : (JSON.parse(this.context) as { groups?: unknown } | null)
    const groups = context && Array.isArray(context.groups) ? context.groups.map(String) : undefined
    return { mode: this.mode, context, groups }
  }

  credentials(): Credentials | undefined {
    if (this.way === 'key') return { kind: 'key', key: this.key }
    if (this.way === 'token') return { kind: 'token', token: this.token.trim() }
    if (this.way !== 'iam') return undefined
    const region = door.keys?.region ?? 'us-east-1'
    const typed = this.accessKey.trim() ? { accessKey: this.accessKey.trim(), secret: this.secret, region } : door.keys
    return typed ? { kind: 'iam', keys: typed } : undefined
  }
}
