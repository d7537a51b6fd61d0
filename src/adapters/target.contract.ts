import { describe, expect, test } from 'vitest'
import { openParquetReader } from '../../test/parquet.ts'
import type { Config } from '../config/schema.ts'
import { RetailError } from '../errors.ts'
import { backfill } from '../pipeline/backfill.ts'
import { listLetters } from '../pipeline/dead-letters.ts'
import { load } from '../pipeline/load.ts'
import { loadBatches } from '../pipeline/load-batches.ts'
import { pack } from '../pipeline/pack.ts'
import { realism } from '../pipeline/realism.ts'
import { repair } from '../pipeline/repair.ts'
import { seedDims } from '../pipeline/seed-dims.ts'
import { status } from '../pipeline/status.ts'
import { type StreamOptions, stream } from '../pipeline/stream.ts'
import { transform } from '../pipeline/transform.ts'
import { verify } from '../pipeline/verify.ts'
import { type Ports, partKey } from '../ports/index.ts'
import { dimensionKey } from '../ports/layout.ts'
import { dimensionsOf, facts, keyOf } from '../tables/index.ts'
import {
  formatDay,
  formatSecond,
  midnightAfter,
  monthOf,
  parseDay,
  SECONDS_PER_DAY,
  SECONDS_PER_HOUR,
  type Second,
} from '../time.ts'
import { buildWorld } from '../world/world.ts'
import type { Target } from './target.ts'

export interface TargetUnderTest {
  target: Target
  /**
   * Opens an empty place for a small world (a history of a few days), with its infrastructure; the test that opens it
   * removes it.
   */
  place(): Promise<Config>
  /** Idle time after which all waiting events count as arrived. */
  idleMs: number
}

