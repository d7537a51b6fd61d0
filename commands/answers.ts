import { type CommandLine, retail } from '../src/advice.ts'
import type { LoadedConfig } from '../src/config/load.ts'
import type { GcpConfig } from '../src/config/schema.ts'
import type { Overrides } from '../src/config/settings.ts'
import { sizeNames, sizes } from '../src/config/sizes.ts'
import { targets } from '../src/config/targets.ts'
import type { TemplateName } from '../src/pipeline/templates.ts'
import type { WorldSchema } from '../src/tables/index.ts'
import { formatSize } from './sizes.ts'
import { bucketOf } from './ui/cloud-questions.ts'
import type { CloudAnswers, InitAnswers } from './ui/question.ts'

/** The same answers in three forms: the effective values, the text of retail.yaml, and the flags that repeat them. */
export const answersOf = ({ config, sources }: LoadedConfig, extras: readonly TemplateName[] = []): InitAnswers => ({
  extras,
  target: config.target,
  ...(config.gcp && { gcp: cloudAnswersOf(config.gcp, sources) }),
  stores: config.world.stores,
  products: config.world.products,
  linesPerStoreDay: config.world.lines_per_store_day,
  schema: config.world.schema,
  from: config.history.from,
  to: config.history.to,
  seed: config.seed,
})

export const valuesOf = (answers: InitAnswers): Overrides => ({
  target: answers.target,
  seed: answers.seed,
  'world.stores': answers.stores,
  'world.products': answers.products,
  'world.lines_per_store_day': answers.linesPerStoreDay,
  'world.schema': answers.schema,
  'history.from': answers.from,
  'history.to': answers.to,
  ...(targets[answers.target].needs && cloudValuesOf(answers.gcp!)),
})

const DEFAULT_SCHEMA: WorldSchema = 'strict'

/** A placeholder for a value that is still missing, in a form that the schema accepts. */
export const UNKNOWN = 'not-known-yet'

function cloudAnswersOf(
  { prefix: _, deletion_protection: _protection, versioning: _versioning, ...gcp }: GcpConfig,
  sources: LoadedConfig['sources'],
): CloudAnswers {
  const project = gcp.project === UNKNOWN ? '' : gcp.project
  return { ...gcp, project, bucket: sources['gcp.bucket'] === 'default' ? bucketOf(project) : gcp.bucket }
}

const cloudValuesOf = (cloud: CloudAnswers): Overrides =>
  Object.fromEntries(
    Object.entries(cloud).flatMap(([key, value]) => (value === undefined ? [] : [[`gcp.${key}`, value]])),
  )

const cloudWords = ({ max_bytes_billed, ...cloud }: CloudAnswers): string[] =>
  Object.entries({ ...cloud, max_bytes_billed: formatSize(max_bytes_billed) }).flatMap(([key, value]) =>
    value === undefined ? [] : [`--${key.replaceAll('_', '-')}`, value || key.toUpperCase()],
  )

export function againLine(answers: InitAnswers, workspace?: string): CommandLine {
  const size = sizeNames.find((name) => {
    const values = sizes[name].values
    return (
      values['world.stores'] === answers.stores &&
      values['world.products'] === answers.products &&
      values['world.lines_per_store_day'] === answers.linesPerStoreDay
    )
  })
  const amounts = size
    ? ['--size', size]
    : [
        '--stores',
        `${answers.stores}`,
        '--products',
        `${answers.products}`,
        '--lines-per-store-day',
        `${answers.linesPerStoreDay}`,
      ]
  return retail(
    'init',
    ...(workspace ? ['--workspace', workspace] : []),
    ...['--target', answers.target],
    ...(targets[answers.target].needs ? cloudWords(answers.gcp!) : []),
    ...amounts,
    ...(answers.schema === DEFAULT_SCHEMA ? [] : ['--schema', answers.schema]),
    ...['--from', answers.from, '--to', answers.to],
    ...['--seed', `${answers.seed}`],
    ...(answers.extras.length > 0 ? ['--with', answers.extras.join(',')] : []),
    '--yes',
  )
}
