import { existsSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Database, openDatabase } from '../src/adapters/local/duckdb.ts'
import type { PackResult } from '../src/pipeline/results.ts'
import { freshFolder } from './front-door.ts'
import { json, retail, start, workspace } from './tool.ts'

let folder = ''
beforeAll(async () => {
  folder = workspace({ stores: 10, products: 80, lines: 30, to: '2024-02-20' }, true)
  for (const line of ['seed-dims', 'backfill', 'stream --speed max --until 2024-02-22', 'transform']) {
    const { code, stderr } = await retail(folder, line)
    expect(code, stderr).toBe(0)
  }
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

/** Rows and a checksum of the values of every table and view, by name. */
async function contentOf(database: Database): Promise<Record<string, string>> {
  const names = await database.query(
    `SELECT schema_name || '.' || name AS name FROM (SELECT schema_name, table_name AS name FROM duckdb_tables()
     UNION ALL SELECT schema_name, view_name FROM duckdb_views() WHERE NOT internal) WHERE schema_name IN ('raw', 'staging', 'marts') ORDER BY 1`,
  )
  const content: Record<string, string> = {}
  for (const { name } of names) {
    const [{ n, sum }] = await database.query(`SELECT count(*) AS n, sum(hash(t)) AS sum FROM ${name} AS t`)
    content[String(name)] = `${n} rows, ${sum}`
  }
  return content
}

describe('retail pack', () => {
  test('writes every table and view as a table, and the file works where nothing else of the workspace is', async () => {
    const file = path.join(freshFolder(), 'shop.duckdb')
    const result = await json<PackResult>(folder, `pack --out ${file}`)
    expect(result).toMatchObject({ code: 0, file, raw: { live: '2024-02-22T00:00:00Z' }, marts: expect.anything() })
    const expected = await openDatabase(path.join(folder, 'retail.duckdb'), { readOnly: true })
    const content = await contentOf(expected)
    await expected[Symbol.asyncDispose]()
    renameSync(folder, `${folder}.away`)
    try {
      await using packed = await openDatabase(file, { readOnly: true })
      expect(await contentOf(packed)).toEqual(content)
      expect(await packed.query('SELECT view_name FROM duckdb_views() WHERE NOT internal')).toEqual([])
      expect(Object.keys(content)).toEqual(
        expect.arrayContaining(['raw.transactions', 'staging.stg_transactions', 'marts.mv_retail_transactions']),
      )
    } finally {
      renameSync(`${folder}.away`, folder)
    }
    expect(result.tables).toHaveLength(Object.keys(content).length)
    expect(result.rows).toBe(result.tables.reduce((sum, { rows }) => sum + rows, 0))
  })

  test('replaces a file only when asked to, and nothing of its own workspace', async () => {
    const file = path.join(freshFolder(), 'shop.duckdb')
    writeFileSync(file, 'a diary')
    const { code, stderr } = await retail(folder, `pack --out ${file}`)
    expect([code, stderr]).toEqual([2, expect.stringContaining('already exists')])
    for (const ours of ['retail.duckdb', 'lake/shop.duckdb', '.retail/marts.duckdb'])
      expect((await retail(folder, `pack --force --out ${ours}`)).code, ours).toBe(2)
    expect((await retail(folder, `pack --force --out ${path.dirname(file)}`)).code).toBe(2)
    expect((await retail(folder, `pack --force --out ${file}`)).code).toBe(0)
    await using packed = await openDatabase(file, { readOnly: true })
    expect(Object.keys(await contentOf(packed))).toContain('raw.store')
  })

  test('advises another --out for a path that cannot be used', async () => {
    const long = `${'x'.repeat(300)}/shop.duckdb`
    for (const line of [`pack --out ${long}`, `backfill --out ${long}`]) {
      const { code, stderr } = await retail(folder, line)
      expect([code, stderr]).toEqual([1, expect.stringContaining('with --out')])
      expect(stderr).not.toContain('--workspace')
    }
  })

  test('leaves nothing behind when it is stopped, and the file that was there as it was', async () => {
    const place = freshFolder()
    const file = path.join(place, 'shop.duckdb')
    const running = start(folder, `pack --out ${file}`)
    running.stderr!.once('data', () => running.kill('SIGINT'))
    expect((await running.ended).code).toBe(130)
    expect(readdirSync(place)).toEqual([])
    const killed = start(folder, `pack --out ${file}`)
    killed.stderr!.once('data', () => killed.kill('SIGKILL'))
    await killed.ended
    expect(existsSync(file)).toBe(false)
    expect((await retail(folder, `pack --out ${file}`)).code).toBe(0)
    expect(readdirSync(place)).toEqual(['shop.duckdb'])
  })

  test('says what has to be there first, and what target gcp has instead', async () => {
    const empty = workspace()
    expect((await retail(empty, 'pack --out shop.duckdb')).code).toBe(3)
    const cloud = ['version: 1', 'target: gcp', 'gcp: { project: some-project, bucket: some-bucket }', '']
    writeFileSync(path.join(empty, 'retail.yaml'), cloud.join('\n'))
    const { code, stderr } = await retail(empty, 'pack --out shop.duckdb')
    expect([code, stderr]).toEqual([2, expect.stringContaining('target gcp has nothing to pack')])
  })
})
