import fs from 'node:fs'
import path from 'node:path'
import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../../test/front-door.ts'
import type { Relation } from '../../ports/index.ts'
import { openRelation } from '../open.ts'
import { openDatabase } from './duckdb.ts'
import { openFiles, openQuery } from './relation.ts'

async function rowsOf(relation: Relation): Promise<unknown[][]> {
  const rows: unknown[][] = []
  for await (const columns of relation.query(`SELECT * FROM ${relation.from} ORDER BY ALL`))
    rows.push(...columns[0].map((_, i) => columns.map((column) => column[i])))
  return rows
}

const read = async (place: string, cwd = '/') => {
  await using relation = await openRelation(place, cwd)
  return { columns: relation.columns.map(({ name }) => name), rows: await rowsOf(relation) }
}

interface Version {
  add?: Record<string, unknown>[]
  remove?: string[]
  metaData?: Record<string, unknown>
  protocol?: Record<string, unknown>
}

/** A Delta table with a file per letter, `a` with the number 1 and so on, and these versions of its log. */
async function deltaTable(versions: readonly Version[], partitioned = false): Promise<string> {
  const folder = freshFolder()
  fs.mkdirSync(path.join(folder, '_delta_log'))
  await using database = await openDatabase(':memory:', { threads: 1 })
  for (const [i, name] of [...'abc'].entries())
    await database.run(
      `COPY (SELECT ${i + 1} AS n, '${name}' AS letter) TO '${path.join(folder, `${name} 1.parquet`)}' (FORMAT parquet)`,
    )
  const fields = ['n', 'letter', ...(partitioned ? ['day'] : [])].map((name) => ({
    name,
    type: 'string',
    nullable: true,
  }))
  const metaData = {
    ...{ id: 'x', format: { provider: 'parquet' }, configuration: {} },
    schemaString: JSON.stringify({ type: 'struct', fields }),
    partitionColumns: partitioned ? ['day'] : [],
  }
  for (const [version, { add = [], remove = [], ...rest }] of versions.entries()) {
    const actions = [
      ...(version === 0
        ? [{ protocol: { minReaderVersion: 1, ...rest.protocol } }, { metaData: { ...metaData, ...rest.metaData } }]
        : []),
      ...remove.map((name) => ({ remove: { path: `${name}%201.parquet` } })),
      ...add.map(({ name, ...more }) => ({ add: { path: `${name}%201.parquet`, partitionValues: {}, ...more } })),
    ]
    const file = path.join(folder, '_delta_log', `${String(version).padStart(20, '0')}.json`)
    fs.writeFileSync(file, actions.map((action) => `${JSON.stringify(action)}\n`).join(''))
  }
  return folder
}
const adds = (...names: string[]) => names.map((name) => ({ name }))

describe('a Delta table', () => {
  test('has the rows of the files that its last version lists, not of all files in its folder', async () => {
    const folder = await deltaTable([{ add: adds('a', 'b') }, { remove: ['a'], add: adds('c') }])
    const expected = {
      columns: ['n', 'letter'],
      rows: [
        [2, 'b'],
        [3, 'c'],
      ],
    }
    expect(await read(`delta:${path.basename(folder)}`, path.dirname(folder))).toEqual(expected)
    // A folder with a log is never read without it.
    expect(await read(folder)).toEqual(expected)
  })

  test('can start with a checkpoint', async () => {
    const folder = await deltaTable([{ add: adds('a', 'b') }, {}, { remove: ['b'] }])
    const log = path.join(folder, '_delta_log')
    await using database = await openDatabase(':memory:', { threads: 1 })
    const lines = [0, 1].map((version) => path.join(log, `${String(version).padStart(20, '0')}.json`))
    await database.run(
      `COPY (SELECT add, metaData, protocol FROM read_ndjson(['${lines[0]}'], columns = {add: 'STRUCT(path VARCHAR, partitionValues MAP(VARCHAR, VARCHAR))', metaData: 'STRUCT(id VARCHAR, schemaString VARCHAR, partitionColumns VARCHAR[], configuration MAP(VARCHAR, VARCHAR))', protocol: 'STRUCT(minReaderVersion INTEGER)'})) TO '${path.join(log, '00000000000000000001.checkpoint.parquet')}' (FORMAT parquet)`,
    )
    for (const line of lines) fs.rmSync(line)
    expect((await read(folder)).rows).toEqual([[1, 'a']])
  })

  test('has columns that are only in its log', async () => {
    const add = [
      { name: 'a', partitionValues: { day: '2024-01-01' } },
      { name: 'b', partitionValues: { day: null } },
    ]
    const { columns, rows } = await read(await deltaTable([{ add }], true))
    expect(columns).toEqual(['n', 'letter', 'day'])
    expect(rows).toEqual([
      [1, 'a', '2024-01-01'],
      [2, 'b', null],
    ])
  })

  test('without rows has its columns', async () => {
    expect(await read(await deltaTable([{ add: adds('a') }, { remove: ['a'] }]))).toEqual({
      columns: ['n', 'letter'],
      rows: [],
    })
  })

  test.each([
    ['it uses deletion vectors', [{ add: [{ name: 'a', deletionVector: { storageType: 'u' } }] }]],
    ['it uses column mapping (name)', [{ metaData: { configuration: { 'delta.columnMapping.mode': 'name' } } }]],
    ['it needs the feature variantType', [{ protocol: { minReaderVersion: 3, readerFeatures: ['variantType'] } }]],
    ['its file s3://shop/a.parquet is not on this machine', [{ add: [{ name: 'a', path: 's3://shop/a.parquet' }] }]],
  ] satisfies [string, Version[]][])('says so: %s', async (why, versions) => {
    await expect(read(await deltaTable(versions))).rejects.toMatchObject({
      code: 'missing',
      why: expect.stringContaining(why),
    })
  })

  test('is not read if a version of its log is lost', async () => {
    const folder = await deltaTable([{ add: adds('a') }, { add: adds('b') }, { add: adds('c') }])
    fs.rmSync(path.join(folder, '_delta_log', '00000000000000000001.json'))
    await expect(read(folder)).rejects.toMatchObject({ why: 'its log lacks version 1' })
  })
})