/** The promises of every target: it is what its data says, and the whole pipeline runs on it. */
export function targetContract({ target, place, idleMs }: TargetUnderTest): void {
  // If threads cannot open the lake, backfill must find that out itself; for the other targets, one thread is faster
  // here.
  const threads = target.lake.threads ? { workers: 0 } : {}
  describe(`target ${target.name}`, () => {
    test('opens ports that are what it says, and leaves nothing out', async () => {
      const config = await place()
      await using ports = await target.open(config)
      expect(ports.target).toBe(target)
      expect(ports.lake.traits).toBe(target.lake)
      expect(ports.warehouse.traits).toBe(target.warehouse)
      expect(ports.live.by).toBe(target.events.by)
      if (ports.live.by === 'broker' && target.events.by === 'broker')
        expect(ports.live.arrival).toMatchObject(target.events.arrival(config))
      for (const port of [ports, ports.lake, ports.warehouse, ports.live, ports.deadLetters, ports.upkeep])
        for (const [name, member] of Object.entries(port)) expect(member, name).toBeDefined()
      if (target.infra.needed) expect(target.whomItCalls(config, process.env)).toEqual(expect.any(String))
    })

    test('says of what it cannot do why, and what to do instead', async () => {
      const config = await place()
      await using ports = await target.open(config)
      const { lake, warehouse, upkeep, deadLetters } = ports
      // The lake says it to threads that have no database.
      expect(upkeep.can).toBe(lake.traits.repairs)
      for (const each of [
        target.job,
        target.warehouse.statistics,
        warehouse.dbt,
        warehouse.packing,
        warehouse.batchLoading,
        upkeep,
        deadLetters,
      ])
        if (!each.can) expect([each.why, each.hint]).toEqual([expect.stringMatching(/\w/), expect.anything()])
      const refused = { code: 'bad_flag', message: expect.stringContaining(`target ${target.name}`) }
      if (!upkeep.can) await expect(repair(ports, config, {})).rejects.toMatchObject(refused)
      if (!deadLetters.can) await expect(listLetters(ports, config, { limit: 1 })).rejects.toMatchObject(refused)
      if (!warehouse.packing.can)
        await expect(pack(ports, config, { out: 'shop.duckdb' })).rejects.toMatchObject(refused)
      if (!warehouse.batchLoading.can)
        await expect(loadBatches(ports, config, { from: 'out' })).rejects.toMatchObject(refused)
      if (!warehouse.dbt.can) await expect(transform(ports, config, {})).rejects.toMatchObject(refused)
      if (!target.warehouse.statistics.can) await expect(realism(ports, config, {})).rejects.toMatchObject(refused)
    })

    test('gives a worker the same lake', async () => {
      const config = await place()
      await using ports = await target.open(config)
      const { lake } = await target.openLake(config)
      await lake.put(dimensionKey('product', lake), (sink) => sink.write([Buffer.from('rows')]))
      expect(lake.location).toBe(ports.lake.location)
      expect((await ports.lake.layout()).dimensions.product).toBe(true)
    })

    test('runs the pipeline: every row arrives, and a row that is lost is found', async () => {
      const config = await place()
      const world = buildWorld(config)
      const until = (parseDay(config.history.to)! + 1) * SECONDS_PER_DAY + 30 * 3600
      await command(target, config, (ports) => seedDims(ports, config, {}))
      const made = await command(target, config, (ports) => backfill(ports, config, threads))
      expect(made).toMatchObject({ world: world.id, complete: true, allShards: true })
      await checked(target, config)

      const streamed = await command(target, config, (ports) => stream(ports, config, { speed: 'max', until }))
      expect(streamed).toMatchObject({ to: formatSecond(until), stoppedBy: 'until' })
      expect(streamed.events).toBeGreaterThan(0)
      await command(target, config, async (ports) => {
        const loaded = await load(ports, config, { idleMs })
        const needed = ports.live.by === 'broker' && ports.live.arrival.by === 'load'
        expect(loaded).toMatchObject({ needed, deadLetters: 0, rows: needed ? streamed.rows : {} })
      })
      expect((await checked(target, config)).raw.live).toBe(formatSecond(until))
      const end = await streamedOn(target, config, until, idleMs)
      const { raw, rows } = await checked(target, config)
      expect(raw.live).toBe(formatSecond(end))

      await command(target, config, async (ports) => {
        await using reader = await ports.warehouse.reader()
        for (const { name } of facts) {
          const relation = reader.dialect.once(reader.dialect.relation('raw', name), 'TRUE')
          const [{ n }] = await reader.query(`SELECT COUNT(*) AS n FROM ${relation}`)
          expect(Number(n)).toBe(rows[name])
        }
      })
      const seen = await command(target, config, (ports) => status(ports, config))
      expect(seen).toMatchObject({
        target: target.name,
        world: world.id,
        raw: { history: `${formatDay(parseDay(made.to)! + 1)}T00:00:00Z` },
      })
      expect(seen.steps).toEqual(
        expect.arrayContaining([
          expect.objectContaining({ step: 'infra', state: target.infra.needed ? 'done' : 'not needed' }),
          expect.objectContaining({ step: 'backfill', state: 'done' }),
          expect.objectContaining({ step: 'stream', state: 'done' }),
          expect.objectContaining({ step: 'verify', state: 'done' }),
        ]),
      )

      // Every kind of warehouse reports a missing part.
      const month = monthOf(world.from)
      const [{ through }] = await command(target, config, async ({ lake }) => (await lake.layout()).parts)
      await command(target, config, ({ lake }) => lake.remove([partKey('transactions', 0, month, through, lake)]))
      const missed = await command(target, config, (ports) => verify(ports, config, { workers: 0 }))
      expect(missed.ok).toBe(false)
      expect(missed.differences).toEqual(
        expect.arrayContaining([expect.objectContaining({ check: 'files', kind: 'missing' })]),
      )
      await command(target, config, (ports) => backfill(ports, config, threads))
      await checked(target, config)
    })

    test('writes timestamps as it says into the parts of its lake', async () => {
      const config = await place()
      await command(target, config, (ports) => backfill(ports, config, threads))
      await command(target, config, async ({ lake }) => {
        const [{ key }] = (await lake.layout()).parts
        await using parquet = await openParquetReader()
        const [{ type }] = await parquet.ask(
          await lake.read(key),
          'SELECT typeof("timestamp") AS type FROM FILE LIMIT 1',
        )
        expect(type).toBe(target.lake.timestamps === 'utc' ? 'TIMESTAMP WITH TIME ZONE' : 'TIMESTAMP')
      })
    })

    test('answers statements in its own dialect', async () => {
      const config = await place()
      await command(target, config, (ports) => seedDims(ports, config, {}))
      await command(target, config, async (ports) => {
        await using reader = await ports.warehouse.reader('lake')
        const { dialect } = reader
        const at = dialect.instant('2024-03-09 21:00:01')
        const [row] = await reader.query(
          `SELECT ${dialect.seconds(at)} AS seconds, ${dialect.microseconds(at)} AS rest, ${dialect.text(at, 'timestamp')} AS text,
  ${dialect.whole('7.0')} AS whole, ${dialect.integer("'12'")} AS number, ${dialect.integer("'x'")} AS none, ${dialect.hash("'a'")} AS hash`,
        )
        const [seconds, hash] = [Date.UTC(2024, 2, 9, 21, 0, 1) / 1000, 0x0cc175b]
        expect(
          Object.fromEntries(Object.entries(row).map(([name, cell]) => [name, cell === null ? null : String(cell)])),
        ).toEqual({
          ...{
            seconds: `${seconds}`,
            rest: '0',
            text: '2024-03-09 21:00:01',
            whole: '7',
            number: '12',
            none: null,
            hash: `${hash}`,
          },
        })
        for (const table of dimensionsOf(config.world.schema)) {
          const key = dialect.column(keyOf(table))
          const kept = await reader.keep('ids', `SELECT ${key} FROM ${dialect.relation('raw', table.name)}`)
          const [{ n }] = await reader.query(`SELECT COUNT(DISTINCT ${key}) AS n FROM ${kept}`)
          expect(Number(n)).toBe(buildWorld(config).counts[table.name])
        }
      })
    })
  })
}

