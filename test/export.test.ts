import { spawn, spawnSync } from 'node:child_process'
import { cpSync, existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { columnsOf, dimensions, type TableName, tables, tablesOf } from '../src/tables/index.ts'
import { inOwnMounts, mountPoint } from './disk.ts'
import { bin, json, retail, start, workspace, writeConfig } from './tool.ts'
import { sha256 } from './worlds.ts'

const world = { stores: 20, products: 150, lines: 40, to: '2024-02-20' }
const formats = ['csv', 'ndjson'] as const
const names = tablesOf('strict').map(({ name }) => name)

const isDimension = (table: TableName): boolean => dimensions.some(({ name }) => name === table)

/** SHA-256 of every file of an export, by its path. */
function fileHashes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter(
    (file) => !file.startsWith('.') && path.extname(file) !== '',
  )
  return Object.fromEntries(files.sort().map((file) => [file, sha256(readFileSync(path.join(folder, file)))]))
}

const filesUnder = (folder: string, table: TableName): string[] =>
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((file) => file.startsWith(table) && path.extname(file) !== '')
    .map((file) => path.join(folder, file))

/** Lines of a file, with their numbers, that are in none of the others. */
function strangersIn(file: string, others: readonly string[]): string[] {
  const linesOf = (name: string) => readFileSync(name, 'latin1').split('\n')
  const known = new Set(others.flatMap(linesOf))
  return linesOf(file).flatMap((line, i) => (known.has(line) ? [] : `${i + 1}: ${line}`))
}

/** What a command writes to stdout, as bytes. */
function printed(folder: string, line: string, env: Record<string, string> = {}): Buffer {
  const { stdout, status, stderr } = spawnSync(process.execPath, [bin, 'backfill', ...line.split(' ')], {
    cwd: folder,
    env: { ...process.env, RETAIL_NO_INPUT: '1', ...env },
    maxBuffer: 1 << 30,
  })
  if (status !== 0) throw new Error(`exit ${status}: ${stderr}`)
  return stdout
}

const DUCKDB = { string: 'VARCHAR', int: 'INTEGER', money: 'DECIMAL(10,2)', timestamp: 'TIMESTAMP' }

describe.each(['strict', 'extended'] as const)('DuckDB reads of a %s world', (schema) => {
  let folder: string
  beforeAll(async () => {
    folder = workspace({ ...world, schema }, true)
    for (const line of [
      'seed-dims',
      'backfill',
      ...formats.map((format) => `backfill --out ${format} --format ${format}`),
    ]) {
      const { code, stderr } = await retail(folder, line)
      expect(code, stderr).toBe(0)
    }
  })

  /** Rows, and a checksum of every cell together with its row's first, which is the key. */
  async function contentOf(table: TableName, from: string): Promise<Record<string, unknown>> {
    await using database = await openDatabase(':memory:', { threads: 1 })
    const columns = columnsOf(tables[table], schema).map(([name]) => name)
    const sums = columns.map((name) => `sum(hash("${columns[0]}", "${name}"))::VARCHAR AS "${name}"`)
    const [content] = await database.query(`SELECT count(*)::INTEGER AS rows, ${sums} FROM ${from}`)
    return content
  }
  function textOf(table: TableName, format: (typeof formats)[number], files: string): string {
    const columns = columnsOf(tables[table], schema).map(([name, { type }]) => `'${name}': '${DUCKDB[type]}'`)
    return format === 'csv'
      ? `read_csv('${files}', header = true, auto_detect = false, quote = '"', columns = {${columns}})`
      : `read_json('${files}', format = 'newline_delimited', columns = {${columns}})`
  }
  const filesOf = (table: TableName, ending: string) =>
    isDimension(table) ? `${table}.${ending}` : `${table}/*/*.${ending}`

  test.each(tablesOf(schema).flatMap(({ name: table }) => formats.map((format) => [table, format] as const)))(
    '%s as %s, in files and from stdout, what it reads of the lake',
    async (table, format) => {
      const parts = isDimension(table) ? `${table}/*.parquet` : `${table}/month=*/*.parquet`
      const lake = await contentOf(table, `read_parquet('${folder}/lake/${parts}', hive_partitioning = false)`)
      expect(lake.rows).toBeGreaterThan(10)
      expect(await contentOf(table, textOf(table, format, `${folder}/${format}/${filesOf(table, format)}`))).toEqual(
        lake,
      )
      const file = path.join(folder, `${table}.${format}`)
      writeFileSync(file, printed(folder, `--out - --table ${table} --format ${format}`))
      expect(strangersIn(file, filesUnder(path.join(folder, format), table))).toEqual([])
      expect(await contentOf(table, textOf(table, format, file))).toEqual(lake)
    },
  )

  test('as Parquet, the very files of the lake', async () => {
    expect((await retail(folder, 'backfill --out parquet --hive')).code).toBe(0)
    const dataOf = (name: string) =>
      Object.fromEntries(
        Object.entries(fileHashes(path.join(folder, name))).filter(([file]) => /^[^._].*\.parquet$/.test(file)),
      )
    expect(dataOf('parquet')).toEqual(dataOf('lake'))
    expect(Object.keys(dataOf('lake'))).toContain('product/product.parquet')
  })
})

