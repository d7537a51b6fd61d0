import type { GcpConfig } from '../../src/config/schema.ts'
import type { SettingPath } from '../../src/config/settings.ts'
import type { TemplateName } from '../../src/pipeline/templates.ts'
import type { Prompts } from './prompts.ts'

/** What the section `gcp` of retail.yaml says; an empty project is one that nobody knows yet. */
export type CloudAnswers = Omit<GcpConfig, 'prefix' | 'deletion_protection' | 'versioning'>

export interface InitAnswers {
  target: 'local' | 'gcp'
  /** asked for and written only when that is the target */
  gcp?: CloudAnswers
  stores: number
  products: number
  linesPerStoreDay: number
  /** days, inclusive */
  from: string
  to: string
  seed: number
  /** what else is written beside retail.yaml */
  extras: readonly TemplateName[]
}

export interface Question {
  name: string
  /** what answers it without a person */
  flags: readonly string[]
  /** of retail.yaml; none: only its flag answers it */
  settings: readonly SettingPath[]
  /** its default is good enough for everyone who did not say otherwise */
  optional?: boolean
  /** false: it does not arise; always when not given */
  when?(answers: InitAnswers): boolean
  show(answers: InitAnswers): string
  ask(prompts: Prompts, answers: InitAnswers): Promise<Partial<InitAnswers>>
}
