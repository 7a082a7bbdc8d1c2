// What a client shows an API to be let in: as headers of a request, or as the header object of a WebSocket.
import { signed } from '../../api/signing'
import type { Keys } from '../../state/keys.svelte'

export type Credentials =
  | { kind: 'key'; key: string }
  | { kind: 'token'; token: string }
  | { kind: 'iam'; keys: Keys }

// With what AppSync's clients sign messages of a WebSocket.
const SIGNED = { accept: 'application/json, text/javascript', 'content-encoding': 'amz-1.0', 'content-type': 'application/json; charset=UTF-8' }

export function headersFor(credentials: Credentials, path: string, body: string): Record<string, string> {
  const headers = { 'content-type': 'application/json' }
  switch (credentials.kind) {
    case 'key':
      return { ...headers, 'x-api-key': credentials.key }
    case 'token':
      return { ...headers, authorization: credentials.token }
    case 'iam':
      return signed({ method: 'POST', address: path, headers, body }, credentials.keys, 'appsync', new Date())
  }
}

// `body` is what is signed: `{}` for the connection, whose path ends with `/connect` for GraphQL.
export function headerObject(credentials: Credentials, path: string, body: string): Record<string, string> {
  const { host } = location
  switch (credentials.kind) {
    case 'key':
      return { host, 'x-api-key': credentials.key }
    case 'token':
      return { host, Authorization: credentials.token }
    case 'iam': {
      const { authorization = '', ...headers } = signed({ method: 'POST', address: path, headers: SIGNED, body }, credentials.keys, 'appsync', new Date())
      return { ...headers, host, Authorization: authorization }
    }
  }
}

// The header object as one of the protocols, because browsers let pages set no headers of a WebSocket.
export function asProtocol(header: Record<string, string>): string {
  let bytes = ''
  for (const byte of new TextEncoder().encode(JSON.stringify(header))) bytes += String.fromCharCode(byte)
  return `header-${btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')}`
}
