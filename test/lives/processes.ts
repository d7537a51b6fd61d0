import fs from 'node:fs'
import { useLockFiles } from '../../src/adapters/local/lock-file.ts'

let pid = 5_000_000

/** From here on work is done by another process. */
export function nextProcess(): void {
  pid++
}

/** Each run has a pid of its own, above all that a machine gives; of those only the last one is alive. */
export function asProcesses(): Disposable {
  const { kill } = process
  const own = Object.getOwnPropertyDescriptor(process, 'pid')!
  Object.defineProperty(process, 'pid', { configurable: true, get: () => pid })
  process.kill = (of, signal) => {
    if (of <= 5_000_000) return kill.call(process, of, signal)
    if (of === pid) return true
    throw Object.assign(new Error('ESRCH'), { code: 'ESRCH' })
  }
  useLockFiles(openLockFile)
  return {
    [Symbol.dispose]() {
      useLockFiles()
      Object.defineProperty(process, 'pid', own)
      process.kill = kill
    },
  }
}

/**
 * All processes of a life are this process, so the kernel's lock would exclude nobody, and DuckDB takes longer to open than most
 * commands take to run. An incomplete file, which a power loss may leave, is refused the way DuckDB refuses it.
 */
async function openLockFile(file: string): Promise<() => void> {
  const bytes = fs.readFileSync(file)
  if (bytes.length < SMALLEST || bytes.toString('latin1', 8, 12) !== 'DUCK')
    throw new Error(`IO Error: The file "${file}" exists, but it is not a valid DuckDB database file!`)
  return () => {}
}

/** Three headers of DuckDB. */
const SMALLEST = 12_288
