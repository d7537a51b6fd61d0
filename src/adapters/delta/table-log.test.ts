import { mkdirSync, readdirSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import * as fc from 'fast-check'
import { expect, onTestFinished, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import { useClock } from '../../clock.ts'
import { tables } from '../../tables/index.ts'
import { deltaSource } from '../local/delta.ts'
import { openDatabase } from '../local/duckdb.ts'
import { folderLog } from '../local/folder-log.ts'
import * as log from './table-log.ts'
import { LOG, type NamedFile } from './table-log.ts'

const about = log.metadataOf(tables.transactions, 'w', { schema: 'strict', months: true, timestamps: 'plain' })
const readState = (folder: string) => log.readState(folderLog(folder))
async function commitFiles(folder: string, files: readonly NamedFile[]): Promise<void> {
  const store = folderLog(folder)
  expect(await log.commitFiles(store, await log.startState(store), files, about)).toBe(true)
}
const fileOf = (n: number, sizeBytes = n): NamedFile => ({
  path: `month=2024-0${1 + (n % 3)}/block-${n}.parquet`,
  sizeBytes,
  month: `2024-0${1 + (n % 3)}`,
})
const newTable = () => {
  const folder = path.join(freshFolder(), 'lake/transactions')
  mkdirSync(folder, { recursive: true })
  return folder
}
const versions = (folder: string) => readdirSync(path.join(folder, LOG)).filter((name) => name.endsWith('.json'))

test('a log names what it was told last, with one commit for each difference', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uniqueArray(fc.nat(9)), { minLength: 1, maxLength: 8 }), async (steps) => {
      const folder = newTable()
      let commits = 0
      let last: string | undefined
      for (const numbers of steps) {
        const files = numbers.map((n) => fileOf(n))
        await commitFiles(folder, files)
        const sorted = [...numbers].sort().join()
        if (sorted !== last) commits++
        last = sorted
        const state = await readState(folder)
        expect(new Map(state?.files)).toEqual(new Map(files.map((file) => [file.path, file.sizeBytes])))
        expect([state?.version, versions(folder).length]).toEqual([commits - 1, commits])
      }
    }),
    { numRuns: 15 },
  )
})

test('a file that was made again with another size is named again', async () => {
  const folder = newTable()
  await commitFiles(folder, [fileOf(1)])
  await commitFiles(folder, [fileOf(1, 77)])
  expect((await readState(folder))?.files).toEqual(new Map([[fileOf(1).path, 77]]))
})

test('a checkpoint holds the whole table, and commits before it go after thirty days', async () => {
  const folder = newTable()
  const time = { now: Date.now() }
  useClock({ now: () => time.now, elapsed: () => 0, moment: () => ({ boot: '', ms: 0 }), sleep: async () => {} })
  onTestFinished(() => useClock())
  const step = (n: number) => commitFiles(folder, n % 2 ? [fileOf(n), fileOf(0)] : [fileOf(0)])
  for (let n = 0; n <= 100; n++) await step(n)
  expect(
    readdirSync(path.join(folder, LOG))
      .filter((name) => name.includes('checkpoint'))
      .sort(),
  ).toEqual(['00000000000000000100.checkpoint.parquet', '_last_checkpoint'])
  expect(versions(folder)).toHaveLength(101)
  time.now += 31 * 24 * 60 * 60_000
  for (let n = 101; n <= 201; n++) await step(n)
  expect(versions(folder)[0]).toBe('00000000000000000200.json')
  const state = await readState(folder)
  expect([state?.version, [...(state?.files.keys() ?? [])].sort()]).toEqual([
    201,
    [fileOf(0), fileOf(201)].map((file) => file.path).sort(),
  ])
  // The reader that `grade` uses knows nothing of this writer.
  await using database = await openDatabase(':memory:', { threads: 1 })
  const source = await deltaSource(database, folder)
  for (const file of [fileOf(0), fileOf(201)]) expect(source).toContain(file.path)
  expect(source).not.toContain(fileOf(199).path)
})

test.each([
  ['a commit is cut', (log: string) => truncateSync(path.join(log, '00000000000000000001.json'), 30)],
  ['a commit is missing', (log: string) => rmSync(path.join(log, '00000000000000000001.json'))],
  [
    'a file lies in its place',
    (log: string) => {
      rmSync(log, { recursive: true })
      writeFileSync(log, 'of somebody')
    },
  ],
])('where %s, a sentence says so, and the next commit begins the log again', async (_what, harm) => {
  const folder = newTable()
  for (const n of [1, 2, 3]) await commitFiles(folder, [fileOf(n)])
  harm(path.join(folder, LOG))
  await expect(readState(folder)).rejects.toThrow(/damaged|missing|not a folder/)
  await commitFiles(folder, [fileOf(4)])
  expect(await readState(folder)).toMatchObject({ version: 0, files: new Map([[fileOf(4).path, 4]]) })
  expect(statSync(path.join(folder, LOG)).isDirectory()).toBe(true)
})
