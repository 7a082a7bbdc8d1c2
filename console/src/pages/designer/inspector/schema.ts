// Which fields a state of each type has, in either query language: those of the server's own checks.
// (crates/asl/src/definition/schema.rs; a unit test compares the two.)
export type Language = 'JSONPath' | 'JSONata'
export const LANGUAGES: Language[] = ['JSONPath', 'JSONata']

export const TYPES = ['Task', 'Wait', 'Pass', 'Succeed', 'Fail', 'Choice', 'Parallel', 'Map'] as const
export type StateType = (typeof TYPES)[number]

const ALL = ['Type', 'Comment', 'QueryLanguage']
const FLOW = ['Next', 'End']
const WORK = ['InputPath', 'Parameters', 'Arguments', 'ResultSelector', 'ResultPath', 'OutputPath', 'Output', 'Assign', 'Retry', 'Catch']
const OF_TYPE: Record<StateType, string[]> = {
  Task: [...ALL, 'Resource', ...WORK, ...FLOW, 'Credentials', 'TimeoutSeconds', 'TimeoutSecondsPath', 'HeartbeatSeconds', 'HeartbeatSecondsPath'],
  Parallel: [...ALL, 'Branches', ...WORK, ...FLOW],
  Map: [
    ...ALL, ...WORK.filter((name) => name !== 'Arguments'), ...FLOW,
    'ItemProcessor', 'Iterator', 'ItemsPath', 'Items', 'ItemReader', 'ItemSelector', 'ItemBatcher', 'ResultWriter', 'Label',
    'MaxConcurrency', 'MaxConcurrencyPath',
    'ToleratedFailureCount', 'ToleratedFailureCountPath', 'ToleratedFailurePercentage', 'ToleratedFailurePercentagePath',
  ],
  Pass: [...ALL, 'InputPath', 'Parameters', 'Result', 'ResultPath', 'OutputPath', 'Output', 'Assign', ...FLOW],
  Wait: [...ALL, 'InputPath', 'Seconds', 'SecondsPath', 'Timestamp', 'TimestampPath', 'OutputPath', 'Output', 'Assign', ...FLOW],
  Choice: [...ALL, 'Choices', 'InputPath', 'Default', 'OutputPath', 'Output', 'Assign'],
  Succeed: [...ALL, 'InputPath', 'OutputPath', 'Output'],
  Fail: [...ALL, 'Error', 'ErrorPath', 'Cause', 'CausePath'],
}

const JSONATA_ONLY = ['Arguments', 'Output', 'Items', 'Condition']
const JSONPATH_ONLY = [
  'InputPath', 'Parameters', 'ResultSelector', 'ResultPath', 'OutputPath', 'ItemsPath', 'Result', 'SecondsPath', 'TimestampPath',
  'TimeoutSecondsPath', 'HeartbeatSecondsPath', 'MaxConcurrencyPath', 'ToleratedFailureCountPath', 'ToleratedFailurePercentagePath',
  'MaxItemsPath', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatchPath', 'ErrorPath', 'CausePath', 'Variable',
]

export function isOfLanguage(field: string, language: Language): boolean {
  return !(language === 'JSONata' ? JSONPATH_ONLY : JSONATA_ONLY).includes(field)
}

export const isType = (type: unknown): type is StateType => TYPES.some((known) => known === type)

// The fields that a state of this type may have where this language holds. Of a type that nobody knows: none.
export function fieldsOf(type: unknown, language: Language): string[] {
  if (!isType(type)) return ['Type', 'Comment', 'QueryLanguage']
  return OF_TYPE[type].filter((field) => isOfLanguage(field, language))
}

export const has = (type: unknown, field: string): boolean => isType(type) && OF_TYPE[type].includes(field)

// Objects inside a state. What else stands in them is shown as it is.
export const MACHINE = ['Comment', 'StartAt', 'States', 'Version', 'TimeoutSeconds', 'QueryLanguage']
export const RETRIER = ['ErrorEquals', 'Comment', 'IntervalSeconds', 'MaxAttempts', 'BackoffRate', 'MaxDelaySeconds', 'JitterStrategy']
export const CATCHER = ['ErrorEquals', 'Next', 'Comment', 'ResultPath', 'Output', 'Assign']
export const JSONATA_RULE = ['Condition', 'Next', 'Comment', 'Output', 'Assign']
export const ITEM_PROCESSOR = ['States', 'StartAt', 'Comment', 'ProcessorConfig']
export const PROCESSOR_CONFIG = ['Mode', 'ExecutionType', 'Comment']
export const ITEM_READER = ['Resource', 'ReaderConfig', 'Parameters', 'Arguments']
export const READER_CONFIG = [
  'InputType', 'Transformation', 'ManifestType', 'CSVDelimiter', 'CSVHeaderLocation', 'CSVHeaders', 'MaxItems', 'MaxItemsPath', 'ItemsPointer',
]
export const ITEM_BATCHER = ['BatchInput', 'MaxItemsPerBatch', 'MaxItemsPerBatchPath', 'MaxInputBytesPerBatch', 'MaxInputBytesPerBatchPath']
export const RESULT_WRITER = ['Resource', 'Parameters', 'Arguments', 'WriterConfig']
export const WRITER_CONFIG = ['Transformation', 'OutputType']
