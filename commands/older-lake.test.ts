import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { copyFileSync, readdirSync, readFileSync, statSync } from 'node:fs'
import path from 'node:path'
import { expect, test } from 'vitest'
import { freshFolder, retail } from '../test/front-door.ts'

/**
 * A workspace that retail 0.1.0 made (commit aaa7c50): `seed-dims`, `backfill`, `stream --max-events 20`. Two stores, ten products, four
 * days.
 */
const FIXTURE = path.join(import.meta.dirname, '../test/fixtures/lake-0.1.0.tar.gz')

/** Every file that holds data or says what it is. */
function hashes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (name) => !name.startsWith('.retail') && statSync(path.join(folder, name)).isFile(),
  )
  return Object.fromEntries(
    files.sort().map((name) => [
      name,
      createHash('sha256')
        .update(readFileSync(path.join(folder, name)))
        .digest('hex'),
    ]),
  )
}

test('a lake of 0.1.0 is refused by one sentence, its advice works, and nothing of it is touched', async () => {
  const folder = freshFolder()
  execFileSync('tar', ['-xzf', FIXTURE, '-C', folder])
  const before = hashes(folder)
  expect(Object.keys(before)).toContain('lake/transactions/2024-01/block-000.parquet')
  for (const line of [
    ...['status', 'verify', 'seed-dims', 'backfill', 'backfill --dry-run', 'stream --speed max --max-events 3'],
    ...['transform', 'repair', 'repair --dry-run', 'dashboard --json', 'pack --out packed.duckdb'],
  ]) {
    const { code, stdout, stderr } = await retail(line, { cwd: folder })
    const said = line.includes('--json') ? stdout : stderr
    expect([line, code]).toEqual([line, 2])
    expect(said, line).toContain(
      'lake was made by an older version of retail (form 1, generator version 2; this version',
    )
    expect(said, line).toContain('use retail 0.1.0')
    expect(said, line).toContain('copy retail.yaml into another folder and run `retail seed-dims` there')
  }
  expect(hashes(folder)).toEqual(before)

  const again = freshFolder()
  copyFileSync(path.join(folder, 'retail.yaml'), path.join(again, 'retail.yaml'))
  for (const line of ['seed-dims', 'backfill', 'verify'])
    expect([line, (await retail(line, { cwd: again })).code]).toEqual([line, 0])
})
