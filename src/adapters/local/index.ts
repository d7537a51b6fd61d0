import type { Config } from '../../config/schema.ts'
import type { Ports } from '../../ports/index.ts'

export async function openLocal(_config: Config): Promise<Ports> {
  throw new Error('under construction')
}