/** Like a process: open, query, close. */
async function command<T>(target: Target, config: Config, work: (ports: Ports) => Promise<T>): Promise<T> {
  await using ports = await target.open(config)
  return await work(ports)
}

/**
 * Shards take over at the next midnight, and one stream from them; on the way, the target is what its slowest shard is. A
 * lake takes none.
 */
async function streamedOn(target: Target, config: Config, from: Second, idleMs: number): Promise<Second> {
  const run = (options: StreamOptions) =>
    command(target, config, (ports) => stream(ports, config, { speed: 'max', ...options }))
  const [first, second] = [0, 1].map((index) => ({ index, count: 2 }))
  if (target.events.by === 'lake') {
    await expect(run({ shard: first, until: from })).rejects.toMatchObject({ code: 'bad_flag' })
    return from
  }
  const midnight = midnightAfter(from)
  const at = (hours: number) => midnight + hours * SECONDS_PER_HOUR
  await run({ until: midnight })
  await run({ shard: first, until: at(9) })
  const seen = () => command(target, config, (ports) => status(ports, config))
  const shardsOf = (positions: [Second, boolean][]) =>
    positions.map(([position, started], i) => ({ shard: `${i + 1}/2`, position: formatSecond(position), started }))
  expect((await seen()).shards).toEqual(
    shardsOf([
      [at(9), true],
      [midnight, false],
    ]),
  )
  await run({ shard: second, until: at(6) })
  await command(target, config, (ports) => load(ports, config, { idleMs }))
  expect((await checked(target, config)).raw.live).toBe(formatSecond(at(6)))
  expect((await seen()).shards).toEqual(
    shardsOf([
      [at(9), true],
      [at(6), true],
    ]),
  )
  await run({ shard: second, until: at(9) })
  await run({ until: at(10) })
  expect((await seen()).shards).toBeUndefined()
  await command(target, config, (ports) => load(ports, config, { idleMs }))
  return at(10)
}

async function checked(target: Target, config: Config) {
  const found = await command(target, config, (ports) => verify(ports, config, { workers: 0 }))
  expect(found.differences).toEqual([])
  if (!found.ok) throw new RetailError('wrong_data', JSON.stringify(found.checks.filter(({ ok }) => !ok)))
  return found
}
