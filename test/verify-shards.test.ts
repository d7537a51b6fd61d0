import { cpSync, existsSync, readdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, onTestFinished, test } from 'vitest'
import { openDatabase } from '../src/adapters/local/duckdb.ts'
import { keyedRng } from '../src/random/rng.ts'
import { SEED } from './kills.ts'
import { partHashes } from './lake-hash.ts'
import { WRONG_CELLS } from './planted.ts'
import { rewriteSigned } from './signed-part.ts'
import { freshFolder, json, retail, start, workspace } from './tool.ts'

interface Verdict {
  code: number | null
  ok: boolean
  seconds: number
  checks: { name: string; ok: boolean; seconds: number }[]
  differences: Record<string, string>[]
}

/** Eight blocks. */
const world = { stores: 8, products: 60, lines: 12, to: '2024-02-29' }
const rng = keyedRng(SEED, 77, 0)

let original = ''
beforeAll(async () => {
  original = workspace(world, true)
  for (const line of ['seed-dims', 'backfill', 'stream --speed 2000 --duration 2s', 'transform']) {
    const { code, stderr } = await retail(original, line)
    expect(code, stderr).toBe(0)
  }
})
afterAll(() => rmSync(original, { recursive: true, force: true }))

const shardsOf = (count: number) => Array.from({ length: count }, (_, index) => `${index + 1}/${count}`)

/** Two at a time: for each more, the tool is loaded once more. */
async function measureAll(folder: string, count: number, flags = ''): Promise<void> {
  const queue = shardsOf(count)
  const lane = async () => {
    for (let shard = queue.shift(); shard !== undefined; shard = queue.shift())
      expect(await json(folder, `verify --shard ${shard} --workers 1 ${flags}`)).toMatchObject({ code: 0, shard })
  }
  await Promise.all([lane(), lane()])
}

/** Everything except for how long it took. */
async function verdict(folder: string, flags = ''): Promise<Omit<Verdict, 'seconds'>> {
  const { seconds: _, ...found } = await json<Verdict>(folder, `verify ${flags}`)
  return { ...found, checks: found.checks.map((check) => ({ ...check, seconds: 0 })) }
}

/** A file among these, at random, restored when the test is over. */
function someFile(under: string, like: RegExp): string {
  const root = path.join(original, under)
  const all = readdirSync(root, { recursive: true, encoding: 'utf8' }).filter((name) => like.test(name))
  const file = path.join(root, all.sort()[rng.below(all.length)])
  restoring(file)
  return file
}

function restoring(file: string): void {
  const bytes = readFileSync(file)
  onTestFinished(() => writeFileSync(file, bytes))
}

const somePart = (table = 'transactions') => someFile(`lake/${table}`, /month=[\d-]+\/block-\d+\.parquet$/)
const someRow = (id: string) => `(SELECT ${id} FROM $rows ORDER BY hash(${id} || '${rng.below(1e9)}') LIMIT 1)`
/** A part of `table` in which `column` of one row is something else. */
const wrongCell = (table: string, id: string, column: string, value: string) => () =>
  rewriteSigned(
    somePart(table),
    `SELECT * REPLACE (CASE WHEN ${id} = ${someRow(id)} THEN ${value} ELSE ${column} END AS ${column}) FROM $rows`,
  )
const SALE = ['transactions', 'transaction_id'] as const
const MOVE = ['inventories', 'inventory_id'] as const

async function wrongMart(): Promise<void> {
  const file = path.join(original, 'retail.duckdb')
  restoring(file)
  await using database = await openDatabase(file)
  const all = Object.values(WRONG_CELLS)
  await database.run(all[rng.below(all.length)])
  await database.run('CHECKPOINT')
}

