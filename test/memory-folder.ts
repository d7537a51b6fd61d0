import { existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { onTestFinished } from 'vitest'

/** In memory where the machine has such a folder: for tests about positions, as a disk takes a hundred times as long to sync. */
export function memoryFolder(): string {
  const folder = mkdtempSync(path.join(existsSync('/dev/shm') ? '/dev/shm' : tmpdir(), 'retail-test-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
