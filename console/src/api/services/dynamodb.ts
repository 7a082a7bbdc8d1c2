// DynamoDB's actions that the console uses.
import { named } from './protocols'

// `{"S": "text"}`, `{"N": "1"}`, `{"M": {…}}` and so on.
export type Attribute = Record<string, unknown>
export type Item = Record<string, Attribute>

export interface Table {
  TableName: string
  TableArn: string
  TableStatus: string
  KeySchema: { AttributeName: string; KeyType: 'HASH' | 'RANGE' }[]
  AttributeDefinitions: { AttributeName: string; AttributeType: string }[]
  ItemCount?: number
  TableSizeBytes?: number
  CreationDateTime?: number
  BillingModeSummary?: { BillingMode?: string }
  GlobalSecondaryIndexes?: { IndexName: string; KeySchema: Table['KeySchema'] }[]
  LocalSecondaryIndexes?: { IndexName: string; KeySchema: Table['KeySchema'] }[]
  StreamSpecification?: { StreamEnabled?: boolean; StreamViewType?: string }
}

export async function listTables(): Promise<string[]> {
  const found: string[] = []
  let last: string | undefined
  // More pages of a hundred are no list any more.
  for (let page = 0; page < 10; page++) {
    const answer = await named<{ TableNames?: string[]; LastEvaluatedTableName?: string }>('dynamodb', 'ListTables', { ExclusiveStartTableName: last })
    found.push(...(answer.TableNames ?? []))
    last = answer.LastEvaluatedTableName
    if (!last) break
  }
  return found
}

export const describeTable = async (TableName: string) =>
  (await named<{ Table: Table }>('dynamodb', 'DescribeTable', { TableName })).Table

export const scan = (TableName: string, ExclusiveStartKey: Item | undefined, Limit: number) =>
  named<{ Items?: Item[]; Count: number; LastEvaluatedKey?: Item }>('dynamodb', 'Scan', { TableName, ExclusiveStartKey, Limit })

// An item as plain JSON. Numbers keep their digits, so this is text.
export function plain(attribute: Attribute): string {
  const [type, value] = Object.entries(attribute)[0] ?? ['NULL', true]
  switch (type) {
    case 'N': return String(value)
    case 'BOOL': return String(value)
    case 'NULL': return 'null'
    case 'L': return `[${(value as Attribute[]).map(plain).join(',')}]`
    case 'M': return plainItem(value as Item)
    case 'NS': return `[${(value as string[]).join(',')}]`
    default: return JSON.stringify(value)
  }
}

export const plainItem = (item: Item): string =>
  `{${Object.entries(item).map(([name, value]) => `${JSON.stringify(name)}:${plain(value)}`).join(',')}}`
