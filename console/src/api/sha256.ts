// SHA-256 and HMAC. Browsers offer theirs only to pages that came by TLS or from the same machine, and signing is
// of most use elsewhere. (FIPS 180-4, RFC 2104)

const BLOCK = 64

// The first 32 bits of the fractional parts of cube roots and square roots of the first primes.
const [ROUNDS, START] = constants()

export function sha256(bytes: Uint8Array): Uint8Array {
  const state = START.slice()
  const padded = new Uint8Array(Math.ceil((bytes.length + 9) / BLOCK) * BLOCK)
  padded.set(bytes)
  padded[bytes.length] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, Math.floor(bytes.length / 0x2000_0000))
  view.setUint32(padded.length - 4, (bytes.length * 8) >>> 0)
  for (let at = 0; at < padded.length; at += BLOCK) mix(state, view, at)
  const digest = new DataView(new ArrayBuffer(32))
  state.forEach((word, at) => digest.setUint32(at * 4, word))
  return new Uint8Array(digest.buffer)
}

export function hmac(key: Uint8Array, message: Uint8Array): Uint8Array {
  const padded = new Uint8Array(BLOCK)
  padded.set(key.length > BLOCK ? sha256(key) : key)
  const inner = padded.map((byte) => byte ^ 0x36)
  const outer = padded.map((byte) => byte ^ 0x5c)
  return sha256(joined(outer, sha256(joined(inner, message))))
}

export function hex(bytes: Uint8Array): string {
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

function joined(one: Uint8Array, other: Uint8Array): Uint8Array {
  const both = new Uint8Array(one.length + other.length)
  both.set(one)
  both.set(other, one.length)
  return both
}

const turned = (word: number, by: number) => (word >>> by) | (word << (32 - by))

function mix(state: Uint32Array, block: DataView, offset: number) {
  const words = new Uint32Array(64)
  for (let at = 0; at < 16; at++) words[at] = block.getUint32(offset + at * 4)
  for (let at = 16; at < 64; at++) {
    const [early, late] = [words[at - 15]!, words[at - 2]!]
    const small = turned(early, 7) ^ turned(early, 18) ^ (early >>> 3)
    const large = turned(late, 17) ^ turned(late, 19) ^ (late >>> 10)
    words[at] = words[at - 16]! + small + words[at - 7]! + large
  }
  let [a, b, c, d, e, f, g, h] = Array.from(state) as [
    number, number, number, number, number, number, number, number,
  ]
  for (let at = 0; at < 64; at++) {
    const first = turned(e, 6) ^ turned(e, 11) ^ turned(e, 25)
    const chosen = (e & f) ^ (~e & g)
    const one = (h + first + chosen + ROUNDS[at]! + words[at]!) | 0
    const second = turned(a, 2) ^ turned(a, 13) ^ turned(a, 22)
    const most = (a & b) ^ (a & c) ^ (b & c)
    ;[h, g, f, e, d, c, b, a] = [g, f, e, (d + one) | 0, c, b, a, (one + second + most) | 0]
  }
  ;[a, b, c, d, e, f, g, h].forEach((word, at) => (state[at] = state[at]! + word))
}

function constants(): [Uint32Array, Uint32Array] {
  const primes: number[] = []
  for (let number = 2; primes.length < 64; number++) {
    if (primes.every((prime) => number % prime !== 0)) primes.push(number)
  }
  const fraction = (value: number) => Math.floor((value % 1) * 0x1_0000_0000)
  return [Uint32Array.from(primes, (prime) => fraction(Math.cbrt(prime))),
    Uint32Array.from(primes.slice(0, 8), (prime) => fraction(Math.sqrt(prime)))]
}
