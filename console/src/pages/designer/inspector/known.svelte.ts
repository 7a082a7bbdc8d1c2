// What the server knows of a Task's integration, as soon as it has said so. To be made where a component begins.
import { integration, type Integration } from './integration'
import { resourceOf } from './resource'

export class Known {
  // Of the Resource that stands there now.
  value = $state.raw<Integration>()
  // The same text is no reason to ask again, however often the definition changes.
  #text: string = $derived.by(() => this.text())

  constructor(private readonly text: () => string) {
    $effect(() => {
      const asked = this.#text
      const resource = resourceOf(asked)
      if (resource.kind !== 'integration') {
        this.value = undefined
        return
      }
      void integration(resource).then((found) => {
        if (asked === this.#text) this.value = found
      })
    })
  }
}
