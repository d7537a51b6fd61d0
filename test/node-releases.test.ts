import { execFile } from 'node:child_process'
import { existsSync } from 'node:fs'
import path from 'node:path'
import { promisify } from 'node:util'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { facts } from '../src/tables/index.ts'
import { partHashes } from './lake-hash.ts'
import { json, retail, start, workspace } from './tool.ts'

/** Node from its npm package: a release with zstd, whichever runs the tests. */
const RELEASE = '22.23.3'
const NAME = `node-${process.platform}-${process.arch}`
const home = path.resolve(import.meta.dirname, `../node_modules/.cache/retail-node-${RELEASE}`)
const other = path.join(home, 'node_modules', NAME, 'bin/node')

beforeAll(async () => {
  if (existsSync(other)) return
  const quiet = ['--no-save', '--ignore-scripts', '--no-audit', '--no-fund']
  await promisify(execFile)('npm', ['install', ...quiet, '--prefix', home, `${NAME}@${RELEASE}`])
})

const world = { stores: 20, products: 150, lines: 40, to: '2024-02-20' }
const zstd = { RETAIL_COMPRESSION: 'zstd' }

async function backfillWith(node: string, env: Record<string, string> = {}): Promise<string> {
  const folder = workspace(world)
  for (const line of ['seed-dims', 'backfill']) {
    const { code, stderr } = await start(folder, line, env, node).ended
    expect(code, stderr).toBe(0)
  }
  return folder
}

test(`Node ${RELEASE} makes the same bytes as the Node that runs the tests`, async () => {
  const { stdout } = await promisify(execFile)(other, ['--version'])
  expect(stdout.trim()).toBe(`v${RELEASE}`)
  expect(partHashes(await backfillWith(other))).toEqual(partHashes(await backfillWith(process.execPath)))
})

describe('parquet.compression: zstd', () => {
  test('makes smaller files of the same rows, the same bytes every time, that verify finds whole', async () => {
    const plain = await backfillWith(other)
    const [one, two] = [await backfillWith(other, zstd), await backfillWith(other, zstd)]
    expect(partHashes(one)).toEqual(partHashes(two))
    await using database = await openDatabase(':memory:', { threads: 1 })
    for (const { name } of facts) {
      const [a, b] = [plain, one].map((folder) => `FROM read_parquet('${folder}/lake/${name}/*/*.parquet')`)
      const [{ different }] = await database.query<{ different: number }>(
        `SELECT count(*)::INT AS different FROM ((${a} EXCEPT ALL ${b}) UNION ALL (${b} EXCEPT ALL ${a}))`,
      )
      expect(different, name).toBe(0)
      const size = async (folder: string) =>
        database.query<{ codecs: string; bytes: number }>(
          `SELECT string_agg(DISTINCT compression, ' ' ORDER BY compression) AS codecs, sum(total_compressed_size)::INT AS bytes FROM parquet_metadata('${folder}/lake/${name}/*/*.parquet')`,
        )
      const [[snappy], [small]] = [await size(plain), await size(one)]
      expect([snappy.codecs, small.codecs]).toEqual(['SNAPPY UNCOMPRESSED', 'ZSTD'])
      expect(small.bytes).toBeLessThan(snappy.bytes * 0.7)
    }
    expect((await start(one, 'verify --quick', zstd, other).ended).code).toBe(0)
    // A whole part is kept, however it is compressed.
    expect(await json(one, 'backfill')).toMatchObject({ parts: { made: 0, remade: 0 } })
  })

  test.skipIf('zstd' in process.versions)('is refused by a Node that lacks it', async () => {
    const { code, stderr } = await retail(workspace(world), 'backfill', zstd)
    expect(code).toBe(2)
    expect(stderr).toContain('zstd needs Node 22.15 or later')
  })
})
