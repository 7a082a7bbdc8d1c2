// What is on the bench: everything that an evaluation needs, as texts. It stands in the address, so a link has it all.
import type { Evaluation } from '../../api/v1'
import { mistake } from '../../parts/json'

export interface Work {
  language: 'JSONPath' | 'JSONata'
  what: 'expression' | 'template'
  text: string
  input: string
  variables: string
  context: string
  // Only JSONata has names for these; empty if the state's work has not given it.
  result: string
  errorOutput: string
}

// Behind the `#`, which browsers send to nobody and which may be long.
export function toHash(work: Work): string {
  const json = new TextEncoder().encode(JSON.stringify(work))
  let bytes = ''
  for (const byte of json) bytes += String.fromCharCode(byte)
  return btoa(bytes).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '')
}

export function fromHash(hash: string, start: Work): Work {
  try {
    const bytes = atob(hash.replaceAll('-', '+').replaceAll('_', '/'))
    const text = new TextDecoder().decode(Uint8Array.from(bytes, (sign) => sign.charCodeAt(0)))
    const read = JSON.parse(text) as Record<string, unknown>
    const texts = Object.entries(start).map(([name, value]) => [name, typeof read[name] === 'string' ? read[name] : value])
    const work = Object.fromEntries(texts) as Work
    return {
      ...work,
      language: work.language === 'JSONata' ? 'JSONata' : 'JSONPath',
      what: work.what === 'template' ? 'template' : 'expression',
    }
  } catch {
    return start
  }
}

// Which of its texts is no JSON, although it has to be; or what to ask.
export function toEvaluation(work: Work): { wrong: string } | { evaluation: Evaluation } {
  const isJsonata = work.language === 'JSONata'
  const parts: [string, string][] = [
    ['Input', work.input],
    ['Variables', work.variables],
    ['Context Object', work.context],
    ...(isJsonata ? [['Result', work.result], ['Error output', work.errorOutput]] as [string, string][] : []),
    ...(work.what === 'template' ? [['Template', work.text]] as [string, string][] : []),
  ]
  for (const [name, text] of parts) {
    const wrong = text.trim() === '' ? '' : mistake(text)
    if (wrong) return { wrong: `${name}: ${wrong}` }
  }
  if (work.text.trim() === '') return { wrong: work.what === 'template' ? 'Write a template, or choose an example.' : 'Write an expression, or choose an example.' }
  const given = (text: string) => (text.trim() === '' ? undefined : text)
  return {
    evaluation: {
      queryLanguage: work.language,
      expression: work.what === 'expression' ? work.text : undefined,
      template: work.what === 'template' ? work.text : undefined,
      input: given(work.input),
      variables: given(work.variables),
      context: given(work.context),
      result: isJsonata ? given(work.result) : undefined,
      errorOutput: isJsonata ? given(work.errorOutput) : undefined,
    },
  }
}
