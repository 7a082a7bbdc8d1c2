// What a machine is beside its definition, as CreateStateMachine and UpdateStateMachine take it.
import type { Logging, Machine, NewMachine } from '../../api/aws'

export interface Tag {
  key: string
  value: string
}

export const LEVELS = ['OFF', 'ERROR', 'FATAL', 'ALL'] as const

export class Settings {
  name = $state('')
  type = $state<Machine['type']>('STANDARD')
  roleArn = $state('')
  level = $state<string>('OFF')
  includesData = $state(false)
  logGroup = $state('')
  isTraced = $state(false)
  tags = $state<Tag[]>([])
  // Of the next save.
  publishes = $state(false)
  versionDescription = $state('')

  static of(machine: Machine, tags: Tag[]): Settings {
    const settings = new Settings()
    const { loggingConfiguration: logging, tracingConfiguration: tracing } = machine
    settings.name = machine.name
    settings.type = machine.type
    settings.roleArn = machine.roleArn
    settings.level = logging?.level ?? 'OFF'
    settings.includesData = logging?.includeExecutionData ?? false
    settings.logGroup = logging?.destinations?.[0]?.cloudWatchLogsLogGroup?.logGroupArn ?? ''
    settings.isTraced = tracing?.enabled ?? false
    settings.tags = tags.map((tag) => ({ ...tag }))
    return settings
  }

  get logging(): Logging {
    const destinations = this.logGroup.trim() === '' ? [] : [{ cloudWatchLogsLogGroup: { logGroupArn: this.logGroup.trim() } }]
    return { level: this.level, includeExecutionData: this.includesData, destinations }
  }

  get givenTags(): Tag[] {
    return this.tags.filter(({ key }) => key !== '').map(({ key, value }) => ({ key, value }))
  }

  // All that a machine is made from but its definition.
  get created(): Omit<NewMachine, 'definition'> {
    return { name: this.name.trim(), type: this.type, ...this.kept, ...(this.givenTags.length > 0 ? { tags: this.givenTags } : {}) }
  }

  // What can change later.
  get kept() {
    return { roleArn: this.roleArn.trim(), loggingConfiguration: this.logging, tracingConfiguration: { enabled: this.isTraced } }
  }

  get publishing(): { publish?: boolean; versionDescription?: string } {
    if (!this.publishes) return {}
    const versionDescription = this.versionDescription.trim()
    return { publish: true, ...(versionDescription ? { versionDescription } : {}) }
  }

  // To be compared: all that a save would write.
  get mark(): string {
    return JSON.stringify(this.created)
  }
}
