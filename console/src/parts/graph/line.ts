// Lines with round corners.
const RADIUS = 7

export function line(points: [number, number][]): string {
  return points
    .map(([x, y], at) => {
      const [before, after] = [points[at - 1], points[at + 1]]
      if (at === 0 || !before || !after) return `${at === 0 ? 'M' : 'L'}${x} ${y}`
      const towards = ([tx, ty]: [number, number]) => {
        const length = Math.hypot(tx - x, ty - y) || 1
        const part = Math.min(RADIUS, length / 2) / length
        return `${x + (tx - x) * part} ${y + (ty - y) * part}`
      }
      return `L${towards(before)}Q${x} ${y} ${towards(after)}`
    })
    .join('')
}
