// A machine in the designer: its draft, its settings, what the server had when it was opened, and how it gets back there.
import {
  createMachine, describeMachine, listTags, tag, untag, updateMachine, validate, type Machine,
} from '../../api/aws'
import { Draft } from './document/draft.svelte'
import { Settings, type Tag } from './settings.svelte'

// Somebody else has changed the machine since it was opened.
export class Conflict extends Error {
  constructor(readonly theirs: Machine) {
    super(`${theirs.name} was changed by somebody else since you opened it.`)
  }
}

export class Opened {
  readonly draft: Draft
  settings = $state.raw(new Settings())
  // As the server has it, as far as we know; undefined for a machine that is not there yet.
  base = $state.raw<Machine>()
  #tags: Tag[] = []
  #saved = $state.raw({ text: '', mark: '' })
  // Of the settings, when it was opened or begun.
  readonly #first: string

  constructor(text: string, settings: Settings, base?: Machine) {
    this.settings = settings
    this.base = base
    this.draft = new Draft(text, async (text) => (await validate(text, this.settings.type)).diagnostics)
    this.#tags = settings.givenTags
    this.#first = settings.mark
    if (base) this.#noteSaved()
    void this.draft.check()
  }

  static async read(arn: string): Promise<Opened> {
    const [machine, { tags }] = await Promise.all([describeMachine(arn), listTags(arn)])
    return new Opened(machine.definition, Settings.of(machine, tags), machine)
  }

  get isChanged(): boolean {
    return this.draft.text !== this.#saved.text || this.settings.mark !== this.#saved.mark
  }

  // A new machine that nobody has done anything to.
  get isUntouched(): boolean {
    return !this.base && !this.draft.canUndo && this.settings.mark === this.#first
  }

  // Writes exactly the draft's text. Says which version was published, if one was. Throws a Conflict rather than
  // undo what somebody else has done, unless `overwrites`.
  async save(overwrites = false): Promise<string | undefined> {
    const { draft, settings, base } = this
    const [definition, mark] = [draft.text, settings.mark]
    let version: string | undefined
    if (!base) {
      const made = await createMachine({ ...settings.created, ...settings.publishing, definition })
      version = made.stateMachineVersionArn
      this.base = await describeMachine(made.stateMachineArn)
    } else {
      const { stateMachineArn } = base
      // AWS's API knows no condition for an update, so it is asked for just before.
      const now = await describeMachine(stateMachineArn)
      if (!overwrites && !isSame(now, base)) throw new Conflict(now)
      const updated = await updateMachine({ stateMachineArn, ...settings.kept, ...settings.publishing, definition })
      version = updated.stateMachineVersionArn
      await this.#writeTags(stateMachineArn)
      this.base = await describeMachine(stateMachineArn)
    }
    this.#tags = settings.givenTags
    this.#saved = { text: definition, mark }
    settings.publishes = false
    settings.versionDescription = ''
    return version
  }

  // Takes over what somebody else has written. Our own text can be had back by an undo.
  take(theirs: Machine) {
    this.draft.edit('Take what the server has', () => (this.draft.text = theirs.definition))
    this.settings = Settings.of(theirs, this.#tags)
    this.base = theirs
    this.#noteSaved()
  }

  #noteSaved() {
    this.#saved = { text: this.draft.text, mark: this.settings.mark }
  }

  async #writeTags(arn: string) {
    const now = this.settings.givenTags
    const gone = this.#tags.filter(({ key }) => !now.some((tag) => tag.key === key)).map(({ key }) => key)
    const changed = now.filter(({ key, value }) => !this.#tags.some((tag) => tag.key === key && tag.value === value))
    if (gone.length > 0) await untag(arn, gone)
    if (changed.length > 0) await tag(arn, changed)
  }
}

// The revision says it, once there was an update; before, what can be seen.
function isSame(now: Machine, base: Machine): boolean {
  const seen = ({ revisionId, definition, roleArn, loggingConfiguration, tracingConfiguration }: Machine) =>
    JSON.stringify([revisionId, definition, roleArn, loggingConfiguration, tracingConfiguration])
  return seen(now) === seen(base)
}
