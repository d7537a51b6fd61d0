import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { type CorruptRow, corrupt } from '../../test/grade/corrupt.ts'
import { writeForeign } from '../../test/grade/foreign.ts'
import { rowsOfDays, shopConfig } from '../../test/worlds.ts'
import { openRelation } from '../adapters/open.ts'
import { configSchema } from '../config/schema.ts'
import type { GradeDifference, GradeResult } from '../grade/result.ts'
import { Rng } from '../random/rng.ts'
import { type FactName, facts, type WorldSchema } from '../tables/index.ts'
import { SECONDS_PER_DAY } from '../time.ts'
import { type PlainRow, plainRows } from '../truth/rows.ts'
import { buildWorld } from '../world/world.ts'
import { type GradeOptions, grade } from './grade.ts'

const DAYS = 4
const SEED = Number(process.env.RETAIL_TEST_SEED ?? 20240131)
const shops = new Map(
  (['strict', 'extended'] as const).map((schema) => {
    const { history, ...rest } = shopConfig({ stores: 3, products: 40, lines: 20, schema })
    const config = { ...configSchema.parse({ ...rest, history: { ...history, to: '2024-01-31' } }), workspace: '.' }
    const world = buildWorld(config)
    const batch = rowsOfDays(world, DAYS)
    const rows = new Map(facts.map(({ name }) => [name, [...plainRows(world, name, batch)].map(({ row }) => row)]))
    return [schema, { config, world, rows }] as const
  }),
)

/** Writes rows in a foreign form and grades them. */
async function graded(
  schema: WorldSchema,
  table: FactName,
  rows: readonly CorruptRow[],
  rng: Rng,
  options: Partial<GradeOptions> = {},
): Promise<{ result: GradeResult; about: string }> {
  const { config, world } = shops.get(schema)!
  const { place, about } = await writeForeign(rows as PlainRow[], table, schema, freshFolder(), rng)
  await using relation = await openRelation(place, '/')
  const until = (world.from + DAYS) * SECONDS_PER_DAY
  const result = await grade(config, { relations: { [table]: relation }, until, workers: 0, ...options })
  return { result, about }
}

const lineOf = ({ kind, id, cells = [] }: GradeDifference): string =>
  [kind, String(id), ...new Set(cells.map(({ column }) => column))].join(' ')

const trials = (n: number) =>
  Array.from(
    { length: n },
    (_, i) => [SEED + i, (['strict', 'extended'] as const)[i % 2], facts[(i >> 1) % 2].name] as const,
  )

describe("a grade of somebody's table", () => {
  test.each(trials(16))('seed %i, %s: finds every damaged row of %s, and no other', async (seed, schema, table) => {
    const rng = new Rng(seed, 1, 0, 0)
    const { rows, expected } = corrupt(shops.get(schema)!.rows.get(table)!, table, schema, 20, rng)
    const { result, about } = await graded(schema, table, rows, rng)
    expect(result.tables[0].differences.map(lineOf).sort(), about).toEqual(expected.toSorted())
    expect(result.ok).toBe(false)
  })

  test.each(trials(12))('seed %i, %s: a clean table of %s passes', async (seed, schema, table) => {
    const rng = new Rng(seed, 2, 0, 0)
    const { result, about } = await graded(schema, table, shops.get(schema)!.rows.get(table)!, rng)
    expect(
      result.verdicts.filter(({ outcome }) => !['pass', 'not asked'].includes(outcome)),
      about,
    ).toEqual([])
    expect(result.tables[0].found).toBe(result.tables[0].expected)
  })
})
