// Times and durations in words. Times are seconds since 1970, as the API has them.
import { times, type Zone } from '../state/zone.svelte'

interface Formats {
  day: Intl.DateTimeFormat
  clock: Intl.DateTimeFormat
  exact: Intl.DateTimeFormat
}

function formats(timeZone: string | undefined): Formats {
  const date = { year: 'numeric', month: 'short', day: 'numeric', timeZone } as const
  const clock = { hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', timeZone } as const
  return {
    day: new Intl.DateTimeFormat(undefined, date),
    clock: new Intl.DateTimeFormat(undefined, clock),
    exact: new Intl.DateTimeFormat(undefined, { ...date, ...clock, fractionalSecondDigits: 3, timeZoneName: 'short' }),
  }
}
const byZone: Record<Zone, Formats> = { local: formats(undefined), UTC: formats('UTC') }

// Short; today's without the day.
export function at(seconds: number): string {
  const { day, clock } = byZone[times.zone]
  const date = new Date(seconds * 1000)
  const isToday = day.format(date) === day.format(new Date())
  return isToday ? clock.format(date) : `${day.format(date)}, ${clock.format(date)}`
}

export const exactly = (seconds: number): string => byZone[times.zone].exact.format(new Date(seconds * 1000))

export function duration(seconds: number): string {
  if (seconds < 0) return '0 ms'
  if (seconds < 1) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 60) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`
  const whole = Math.floor(seconds)
  const parts: [number, string][] = [
    [Math.floor(whole / 86_400), 'd'],
    [Math.floor(whole / 3_600) % 24, 'h'],
    [Math.floor(whole / 60) % 60, 'min'],
    [whole % 60, 's'],
  ]
  const first = parts.findIndex(([count]) => count > 0)
  return parts.slice(first, first + 2).map(([count, unit]) => `${count} ${unit}`).join(' ')
}
