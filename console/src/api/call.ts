// One request to the server and its answer.
import { door } from '../state/keys.svelte'
import { signed } from './signing'

// What the server refuses, in its own words.
export class Refusal extends Error {
  constructor(
    readonly code: string,
    message: string,
    readonly status: number,
  ) {
    super(message)
    this.name = code
  }
}

// Errors after which the user is asked who they are.
const STRANGER = [
  'MissingAuthenticationTokenException',
  'InvalidSignatureException',
  'UnrecognizedClientException',
  'IncompleteSignatureException',
]

// An action of AWS's API.
export function call<T>(action: string, body: object, signal?: AbortSignal): Promise<T> {
  const headers = {
    'content-type': 'application/x-amz-json-1.0',
    'x-amz-target': `AWSStepFunctions.${action}`,
  }
  return json(send({ method: 'POST', address: '/', headers, body: JSON.stringify(body) }, signal))
}

// A question of the /v1 API.
export function ask<T>(path: string, query: Query, signal?: AbortSignal): Promise<T> {
  return json(send({ method: 'GET', address: address(path, query), headers: {}, body: '' }, signal))
}

// The same, of those that take more than an address holds.
export function post<T>(path: string, body: object, signal?: AbortSignal): Promise<T> {
  const headers = { 'content-type': 'application/json' }
  return json(send({ method: 'POST', address: path, headers, body: JSON.stringify(body) }, signal))
}

export type Query = Record<string, string | number | undefined>

export function address(path: string, query: Query): string {
  const given = Object.entries(query).filter(([, value]) => value !== undefined && value !== '')
  const pairs = given.map(([name, value]) => `${encodeURIComponent(name)}=${escaped(String(value))}`)
  return pairs.length ? `${path}?${pairs.join('&')}` : path
}

// As signatures want it.
function escaped(text: string): string {
  return encodeURIComponent(text).replaceAll(/[!'()*]/g, (sign) => `%${sign.charCodeAt(0).toString(16).toUpperCase()}`)
}

// Sends it, signed for a service if the user has said who they are; what is refused is an error.
export async function send(
  request: { method: string; address: string; headers: Record<string, string>; body: string },
  signal?: AbortSignal,
  service = 'states',
): Promise<Response> {
  const headers = door.keys ? signed(request, door.keys, service, new Date()) : request.headers
  const body = request.method === 'GET' || request.body === '' ? undefined : request.body
  let answer: Response
  try {
    answer = await fetch(request.address, { method: request.method, headers, body, signal, cache: 'no-store' })
  } catch (error) {
    if (signal?.aborted) throw error
    throw new Refusal('Unreachable', 'The server does not answer. Is it running?', 0)
  }
  if (answer.ok) return answer
  const refusal = await refused(answer)
  if (STRANGER.includes(refusal.code)) door.shut(door.keys ? refusal.message : '')
  throw refusal
}

// What an answer says; one that says nothing is an empty object.
export async function json<T>(answer: Promise<Response>): Promise<T> {
  const text = await (await answer).text()
  return JSON.parse(text || '{}') as T
}

async function refused(answer: Response): Promise<Refusal> {
  const text = await answer.text()
  const nameless = answer.headers.get('x-amzn-errortype')?.split(':')[0] || `HTTP ${answer.status}`
  if (text.startsWith('<')) {
    const found = (tag: string) => new RegExp(`<${tag}>([^<]*)</${tag}>`).exec(text)?.[1]
    return new Refusal(found('Code') ?? nameless, unescaped(found('Message') ?? text), answer.status)
  }
  try {
    const said = JSON.parse(text) as { __type?: string; message?: string; Message?: string }
    const code = said.__type?.split('#').at(-1) || nameless
    return new Refusal(code, said.message ?? said.Message ?? text, answer.status)
  } catch {
    return new Refusal(`HTTP ${answer.status}`, text, answer.status)
  }
}

const SIGNS: Record<string, string> = { lt: '<', gt: '>', quot: '"', apos: "'", amp: '&' }
const unescaped = (text: string) => text.replaceAll(/&(lt|gt|quot|apos|amp);/g, (_, name: string) => SIGNS[name] ?? '')
