// When a retrier tries again. (spec of the States Language, "Retrier")
export interface Retrier {
  interval?: number
  attempts?: number
  rate?: number
  delay?: number
  jitter?: boolean
}

// Attempts that are written out; behind them the rest is counted.
const SHOWN_MAX = 5

// In a sentence: `Tries again after 1 s, 2 s and 4 s.`
export function plan({ interval = 1, attempts = 3, rate = 2, delay, jitter = false }: Retrier): string {
  if (attempts === 0) return 'Is not tried again.'
  const waits: string[] = []
  for (let attempt = 0; attempt < Math.min(attempts, SHOWN_MAX); attempt++) {
    waits.push(seconds(Math.min(interval * rate ** attempt, delay ?? Infinity)))
  }
  const more = attempts - waits.length
  const list = more > 0 ? `${waits.join(', ')} and ${more} more` : together(waits)
  return `Tries again after ${jitter ? 'up to ' : ''}${list}${attempts === 1 ? '' : ' each from the failure before it'}.`
}

function together(words: string[]): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} and ${words.at(-1)}`
}

function seconds(count: number): string {
  if (count < 120) return `${Number(count.toFixed(1))} s`
  if (count < 7_200) return `${Number((count / 60).toFixed(1))} min`
  if (count < 172_800) return `${Number((count / 3_600).toFixed(1))} h`
  return `${Number((count / 86_400).toFixed(1))} days`
}
