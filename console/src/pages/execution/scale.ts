// A line of time whose empty stretches are folded: what happened keeps its proportions, and waiting takes little room.
export interface Scale {
  // From 0 to 1.
  place: (seconds: number) => number
  // Stretches that are drawn shorter than they were.
  folds: { from: number; until: number }[]
  // Times worth writing down.
  marks: number[]
}

// An empty stretch takes no more than this part of what is not folded.
const FOLDED_TO = 0.12
// And is folded only if it is so much longer.
const FOLDED_FROM = 0.4
const MARKS = 6

export function scale(start: number, end: number, times: number[]): Scale {
  const points = [...new Set([start, ...times.filter((time) => time > start && time < end), end])].sort((one, other) => one - other)
  // It was all in one moment.
  if (points.length < 2) return { place: () => 0, folds: [], marks: [start] }
  const total = end - start
  const gaps = points.slice(1).map((point, at) => ({ from: points[at]!, until: point, long: point - points[at]! }))
  const isFolded = (long: number) => gaps.length > 2 && long > total * FOLDED_FROM
  const rest = gaps.filter((gap) => !isFolded(gap.long)).reduce((sum, gap) => sum + gap.long, 0)
  const room = rest > 0 ? rest * FOLDED_TO : total
  const drawn = gaps.map((gap) => (isFolded(gap.long) ? Math.min(gap.long, room) : gap.long))
  const whole = drawn.reduce((sum, long) => sum + long, 0) || 1
  const places = [0]
  for (const long of drawn) places.push(places.at(-1)! + long / whole)

  function place(seconds: number): number {
    if (seconds <= start) return 0
    if (seconds >= end) return 1
    const at = Math.max(0, points.findLastIndex((point) => point <= seconds))
    const gap = gaps[at]!
    return places[at]! + ((seconds - gap.from) / gap.long) * (places[at + 1]! - places[at]!)
  }

  // The time at a place, to put marks at even distances.
  function timeAt(where: number): number {
    const at = Math.min(gaps.length - 1, Math.max(0, places.findLastIndex((place) => place <= where)))
    const width = places[at + 1]! - places[at]!
    return gaps[at]!.from + (width > 0 ? (where - places[at]!) / width : 0) * gaps[at]!.long
  }

  const folds = gaps.filter((gap, at) => drawn[at]! < gap.long)
  const marks = Array.from({ length: MARKS }, (_, at) => timeAt(at / MARKS))
  return { place, folds, marks: [...new Set(marks)] }
}
