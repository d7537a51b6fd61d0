import type { CloudCheck } from '../../src/pipeline/cloud-checks.ts'
import type { InitResult, PlannedFile } from '../../src/pipeline/init.ts'
import { renderDiff } from './diff.ts'
import { next, table } from './format.ts'

export function renderInit(
  { workspace, files, dryRun, checks }: InitResult,
  again: string,
  target: 'local' | 'gcp',
): string {
  const changed = files.filter(({ action }) => action !== 'kept')
  const did = dryRun ? 'Would write' : '✔ Wrote'
  return [
    changed.length === 0
      ? `✔ Nothing to change in ${workspace}`
      : `${did} ${changed.map(({ path, action }) => `${path} (${action})`).join(', ')} in ${workspace}`,
    ...readmes(files),
    `  Same again without questions:\n    ${again}`,
    ...(checks ? renderChecks(checks) : []),
    target === 'gcp'
      ? next(['retail infra plan', 'what would be made, and what it costs'], ['retail infra apply', 'make it'])
      : next(['retail seed-dims', 'products and stores'], ['retail backfill', 'history']),
  ].join('\n')
}

const MARKS = { ok: '✔', warn: '!', missing: '✖' } as const

function renderChecks(checks: readonly CloudCheck[]): string[] {
  return checks.flatMap(({ name, state, about, mend }) => [
    `  ${MARKS[state]} ${name}: ${about}`,
    ...mend.map((command) => `    → ${command}`),
  ])
}

/** Each template says in a page how to start it. */
function readmes(files: InitResult['files']): string[] {
  const found = files.filter(({ path }) => path.endsWith('README.md')).map(({ path }) => path)
  return found.length > 0 ? [`  Read ${found.join(', ')}`] : []
}

/** What the review shows: new files by name, changed ones by their lines. */
export function renderPlan(plan: readonly PlannedFile[]): string {
  const rows = plan.map(({ path, before, after }) => [
    path,
    before === undefined ? 'new' : before === after ? 'stays as it is' : 'changes',
  ])
  const diffs = plan
    .filter(({ before, after, precious }) => precious && before !== undefined && before !== after)
    .map(({ path, before, after }) => `  ${path}\n${renderDiff(before!, after)}`)
  return [table(rows), ...diffs].join('\n')
}
