// CodeMirror as the console has it. It lives in a shadow tree, because there its styles are sheets of the document's
// own making, which our policy allows, and no <style> elements, which it does not.
import { autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, type CompletionContext, type CompletionResult } from '@codemirror/autocomplete'
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands'
import { bracketMatching, foldGutter, foldKeymap, indentOnInput, syntaxHighlighting } from '@codemirror/language'
import { lintKeymap, setDiagnostics } from '@codemirror/lint'
import { search, searchKeymap } from '@codemirror/search'
import { Annotation, Compartment, EditorState, type Extension } from '@codemirror/state'
import {
  EditorView, drawSelection, highlightActiveLine, highlightActiveLineGutter, keymap, lineNumbers, type ViewUpdate,
} from '@codemirror/view'
import { languageOf, type Language } from './languages'
import { changed, fromPlain, plain, toPlain, type Piece } from './lines'
import { colours, theme } from './theme'

// What is wrong with a piece of the text.
export interface Mark {
  from: number
  to: number
  severity: 'ERROR' | 'WARNING'
  message: string
}

// A word that may stand where somebody writes.
export interface Word {
  label: string
  // Behind it: its type.
  detail?: string
  // What it is, in full.
  info?: string
  kind: 'field' | 'argument' | 'word'
}

export interface Options {
  text: string
  language: Language
  label: string
  isReadonly: boolean
  // With numbers of lines, and a margin to fold them.
  hasMargin: boolean
  // A key was typed.
  typed: (text: string) => void
  // The cursor went to a place of the text.
  placed: (place: number) => void
  // The editor was left, or Ctrl+Enter pressed.
  committed: (isEnter: boolean) => void
  // What may stand at a place of the text.
  complete?: (text: string, place: number) => Word[]
  // Somebody else keeps the history.
  undo?: () => void
  redo?: () => void
}

// Changes that did not come from here.
const fromOutside = Annotation.define<boolean>()

export class Editor {
  #text: string
  #view: EditorView
  #readonly = new Compartment()

  constructor(host: HTMLElement, private readonly options: Options) {
    this.#text = options.text
    const root = host.shadowRoot ?? host.attachShadow({ mode: 'open', delegatesFocus: true })
    const extensions: Extension[] = [
      options.hasMargin ? [lineNumbers(), foldGutter(), highlightActiveLine(), highlightActiveLineGutter()] : EditorView.lineWrapping,
      drawSelection(),
      indentOnInput(),
      bracketMatching(),
      closeBrackets(),
      options.complete ? completion(options.complete) : [],
      search({ top: true }),
      this.#keys(),
      languageOf(options.language),
      syntaxHighlighting(colours),
      theme,
      this.#readonly.of(readonly(options.isReadonly)),
      EditorView.contentAttributes.of({ 'aria-label': options.label, tabindex: '0', spellcheck: 'false', autocapitalize: 'off' }),
      EditorView.updateListener.of((update) => this.#updated(update)),
      EditorView.domEventHandlers({ blur: () => void options.committed(false) }),
    ]
    this.#view = new EditorView({ root, parent: root, doc: plain(options.text), extensions })
  }

  // Takes over a text from outside; the cursor stays as well as it can.
  set text(text: string) {
    if (text === this.#text) return
    const [old, now] = [plain(this.#text), plain(text)]
    this.#text = text
    const shorter = Math.min(old.length, now.length)
    let from = 0
    while (from < shorter && old[from] === now[from]) from++
    let end = 0
    while (end < shorter - from && old[old.length - 1 - end] === now[now.length - 1 - end]) end++
    this.#view.dispatch({
      changes: { from, to: old.length - end, insert: now.slice(from, now.length - end) },
      annotations: fromOutside.of(true),
    })
  }

  set isReadonly(is: boolean) {
    this.#view.dispatch({ effects: this.#readonly.reconfigure(readonly(is)) })
  }

  get hasFocus(): boolean {
    return this.#view.hasFocus
  }

  mark(marks: Mark[]) {
    const length = this.#view.state.doc.length
    const within = (place: number) => Math.min(length, toPlain(this.#text, place))
    this.#view.dispatch(setDiagnostics(this.#view.state, marks.map(({ from, to, severity, message }) => (
      { from: within(from), to: within(to), severity: severity === 'ERROR' ? 'error' : 'warning', message }))))
  }

  // Goes to a place, and shows it in the upper part.
  reveal(place: number) {
    const anchor = Math.min(this.#view.state.doc.length, toPlain(this.#text, place))
    this.#view.dispatch({
      selection: { anchor },
      effects: EditorView.scrollIntoView(anchor, { y: 'start', yMargin: 60 }),
      annotations: fromOutside.of(true),
    })
  }

  focus() {
    this.#view.focus()
  }

  destroy() {
    this.#view.destroy()
  }

  #keys(): Extension {
    const { undo, redo, committed } = this.options
    const run = (act: () => void) => () => {
      act()
      return true
    }
    const enter = { key: 'Mod-Enter', run: run(() => committed(true)) }
    const others = [...closeBracketsKeymap, ...defaultKeymap, ...searchKeymap, ...foldKeymap, ...lintKeymap]
    if (!undo || !redo) return [history(), keymap.of([enter, ...others, ...historyKeymap])]
    return keymap.of([
      enter,
      { key: 'Mod-z', run: run(undo), preventDefault: true },
      { key: 'Mod-y', run: run(redo), preventDefault: true },
      { key: 'Mod-Shift-z', run: run(redo), preventDefault: true },
      ...others,
    ])
  }

  #updated(update: ViewUpdate) {
    const isOurs = !update.transactions.some((transaction) => transaction.annotation(fromOutside))
    if (!isOurs) return
    if (update.docChanged) {
      const pieces: Piece[] = []
      update.changes.iterChanges((from, to, _from, _to, inserted) => pieces.push({ from, to, inserted: inserted.toString() }))
      this.#text = changed(this.#text, pieces)
      this.options.typed(this.#text)
    }
    if (update.selectionSet || update.docChanged) this.options.placed(fromPlain(this.#text, update.state.selection.main.head))
  }
}

function completion(complete: (text: string, place: number) => Word[]): Extension {
  const source = (context: CompletionContext): CompletionResult | null => {
    const word = context.matchBefore(/\w*/)
    if (!word || (word.from === word.to && !context.explicit)) return null
    const words = complete(context.state.doc.toString(), context.pos)
    const types = { field: 'property', argument: 'variable', word: 'keyword' }
    return {
      from: word.from,
      options: words.map(({ label, detail, info, kind }) => ({ label, detail, info, type: types[kind] })),
      validFor: /^\w*$/,
    }
  }
  return [autocompletion({ override: [source], icons: false }), keymap.of(completionKeymap)]
}

const readonly = (is: boolean): Extension => [EditorState.readOnly.of(is), EditorView.editable.of(!is)]
