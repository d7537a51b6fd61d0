import { type CommandLine, retail } from '../advice.ts'
import { documentPath } from '../documents.ts'
import type { WarehouseTraits } from '../ports/index.ts'
import { isOfFact } from '../ports/layout.ts'
import { dimensions, facts, sumOfFacts } from '../tables/index.ts'
import { isAllDead, type Shortage } from './delivery/ledger.ts'
import type { Next } from './next.ts'
import type { VerifyDifference, VerifyResult } from './verify/result.ts'

const DIMENSIONS: readonly string[] = dimensions.map(({ name }) => name)
const RAW_TABLES = [...DIMENSIONS, ...facts.map(({ name }) => name)]

/** The commands that fix what `verify` found, in the order in which to run them. `loads`: `load` moves live events. */
export function fixCommands(
  { differences, dataset = '', delivery }: Pick<VerifyResult, 'differences' | 'dataset' | 'delivery'>,
  { raw: rawIs, product }: Pick<WarehouseTraits, 'raw' | 'product'>,
  loads = false,
): Next[] {
  const late = differences.find(({ range }) => range)?.range
  if (differences.length > 0 && differences.every(({ check }) => check === 'delivery')) {
    const { shortage } = delivery ?? {}
    if (shortage && isAllDead(shortage)) return [LETTERS, REPLAY]
    return [
      ...(shortage && sumOfFacts(shortage.deadLettered) > 0 ? [LETTERS] : []),
      ...(loads
        ? [{ command: retail('load'), what: 'load what waits; it says if some of it never comes' }]
        : [
            { command: retail('verify'), what: 'run it again when they have arrived' },
            { command: retail('dead-letters'), what: 'see whether some were rejected' },
          ]),
      ...(late ? resending(shortage ?? late, 'or resend them') : []),
    ]
  }
  if (rawIs.of === 'views' && differences.some(({ check }) => check === 'files' || check === 'database'))
    return [REPAIR]
  const raw = rawTables(differences)
  if (differences.some(({ check, table }) => check === 'files' && (raw.length > 0 || table === 'the lake')))
    return fixLakeCommands(differences)
  if (raw.length === 0) return [{ command: retail('transform', '--full-refresh'), what: 'rebuild the marts from raw' }]
  if (rawIs.of === 'views') return [REPAIR]
  // The lake is sound, and its rows are not loaded twice.
  return reloading(raw, (table) => rawIs.removal(dataset, table), product)
}

const REPAIR: Next = { command: retail('repair'), what: 'repair it' }

const rawTables = (differences: readonly VerifyDifference[]): string[] =>
  RAW_TABLES.filter((name) => differences.some(({ table }) => table.split(' and ').includes(name)))

/** What is missing or damaged in a lake from which raw was loaded. */
function fixLakeCommands(differences: readonly VerifyDifference[]): Next[] {
  const members = differences.some(({ table }) => DIMENSIONS.includes(table))
  const parts = differences.some(({ file }) => isOfFact(file ?? ''))
  return [
    ...(members ? [{ command: retail('seed-dims'), what: 'rewrite products and stores' }] : []),
    ...(parts || !members ? [{ command: retail('backfill'), what: 'regenerate what is damaged' }] : []),
  ]
}

function reloading(wrong: readonly string[], removal: (table: string) => CommandLine, product: string): Next[] {
  const members = wrong.some((name) => DIMENSIONS.includes(name))
  const rows = wrong.some((name) => !DIMENSIONS.includes(name))
  return [
    ...wrong.map((name) => ({
      command: removal(name),
      what: `${product} differs from the lake`,
    })),
    { command: retail('infra', 'apply'), what: 'create it again, empty' },
    ...(members ? [{ command: retail('seed-dims'), what: 'load products and stores' }] : []),
    { command: retail('backfill'), what: 'load the rest from the lake' },
    ...(rows
      ? [
          {
            command: resend('INSTANT'),
            what: `resend live events since INSTANT; see "Wrong rows" in ${documentPath('docs/gcp.md')}`,
          },
        ]
      : []),
  ]
}

export const LETTERS: Next = { command: retail('dead-letters'), what: 'see the messages that were rejected, and why' }
export const REPLAY: Next = {
  command: retail('dead-letters', 'replay', '--all'),
  what: 'publish the valid ones again, when the cause is fixed',
}

/** Publishes a range again: events that are in raw already are kept once. */
const resend = (from: string, { until, shard }: { until?: string; shard?: string } = {}) =>
  retail(
    'stream',
    ...['--speed', 'max', '--resend-from', from],
    ...(until ? ['--until', until] : []),
    ...(shard ? ['--shard', shard] : []),
  )

/** Publishes what is missing again: by each shard that has published some of it. */
export function resending({ from, to, shards }: Pick<Shortage, 'from' | 'to' | 'shards'>, what: string): Next[] {
  if (!shards) return [{ command: resend(from, { until: to }), what }]
  return shards.map(({ shard, from, to }) => ({ command: resend(from, { until: to, shard }), what }))
}
