// Signature Version 4, as AWS's clients have it: what goes out says who asks, and the secret stays here.
import type { Keys } from '../state/keys.svelte'
import { hex, hmac, sha256 } from './sha256'

export interface Request {
  method: string
  // With what stands behind the question mark.
  address: string
  headers: Record<string, string>
  body: string
}

const bytes = (text: string) => new TextEncoder().encode(text)

// The request's headers, with those that sign it.
export function signed(request: Request, keys: Keys, service: string, now: Date): Record<string, string> {
  const time = now.toISOString().replaceAll(/[-:]|\.\d+/g, '')
  const day = time.slice(0, 8)
  const scope = `${day}/${keys.region}/${service}/aws4_request`
  const headers: Record<string, string> = { ...lowered(request.headers), 'x-amz-date': time }
  const covered = { ...headers, host: location.host }
  const names = Object.keys(covered).sort()
  const list = names.join(';')
  const [path, query = ''] = request.address.split('?') as [string, string?]
  const canonical = [
    request.method,
    // What is encoded on the wire is encoded once more.
    path.split('/').map(encoded).join('/'),
    query.split('&').sort().join('&'),
    ...names.map((name) => `${name}:${covered[name as keyof typeof covered]?.trim()}`),
    '',
    list,
    hex(sha256(bytes(request.body))),
  ].join('\n')
  const toSign = ['AWS4-HMAC-SHA256', time, scope, hex(sha256(bytes(canonical)))].join('\n')
  const key = [day, keys.region, service, 'aws4_request'].reduce(
    (key, part) => hmac(key, bytes(part)),
    bytes(`AWS4${keys.secret}`) as Uint8Array,
  )
  const signature = hex(hmac(key, bytes(toSign)))
  const authorization =
    `AWS4-HMAC-SHA256 Credential=${keys.accessKey}/${scope}, SignedHeaders=${list}, Signature=${signature}`
  return { ...headers, authorization }
}

const encoded = (text: string) =>
  encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)

function lowered(headers: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]))
}
