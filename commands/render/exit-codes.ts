import { table } from './format.ts'

/** Names for DESIGN.md section 8; src/errors.ts maps each failure to one of them. */
export const EXIT_CODE_MEANINGS: Record<number, string> = {
  0: 'done',
  1: 'ran and failed',
  2: 'usage, config, or an answer that was needed; or another run has the lock',
  3: 'something is missing that has to be there first',
  4: 'not allowed: authentication or permission',
  5: 'partly done; run it again to resume',
  6: 'verify found wrong data, or status --check something not ready',
  130: 'stopped by Ctrl-C, cleanly; 143 by SIGTERM, 129 by SIGHUP',
}

export function exitCodesText(): string {
  const rows = Object.entries(EXIT_CODE_MEANINGS).map(([code, meaning]) => [code, meaning])
  return `Exit codes:\n${table(rows, { right: [0] })}`
}