// Fails if HUGEINT is kept as Parquet, which has no such type.
test('what is kept of a table has the values and types of the table, and goes with it', async () => {
  const values = [
    ...['TINYINT', 'UTINYINT', 'BIGINT', 'UBIGINT', 'HUGEINT', 'DOUBLE', 'FLOAT'].map((type) => `7::${type}`),
    ...['9007199254740993', "'NaN'::DOUBLE", "'-inf'::FLOAT", '19.99::DECIMAL(38,2)', 'true', 'NULL::INTEGER'],
    ...["'é\"'''", "'\\x00'::BLOB", "'c'::ENUM('b', 'c')", 'CAST(NULL AS UUID)', "'{}'::JSON", "INTERVAL '1 month'"],
    ...["'1582-01-01'::DATE", "'2024-03-31 01:30:00.000001'::TIMESTAMP", "'2024-03-31 01:30:00+02'::TIMESTAMPTZ"],
    ...["'2024-03-31 01:30:00'::TIMESTAMP_S", "'2024-03-31 01:30:00.123456789'::TIMESTAMP_NS", "'infinity'::TIMESTAMP"],
  ]
  const files: string[] = []
  for (const value of values) {
    await using relation = await openQuery(`SELECT ${value} AS v`)
    const from = await relation.keep('kept', `SELECT * FROM ${relation.from}`)
    const [, file] = /read_parquet\('(.*)'\)/.exec(from) ?? []
    if (file) files.push(file)
    expect(files.every((each) => fs.existsSync(each) === (each === file))).toBe(true)
    const of = async (source: string) => {
      const rows: unknown[] = []
      for await (const [type, text] of relation.query(`SELECT typeof(v), v::VARCHAR FROM ${source}`))
        rows.push(type, text)
      return rows
    }
    expect(await of(from), value).toEqual(await of(relation.from))
  }
  expect(files.length).toBeGreaterThan(values.length / 2)
  expect(files.filter((file) => fs.existsSync(path.dirname(file)))).toEqual([])
})

test.each(['snowflake:shop.retail.sales', 'kafka://localhost/sales'])(
  '%s is of no form that is read',
  async (place) => {
    await expect(read(place)).rejects.toMatchObject({
      code: 'bad_flag',
      message: `${place} is not a table that can be read`,
    })
  },
)

test('many files of lines are read by as many threads as a large machine has', async () => {
  const folder = freshFolder()
  const line = `${JSON.stringify({ id: 'T240101-0001-000001', filler: 'x'.repeat(200) })}\n`
  for (let i = 0; i < 32; i++) fs.writeFileSync(path.join(folder, `${i}.ndjson`), line.repeat(2_000))
  await using relation = await openFiles(folder, '/', 8)
  for await (const [n] of relation.query(
    `SELECT count(*)::INTEGER FROM (SELECT DISTINCT id, filler FROM ${relation.from})`,
  ))
    expect(n).toEqual([1])
})

describe('a table that cannot be read', () => {
  test.each([
    ['nowhere/*.parquet', 'no file matches it'],
    ['notes.txt', 'notes.txt is neither Parquet, nor CSV, nor NDJSON'],
    ['both', 'it has files of several formats: csv (a.csv) and parquet (b.parquet)'],
    ['bad.parquet', expect.stringContaining('bad.parquet')],
    ['empty.csv', 'it is empty'],
    ['empty*', 'all of its 2 files are empty'],
    ['duckdb:mine.db:sales', expect.stringContaining('mine.db does not exist')],
    ['duckdb:notes.txt:sales', expect.stringContaining('not a valid DuckDB database')],
    ['duckdb:both/a.csv:sales', expect.stringContaining('not a valid DuckDB database')],
    ['delta:both', 'it is not a Delta table: it has no folder _delta_log'],
  ])('%s', async (place, why) => {
    const folder = freshFolder()
    fs.mkdirSync(path.join(folder, 'both'))
    for (const file of ['notes.txt', 'bad.parquet', 'both/a.csv', 'both/b.parquet'])
      fs.writeFileSync(path.join(folder, file), 'a,b\n1,2\n')
    for (const file of ['empty.csv', 'empty2.csv']) fs.writeFileSync(path.join(folder, file), '')
    await expect(read(place, folder)).rejects.toMatchObject({ code: 'missing', why })
  })
})
