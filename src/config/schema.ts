import { z } from 'zod'
import { formatDay, parseDay } from '../time.ts'

const day = z
  .string()
  .refine((text) => parseDay(text) !== undefined, { error: 'expected a day that exists, like 2024-01-31' })

const identifier = z.string().regex(/^[A-Za-z_][A-Za-z0-9_]*$/, { error: 'expected letters, digits and _' })

/** The truth about `retail.yaml`: types, defaults, help, `init`'s questions, the editor's JSON schema and the reference derive from it. */
export const configSchema = z
  .strictObject({
    version: z.literal(1).default(1).describe('version of this file'),
    target: z.enum(['local', 'gcp']).default('local').describe('where data goes: this machine, or Google Cloud'),
    seed: z.int().min(0).max(4_294_967_295).default(42).describe('same seed, same world, same sales'),
    world: z
      .strictObject({
        stores: z.int().min(1).max(100_000).default(1000).describe('number of stores'),
        products: z.int().min(10).max(50_000).default(2000).describe('number of products'),
        lines_per_store_day: z
          .int()
          .min(1)
          .max(20_000)
          .default(100)
          .describe('sale lines of an average store on an average day'),
        schema: z
          .enum(['strict', 'extended'])
          .default('strict')
          .describe('extended adds basket_id, movement_type and reference_id'),
      })
      .prefault({}),
    history: z
      .strictObject({
        from: day.default('2024-01-01').describe('first day; the opening stock is counted at its midnight, UTC'),
        to: day.default('2024-03-31').describe('last day of history, inclusive; may grow later'),
      })
      .prefault({}),
    local: z
      .strictObject({
        database: z.string().min(1).default('retail.duckdb').describe('the DuckDB file that people open'),
        lake: z.string().min(1).default('lake').describe('the folder of Parquet parts'),
      })
      .prefault({}),
    gcp: z
      .strictObject({
        project: z.string().min(1).describe('project id'),
        location: z.string().min(1).default('US').describe('of datasets and bucket; cannot be changed later'),
        region: z.string().min(1).default('us-central1').describe('of everything that runs'),
        bucket: z.string().min(3).describe('bucket of the lake'),
        dataset: identifier.default('retail').describe('prefix of the BigQuery datasets'),
      })
      .optional(),
  })
  .superRefine((config, context) => {
    const [from, to] = [parseDay(config.history.from), parseDay(config.history.to)]
    const issue = (path: string[], message: string) => context.addIssue({ code: 'custom', path, message })
    if (from !== undefined && to !== undefined && to < from)
      issue(['history', 'to'], `history ends before it begins (from ${config.history.from})`)
    // Ids carry two digits of the year.
    if (from !== undefined && from < parseDay('2000-01-01')!)
      issue(['history', 'from'], 'history begins in 2000 or later')
    if (to !== undefined && to > parseDay('2098-12-31')!)
      issue(['history', 'to'], `history ends by ${formatDay(parseDay('2098-12-31')!)}`)
    if (config.target === 'gcp' && !config.gcp) issue(['gcp'], 'target gcp needs a gcp section with project and bucket')
  })

/** What `retail.yaml` says, with defaults filled in. */
export type ConfigFile = z.output<typeof configSchema>

/** The resolved config: checked once at the door, frozen, then trusted. */
export type Config = Readonly<ConfigFile> & {
  /** absolute path of the folder that holds `retail.yaml`, `.retail/` and, locally, lake and database */
  readonly workspace: string
}
