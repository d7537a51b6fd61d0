import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs'
import path from 'node:path'
import { expect } from 'vitest'
import { retail, workspace } from '../tool.ts'
import { run } from './packed.ts'

/** For the environment of `airflow dags test`: most of its processor time is not the template's. */
export const oneServer = { PYTHONPATH: path.join(import.meta.dirname, 'one-server') }

const TEMPLATE = path.resolve(import.meta.dirname, '../../templates/airflow/airflow')
const CACHE = path.resolve(import.meta.dirname, '../../node_modules/.cache/retail-airflow')
/** What start.sh makes once for a workspace; all else in its folder has paths in it. */
const isPrepared = (name: string) => /^(airflow\.db|prepared-.*|migrate\.log|pools\.log)$/.test(name)

/** Gives a workspace what start.sh has prepared in another one, which takes it ten seconds of processor time. */
export async function prepareAirflow(folder: string, env: NodeJS.ProcessEnv): Promise<void> {
  const hash = createHash('sha256')
  for (const name of ['start.sh', 'pools.json', 'requirements.lock'])
    hash.update(readFileSync(path.join(TEMPLATE, name)))
  const kept = path.join(CACHE, hash.digest('hex').slice(0, 16))
  if (!existsSync(kept)) await prepare(kept, env)
  cpSync(kept, path.join(folder, '.retail/airflow'), { recursive: true, preserveTimestamps: true })
}

async function prepare(kept: string, env: NodeJS.ProcessEnv): Promise<void> {
  const folder = workspace()
  expect((await retail(folder, 'init --yes --with airflow --force')).code).toBe(0)
  const { code, text } = await run(folder, 'bash', ['airflow/start.sh', 'version'], env)
  expect(code, text).toBe(0)
  const home = path.join(folder, '.retail/airflow')
  const names = readdirSync(home).filter(isPrepared)
  expect(names.length).toBe(4)
  mkdirSync(CACHE, { recursive: true })
  const making = mkdtempSync(path.join(CACHE, '.making-'))
  for (const name of names) cpSync(path.join(home, name), path.join(making, name), { preserveTimestamps: true })
  try {
    renameSync(making, kept)
  } catch (error) {
    // Another test file was faster.
    if (!existsSync(kept)) throw error
    rmSync(making, { recursive: true })
  }
}
