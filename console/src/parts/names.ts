// What people call the things that ARNs name.
export const lastOf = (arn: string): string => arn.split(':').at(-1) ?? arn

// `arn:aws:states:region:account:execution:machine:name` and the like.
export function machineOfExecution(arn: string): string {
  return arn.split(':')[6] ?? ''
}
