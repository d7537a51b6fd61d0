import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { expect, onTestFinished, test } from 'vitest'
import { nextLog } from './transform-log.ts'

test('the last twenty logs are kept, and no number is used twice', () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'retail-logs-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const made = Array.from({ length: 25 }, () => path.basename(nextLog(folder)))
  expect(made.at(-1)).toBe('transform-25.log')
  expect(readdirSync(folder).sort()).toEqual(made.slice(-20).sort())
})
