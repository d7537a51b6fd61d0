import { type Advice, adviceText } from './advice.ts'

/** All foreseen failures, with their exit codes. The list is closed: adding a code is a decision. */
export const EXIT_CODES = {
  failed: 1,
  tool_failed: 1,
  disk_full: 1,
  bad_flag: 2,
  bad_config: 2,
  input_needed: 2,
  busy: 2,
  foreign_world: 2,
  missing: 3,
  refused: 3,
  tool_missing: 3,
  cloud_denied: 4,
  not_allowed: 4,
  partial: 5,
  wrong_data: 6,
  damaged: 6,
  not_ready: 6,
  stopped: 130,
} as const

export type ErrorCode = keyof typeof EXIT_CODES

/**
 * A foreseen failure, printed in three lines: what failed (`message`), why (`why`), and the command that fixes it
 * (`hint`, with commands as data). Any other error is our bug and keeps its stack.
 */
export class RetailError extends Error {
  override readonly name = 'RetailError'
  readonly code: ErrorCode
  readonly why: string | undefined
  /** What to do; the CLI formats its commands the way the tool was started. */
  readonly advice: Advice | undefined
  /** The same as text, for callers without a CLI. */
  readonly hint: string | undefined
  /** A service did not answer, or had enough for now: the same may succeed later, without a change by anybody. */
  readonly passes: boolean

  constructor(
    code: ErrorCode,
    message: string,
    { why, hint, cause, passes = false }: { why?: string; hint?: Advice; cause?: unknown; passes?: boolean } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause })
    this.code = code
    this.why = why
    this.advice = hint
    this.hint = hint && adviceText(hint)
    this.passes = passes
  }

  get exitCode(): number {
    return EXIT_CODES[this.code]
  }
}

/** Resolves to undefined if a file turns out to be damaged or not ours. Any other error says nothing about the file, and passes. */
export async function unlessUnusable<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof RetailError && (error.code === 'damaged' || error.code === 'foreign_world')) return undefined
    throw error
  }
}

/** The errno of a system error (`ENOSPC`, `EACCES`, …), or undefined for anything else. */
export function errnoOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined
}