describe('an export holds the same bytes', () => {
  let reference: Record<string, string>
  let rows: Buffer
  beforeAll(async () => {
    const folder = workspace(world, true)
    expect((await retail(folder, 'backfill --out out --format csv --workers 1')).code).toBe(0)
    reference = fileHashes(path.join(folder, 'out'))
    expect(Object.keys(reference)).toHaveLength(8 * 2 * 2 + 3)
    rows = printed(folder, '--out - --table transactions --format csv --workers 1')
  })

  test.each([
    ['2', 'Pacific/Kiritimati', 'tr_TR.UTF-8'],
    ['3', 'America/Los_Angeles', 'ar_EG.UTF-8'],
  ])('from %s workers, in %s, with locale %s', async (workers, zone, locale) => {
    const env = { TZ: zone, LANG: locale, LC_ALL: locale }
    const folder = workspace(world)
    expect((await retail(folder, `backfill --out out --format csv --workers ${workers}`, env)).code).toBe(0)
    expect(fileHashes(path.join(folder, 'out'))).toEqual(reference)
    const line = `--out - --table transactions --format csv --workers ${workers}`
    expect(printed(folder, line, env).equals(rows)).toBe(true)
  })

  test('from three shards side by side', async () => {
    const folder = workspace(world)
    const shards = [1, 2, 3].map((i) => json(folder, `backfill --out out --format csv --shard ${i}/3`))
    for (const { code } of await Promise.all(shards)) expect(code).toBe(0)
    expect(fileHashes(path.join(folder, 'out'))).toEqual(reference)
    expect(await json(folder, 'backfill --out out --format csv')).toMatchObject({
      allShards: true,
      parts: { made: 0, kept: 32, remade: 0 },
    })
    const linesOf = (bytes: Buffer) => bytes.toString('latin1').split('\n').slice(1)
    const shares = ['1/3', '2/3', '3/3'].map((shard) =>
      linesOf(printed(folder, `--out - --table transactions --format csv --shard ${shard}`)),
    )
    expect(shares.flat().sort()).toEqual([...linesOf(rows), '', ''].sort())
  })

  test('when it grows: the days that were there stay, and no row is there twice', async () => {
    const folder = workspace(world)
    expect((await retail(folder, 'backfill --out out --format csv --to 2024-02-10')).code).toBe(0)
    expect((await retail(folder, 'backfill --out out --format csv')).code).toBe(0)
    expect(fileHashes(path.join(folder, 'out'))).toEqual(reference)
    const shorter = printed(folder, '--out - --table transactions --format csv --to 2024-02-10')
    expect(rows.subarray(0, shorter.length).equals(shorter)).toBe(true)
  })

  test('from a day in the middle, which other days do not change', () => {
    const folder = workspace(world)
    const some = printed(folder, '--out - --table transactions --format csv --from 2024-02-05 --to 2024-02-07')
    const wanted = rows
      .toString('latin1')
      .split('\n')
      .filter((line) => /^transaction_id|^T24020[567]/.test(line))
    expect(some.toString('latin1')).toBe(`${wanted.join('\n')}\n`)
  })

  test('and on stdout they are ordered by day, store and time', () => {
    const keys = rows
      .toString('latin1')
      .split('\n')
      .slice(1, -1)
      .map((line) => `${line.slice(1, 12)} ${line.split(',')[2]}`)
    expect(keys).toEqual([...keys].sort())
  })
})

