// The editor in the console's colours. They are names, so light and dark need no word here.
import { HighlightStyle } from '@codemirror/language'
import { EditorView } from '@codemirror/view'
import { tags } from '@lezer/highlight'

export const theme = EditorView.theme({
  '&': { height: '100%', color: 'var(--text)', background: 'var(--surface)', fontSize: '12.5px', borderRadius: 'inherit' },
  '&.cm-focused': { outline: 'none' },
  '.cm-scroller': { fontFamily: 'var(--mono)', lineHeight: '1.55', borderRadius: 'inherit' },
  '.cm-content': { padding: '8px 0', caretColor: 'var(--text)' },
  '.cm-line': { padding: '0 10px' },
  '.cm-cursor, .cm-dropCursor': { borderLeftColor: 'var(--text)', borderLeftWidth: '1.6px' },
  '.cm-gutters': { border: '0', background: 'transparent', color: 'var(--muted)' },
  '.cm-lineNumbers .cm-gutterElement': { padding: '0 4px 0 10px', minWidth: '34px' },
  '.cm-foldGutter .cm-gutterElement': { cursor: 'pointer' },
  '.cm-activeLine, .cm-activeLineGutter': { background: 'transparent' },
  '&.cm-focused .cm-activeLine, &.cm-focused .cm-activeLineGutter': { background: 'color-mix(in srgb, var(--raised) 70%, transparent)' },
  '&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground': {
    background: 'color-mix(in srgb, var(--accent) 26%, transparent)',
  },
  // Only where somebody writes.
  '&.cm-focused .cm-matchingBracket': { background: 'var(--accent-soft)', outline: '1px solid var(--accent)' },
  '.cm-nonmatchingBracket, &.cm-focused .cm-nonmatchingBracket': { background: 'var(--failed-soft)' },
  '.cm-expression': { background: 'color-mix(in srgb, var(--caught) 13%, transparent)', borderRadius: '3px' },
  '.cm-here': { background: 'color-mix(in srgb, var(--accent) 9%, transparent)' },
  '.cm-foldPlaceholder': { padding: '0 6px', border: '1px solid var(--line)', background: 'var(--raised)', color: 'var(--muted)' },
  '.cm-panels': { borderColor: 'var(--line)', background: 'var(--raised)', color: 'var(--text)' },
  '.cm-panels.cm-panels-top': { borderBottom: '1px solid var(--line)' },
  '.cm-panels.cm-panels-bottom': { borderTop: '1px solid var(--line)' },
  '.cm-textfield': { border: '1px solid var(--line-strong)', borderRadius: '5px', background: 'var(--surface)', color: 'var(--text)' },
  '.cm-button': { border: '1px solid var(--line-strong)', borderRadius: '5px', background: 'var(--surface)', color: 'var(--text)' },
  '.cm-searchMatch': { background: 'var(--caught-soft)', outline: '1px solid var(--caught)' },
  '.cm-searchMatch-selected': { background: 'var(--accent-soft)' },
  '.cm-tooltip': { border: '1px solid var(--line)', borderRadius: '7px', background: 'var(--surface)', color: 'var(--text)', boxShadow: 'var(--shadow)' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul': { fontFamily: 'var(--mono)', maxHeight: '260px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li': { display: 'flex', gap: '14px', padding: '3px 10px' },
  '.cm-tooltip.cm-tooltip-autocomplete > ul > li[aria-selected]': { background: 'var(--accent-soft)', color: 'var(--text)' },
  '.cm-completionMatchedText': { textDecoration: 'none', color: 'var(--accent)', fontWeight: '650' },
  '.cm-completionDetail': { marginLeft: 'auto', color: 'var(--muted)', fontStyle: 'normal' },
  '.cm-tooltip.cm-completionInfo': { padding: '6px 10px', maxWidth: '360px', fontFamily: 'var(--sans)', fontSize: '13px' },
  '.cm-diagnostic': { padding: '6px 10px', maxWidth: '520px', fontFamily: 'var(--sans)', fontSize: '13px' },
  '.cm-diagnostic-error': { borderLeft: '4px solid var(--failed)' },
  '.cm-diagnostic-warning': { borderLeft: '4px solid var(--caught)' },
  '.cm-lintRange': { backgroundImage: 'none', textDecoration: 'underline wavy 1.4px', textUnderlineOffset: '3px' },
  '.cm-lintRange-error': { textDecorationColor: 'var(--failed)' },
  '.cm-lintRange-warning': { textDecorationColor: 'var(--caught)' },
  '.cm-panel.cm-panel-lint ul [aria-selected]': { background: 'var(--accent-soft)', color: 'var(--text)' },
})

// As payloads are coloured elsewhere. (Json.svelte)
export const colours = HighlightStyle.define([
  { tag: [tags.propertyName, tags.definition(tags.propertyName)], color: 'var(--name)' },
  { tag: [tags.string, tags.special(tags.string), tags.regexp], color: 'var(--string)' },
  { tag: [tags.number, tags.bool, tags.null, tags.atom], color: 'var(--number)' },
  { tag: [tags.keyword, tags.operatorKeyword], color: 'var(--number)' },
  { tag: [tags.variableName, tags.special(tags.variableName)], color: 'var(--name)' },
  { tag: tags.typeName, color: 'var(--caught)' },
  { tag: [tags.comment, tags.meta], color: 'var(--muted)', fontStyle: 'italic' },
  { tag: tags.invalid, color: 'var(--failed)' },
])
