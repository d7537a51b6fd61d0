import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import type { StatusResult } from './results.ts'

export async function status(_ports: Ports, _config: Config): Promise<StatusResult> {
  throw new Error('under construction')
}
