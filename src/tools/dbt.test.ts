import { expect, test } from 'vitest'
import { type DbtBuildOptions, dbtBuild } from './dbt.ts'
import { printInvocation } from './invocation.ts'

const project = {
  python: 'python',
  package: 'dbt',
  project: 'dbt',
  work: '.retail/dbt',
  env: { RETAIL_DATABASE: 'build.duckdb' },
}
const ALWAYS =
  'python -I dbt/run.py build --target local --project-dir dbt --profiles-dir dbt --target-path .retail/dbt/target --log-path .retail/dbt/logs --no-version-check --no-use-colors --log-level-file none'

test.each<[Partial<DbtBuildOptions>, string]>([
  [{}, ''],
  [{ select: ['daily_sales+', 'tag:x'] }, ' --select daily_sales+ tag:x'],
  [{ fullRefresh: true }, ' --full-refresh'],
  [{ select: ['marts'], extra: ['--threads', '1'] }, ' --select marts --threads 1'],
])('dbt build %j', (options, words) => {
  expect(printInvocation(dbtBuild(project, { target: 'local', ...options }))).toBe(ALWAYS + words)
})

test('dbt gets what the profile reads, and tells nobody', () => {
  expect(dbtBuild(project, { target: 'local' }).env).toEqual({
    RETAIL_DATABASE: 'build.duckdb',
    RETAIL_DBT: 'dbt',
    DBT_SEND_ANONYMOUS_USAGE_STATS: 'false',
    DO_NOT_TRACK: '1',
  })
})
