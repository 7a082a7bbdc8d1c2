// A WebSocket to an API: opened, greeted, and ended. What is said on it, its users know.
import { asProtocol } from './credentials'

// What came on it, with the time.
export interface Said {
  number: number
  at: number
  kind: 'data' | 'trouble' | 'note'
  text: string
}

export interface Message {
  type?: string
  id?: string
  payload?: unknown
  event?: unknown
  errors?: unknown
}

interface Ears {
  // The server has let us in.
  ready: () => void
  heard: (message: Message) => void
  ended: (why: string) => void
}

// Opens it; the answer ends it.
export function open(url: string, protocol: string, header: Record<string, string>, ears: Ears): { send: (message: object) => void; close: () => void } {
  const socket = new WebSocket(url, [protocol, asProtocol(header)])
  let isOver = false
  const over = (why: string) => {
    if (!isOver) ears.ended(why)
    isOver = true
  }
  const send = (message: object) => {
    if (socket.readyState === WebSocket.OPEN) socket.send(JSON.stringify(message))
  }
  socket.onopen = () => send({ type: 'connection_init' })
  socket.onmessage = ({ data }) => {
    const message = read(data)
    if (message.type === 'connection_ack') ears.ready()
    else if (message.type === 'connection_error') {
      over(troubleOf(message))
      socket.close()
    } else if (message.type !== 'ka') ears.heard(message)
  }
  socket.onclose = ({ code, reason }) => over(code === 1000 ? 'The connection has ended.' : `The connection has ended: ${code} ${reason}`.trim())
  return { send, close: () => socket.close(1000) }
}

function read(data: unknown): Message {
  try {
    return JSON.parse(String(data)) as Message
  } catch {
    return {}
  }
}

// The errors of a message, in one line; AppSync has them in three shapes.
export function troubleOf({ payload, errors }: Message): string {
  const found = errors ?? (payload as { errors?: unknown } | undefined)?.errors ?? payload
  const all = (Array.isArray(found) ? found : [found]) as { errorType?: string; message?: string; errorCode?: number }[]
  return all.map((one) => [one?.errorType, one?.message].filter(Boolean).join(': ') || 'It was refused').join('; ')
}