/** What is done to the shop, and the checks that must turn red at least. */
const damages: [string, () => void | Promise<void>, string[]][] = [
  ['a quantity', wrongCell(...SALE, 'quantity', 'quantity + 1'), ['transactions']],
  ['a time', wrongCell(...SALE, '"timestamp"', '"timestamp" + INTERVAL 1 DAY'), ['transactions']],
  ['a line in another store', wrongCell(...SALE, 'store_id', "'S0003'"), []],
  ['a line in no store', wrongCell(...SALE, 'store_id', 'NULL'), ['transactions']],
  ['a line in a store beyond all others', wrongCell(...SALE, 'store_id', "'Z'"), ['transactions', 'keys']],
  ['a line in a store before all others', wrongCell(...SALE, 'store_id', "'A'"), ['transactions', 'keys']],
  ['a product that does not exist', wrongCell(...SALE, 'product_id', "'P9999'"), ['transactions', 'keys']],
  ['an id of another form', wrongCell(...SALE, 'transaction_id', "'nonsense'"), ['transactions']],
  ['a movement that is lost', wrongCell(...MOVE, 'quantity_change', '-9999'), ['inventories', 'ledger']],
  [
    'lines that are missing',
    () => rewriteSigned(somePart(), `FROM $rows WHERE hash(transaction_id) % 50 <> ${rng.below(50)}`),
    ['transactions'],
  ],
  ['lines that occur twice', () => rewriteSigned(somePart(), 'FROM $rows UNION ALL FROM $rows'), ['transactions']],
  [
    'two wrong parts',
    async () => {
      await wrongCell(...SALE, 'unit_price', 'unit_price + 0.01')()
      await wrongCell(...MOVE, 'quantity_change', 'quantity_change + 1')()
    },
    ['transactions', 'inventories'],
  ],
  ['a cell of a mart', wrongMart, []],
  [
    'one bit of a part',
    () => {
      const file = somePart(rng.below(2) === 0 ? 'transactions' : 'inventories')
      const bytes = readFileSync(file)
      bytes[rng.below(bytes.length)] ^= 1 << rng.below(8)
      writeFileSync(file, bytes)
    },
    ['files'],
  ],
  ['a part that is cut off', () => truncateSync(somePart(), 100 + rng.below(2000)), ['files']],
  ['a part that is gone', () => rmSync(somePart('inventories')), ['files']],
  ['a rolled batch that is gone', () => rmSync(someFile('lake', /month=2024-03\/.*Z\.parquet$/)), ['files']],
]

describe('the verdict of shards is that of one verify, after', () => {
  test.each(damages)('%s', async (_, harm, red) => {
    await harm()
    const count = 2 + rng.below(3)
    await measureAll(original, count)
    const [merged, single] = [await verdict(original, '--merge'), await verdict(original)]
    expect(merged, `seed ${SEED}, ${count} shards`).toEqual(single)
    const failed = single.checks.filter(({ ok }) => !ok).map(({ name }) => name)
    expect(failed).toEqual(expect.arrayContaining(red))
    expect(single.code).toBe(failed.length > 0 ? 6 : 0)
  })

  test('nothing, with more shards than blocks', async () => {
    await measureAll(original, 11)
    expect(await verdict(original, '--merge')).toEqual(await verdict(original))
  })

  test('nothing, with --quick', async () => {
    await measureAll(original, 3, '--quick')
    expect(await verdict(original, '--merge --quick')).toEqual(await verdict(original, '--quick'))
    const { code, stderr } = await retail(original, 'verify --merge')
    expect([code, stderr]).toEqual([3, expect.stringContaining('it was verified with --quick')])
  })
})

