// In what a resolver or a function is written.
import type { Handlers } from '../../api/services/appsync'

export const languageOf = ({ runtime, code, requestMappingTemplate, responseMappingTemplate }: Handlers): string =>
  runtime || code ? 'JavaScript' : requestMappingTemplate || responseMappingTemplate ? 'VTL' : 'direct'
