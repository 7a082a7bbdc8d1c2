// Something on its way to the graph, by mouse or finger: a new state from the palette, or one that is there already.
import type { Place } from './document/machine'
import type { Made } from './document/states'
import type { Path } from './document/json'

export type Load =
  | { made: Made; title: string; icon: string }
  | { state: Path; title: string; icon: string }

// A click that trembles by less is still a click.
const TREMBLE = 5
// A finger that rests so long means to carry; one that moves at once scrolls.
const REST_MILLIS = 320

// Where it would go.
export interface Target {
  place: Place
  // In words: `on the line from A to B`.
  says: string
  // To be told from others.
  key: string
}

export class Drag {
  load = $state.raw<Load>()
  // It has begun: the pointer is held, and moves.
  isOn = $state(false)
  x = $state(0)
  y = $state(0)
  target = $state.raw<Target>()
  // Says what is at a place of the screen; whoever shows the graph sets it.
  find: ((x: number, y: number, load: Load) => Target | undefined) | undefined
  #drop: (load: Load, target: Target) => void
  #rest: ReturnType<typeof setTimeout> | undefined
  #start = { x: 0, y: 0, pointer: 0 }

  constructor(drop: (load: Load, target: Target) => void) {
    this.#drop = drop
  }

  // A pointer went down on something that can be carried.
  press(event: PointerEvent, load: Load) {
    if (event.button !== 0 || this.load) return
    this.load = load
    this.#start = { x: event.clientX, y: event.clientY, pointer: event.pointerId }
    if (event.pointerType !== 'mouse') this.#rest = setTimeout(() => this.#begin(event.clientX, event.clientY), REST_MILLIS)
    window.addEventListener('pointermove', this.#move)
    window.addEventListener('pointerup', this.#up)
    window.addEventListener('pointercancel', this.#end)
    window.addEventListener('keydown', this.#key, true)
    // While a finger carries something the page must not scroll.
    window.addEventListener('touchmove', this.#hold, { passive: false })
  }

  #move = (event: PointerEvent) => {
    if (event.pointerId !== this.#start.pointer) return
    const way = Math.hypot(event.clientX - this.#start.x, event.clientY - this.#start.y)
    if (!this.isOn) {
      if (way < TREMBLE) return
      // A finger that moves before it has rested scrolls.
      if (event.pointerType !== 'mouse') return this.#end()
      this.#begin(event.clientX, event.clientY)
    }
    event.preventDefault()
    this.#go(event.clientX, event.clientY)
  }

  #begin(x: number, y: number) {
    this.isOn = true
    getSelection()?.removeAllRanges()
    this.#go(x, y)
  }

  #go(x: number, y: number) {
    ;[this.x, this.y] = [x, y]
    const target = this.load && this.find?.(x, y, this.load)
    if (target?.key !== this.target?.key) this.target = target
  }

  #up = (event: PointerEvent) => {
    if (event.pointerId !== this.#start.pointer) return
    const [load, target, wasOn] = [this.load, this.target, this.isOn]
    this.#end()
    if (!wasOn) return
    // The click that belongs to this press is none.
    window.addEventListener('click', stop, { capture: true, once: true })
    setTimeout(() => window.removeEventListener('click', stop, { capture: true }))
    if (load && target) this.#drop(load, target)
  }

  #key = (event: KeyboardEvent) => {
    if (event.key !== 'Escape' || !this.isOn) return
    event.stopPropagation()
    this.#end()
  }

  #hold = (event: TouchEvent) => {
    if (this.isOn) event.preventDefault()
  }

  #end = () => {
    clearTimeout(this.#rest)
    this.load = undefined
    this.target = undefined
    this.isOn = false
    window.removeEventListener('pointermove', this.#move)
    window.removeEventListener('pointerup', this.#up)
    window.removeEventListener('pointercancel', this.#end)
    window.removeEventListener('keydown', this.#key, true)
    window.removeEventListener('touchmove', this.#hold)
  }
}

const stop = (event: Event) => {
  event.stopPropagation()
  event.preventDefault()
}