/** The commands of a section of docs/scale.md, in order, without their comments. */
function commandsOf(section: string): string[] {
  const text = readFileSync(path.resolve(import.meta.dirname, '../docs/scale.md'), 'utf8')
  const [, body] = text.split(`\n## ${section}\n`)
  const blocks = [...body.split('\n## ')[0].matchAll(/```sh\n(.*?)```/gs)]
  return blocks.flatMap(([, lines]) => lines.trim().split('\n')).map((line) => line.replace(/ +#.*$/, ''))
}

test('four machines without a common disk, one of them killed, make the bytes and the verdict of one, as docs/scale.md types it', async () => {
  const small = { ...world, to: '2024-01-20' }
  const machines = shardsOf(4).map((shard) => ({ shard, folder: workspace(small) }))
  const [{ folder: first }, ...others] = machines
  const part = path.join('lake/inventories/month=2024-01', 'block-001-through-20.parquet')
  const onEach = async (line: string) => {
    for (const { shard, folder } of machines) {
      const own = line.replace('1/4', shard)
      if (shard === '2/4' && own.startsWith('backfill')) {
        const killed = start(folder, own)
        while (!existsSync(path.join(folder, part)) && killed.exitCode === null) await sleep(2)
        killed.kill('SIGKILL')
        await killed.ended
      }
      expect(await json(folder, own), own).toMatchObject({ code: 0, shard })
    }
  }
  let typed = 0
  for (const line of commandsOf('Machines without a common disk')) {
    const [, from, to] = /^rsync --archive (\S+)\/ (\S+)\/$/.exec(line) ?? []
    if (from !== undefined)
      for (const { folder } of others) {
        const at = (place: string) =>
          place.startsWith('MACHINE:shop')
            ? path.join(folder, place.slice('MACHINE:shop'.length))
            : path.join(first, place)
        cpSync(at(from), at(to), { recursive: true })
      }
    else if (line.includes('--shard 1/4')) await onEach(line.replace(/^retail /, ''))
    else expect(await json(first, line.replace(/^retail /, '')), line).toMatchObject({ code: 0 })
    if (line === 'retail backfill') {
      const single = workspace(small)
      await retail(single, 'backfill')
      expect(partHashes(first)).toEqual(partHashes(single))
    }
    typed++
  }
  expect(typed).toBe(8)
  expect(await verdict(first, '--merge')).toEqual(await verdict(first))
  expect(await verdict(first, '--merge')).toMatchObject({ code: 0, ok: true })
})

describe('a merge refuses', () => {
  /** A copy, so that nothing is to be restored. */
  async function measured(count: number): Promise<string> {
    const folder = freshFolder()
    cpSync(original, folder, { recursive: true })
    await retail(folder, 'seed-dims')
    rmSync(path.join(folder, 'lake/verify'), { recursive: true, force: true })
    await measureAll(folder, count)
    return folder
  }
  const merge = (folder: string) => retail(folder, 'verify --merge')
  const said = (...lines: string[]) => [3, expect.stringMatching(new RegExp(lines.join('[^]*')))]
  const seen = async (folder: string) => {
    const { code, stderr } = await merge(folder)
    return [code, stderr]
  }

  test('nothing at all, the result of a killed shard, and a damaged one, and says how to make them', async () => {
    const folder = await measured(3)
    const result = path.join(folder, 'lake/verify/2-of-3.json')
    truncateSync(result, 1000)
    expect(await seen(folder)).toEqual(said('1 of 3 shards', 'shard 2/3: its result is damaged', 'verify --shard 2/3'))
    rmSync(result)
    expect(await seen(folder)).toEqual(said('1 of 3 shards', 'shard 2/3: its result is missing', 'verify --shard 2/3'))
    const killed = start(folder, 'verify --shard 2/3 --workers 1')
    await sleep(300)
    killed.kill('SIGKILL')
    await killed.ended
    if (!existsSync(result)) expect(await seen(folder)).toEqual(said('shard 2/3: its result is missing'))
    expect(await json(folder, 'verify --shard 2/3')).toMatchObject({ code: 0, shard: '2/3' })
    expect(await verdict(folder, '--merge')).toEqual(await verdict(folder))
    rmSync(path.join(folder, 'lake/verify'), { recursive: true })
    expect(await seen(folder)).toEqual(said('no results of shards', 'verify --shard 1/4'))
  })

  test('a shard of an older lake', async () => {
    const folder = await measured(2)
    const older = readFileSync(path.join(folder, 'lake/verify/1-of-2.json'))
    await retail(folder, 'stream --speed 2000 --duration 1s')
    await measureAll(folder, 2)
    writeFileSync(path.join(folder, 'lake/verify/1-of-2.json'), older)
    expect(await seen(folder)).toEqual(said('1 of 2 shards', 'shard 1/2: .* older state', 'verify --shard 1/2'))
  })

  test('what a shard said about a file that was repaired since', async () => {
    const folder = await measured(2)
    const part = path.join(folder, 'lake/transactions/month=2024-01/block-006.parquet')
    const sound = readFileSync(part)
    const flipped = Buffer.from(sound)
    flipped[sound.length >> 1] ^= 1
    writeFileSync(part, flipped)
    expect(await json(folder, 'verify --shard 2/2')).toMatchObject({
      code: 0,
      files: { damaged: ['transactions/month=2024-01/block-006.parquet'] },
    })
    writeFileSync(part, sound)
    expect(await seen(folder)).toEqual(said('shard 2/2: .*block-006.parquet was damaged then, and is not now'))
    writeFileSync(part, flipped)
    expect(await retail(folder, 'repair')).toMatchObject({ code: 0 })
    expect(await seen(folder)).toEqual(said('no results of shards'))
  })
})
