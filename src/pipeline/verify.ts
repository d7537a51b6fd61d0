import type { Config } from '../config/schema.ts'
import type { Ports } from '../ports/index.ts'
import type { VerifyCheck, VerifyResult } from './results.ts'

export interface VerifyOptions {
  /** counts and keys only */
  quick?: boolean
  workers?: number
  /** on abort throws `stopped` */
  signal?: AbortSignal
  onCheck?: (check: VerifyCheck) => void
}

export async function verify(_ports: Ports, _config: Config, _options: VerifyOptions): Promise<VerifyResult> {
  throw new Error('under construction')
}