describe('an export that is cut short', () => {
  /** Files of some megabytes, each written in many pieces. */
  const dense = { stores: 16, products: 150, lines: 2000, to: '2024-04-30' }
  const line = 'backfill --out out --format csv --workers 2'
  let reference: Record<string, string>
  beforeAll(async () => {
    const folder = workspace(dense, true)
    expect((await retail(folder, line)).code).toBe(0)
    reference = fileHashes(path.join(folder, 'out'))
  })

  test('by kill -9 at any moment goes on where it was', async () => {
    const folder = workspace(dense)
    let kills = 0
    for (let wait = 250; ; wait *= 1.2) {
      const child = start(folder, line)
      const timer = setTimeout(() => child.kill('SIGKILL'), wait)
      const { signal } = await child.ended
      clearTimeout(timer)
      if (signal !== 'SIGKILL') break
      kills++
    }
    expect(kills).toBeGreaterThan(3)
    const { code, parts } = await json<{ parts: { kept: number } }>(folder, line)
    expect(code).toBe(0)
    expect(parts.kept).toBeGreaterThan(0)
    expect(fileHashes(path.join(folder, 'out'))).toEqual(reference)
  })

  test('by the end of a thread says so and goes on', async () => {
    const folder = workspace(dense)
    const died = await retail(folder, line, {
      NODE_OPTIONS: `--require ${path.join(import.meta.dirname, 'dying-thread.cjs')}`,
      DIE_AT: 'fs.renameSync:5',
    })
    expect(died.code).toBe(1)
    expect(died.stderr).toMatch(/error: a worker thread ended.*\n.*exit 9.*\n.*run the same command again/)
    const { parts } = await json<{ parts: { kept: number } }>(folder, line)
    expect(parts.kept).toBeGreaterThan(0)
    expect(fileHashes(path.join(folder, 'out'))).toEqual(reference)
  })

  test('by a full disk says so and goes on', () => {
    const { outside, inside } = mountPoint()
    writeConfig(outside, dense)
    const text = inOwnMounts(`
mount -t tmpfs -o size=60m none ${inside}
cd ${inside}
cp ../retail.yaml .
$RETAIL ${line} 2>&1
echo "first exit $?"
find out/.tmp -type f | wc -l
mount -o remount,size=900m ${inside}
$RETAIL ${line} 2>&1
echo "second exit $?"
cp -r out ../out`)
    expect(text).toMatch(/no space left while writing/)
    expect(text).toMatch(/run the same command again/)
    expect(text).toMatch(/first exit 1\n0\n/)
    expect(text).toMatch(/[1-9]\d* kept/)
    expect(text).toMatch(/second exit 0/)
    expect(text).not.toMatch(/\n {4}at /)
    expect(fileHashes(path.join(outside, 'out'))).toEqual(reference)
  })

  test('by Ctrl-C between two months exits 130 and goes on', async () => {
    const folder = workspace(dense)
    const child = start(folder, `${line} --json`)
    child.stdout!.once('data', () => child.stdout!.once('data', () => child.kill('SIGINT')))
    const { code, stderr } = await child.ended
    expect(code, stderr).toBe(130)
    expect((await retail(folder, line)).code).toBe(0)
    expect(fileHashes(path.join(folder, 'out'))).toEqual(reference)
  })
})

