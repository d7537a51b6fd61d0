import path from 'node:path'
import { testEnvironment } from './python-env.ts'

const LOCKS = ['requirements.lock', 'requirements-bigquery.lock']

/** Vitest's global setup: makes the Python environments of dbt before the test files do so side by side. */
export default async function setup(): Promise<void> {
  // A test that needs it tells why it cannot be made.
  for (const lock of LOCKS) await testEnvironment(path.join(import.meta.dirname, '../dbt', lock)).catch(() => {})
}
