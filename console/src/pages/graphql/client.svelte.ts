// Who asks as a client does: with a key, with a token, or with a signature.
import type { ApiKey, Mode } from '../../api/services/appsync'
import { door } from '../../state/keys.svelte'
import type { Credentials } from './credentials'

export type ClientWay = 'key' | 'token' | 'iam'

export function waysOf(modes: Mode[]): { key: ClientWay; title: string }[] {
  const ways = [
    { key: 'key' as const, title: 'API key', is: modes.includes('API_KEY') },
    { key: 'token' as const, title: 'Token', is: modes.some((mode) => mode !== 'API_KEY' && mode !== 'AWS_IAM') },
    { key: 'iam' as const, title: 'IAM', is: modes.includes('AWS_IAM') },
  ]
  return ways.filter(({ is }) => is)
}

export class Client {
  way = $state<ClientWay>('key')
  key = $state('')
  token = $state('')
  accessKey = $state('')
  secret = $state('')

  constructor(modes: Mode[], keys: ApiKey[]) {
    this.way = waysOf(modes).find(({ key }) => key !== 'key' || keys.length > 0)?.key ?? 'key'
    this.key = keys[0]?.id ?? ''
  }

  // What is still missing; empty if nothing is.
  get wrong(): string {
    if (this.way === 'key') return this.key ? '' : 'This API has no API key.'
    if (this.way === 'token') return this.token.trim() ? '' : 'Paste a token.'
    return this.accessKey.trim() || door.keys ? '' : 'Type an access key.'
  }

  credentials(): Credentials | undefined {
    if (this.wrong) return undefined
    if (this.way === 'key') return { kind: 'key', key: this.key }
    if (this.way === 'token') return { kind: 'token', token: this.token.trim() }
    const region = door.keys?.region ?? 'us-east-1'
    const typed = this.accessKey.trim() ? { accessKey: this.accessKey.trim(), secret: this.secret, region } : door.keys
    return typed ? { kind: 'iam', keys: typed } : undefined
  }
}
