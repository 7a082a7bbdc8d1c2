// A Task's Resource, taken apart. (crates/integrations/src/resource.rs)
export type Pattern = '' | '.sync' | '.sync:2' | '.waitForTaskToken'

export type Resource =
  | { kind: 'function' | 'activity' | 'other' }
  // `prefix` is what comes before the service, as the definition has it: its partition may be another one.
  | { kind: 'integration'; prefix: string; service: string; action: string; pattern: Pattern }

export const PATTERNS: { pattern: Pattern; title: string; says: string }[] = [
  { pattern: '', title: 'Request response', says: 'Goes on as soon as the service has answered.' },
  { pattern: '.sync', title: 'Run a job (.sync)', says: 'Waits until the job has ended; its description is the result.' },
  { pattern: '.sync:2', title: 'Run a job (.sync:2)', says: 'Waits until the execution has ended; its input and output come as JSON.' },
  { pattern: '.waitForTaskToken', title: 'Wait for a callback', says: 'Waits until somebody answers the task’s token, which the parameters must hand on.' },
]

const INTEGRATION = /^(arn:[^:]+:states:[^:]*:[^:]*:)((?:aws-sdk:)?[^:.]+):([^:.]+)(\.sync(?::2)?|\.waitForTaskToken)?$/

export function resourceOf(text: string): Resource {
  if (/^arn:[^:]+:states:[^:]*:[^:]*:activity:/.test(text)) return { kind: 'activity' }
  if (/^arn:[^:]+:lambda:[^:]*:[^:]*:function:/.test(text)) return { kind: 'function' }
  const found = INTEGRATION.exec(text)
  if (!found) return { kind: 'other' }
  const [, prefix = '', service = '', action = '', pattern = ''] = found
  return { kind: 'integration', prefix, service, action, pattern: pattern as Pattern }
}

export function resourceText({ prefix, service, action }: Extract<Resource, { kind: 'integration' }>, pattern: Pattern): string {
  return `${prefix}${service}:${action}${pattern}`
}

// Whether only a mock can stand for the work of a Task with this Resource in a test.
export function needsMock(text: string): boolean {
  const resource = resourceOf(text)
  return resource.kind === 'activity' || (resource.kind === 'integration' && resource.pattern !== '')
}
