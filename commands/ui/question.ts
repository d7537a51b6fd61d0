import type { GcpConfig } from '../../src/config/schema.ts'
import type { SettingPath } from '../../src/config/settings.ts'
import type { TargetName } from '../../src/config/targets.ts'
import type { TemplateName } from '../../src/pipeline/templates.ts'
import type { WorldSchema } from '../../src/tables/index.ts'
import type { Day } from '../../src/time.ts'
import type { Prompts } from './prompts.ts'

/** The `gcp` section of retail.yaml; an empty project means that it is not known yet. */
export type CloudAnswers = Omit<GcpConfig, 'prefix' | 'deletion_protection' | 'versioning'>

export interface InitAnswers {
  target: TargetName
  /** Asked and written only for target gcp. */
  gcp?: CloudAnswers
  stores: number
  products: number
  linesPerStoreDay: number
  /** Not asked: a flag or a variable sets it. */
  schema: WorldSchema
  /** Days, inclusive. */
  from: string
  to: string
  seed: number
  /** Templates to write beside retail.yaml. */
  extras: readonly TemplateName[]
}

export interface Question {
  name: string
  /** The flag that answers the question. */
  flags: readonly string[]
  /** The setting in retail.yaml. Absent: only the flag answers the question. */
  settings: readonly SettingPath[]
  /** The default suits everybody who gave no answer, so it is not asked. */
  optional?: boolean
  /** When to ask the question; default: always. */
  when?(answers: InitAnswers): boolean
  show(answers: InitAnswers): string
  /** `today` resolves `yesterday` and `-90d`. */
  ask(prompts: Prompts, answers: InitAnswers, today: Day): Promise<Partial<InitAnswers>>
}
