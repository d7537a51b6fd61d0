import { existsSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { advise, retail } from '../advice.ts'
import { closest } from '../config/closest.ts'
import { RetailError } from '../errors.ts'

/** The part of a selection that, according to dbt, matches nothing; undefined for any other line. */
export const unmatchedIn = (line: string): string | undefined =>
  /selection criterion '(.+)' does not match any/i.exec(line)?.[1]

/** A selection that matches nothing, in whole or in part: a typing error, and never a reason to publish. */
export function matchesNothing(criterion: string, projects: readonly string[]): RetailError {
  // +daily_sales, 2+daily_sales, @daily_sales, daily_sales+1
  const [, before, name, after] = /^(\d*\+|@)?(.*?)(\+\d*)?$/.exec(criterion) ?? []
  const near = name && closest(name, projects.flatMap(namesOf))
  return new RetailError('bad_flag', `nothing in the dbt project matches --select ${criterion}`, {
    why: near
      ? `did you mean ${near}?`
      : 'expected a model, a folder of models (staging, marts), or another dbt selector',
    hint: near
      ? advise`${retail('transform', '--select', `${before ?? ''}${near}${after ?? ''}`)}`
      : advise`${retail('transform')} builds all models`,
  })
}

/** dbt's own flags that leave models out. */
const SELECTING =
  /^(-s|-m|--(select|models?|exclude|selector|resource-types?|exclude-resource-types?|empty|sample))(=.*)?$/

/** Whether a run may leave models out. */
export const selectsPart = (select: readonly string[], extra: readonly string[]): boolean =>
  select.length > 0 || extra.some((word) => SELECTING.test(word))

/** dbt's own flags that change the rows of a model, or what a test reads. */
const ALTERING = /^--(empty|sample|vars|defer|favor-state|state|event-time-start|event-time-end)(=.*)?$/

/** Whether a run may build models of other rows than `raw` holds, or test less than it should. */
export const altersBuild = (extra: readonly string[]): boolean => extra.some((word) => ALTERING.test(word))

/** dbt's own form of --full-refresh. */
export const isFullRefresh = (word: string): boolean => word === '-f' || word === '--full-refresh'

/** Selectable names: models and their folders, sources, our own tests. */
function namesOf(project: string): string[] {
  const files = ['models', 'tests', 'seeds', 'snapshots'].flatMap((name) => {
    const folder = path.join(project, name)
    return existsSync(folder) ? readdirSync(folder, { recursive: true, encoding: 'utf8' }) : []
  })
  return files.flatMap((file) => (file.endsWith('.yml') ? [] : [path.parse(file).name]))
}
