import path from 'node:path'
import type { FaultProfile } from '../src/config/fault-kinds.ts'
import type { Config } from '../src/config/schema.ts'
import type { ExportFolder, Where } from '../src/config/where.ts'
import { fs } from '../src/disk.ts'
import { RetailError } from '../src/errors.ts'
import type { Delivered } from '../src/pipeline/grade/delivered.ts'
import { POSITION_FILE, WORLD_FILE } from '../src/ports/layout.ts'
import type { Day, Second } from '../src/time.ts'
import type { Context } from './context.ts'
import { instantFlag } from './flags.ts'

/** An instant, or a destination of `stream --to`. */
export const deliveredFlag = (today: Day) => {
  const instant = instantFlag(today)
  return (text: string): Second | string => (/^(today|yesterday|[+-]?\d)/.test(text) ? instant(text) : text)
}

interface Asked {
  delivered: Second | string | undefined
  profile: FaultProfile
  until: Second
  /** The tables that are graded. */
  tables: readonly string[]
}

/** Until when copies were delivered: as somebody says, or as the destination records it; otherwise a guess. */
export async function deliveredOf(
  context: Context,
  config: Config,
  { delivered, profile, until, tables }: Asked,
): Promise<Delivered & { guessed: boolean }> {
  const {
    io: { cwd },
    verbs,
  } = context
  if (typeof delivered === 'number') return { delivered, guessed: false }
  const { parseWhere } = await import('../src/config/where.ts')
  const where = delivered === undefined ? undefined : (exportOf(delivered, cwd) ?? parseWhere(delivered, cwd, config))
  if (!where && tables.some((table) => table.startsWith('bigquery:'))) {
    const known = await byTarget(context, config, { profile, until })
    if (known) return { ...known, guessed: false }
  }
  const place = where ?? tables.flatMap((table) => destinationOf(table, cwd, parseWhere) ?? [])[0]
  const found =
    place && (await verbs.deliveredTo(config, place, { profile, until, name: delivered ?? nameOf(place, cwd) }))
  if (found) return { ...found, guessed: false }
  if (where)
    throw new RetailError('bad_flag', `${delivered} does not say what was delivered`, {
      why: WHY[where.kind] ?? 'no event of this world was sent to it',
      hint: 'give --delivered as an instant, or name the destination of the stream',
    })
  return { delivered: Number.POSITIVE_INFINITY, guessed: true }
}

const WHY: Partial<Record<(Where | ExportFolder)['kind'], string>> = {
  stdout: 'a pipe keeps no position',
  export: 'no day of it is in all of its files',
}

/** A folder of files with the record of a world beside them. */
function exportOf(given: string, cwd: string): ExportFolder | undefined {
  const folder = path.resolve(cwd, given.replace(/^ndjson:/, ''))
  return fs.existsSync(path.join(folder, WORLD_FILE)) ? { kind: 'export', folder } : undefined
}

/** A table of BigQuery can be one of the workspace, which its broker feeds. */
async function byTarget(
  context: Context,
  config: Config,
  about: Pick<Asked, 'profile' | 'until'>,
): Promise<Delivered | undefined> {
  if ((await context.verbs.targetOf(config)).events.by !== 'broker') return undefined
  await using ports = await context.open(config)
  return await context.verbs.deliveredByBroker(config, ports, about)
}

const nameOf = (where: Where | ExportFolder, cwd: string): string =>
  where.kind === 'ndjson'
    ? `ndjson:${path.relative(cwd, where.folder) || '.'}`
    : 'location' in where
      ? where.location
      : '-'

/** The destination that a table is part of, if it is part of one. */
function destinationOf(table: string, cwd: string, parse: (text: string, base: string) => Where): Where | undefined {
  if (/^postgres(ql)?:/.test(table)) return ofDatabase(table, parse)
  if (/^[a-z]+:/.test(table)) return undefined
  // The part of a pattern before its first sign: `events/*/transactions.ndjson`.
  const [plain] = table.split(/[*?[{]/)
  const folder = path.resolve(cwd, plain === table ? plain : path.dirname(`${plain}x`))
  const found = [folder, path.dirname(folder), path.dirname(path.dirname(folder))].find((each) =>
    fs.existsSync(path.join(each, POSITION_FILE)),
  )
  return found === undefined ? undefined : parse(`ndjson:${found}`, cwd)
}

/** `postgres://host/shop.retail.transactions` is in `postgres://host/shop?schema=retail`. */
function ofDatabase(table: string, parse: (text: string, base: string) => Where): Where | undefined {
  const url = URL.canParse(table) ? new URL(table) : undefined
  const [, database, schema] = /^\/([^.]+)\.([a-z_][a-z0-9_]*)\.[^.]+$/.exec(url?.pathname ?? '') ?? []
  if (!url || schema === undefined) return undefined
  url.pathname = `/${database}`
  url.searchParams.set('schema', schema)
  return parse(url.href, '.')
}
