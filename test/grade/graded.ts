import fs from 'node:fs'
import path from 'node:path'
import { openRelation } from '../../src/adapters/open.ts'
import { configSchema } from '../../src/config/schema.ts'
import type { GradeDifference, GradeResult } from '../../src/grade/result.ts'
import { type GradeOptions, grade } from '../../src/pipeline/grade.ts'
import { type FactName, facts, type WorldSchema } from '../../src/tables/index.ts'
import { SECONDS_PER_DAY } from '../../src/time.ts'
import { type PlainRow, plainRows } from '../../src/truth/rows.ts'
import { buildWorld } from '../../src/world/world.ts'
import { freshFolder } from '../front-door.ts'
import { rowsOfDays, type Shop, shopConfig } from '../worlds.ts'
import type { CorruptRow } from './corrupt.ts'

export const DAYS = 4

/** A shop, and the rows of its first days as text. */
export function gradedShop(schema: WorldSchema, shop: Shop = {}) {
  const { history, ...rest } = shopConfig({ stores: 3, products: 40, lines: 20, schema, ...shop })
  const config = { ...configSchema.parse({ ...rest, history: { ...history, to: '2024-01-31' } }), workspace: '.' }
  const world = buildWorld(config)
  const batch = rowsOfDays(world, DAYS)
  const rows = new Map(facts.map(({ name }) => [name, [...plainRows(world, name, batch)].map(({ row }) => row)]))
  return {
    config,
    world,
    until: (world.from + DAYS) * SECONDS_PER_DAY,
    rows: (table: FactName): readonly PlainRow[] => rows.get(table)!,
    /** Grades tables at these places. */
    async gradeAt(
      places: Partial<Record<FactName, string>>,
      options: Partial<GradeOptions> = {},
    ): Promise<GradeResult> {
      const relations: GradeOptions['relations'] = {}
      try {
        for (const [table, place] of Object.entries(places))
          relations[table as FactName] = await openRelation(place, '/')
        return await grade(config, { relations, until: this.until, workers: 0, ...options })
      } finally {
        for (const relation of Object.values(relations)) await relation[Symbol.asyncDispose]()
      }
    },
    /** Grades rows, as NDJSON. */
    async gradeRows(
      tables: Partial<Record<FactName, readonly CorruptRow[]>>,
      options: Partial<GradeOptions> = {},
    ): Promise<GradeResult> {
      const folder = freshFolder()
      const places = Object.entries(tables).map(([table, all]) => {
        const file = path.join(folder, `${table}.ndjson`)
        fs.writeFileSync(file, all.map((row) => `${JSON.stringify(row)}\n`).join(''))
        return [table, file]
      })
      return await this.gradeAt(Object.fromEntries(places), options)
    },
  }
}

/** `changed T240101-0001-000003 unit_price` */
export const lineOf = ({ kind, id, cells = [] }: GradeDifference): string =>
  [kind, String(id), ...new Set(cells.map(({ column }) => column))].join(' ')

/** What fails or is undecided. */
export const failuresOf = ({ verdicts }: GradeResult): string[] =>
  verdicts
    .filter(({ outcome }) => outcome === 'fail' || outcome === 'inconclusive')
    .map(({ name, outcome, sentence }) => `${outcome}: ${name}: ${sentence}`)
