import { describe, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { careful } from '../../test/grade/consumers.ts'
import { corrupt, corruptMany } from '../../test/grade/corrupt.ts'
import { faultyShop } from '../../test/grade/faulty.ts'
import { writeForeign } from '../../test/grade/foreign.ts'
import { failuresOf, gradedShop, lineOf } from '../../test/grade/graded.ts'
import { Rng } from '../random/rng.ts'
import { facts } from '../tables/index.ts'

/*
 * The proof of the grader: it finds every damage and names it, and it never fails what is right. A part of it runs
 * always, all of it with RETAIL_PROOF=all (`make soak OF=grade`): on each of three seeds 300 corruptions of single rows,
 * 30 of many rows, 30 clean tables, and 30 right consumers under faults.
 *
 * Each of these bugs, planted in the grader, made it fail. The small part finds them:
 * - a column is not compared, or the number of an id is not part of the fingerprint (forms.ts, fingerprint.ts)
 * - prices count in steps of two cents, or a text without a zone is an hour off (forms.ts, relation-dialect.ts)
 * - a key without its letter is another member, or NULL is like zero (forms.ts, scan.ts)
 * - ids that are none of this world are ignored, or a second copy is not counted (differences.ts, match.ts)
 * - the last store-day of a batch is not compared, or one without rows is right (compare-block.ts)
 * - the last copy is right, lost events must be there, readable damage must not, or all clocks are right (faults/)
 *
 * These need all of it, because few corruptions show them:
 * - values are added up without squares, so that two rows may exchange theirs (sum-rows.ts)
 * - only whole seconds are compared (scan.ts)
 */
const all = process.env.RETAIL_PROOF === 'all'
const SEED = Number(process.env.RETAIL_TEST_SEED ?? 20240131)
const seeds = all ? [SEED, SEED + 10_000, SEED + 20_000] : [SEED]
const AT_ONCE = all ? 20 : 15
// Enough store-days that most of those with a damaged row have only one.
const shops = { strict: gradedShop('strict', { stores: 25 }), extended: gradedShop('extended', { stores: 25 }) }

/** Every schema with every fact in turn. */
const trials = (few: number, many: number) =>
  seeds.flatMap((seed) =>
    Array.from(
      { length: all ? many : few },
      (_, i) => [seed + i, (['strict', 'extended'] as const)[i % 2], facts[(i >> 1) % 2].name] as const,
    ),
  )

describe("a grade of somebody's table", () => {
  test.each(trials(4, 15))('seed %i, %s: finds every damaged row of %s, and no other', async (seed, schema, table) => {
    const rng = new Rng(seed, 1, 0, 0)
    const { rows, expected } = corrupt(shops[schema].rows(table), table, schema, AT_ONCE, rng)
    const { place, about } = await writeForeign(rows, table, schema, freshFolder(), rng)
    const result = await shops[schema].gradeAt({ [table]: place })
    expect(result.tables[0].differences.map(lineOf).sort(), about).toEqual(expected.toSorted())
    expect(result.ok).toBe(false)
  })

  test.each(trials(8, 30))('seed %i, %s: counts every row of a large damage to %s', async (seed, schema, table) => {
    const rng = new Rng(seed, 3, 0, 0)
    const { rows, expected } = corruptMany(shops[schema].rows(table), table, schema, rng)
    const { place, about } = await writeForeign(rows, table, schema, freshFolder(), rng, { telling: true })
    const result = await shops[schema].gradeAt({ [table]: place })
    const { counts, changed } = result.tables[0]
    expect({ counts, changed }, `${expected.about}; ${about}`).toEqual({
      counts: expected.counts,
      changed: expected.changed,
    })
    expect(result.ok).toBe(false)
  })

  test.each(trials(4, 30))('seed %i, %s: a clean table of %s passes', async (seed, schema, table) => {
    const rng = new Rng(seed, 2, 0, 0)
    const rows = shops[schema].rows(table)
    const { place, about } = await writeForeign(rows, table, schema, freshFolder(), rng)
    const result = await shops[schema].gradeAt({ [table]: place })
    expect(failuresOf(result), about).toEqual([])
    expect(result.tables[0].found).toBe(rows.length)
  })
})

const CONSUMERS = [
  ['strict', {}, {}],
  ['lenient', { lenient: true }, { lateness: 60 }],
  ['last wins', { lastWins: true }, { lastWins: true }],
] as const

test.each(
  trials(3, 10).map(
    ([seed, schema, table], i) => [seed, (['hostile', 'rough'] as const)[(i % 3) >> 1], schema, table] as const,
  ),
)('seed %i, %s faults, %s: no right consumer of %s fails', async (seed, name, schema, table) => {
  const of = faultyShop(seed, name, schema)
  const copies = await of.receive(table)
  for (const [about, options, more] of CONSUMERS) {
    const result = await of.grade(table, careful(copies, table, { ...options, schema }), more)
    expect(failuresOf(result), about).toEqual([])
    expect(result.verdicts.find((verdict) => verdict.name === 'bad data quarantined')?.outcome, about).toBe('pass')
    expect(result.tables[0].faults!.every(({ outcome }) => outcome === 'pass')).toBe(true)
    expect(result.ok).toBe(true)
  }
})
