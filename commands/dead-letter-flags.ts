import { advise, retail } from '../src/advice.ts'
import { RetailError } from '../src/errors.ts'
import type { Context } from './context.ts'
import type { DeadLetterFlags } from './dead-letters.ts'

export type LetterAction = 'list' | 'show' | 'replay' | 'drop' | 'export'

/** The actions that each flag applies to. */
const TAKEN: Record<string, readonly LetterAction[]> = {
  '--all': ['replay', 'drop'],
  '--state': ['list', 'export'],
  '--limit': ['list'],
  '--reason': ['drop'],
  '--out': ['export'],
  '--force': ['export'],
  '--format': ['export'],
  '--dry-run': ['replay', 'drop'],
}

/** Rejects combinations that mean nothing before anything is opened. */
export function checkLetterFlags(
  context: Context,
  action: LetterAction,
  ids: readonly string[],
  flags: DeadLetterFlags,
): void {
  const { all, state, limit, reason, out, force, format, dryRun } = flags
  const given = Object.entries({
    '--all': all,
    '--state': state,
    '--limit': limit,
    '--reason': reason,
    '--out': out,
    '--force': force,
    '--format': format,
    '--dry-run': dryRun,
  })
  for (const [flag, value] of given)
    if (value !== undefined && !TAKEN[flag].includes(action))
      throw refused(`${flag} does not apply to ${action}`, `it belongs to ${TAKEN[flag].join(' and ')}`, action)
  if (ids.length > 0 && (action === 'list' || action === 'export'))
    throw refused(`${action} takes no message ids`, 'it takes --table and --state', action)
  if (action === 'list' || action === 'export') {
    if (action === 'export' && context.flags.json && (out === undefined || out === '-'))
      throw new RetailError('bad_flag', '--json and an export to stdout both write to stdout', {
        hint: advise`${retail('dead-letters', 'export', '--out', 'letters.ndjson', '--json')}`,
      })
    return
  }
  if (ids.length > 0 && all) throw refused('give either message ids or --all', '--all means all open letters', action)
  if (ids.length === 0 && !all)
    throw new RetailError('bad_flag', `${action} needs ${action === 'show' ? 'message ids' : 'message ids or --all'}`, {
      hint: advise`see the ids: ${retail('dead-letters', 'list')}`,
    })
  if (action === 'drop' && !reason?.trim())
    throw new RetailError('bad_flag', 'drop needs --reason', {
      why: 'somebody will ask why these messages are not needed',
      hint: advise`${retail('dead-letters', 'drop', ...(all ? ['--all'] : ids), '--reason', 'a test message')}`,
    })
}

const refused = (message: string, why: string, action: LetterAction) =>
  new RetailError('bad_flag', message, { why, hint: advise`${retail('dead-letters', action, '--help')}` })
