import { memberId } from '../../encode/facts.ts'
import { type FactName, factColumns, facts, keyOf, tables } from '../../tables/index.ts'
import { instant } from '../../truth/sql.ts'
import type { World } from '../../world/world.ts'
import type { Finding, MeasureContext, VerifyContext } from './check.ts'
import type { Found } from './sentences.ts'

/** The members of a dimension that a column of a fact refers to. */
export interface UsedKeys {
  table: FactName
  column: string
  /** Numbers of members of the world, as ranges: from, end, from, end, … */
  members: number[]
  /** Others that the dimension has, and those that it lacks. */
  others: string[]
  unknown: (string | null)[]
}

export async function checkKeys(context: VerifyContext): Promise<Finding> {
  const differences: Found[] = []
  let compared = 0
  for (const { table, column, members, others, unknown } of context.measured?.keys ?? (await measureKeys(context))) {
    const { references } = referencesOf(context.world, table).find((each) => each.column === column)!
    compared += countOf(members) + others.length + unknown.length
    for (const id of unknown)
      differences.push({
        check: 'keys',
        kind: 'unexpected',
        table,
        column,
        id: id as string,
        found: `this ${references} does not exist`,
      })
  }
  return { compared, differences }
}

/** Every key that the facts refer to, once. */
export async function measureKeys({ reader, raw, cut, world }: MeasureContext): Promise<UsedKeys[]> {
  const { dialect } = reader
  const used: UsedKeys[] = []
  for (const { name: table } of facts) {
    for (const { column, references, optional } of referencesOf(world, table)) {
      const key = keyOf(tables[references])
      const sql = `
SELECT used.${column} AS id, known.${key} AS resolved FROM (SELECT DISTINCT ${column} FROM ${raw[table]} WHERE ${dialect.column('timestamp')} < ${instant(dialect, cut.raw)}${optional ? ` AND ${column} IS NOT NULL` : ''}) AS used
LEFT JOIN ${dialect.relation('raw', references)} AS known ON known.${key} = used.${column}`
      const numbers = new Map(
        Array.from({ length: world.counts[references] }, (_, member) => [memberId(references, world, member), member]),
      )
      const keys: UsedKeys = { table, column, members: [], others: [], unknown: [] }
      const found: number[] = []
      for (const { id, resolved } of await reader.query<{ id: string; resolved: string | null }>(sql)) {
        const number = numbers.get(id)
        if (resolved === null) keys.unknown.push(id)
        else if (number === undefined) keys.others.push(id)
        else found.push(number)
      }
      used.push(ordered({ ...keys, members: rangesOf(found) }))
    }
  }
  return used
}

/** The keys of all shards, each once. */
export const joinKeys = (shards: readonly (readonly UsedKeys[])[]): UsedKeys[] =>
  shards[0].map(({ table, column }, i) => {
    const all = shards.map((keys) => keys[i])
    return ordered({
      ...{ table, column },
      members: rangesOf(all.flatMap(({ members }) => numbersOf(members))),
      others: all.flatMap(({ others }) => others),
      unknown: all.flatMap(({ unknown }) => unknown),
    })
  })

const referencesOf = (world: World, table: FactName) =>
  factColumns(tables[table], world.schema).flatMap(([column, about]) =>
    'references' in about ? [{ column, references: about.references, optional: about.optional }] : [],
  )

/** A damaged dimension may have a member twice. */
const ordered = ({ others, unknown, ...keys }: UsedKeys): UsedKeys => ({
  ...keys,
  others: [...new Set(others)].sort(),
  unknown: [...new Set(unknown)].sort((a, b) => (a ?? '').localeCompare(b ?? '', 'en')),
})

function rangesOf(numbers: readonly number[]): number[] {
  const ranges: number[] = []
  for (const number of [...new Set(numbers)].sort((a, b) => a - b)) {
    if (ranges.at(-1) === number) ranges[ranges.length - 1]++
    else ranges.push(number, number + 1)
  }
  return ranges
}

function numbersOf(ranges: readonly number[]): number[] {
  const numbers: number[] = []
  for (let i = 0; i < ranges.length; i += 2) for (let n = ranges[i]; n < ranges[i + 1]; n++) numbers.push(n)
  return numbers
}

const countOf = (ranges: readonly number[]): number => ranges.reduce((n, at, i) => n + (i % 2 === 0 ? -at : at), 0)
