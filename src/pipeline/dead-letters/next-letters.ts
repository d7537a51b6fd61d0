import { type CommandLine, retail } from '../../advice.ts'
import { REPLAY } from '../fix-commands.ts'
import type { Next } from '../next.ts'

export interface RanLetters {
  command: 'dead-letters'
  /** The number of open letters. */
  open: number
  /** The id of one. */
  first: string | undefined
}

export interface RanReplay {
  command: 'replay'
  again: CommandLine
  dryRun: boolean | undefined
  /** Events were published. */
  published: boolean
  /** Published events wait for a load. */
  loads: boolean
  /** The id of a letter that could not be replayed. */
  invalid?: string | undefined
}

export function nextOfLetters({ open, first }: RanLetters): Next[] {
  if (open === 0) return []
  return [
    ...(first ? [{ command: retail('dead-letters', 'show', first), what: 'see the whole message' }] : []),
    REPLAY,
    { command: retail('dead-letters', 'drop', first ?? 'ID', '--reason', 'WHY'), what: 'mark one as not needed' },
  ]
}

export function nextOfReplay({ again, dryRun, published, loads, invalid }: RanReplay): Next[] {
  if (dryRun) return [{ command: again, what: 'run it' }]
  const arrive = loads
    ? { command: retail('load'), what: 'load the events' }
    : { command: retail('transform'), what: 'add them to the marts when they have arrived' }
  const show = invalid && { command: retail('dead-letters', 'show', invalid), what: 'see what is wrong, then drop it' }
  return [...(published ? [arrive] : []), ...(show ? [show] : [])]
}
