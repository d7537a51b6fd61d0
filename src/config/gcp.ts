import * as z from 'zod'
import { parseDuration } from '../time.ts'
import { settings } from './settings.ts'

const shape = (pattern: RegExp, expected: string) => z.string().regex(pattern, { error: `expected ${expected}` })

const project = shape(
  /^[a-z][a-z0-9-]{4,28}[a-z0-9]$/,
  'a project id: 6 to 30 lower-case letters, digits, and hyphens, starting with a letter',
)
const location = shape(/^(US|EU|[a-z]+-[a-z]+\d+)$/, 'US, EU, or a region like us-central1')
const region = shape(/^[a-z]+-[a-z]+\d+$/, 'a region like us-central1')
const bucket = shape(
  /^(?!goog)(?!.*(?:google|g00gle|\.\.|\.-|-\.))(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9][a-z0-9._-]{1,61}[a-z0-9]$/,
  "a bucket name: 3 to 63 lower-case letters, digits, -, _, and ., without 'google' in it",
)
const dataset = shape(/^[A-Za-z_][A-Za-z0-9_]{0,999}$/, 'letters, digits and _')
// The longest name with this prefix is an account's, `<prefix>-transform`, and it has at most 30 characters.
const prefix = shape(
  /^(?!goog)[a-z]([a-z0-9-]{0,18}[a-z0-9])?$/,
  'at most 20 lower-case letters, digits, and hyphens, starting with a letter',
)
const account = shape(
  /^[a-z0-9-]+@[a-z0-9.-]+\.gserviceaccount\.com$/,
  'the email of a service account, like retail-load@my-project.iam.gserviceaccount.com',
)
const duration = z
  .string()
  .refine((text) => parseDuration(text) !== undefined, { error: 'expected a duration, like 30m, 8h, or 2d' })

const GIB = 1_073_741_824
/** BigQuery bills at least this many bytes for a query of one table. */
const LEAST_BILLED = 10_485_760
const PIB = 1_125_899_906_842_624

/** The settings of target gcp. */
export const gcpSection = z.strictObject({
  project: project.describe(settings['gcp.project']),
  location: location.default('US').describe(settings['gcp.location']),
  region: region.default('us-central1').describe(settings['gcp.region']),
  bucket: bucket.describe(settings['gcp.bucket']),
  dataset: dataset.default('retail').describe(settings['gcp.dataset']),
  prefix: prefix.default('retail').describe(settings['gcp.prefix']),
  ingest: z.enum(['load', 'subscription']).default('load').describe(settings['gcp.ingest']),
  max_bytes_billed: z
    .int()
    .min(LEAST_BILLED)
    .max(PIB)
    .default(10 * GIB)
    .describe(settings['gcp.max_bytes_billed']),
  stream_stop_after: duration.default('8h').describe(settings['gcp.stream_stop_after']),
  credentials: z.string().min(1).optional().describe(settings['gcp.credentials']),
  impersonate: account.optional().describe(settings['gcp.impersonate']),
  deletion_protection: z.boolean().default(true).describe(settings['gcp.deletion_protection']),
  versioning: z.boolean().default(true).describe(settings['gcp.versioning']),
})
