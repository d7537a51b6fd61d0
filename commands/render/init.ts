import type { InitResult, PlannedFile } from '../../src/pipeline/init.ts'
import { renderDiff } from './diff.ts'
import { next, table } from './format.ts'

export function renderInit({ workspace, files, dryRun }: InitResult, again: string): string {
  const changed = files.filter(({ action }) => action !== 'kept')
  const did = dryRun ? 'Would write' : '✔ Wrote'
  return [
    changed.length === 0
      ? `✔ Nothing to change in ${workspace}`
      : `${did} ${changed.map(({ path, action }) => `${path} (${action})`).join(', ')} in ${workspace}`,
    `  Same again without questions:\n    ${again}`,
    next(['retail seed-dims', 'products and stores'], ['retail backfill', 'history']),
  ].join('\n')
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
