import { type Pieces, table } from './layout.ts'

/** The meaning of each exit code; src/errors.ts maps each failure to one of them. */
export const EXIT_CODE_MEANINGS: Record<number, string> = {
  0: 'done',
  1: 'failed',
  2: 'wrong usage or config, input was needed but not given, or another run holds the lock',
  3: 'a prerequisite is missing, or a destination refuses the events',
  4: 'access denied: authentication, permissions, or a read-only file system',
  5: 'partially done; run the command again to resume; or grade could not decide everything',
  6: 'verify or grade found wrong data, a file is damaged, or status --check found something not ready',
  130: 'stopped cleanly by Ctrl-C; 143 by SIGTERM, 129 by SIGHUP',
}

export function exitCodesText(): Pieces {
  const rows = Object.entries(EXIT_CODE_MEANINGS).map(([code, meaning]) => [code, meaning])
  return ['Exit codes:', table(rows, { right: [0] })]
}
