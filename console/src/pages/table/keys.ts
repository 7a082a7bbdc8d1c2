// A key schema in words: the partition key, and behind it the sort key.
import type { Table } from '../../api/services/dynamodb'

export const keyText = (schema: Table['KeySchema']): string =>
  [...schema].sort((one) => (one.KeyType === 'HASH' ? -1 : 1)).map((key) => key.AttributeName).join(' + ')
