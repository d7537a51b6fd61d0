import { explainSystemError, RetailError } from '../errors.ts'
import type { Workspace } from '../ports/index.ts'

/** Keeps what a command did, for `status`. */
export async function recorded<T>(workspace: Workspace, command: string, work: () => Promise<T>): Promise<T> {
  const run = { command, startedAt: new Date().toISOString(), pid: process.pid }
  try {
    const result = await work()
    await workspace.record({ ...run, finishedAt: new Date().toISOString(), result })
    return result
  } catch (thrown) {
    const error = explainSystemError(thrown, `running ${command}`)
    const { code, message } = error instanceof RetailError ? error : { code: 'failed', message: String(error) }
    // A record that cannot be written must not hide what went wrong.
    await workspace.record({ ...run, finishedAt: new Date().toISOString(), error: { code, message } }).catch(() => {})
    throw error
  }
}