describe('rows on stdout', () => {
  /** More than any test waits for. */
  const endless = { stores: 1000, products: 500, lines: 1000, from: '2001-01-01', to: '2098-12-31' }
  const line = 'backfill --out - --table transactions --format csv'

  test.each([1, 2])('end when their reader leaves, without a word (%i workers)', async (workers) => {
    const folder = workspace(endless)
    const child = spawn(
      'bash',
      ['-o', 'pipefail', '-c', `"$0" "$1" ${line} -q --workers ${workers} | head -2`, process.execPath, bin],
      { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] },
    )
    const text = { stdout: '', stderr: '' }
    for (const name of ['stdout', 'stderr'] as const) child[name].on('data', (chunk) => (text[name] += chunk))
    const code = await new Promise((resolve) => child.on('close', resolve))
    expect({ code, stderr: text.stderr }).toEqual({ code: 0, stderr: '' })
    expect(text.stdout).toMatch(/^transaction_id,.*\nT010101-0001-000001,.*\n$/)
  })

  test('end with Ctrl-C: whole rows, exit 130, and how many', async () => {
    const child = start(workspace(endless), line)
    let seen = 0
    child.stdout!.on('data', (chunk) => {
      if (seen < 20e6 && (seen += chunk.length) >= 20e6) child.kill('SIGINT')
    })
    const { code, stdout, stderr } = await child.ended
    expect(code, stderr).toBe(130)
    expect(stdout.at(-1)).toBe('\n')
    const rows = stdout.split('\n').length - 2
    expect(stderr).toContain(`error: stopped after ${rows.toLocaleString('en-US')} rows`)
  })

  test('wait for a reader that takes its time, and for nobody else', async () => {
    const folder = workspace({ ...world, lines: 2000 })
    const slow = spawn(process.execPath, [bin, ...line.split(' ')], {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'ignore'],
    })
    const chunks: Buffer[] = []
    for await (const chunk of slow.stdout) {
      chunks.push(chunk)
      if (chunks.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
    }
    const file = path.join(folder, 'rows.csv')
    expect(spawnSync('sh', ['-c', `"$0" "$1" ${line} > ${file}`, process.execPath, bin], { cwd: folder }).status).toBe(
      0,
    )
    expect(sha256(Buffer.concat(chunks))).toBe(sha256(readFileSync(file)))
  })

  test('report the end of a thread', async () => {
    const died = await retail(workspace({ ...world, lines: 2000 }), line, {
      NODE_OPTIONS: `--require ${path.join(import.meta.dirname, 'dying-thread.cjs')}`,
      DIE_AT: 'Atomics.sub:20',
    })
    expect(died.code).toBe(1)
    expect(died.stderr).toMatch(/error: a worker thread ended/)
  })

  test('on a full disk end with a clear error', () => {
    const { outside, inside } = mountPoint()
    writeConfig(outside, { ...world, lines: 2000 })
    const text = inOwnMounts(`
mount -t tmpfs -o size=5m none ${inside}
cd ${outside}
$RETAIL ${line} 2>&1 > ${inside}/rows.csv
echo "exit $?"
$RETAIL ${line} 2>&1 > /dev/full
echo "exit $?"`)
    expect(text.match(/error: no space left for the rows on stdout/g)).toHaveLength(2)
    expect(text.match(/exit 1\n/g)).toHaveLength(2)
    expect(text).not.toMatch(/\n {4}at /)
  })

  test('are not for JSON beside them; a dry run has none', async () => {
    const folder = workspace(world)
    const both = await retail(folder, `${line} --json`)
    expect(both.code).toBe(2)
    expect(both.stderr).toContain('--json and --out - both write to stdout')
    const planned = await json<{ rows: number }>(folder, `${line} --dry-run`)
    const made = printed(folder, line.slice('backfill '.length)).toString('latin1').split('\n').length - 2
    expect(planned).toMatchObject({ dryRun: true, complete: false, table: 'transactions', format: 'csv' })
    expect(Math.abs(planned.rows / made - 1)).toBeLessThan(0.1)
  })
})

