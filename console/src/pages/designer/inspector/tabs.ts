// The tabs of a state's form, and which of its fields is on which.
import { fieldsOf, has, type Language } from './schema'

const DATA = ['InputPath', 'Parameters', 'Arguments', 'Result', 'ResultSelector', 'ResultPath', 'OutputPath', 'Output']

export type Tab = 'configuration' | 'data' | 'variables' | 'errors'

export function tabOf(field: string): Tab {
  if (DATA.includes(field)) return 'data'
  if (field === 'Retry' || field === 'Catch') return 'errors'
  return field === 'Assign' ? 'variables' : 'configuration'
}

export function tabsOf(type: string, language: Language): { key: Tab; title: string }[] {
  const hasArguments = fieldsOf(type, language).includes('Arguments')
  return [
    { key: 'configuration', title: 'Configuration' },
    ...(fieldsOf(type, language).some((field) => DATA.includes(field))
      ? [{ key: 'data' as const, title: language === 'JSONPath' ? 'Input & Output' : hasArguments ? 'Arguments & Output' : 'Output' }] : []),
    ...(has(type, 'Assign') ? [{ key: 'variables' as const, title: 'Variables' }] : []),
    ...(has(type, 'Retry') ? [{ key: 'errors' as const, title: 'Errors' }] : []),
  ]
}
