// Whether a key, or a copy, is meant for a field that is written in, for a dialog or for a control of its own.
export function isTyping(event: Event): boolean {
  // An editor lives in a shadow tree: the event's own way shows what is inside of it.
  return event.composedPath().some((target) =>
    target instanceof HTMLElement && (target.isContentEditable || target.matches('input, textarea, select, dialog, [role=menu]')))
}
