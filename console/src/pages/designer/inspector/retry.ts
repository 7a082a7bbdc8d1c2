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

// In a sentence: `Waits 1 s, 2 s and then 4 s before it tries again.`
export function plan({ interval = 1, attempts = 3, rate = 2, delay, jitter = false }: Retrier): string {
  if (attempts === 0) return 'Is not tried again.'
  const waits: string[] = []
  for (let attempt = 0; attempt < Math.min(attempts, SHOWN_MAX); attempt++) {
    waits.push(seconds(Math.min(interval * rate ** attempt, delay ?? Infinity)))
  }
  const more = attempts - waits.length
  const list = more > 0 ? `${waits.join(', ')} and so on, ${attempts} times,` : waits.length < 2 ? waits.join('') : `${waits.slice(0, -1).join(', ')} and then ${waits.at(-1)}`
  return `Waits ${jitter ? 'up to ' : ''}${list} before it tries again.`
}

function seconds(count: number): string {
  if (count < 120) return `${Number(count.toFixed(1))} s`
  if (count < 7_200) return `${Number((count / 60).toFixed(1))} min`
  if (count < 172_800) return `${Number((count / 3_600).toFixed(1))} h`
  return `${Number((count / 86_400).toFixed(1))} days`
}
