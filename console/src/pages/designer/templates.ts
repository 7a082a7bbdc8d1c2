// What a new machine begins with.
export interface Template {
  key: string
  title: string
  says: string
  text: string
}

const written = (definition: object) => `${JSON.stringify(definition, null, 2)}\n`

export const TEMPLATES: Template[] = [
  {
    key: 'blank', title: 'Blank', says: 'An empty machine, to be drawn',
    text: written({ Comment: 'A description of my state machine', QueryLanguage: 'JSONata', StartAt: '', States: {} }),
  },
  {
    key: 'hello', title: 'Hello', says: 'A Choice, a Wait and a greeting, which runs as it is',
    text: written({
      Comment: 'Greets whoever is named in the input: {"name": "Ida"}',
      QueryLanguage: 'JSONata',
      StartAt: 'Is there a name?',
      States: {
        'Is there a name?': {
          Type: 'Choice',
          Choices: [{ Condition: '{% $exists($states.input.name) %}', Next: 'Take a breath' }],
          Default: 'Nobody to greet',
        },
        'Take a breath': { Type: 'Wait', Seconds: 1, Next: 'Greet' },
        Greet: { Type: 'Pass', Output: { greeting: "{% 'Hello, ' & $states.input.name & '!' %}" }, End: true },
        'Nobody to greet': { Type: 'Fail', Error: 'NoName', Cause: 'The input has no name.' },
      },
    }),
  },
]

// A name that nobody has, as Workflow Studio makes them.
export const newName = (): string => `MyStateMachine-${crypto.getRandomValues(new Uint32Array(1))[0]!.toString(36).slice(0, 6)}`
