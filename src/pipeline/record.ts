import { clock } from '../clock.ts'
import { RetailError } from '../errors.ts'
import type { Workspace } from '../ports/index.ts'
import { explainSystemError } from '../system-errors.ts'

/** Records the result of a command for `status`. A process without write permission records nothing. */
export async function recorded<T>(
  workspace: Workspace,
  command: string,
  work: () => Promise<T>,
  { onlyReads = false } = {},
): Promise<T> {
  const run = { command, startedAt: new Date(clock.now()).toISOString(), pid: process.pid }
  try {
    const result = await work()
    const kept = workspace.record({ ...run, finishedAt: new Date(clock.now()).toISOString(), result })
    // What was read is the result; the record is only for `status`.
    await (onlyReads ? kept.catch(() => {}) : kept)
    return result
  } catch (thrown) {
    const error = explainSystemError(thrown)
    const { code, message } = error instanceof RetailError ? error : { code: 'failed', message: String(error) }
    // A record that cannot be written must not hide the original error.
    await workspace
      .record({ ...run, finishedAt: new Date(clock.now()).toISOString(), error: { code, message } })
      // The error of the work is reported.
      .catch(() => {})
    throw error
  }
}
