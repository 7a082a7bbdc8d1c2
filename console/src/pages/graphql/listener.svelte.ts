// What was heard on a WebSocket, the newest last.
import type { Said } from './wire'

// Older ones are dropped.
const SAID_MAX = 200

export class Heard {
  all = $state.raw<Said[]>([])
  count = $state(0)

  say(kind: Said['kind'], text: string) {
    this.count += 1
    this.all = [...this.all, { number: this.count, at: Date.now() / 1000, kind, text }].slice(-SAID_MAX)
  }

  clear() {
    this.all = []
  }
}
