import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import type { TransformResult } from './results.ts'

export interface TransformOptions {
  select?: readonly string[]
  fullRefresh?: boolean
  allowFailures?: boolean
  /** handed to dbt as they are */
  dbtArgs?: readonly string[]
  signal?: AbortSignal
  /** 'making a private Python environment (about 20 s, once)', 'dbt build', … */
  onStep?: (text: string) => void
  /** dbt's own lines, for stderr; the log keeps them too */
  onOutput?: (line: string) => void
}

export async function transform(
  _ports: Pick<Ports, 'warehouse' | 'workspace'>,
  _config: Config,
  _options: TransformOptions,
): Promise<TransformResult> {
  throw new Error('under construction')
}
