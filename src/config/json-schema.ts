import * as z from 'zod'
import { configSchema } from './schema.ts'

/** For editors: yaml-language-server supports draft 7 and earlier. */
export function configJsonSchema(): Record<string, unknown> {
  const { $schema, ...schema } = z.toJSONSchema(configSchema, { target: 'draft-7', io: 'input' })
  return { $schema, title: 'retail.yaml', ...schema }
}
