import { createHash } from 'node:crypto'
import fs from 'node:fs'
import path from 'node:path'
import { RetailError } from '../errors.ts'
import { type DbtProject, dbtCall } from './dbt.ts'
import { firstDbtError } from './dbt-results.ts'
import { type RunOptions, run } from './run.ts'

const LISTS = ['packages.yml', 'dependencies.yml']

/**
 * Installs the packages of the user's project with `dbt deps`: ours, wherever it is installed now, and others. Does
 * nothing if that was done for the same lists and the same place.
 */
export async function installPackages(
  dbt: DbtProject,
  target: string,
  options: Pick<RunOptions, 'signal' | 'log' | 'onLine'> & { onStep?: ((text: string) => void) | undefined },
): Promise<void> {
  const { package: ours, project, work } = dbt
  if (project === ours) return
  const lists = LISTS.map((name) => readIfThere(path.join(project, name)))
  if (!lists.some((text) => text.includes('RETAIL_DBT')))
    throw new RetailError('bad_config', `${path.join(project, LISTS[0])} does not import the project of retail`, {
      why: 'without it, the models of staging and marts would be missing',
      hint: `add the entry - local: "{{ env_var('RETAIL_DBT') }}"`,
    })
  const done = path.join(work, 'packages')
  const stamp = createHash('sha256')
    .update([ours, project, ...lists].join('\0'))
    .digest('hex')
  if (readIfThere(done) === stamp && isOurs(path.join(project, 'dbt_packages', 'retail'), ours)) return
  options.onStep?.('installing the packages of your dbt project')
  const said: string[] = []
  const onLine = (line: string) => {
    said.push(line)
    options.onLine?.(line)
  }
  const { exitCode } = await run(dbtCall(dbt, { target, words: ['deps'], colors: false }), { ...options, onLine })
  if (exitCode !== 0)
    throw new RetailError('tool_failed', 'dbt could not install the packages of your project', {
      why: firstDbtError(said),
      hint: `correct ${path.join(project, LISTS[0])}; packages from other places need network access`,
    })
  fs.mkdirSync(work, { recursive: true })
  fs.writeFileSync(done, stamp)
}

const readIfThere = (file: string): string => (fs.existsSync(file) ? fs.readFileSync(file, 'utf8') : '')

const isOurs = (link: string, ours: string): boolean =>
  fs.existsSync(link) && fs.realpathSync(link) === fs.realpathSync(ours)
