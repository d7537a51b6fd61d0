import path from 'node:path'
import { pythonEnvironment } from '../src/tools/python-environment.ts'
import { pythonHome } from './python-home.ts'

const LOCKS = ['requirements.lock', 'requirements-bigquery.lock']

/** Vitest's global setup: makes the Python environments of dbt before the test files do so side by side, each half a minute of work. */
export default async function setup(): Promise<void> {
  // A test that needs it tells why it cannot be made.
  for (const lock of LOCKS)
    await pythonEnvironment({ lock: path.resolve(import.meta.dirname, '../dbt', lock), homes: [pythonHome] }).catch(
      () => {},
    )
}
