/** What can go wrong, and the exit code it ends with (DESIGN.md section 8). A closed list: adding one is a decision. */
export const EXIT_CODES = {
  failed: 1,
  tool_failed: 1,
  disk_full: 1,
  bad_flag: 2,
  bad_config: 2,
  input_needed: 2,
  busy: 2,
  foreign_world: 2,
  read_only: 2,
  missing: 3,
  tool_missing: 3,
  cloud_denied: 4,
  partial: 5,
  wrong_data: 6,
  not_ready: 6,
  stopped: 130,
} as const

export type ErrorCode = keyof typeof EXIT_CODES

/**
 * A foreseen failure, told in three lines: what failed (`message`), why (`why`), and the command that mends it (`hint`).
 * Anything that is not a RetailError is our bug and keeps its stack.
 */
export class RetailError extends Error {
  override readonly name = 'RetailError'
  readonly code: ErrorCode
  readonly why: string | undefined
  readonly hint: string | undefined

  constructor(
    code: ErrorCode,
    message: string,
    { why, hint, cause }: { why?: string; hint?: string; cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.why = why
    this.hint = hint
  }

  get exitCode(): number {
    return EXIT_CODES[this.code]
  }
}

/** The errno of a system error (`ENOSPC`, `EACCES`, …), or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}

/** The errno behind an error; DuckDB tells it in words only. */
function causeOf(error: unknown): string | undefined {
  const errno = errnoOf(error)
  // Making nested folders where nothing can be made: Node says ENOENT (seen with 20.20 on a read-only file system).
  if (errno === 'ENOENT' && error instanceof Error && 'syscall' in error && error.syscall === 'mkdir') return 'EROFS'
  if (errno) return errno
  const text = String(error)
  if (/No space left on device/i.test(text)) return 'ENOSPC'
  if (/Read-only file system/i.test(text)) return 'EROFS'
  if (/Permission denied/i.test(text)) return 'EACCES'
  return undefined
}

/** Turns the system errors every writer can meet into foreseen ones; anything else comes back as it is. */
export function explainSystemError(error: unknown, doing: string): unknown {
  if (error instanceof RetailError) return error
  switch (causeOf(error)) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new RetailError('disk_full', `no space left while ${doing}`, {
        why: 'what was finished before is safe; the rest was taken back',
        hint: 'free some space and run the same command again: it goes on where it stopped',
        cause: error,
      })
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new RetailError('read_only', `not allowed to write while ${doing}`, {
        why: (error as Error).message,
        hint: 'make the folder writable, or choose another with --workspace',
        cause: error,
      })
    default:
      return error
  }
}
