// A queue's name, out of its URL or its ARN.
export const nameOf = (text: string): string => text.split(/[/:]/).at(-1) ?? text