describe('an export that begins on a day of its own', () => {
  const begins = '2024-01-20'
  const dayIn = (line: string) => Number(line.slice(1, 7))
  let [folder, all] = ['', '']
  beforeAll(async () => {
    folder = workspace(world, true)
    for (const line of ['', ` --from ${begins}`])
      expect((await retail(folder, `backfill --out ${line ? 'late' : 'all'} --format csv${line}`)).code).toBe(0)
    all = textUnder('all')
  })
  /** All transactions of an export, in one order. */
  const textUnder = (out: string): string =>
    filesUnder(path.join(folder, out), 'transactions')
      .flatMap((file) => readFileSync(file, 'latin1').trimEnd().split('\n').slice(1))
      .sort()
      .join('\n')
  const since = (first: number, last = 991231): string =>
    all
      .split('\n')
      .filter((line) => dayIn(line) >= first && dayIn(line) <= last)
      .join('\n')

  test('has the rows of that day and later, and of no day before', () => {
    expect(since(240120)).not.toBe(all)
    expect(textUnder('late')).toBe(since(240120))
  })

  test('resumes, grows and is shared like any other, with the same files', async () => {
    const wanted = fileHashes(path.join(folder, 'late'))
    for (const line of [
      `--out grown --from ${begins} --to 2024-01-25`,
      `--out grown --from ${begins} --to 2024-02-10`,
      `--out grown --from ${begins}`,
      `--out shared --from ${begins} --shard 2/2`,
      `--out shared --from ${begins} --shard 1/2`,
    ])
      expect((await retail(folder, `backfill --format csv ${line}`)).code, line).toBe(0)
    for (const out of ['grown', 'shared']) expect(fileHashes(path.join(folder, out))).toEqual(wanted)
    const again = await json<{ parts: { made: number } }>(folder, `backfill --out late --format csv --from ${begins}`)
    expect([again.code, again.parts.made]).toEqual([0, 0])
  })

  test('as Parquet says so in its first files, and a file of another export is not taken for one of it', async () => {
    for (const line of ['--out whole', `--out part --from ${begins}`])
      expect((await retail(folder, `backfill --format parquet --table transactions ${line}`)).code).toBe(0)
    const [name] = readdirSync(path.join(folder, 'part/transactions/2024-01'))
    const file = (out: string) => path.join(folder, out, 'transactions/2024-01', name)
    const own = sha256(readFileSync(file('part')))
    cpSync(file('whole'), file('part'))
    const line = `backfill --format parquet --table transactions --out part --from ${begins}`
    const again = await json<{ parts: { remade: number } }>(folder, line)
    expect([again.code, again.parts.remade]).toEqual([0, 1])
    expect(sha256(readFileSync(file('part')))).toBe(own)
  })

  test.each(['', ' --from 2024-01-21', ' --from 2024-02-01'])('is not gone on with from another:%s', async (line) => {
    const before = fileHashes(path.join(folder, 'late'))
    const { code, stderr } = await retail(folder, `backfill --out late --format csv${line}`)
    expect([code, stderr]).toEqual([2, expect.stringMatching(/begins on 2024-01-20\n.*\n.*--from 2024-01-20/)])
    expect(fileHashes(path.join(folder, 'late'))).toEqual(before)
  })
})

