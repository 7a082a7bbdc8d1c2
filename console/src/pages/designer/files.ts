// Files that come in and go out.
import { svgOf } from '../../api/v1'
import { Sheet } from './document/edits'
import { fromYaml } from './yaml'

// A definition may have a megabyte; YAML may take some more for the same.
const BYTES_MAX = 4 << 20

export interface Read {
  text: string
  // It was YAML, and is JSON now.
  wasYaml: boolean
}

export async function readFile(file: File): Promise<Read> {
  if (file.size > BYTES_MAX) throw new Error(`${file.name} is too large for a definition: at most ${BYTES_MAX >> 20} MiB.`)
  const text = await file.text()
  if (typeof Sheet.read(text) !== 'string' || text.trimStart().startsWith('{')) return { text, wasYaml: false }
  return { text: await fromYaml(text, file.name), wasYaml: true }
}

export const toSvg = (text: string): Promise<string> => svgOf(text)

// So many dots for each of the picture's own.
const DENSITY = 2
// Browsers give up on larger ones.
const SIDE_MAX = 16_000

export async function toPng(text: string): Promise<Blob> {
  const svg = await svgOf(text)
  const image = new Image()
  // Our policy lets data in, not what this page has made.
  image.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`
  await image.decode()
  const scale = Math.min(DENSITY, SIDE_MAX / Math.max(image.width, image.height))
  const canvas = document.createElement('canvas')
  canvas.width = Math.ceil(image.width * scale)
  canvas.height = Math.ceil(image.height * scale)
  canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
  return new Promise((found, failed) => canvas.toBlob((blob) => (blob ? found(blob) : failed(new Error('The browser makes no picture of this.'))), 'image/png'))
}

// To the user's disk.
export function keep(content: string | Blob, name: string, type: string) {
  const blob = typeof content === 'string' ? new Blob([content], { type }) : content
  const address = URL.createObjectURL(blob)
  const link = document.createElement('a')
  link.href = address
  link.download = name
  link.click()
  // The download has begun by then; a page that stays open for days should not keep every one.
  setTimeout(() => URL.revokeObjectURL(address), 60_000)
}
