// What of a picture can be seen: how large, and from where. It is dragged by pointers and zoomed by wheels.
import type { Box } from '../../api/v1'

const ZOOM_MIN = 0.1
const ZOOM_MAX = 2.5
// Small pictures are not blown up further.
const ZOOM_FIT_MAX = 1.15
// Smaller than this nobody reads names.
const ZOOM_READABLE = 0.78
const MARGIN = 16
// A click that trembles by less is still a click.
const TREMBLE = 4

interface Size {
  width: number
  height: number
}

export class View {
  size = $state.raw<Size>({ width: 0, height: 0 })
  zoom = $state(1)
  shift = $state.raw({ x: 0, y: 0 })
  // Somebody has moved it: it stays as it is then.
  isMoved = $state(false)
  // The wheel moves it: nothing around it could scroll.
  hasWheel = false
  #frame: HTMLElement | undefined
  #grip: { x: number; y: number; pointer: number } | undefined

  // Follows the size of its frame, and its wheel. Returns what ends that.
  watch(frame: HTMLElement): () => void {
    this.#frame = frame
    const observer = new ResizeObserver(([entry]) => {
      if (entry) this.size = { width: entry.contentRect.width, height: entry.contentRect.height }
    })
    observer.observe(frame)
    frame.addEventListener('wheel', this.#wheel, { passive: false })
    return () => {
      observer.disconnect()
      frame.removeEventListener('wheel', this.#wheel)
    }
  }

  // All of the picture.
  fit(picture: Size) {
    this.#fit(picture)
    this.isMoved = true
  }

  // All of it, if it can be read then. Otherwise what matters, or its beginning.
  begin(picture: Size, matters: Box | undefined, start: Box | undefined) {
    this.#fit(picture)
    if (this.zoom >= ZOOM_READABLE) return
    this.zoom = ZOOM_READABLE
    const box = matters ?? start ?? { x: 0, y: 0, ...picture }
    const x = this.size.width / 2 - (box.x + box.width / 2) * this.zoom
    const y = matters ? this.size.height / 2 - (box.y + Math.min(box.height, 200) / 2) * this.zoom : MARGIN / 2
    this.shift = {
      x: within(x, this.size.width, picture.width * this.zoom),
      y: within(y, this.size.height, picture.height * this.zoom),
    }
  }

  // From the upper border on, and from here on as it is.
  keepAtTop() {
    this.shift = { x: this.shift.x, y: Math.min(this.shift.y, MARGIN) }
    this.isMoved = true
  }

  // Larger or smaller around a point of the frame.
  scale(by: number, x = this.size.width / 2, y = this.size.height / 2) {
    const zoom = Math.min(ZOOM_MAX, Math.max(ZOOM_MIN, this.zoom * by))
    const along = (shift: number, at: number) => at - ((at - shift) * zoom) / this.zoom
    this.shift = { x: along(this.shift.x, x), y: along(this.shift.y, y) }
    this.zoom = zoom
    this.isMoved = true
  }

  // Brings a box into view, if it is not.
  show(box: Box) {
    const [x, y] = [box.x * this.zoom + this.shift.x, box.y * this.zoom + this.shift.y]
    // Of a tall one its head is enough.
    const height = Math.min(box.height, 40)
    const isInside = x >= 0 && y >= 0 && x + box.width * this.zoom <= this.size.width && y + height * this.zoom <= this.size.height
    if (isInside) return
    this.shift = {
      x: this.size.width / 2 - (box.x + box.width / 2) * this.zoom,
      y: this.size.height / 3 - box.y * this.zoom,
    }
    this.isMoved = true
  }

  down = (event: PointerEvent) => {
    if (event.button !== 0) return
    this.#grip = { x: event.clientX - this.shift.x, y: event.clientY - this.shift.y, pointer: event.pointerId }
  }

  move = (event: PointerEvent) => {
    if (!this.#grip || !this.#frame) return
    const next = { x: event.clientX - this.#grip.x, y: event.clientY - this.#grip.y }
    if (!this.#frame.hasPointerCapture(this.#grip.pointer)) {
      if (Math.abs(next.x - this.shift.x) + Math.abs(next.y - this.shift.y) < TREMBLE) return
      this.#frame.setPointerCapture(this.#grip.pointer)
    }
    this.shift = next
    this.isMoved = true
  }

  up = () => {
    this.#grip = undefined
  }

  // With Ctrl it zooms, as in maps; without, the page scrolls on, if that is not the picture's own business.
  #wheel = (event: WheelEvent) => {
    const isZoom = event.ctrlKey || event.metaKey
    if (!this.#frame || (!isZoom && !this.hasWheel)) return
    event.preventDefault()
    if (!isZoom) {
      this.shift = { x: this.shift.x - event.deltaX, y: this.shift.y - event.deltaY }
      this.isMoved = true
      return
    }
    const { left, top } = this.#frame.getBoundingClientRect()
    this.scale(Math.exp(-event.deltaY / 300), event.clientX - left, event.clientY - top)
  }

  #fit(picture: Size) {
    const { width, height } = this.size
    const zoom = Math.min(ZOOM_FIT_MAX, (width - MARGIN) / picture.width, (height - MARGIN) / picture.height)
    this.zoom = Math.max(ZOOM_MIN, zoom)
    const middle = (room: number, length: number) => (room - length * this.zoom) / 2
    this.shift = { x: middle(width, picture.width), y: Math.max(MARGIN / 2, middle(height, picture.height)) }
  }
}

// No empty room on one side while something is cut off on the other.
function within(shift: number, room: number, length: number): number {
  if (length <= room - MARGIN) return (room - length) / 2
  return Math.min(MARGIN / 2, Math.max(room - length - MARGIN / 2, shift))
}