describe('a folder is refused', () => {
  test('that holds another world, another format, other things, or the lake', async () => {
    const folder = workspace({ stores: 3, products: 20, lines: 10, to: '2024-01-03' })
    const refusal = async (line: string, exitCode = 2) => {
      const { code, stdout, stderr } = await retail(folder, line)
      expect({ code, stdout }).toEqual({ code: exitCode, stdout: '' })
      return stderr.replaceAll(folder, '<here>')
    }
    expect((await retail(folder, 'backfill')).code).toBe(0)
    expect((await retail(folder, 'backfill --out out --format csv')).code).toBe(0)
    const before = fileHashes(path.join(folder, 'out'))
    expect(await refusal('backfill --out out --format csv --seed 7')).toMatchInlineSnapshot(`
      "error: the export <here>/out belongs to another world (seed 42, from 2024-01-01)
        seed is 42 there and 7 here
        → restore the old values in retail.yaml, or choose another folder with --out
      "
    `)
    expect(await refusal('backfill --out out --format csv --seed 7 --dry-run')).toContain('another world')
    expect(await refusal('backfill --out out --format ndjson')).toMatchInlineSnapshot(`
      "error: <here>/out contains an export in csv format
        all files in an export have one format, and you asked for ndjson
        → choose another folder with --out, or continue with --format csv
      "
    `)
    expect(await refusal('backfill --out . --format csv')).toMatchInlineSnapshot(`
      "error: <here> is not empty and does not contain an export
        it contains lake, but no <here>/world.json
        → choose a new folder with --out
      "
    `)
    expect(await refusal('backfill --out lake')).toMatchInlineSnapshot(`
      "error: <here>/lake is the lake of this workspace
        exported files there would be mistaken for parts
        → choose another folder with --out
      "
    `)
    cpSync(path.join(folder, 'lake'), path.join(folder, 'copy'), { recursive: true })
    expect(await refusal('backfill --out copy')).toMatchInlineSnapshot(`
      "error: <here>/copy is the lake of a workspace
        exported files there would be mistaken for parts
        → choose another folder with --out
      "
    `)
    expect(fileHashes(path.join(folder, 'out'))).toEqual(before)
    expect(existsSync(path.join(folder, 'copy/.retail'))).toBe(false)
    expect(await refusal('backfill --out retail.yaml')).toContain('<here>/retail.yaml is not a folder')
    expect(await refusal('backfill --out /sys/out', 4)).toMatch(/permission denied while writing.*\n.*\n.*--out/)
  })

  test('by a second writer, with the name of the first', async () => {
    const folder = workspace({ stores: 100, products: 500, lines: 1000, to: '2024-12-31' })
    const first = start(folder, 'backfill --out out --format csv --json')
    await new Promise<void>((resolve) => {
      let text = ''
      first.stdout!.on('data', (chunk) => {
        text += chunk
        if (text.includes('"progress"')) resolve()
      })
    })
    const second = await retail(folder, 'backfill --out out --format csv')
    first.kill('SIGKILL')
    await first.ended
    expect(second.code).toBe(2)
    expect(second.stderr).toContain(
      `error: \`retail backfill\` (pid ${first.pid}) is using ${path.join(folder, 'out')}\n`,
    )
    expect(second.stderr).toContain('choose another folder with --out')
  })
})

test('a dry run tells what an export would be, of every format, and writes nothing', async () => {
  const folder = workspace(world)
  const sizes: number[] = []
  for (const format of ['parquet', 'csv', 'ndjson']) {
    const plan = await json<{ sizeBytes: number }>(folder, `backfill --out ${format} --format ${format} --dry-run`)
    expect(plan).toMatchObject({ code: 0, dryRun: true, parts: { made: 32, kept: 0 } })
    expect(existsSync(path.join(folder, format))).toBe(false)
    const made = await json<{ sizeBytes: number }>(folder, `backfill --out ${format} --format ${format}`)
    if (format !== 'parquet') expect(Math.abs(plan.sizeBytes / made.sizeBytes - 1), format).toBeLessThan(0.15)
    sizes.push(plan.sizeBytes)
  }
  expect(sizes).toEqual([...sizes].sort((a, b) => a - b))
})

test('one table alone: its files and no others', async () => {
  const folder = workspace({ ...world, to: '2024-01-31' })
  for (const table of names) {
    const { code, export: out } = await json<{ export: { tables: string[] } }>(
      folder,
      `backfill --out ${table} --format ndjson --table ${table}`,
    )
    expect({ code, tables: out.tables }).toEqual({ code: 0, tables: [table] })
    const files = Object.keys(fileHashes(path.join(folder, table))).filter((file) => file !== 'world.json')
    expect(files.length).toBe(isDimension(table) ? 1 : 8)
    expect(files.every((file) => file.startsWith(table))).toBe(true)
  }
})
