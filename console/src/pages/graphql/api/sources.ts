// Data sources in words.
import type { DataSource } from '../../../api/services/appsync'

const TITLES: Record<string, string> = {
  AMAZON_DYNAMODB: 'DynamoDB', AWS_LAMBDA: 'Lambda', HTTP: 'HTTP', NONE: 'none', RELATIONAL_DATABASE: 'Database', AMAZON_EVENTBRIDGE: 'EventBridge',
  AMAZON_OPENSEARCH_SERVICE: 'OpenSearch', AMAZON_ELASTICSEARCH: 'OpenSearch', AMAZON_BEDROCK_RUNTIME: 'Bedrock',
}
export const titleOf = ({ type }: DataSource): string => TITLES[type] ?? type

// What it leads to: a table, a function, an address.
export function targetOf(source: DataSource): string {
  const configs = Object.entries(source).flatMap(([name, value]) => (name.endsWith('Config') && typeof value === 'object' && value ? [value] : []))
  const of = (name: string) => configs.map((config) => within(config, name)).find((value) => value !== undefined)
  return of('tableName') ?? of('lambdaFunctionArn') ?? of('endpoint') ?? of('eventBusArn') ?? of('databaseName') ?? of('dbClusterIdentifier') ?? ''
}

function within(config: Record<string, unknown>, name: string): string | undefined {
  if (typeof config[name] === 'string') return config[name]
  for (const value of Object.values(config)) {
    const found = typeof value === 'object' && value ? within(value as Record<string, unknown>, name) : undefined
    if (found !== undefined) return found
  }
  return undefined
}
