// Which fields of a ReaderConfig fit together. (crates/asl/src/definition/item_reader.rs)
import type { Json, Members } from '../../document/json'

export const LIST = 's3:listObjectsV2'
export const FILE = 's3:getObject'

type Word = readonly [value: string, title: string]

export const INPUT_TYPES: Word[] = [
  ['CSV', 'CSV'],
  ['JSON', 'JSON: an array, or an object'],
  ['JSONL', 'JSON Lines'],
  ['PARQUET', 'Parquet'],
  ['MANIFEST', 'An inventory of S3 (manifest)'],
]

export interface ReaderFields {
  transformation: boolean
  manifest: boolean
  // Of what type the files can be; none if that is not said.
  types: Word[]
  csv: boolean
  headers: boolean
  delimiter: boolean
  pointer: boolean
}

// What has a value is always shown, whether it fits or not.
export function readerFields(resource: string, config: Members): ReaderFields {
  const lists = resource.endsWith(LIST)
  const has = (name: string) => config.has(name)
  const word = (name: string): Json | undefined => config.get(name)
  const type = word('InputType')
  const loads = word('Transformation') === 'LOAD_AND_FLATTEN'
  const manifest = word('ManifestType')
  const types = lists ? (loads ? INPUT_TYPES.slice(0, 4) : [])
    : manifest === 'S3_INVENTORY' ? []
    : manifest === 'ATHENA_DATA' ? INPUT_TYPES.filter(([name]) => ['CSV', 'JSONL', 'PARQUET'].includes(name)) : INPUT_TYPES
  return {
    transformation: lists || has('Transformation'),
    manifest: !lists || has('ManifestType'),
    types: types.length === 0 && has('InputType') ? INPUT_TYPES : types,
    csv: type === 'CSV' || has('CSVHeaderLocation'),
    headers: word('CSVHeaderLocation') === 'GIVEN' || has('CSVHeaders'),
    delimiter: type === 'CSV' || type === 'MANIFEST' || manifest === 'S3_INVENTORY' || has('CSVDelimiter'),
    pointer: type === 'JSON' || has('ItemsPointer'),
  }
}
