import { adviceText, type Spell, shellLine } from '../../src/advice.ts'
import type { CloudCheck } from '../../src/pipeline/cloud-checks.ts'
import type { InitResult, PlannedFile } from '../../src/pipeline/init.ts'
import { renderDiff } from './diff.ts'
import { type Pieces, table, unbroken } from './layout.ts'

export function renderInit(
  { workspace, files, dryRun, checks }: InitResult,
  again: string,
  spell: Spell = shellLine,
): Pieces {
  const changed = files.filter(({ action }) => action !== 'kept')
  const did = dryRun ? 'Would write' : '✔ Wrote'
  return [
    changed.length === 0
      ? `✔ Nothing to change in ${workspace}`
      : `${did} ${changed.map(({ path, action }) => `${path} (${action})`).join(', ')} in ${workspace}`,
    ...readmes(files),
    ...packages(files),
    `  To repeat this without prompts:\n    ${unbroken(again)}`,
    ...(checks ? renderChecks(checks, (line) => unbroken(spell(line))) : []),
  ]
}

const MARKS = { ok: '✔', warn: '!', missing: '✖' } as const

function renderChecks(checks: readonly CloudCheck[], spell: Spell): string[] {
  return checks.flatMap(({ name, state, about, fix }) => [
    `  ${MARKS[state]} ${name}: ${about}`,
    ...fix.map((each) => `    → ${adviceText(each, spell)}`),
  ])
}

/** Each template has a README that explains how to start it. */
function readmes(files: InitResult['files']): string[] {
  const found = files.filter(({ path }) => path.endsWith('README.md')).map(({ path }) => path)
  return found.length > 0 ? [`  Read ${found.join(', ')}`] : []
}

/** A clone, and the build context of Docker, contain only committed files. */
function packages(files: InitResult['files']): string[] {
  const found = files.find(({ path }) => path.endsWith('.tgz'))
  return found ? [`  Commit ${found.path}: the files above install retail from it`] : []
}

/** The preview: new files by name, changed files as a diff. */
export function renderPlan(plan: readonly PlannedFile[]): Pieces {
  const rows = plan.map(({ path, before, after }) => [
    path,
    before === undefined ? 'new' : before === after ? 'unchanged' : 'changes',
  ])
  const diffs = plan
    .filter(({ before, after, precious }) => precious && before !== undefined && before !== after)
    .map(({ path, before, after }) => `  ${path}\n${renderDiff(before!, after)}`)
  return [table(rows), ...diffs]
}
