import * as z from 'zod'
import { formatCount } from '../numbers.ts'
import { parseDay } from '../time.ts'
import { FIRST_DAY, LAST_DAY } from './bounds.ts'
import { gcpSection } from './gcp.ts'
import { settings } from './settings.ts'
import { sinksSection } from './sinks.ts'
import { targetNames, targets } from './targets.ts'

const day = z
  .string()
  .refine((text) => parseDay(text) !== undefined, { error: 'expected a day that exists, like 2024-01-31' })
  .meta({ format: 'date' })

/**
 * The largest possible world. `lines`: of all stores per day. At 512 blocks, the months of a larger world would be
 * parts too large to load.
 */
export const LARGEST = { stores: 100_000, linesPerStoreDay: 20_000, lines: 1_000_000_000 } as const

function checkVolume(world: { stores: number; lines_per_store_day: number }, context: z.RefinementCtx): void {
  const lines = world.stores * world.lines_per_store_day
  if (!(lines > LARGEST.lines)) return
  const [stores, all, most] = [world.stores, lines, LARGEST.lines].map(formatCount)
  const fitting = Math.floor(LARGEST.lines / world.stores)
  context.addIssue({
    code: 'custom',
    path: ['lines_per_store_day'],
    message: `${stores} stores would sell ${all} lines a day; the maximum is ${most} (${fitting} per store, or use fewer world.stores)`,
  })
}

function checkPeriod(history: { from: string; to: string }, context: z.RefinementCtx): void {
  const [from, to] = [parseDay(history.from), parseDay(history.to)]
  const issue = (key: 'from' | 'to', message: string) => context.addIssue({ code: 'custom', path: [key], message })
  if (from === undefined || to === undefined) return
  if (to < from) issue('to', `the last day is before the first (${history.from})`)
  if (from < parseDay(FIRST_DAY)!) issue('from', 'history must begin in 2000 or later')
  if (to > parseDay(LAST_DAY)!) issue('to', `history must end by ${LAST_DAY}`)
}

/**
 * The source of truth for `retail.yaml`: types, defaults, help, the questions of `init`, the editor's JSON schema, and
 * the reference derive from it.
 */
export const configSchema = z
  .strictObject({
    version: z.literal(1).default(1).describe('version of this file'),
    target: z.enum(targetNames).default('local').describe(settings.target),
    seed: z.int().min(0).max(4_294_967_295).default(42).describe(settings.seed),
    world: z
      .strictObject({
        stores: z.int().min(1).max(LARGEST.stores).default(1000).describe(settings['world.stores']),
        products: z.int().min(10).max(50_000).default(2000).describe(settings['world.products']),
        lines_per_store_day: z
          .int()
          .min(1)
          .max(LARGEST.linesPerStoreDay)
          .default(100)
          .describe(settings['world.lines_per_store_day']),
        schema: z.enum(['strict', 'extended']).default('strict').describe(settings['world.schema']),
      })
      .superRefine(checkVolume)
      .prefault({}),
    history: z
      .strictObject({
        from: day.default('2024-01-01').describe(settings['history.from']),
        to: day.default('2024-03-31').describe(settings['history.to']),
      })
      .superRefine(checkPeriod)
      .prefault({}),
    parquet: z
      .strictObject({
        compression: z
          .enum(['snappy', 'zstd'])
          .refine((name) => name !== 'zstd' || 'zstd' in process.versions, {
            error: `zstd needs Node 22.15 or later (this is ${process.versions.node})`,
          })
          .default('snappy')
          .describe(settings['parquet.compression']),
      })
      .prefault({}),
    local: z
      .strictObject({
        database: z.string().min(1).default('retail.duckdb').describe(settings['local.database']),
        lake: z.string().min(1).default('lake').describe(settings['local.lake']),
      })
      .prefault({}),
    gcp: gcpSection.optional(),
    sinks: sinksSection.optional(),
  })
  .refine(({ target, gcp }) => targets[target].needs === undefined || gcp !== undefined, {
    path: ['gcp'],
    error: 'target gcp needs a gcp section with project and bucket',
  })

/** The content of `retail.yaml`, with defaults filled in. */
export type ConfigFile = z.output<typeof configSchema>

/** The section for the cloud, if the target is gcp. */
export type GcpConfig = Readonly<NonNullable<ConfigFile['gcp']>>

/** The resolved config: validated once at the entry point, frozen, then trusted. */
export type Config = Readonly<ConfigFile> & {
  /** Absolute path of the folder that holds `retail.yaml`, `.retail/` and, for target local, the lake and database. */
  readonly workspace: string
}
