import { advise, type CommandLine, type CommandName, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { Ports, Unable } from '../ports/index.ts'

/** The possible prerequisites of a command, in the order in which they are created. */
const NEEDS = ['workspace', 'infra', 'dimensions', 'history', 'marts'] as const
export type Need = (typeof NEEDS)[number]

/** The prerequisites of every command. A command that this table lacks does not compile. */
export const preconditions: Record<CommandName, readonly Need[]> = {
  init: [],
  infra: ['workspace'],
  plan: [],
  'seed-dims': ['workspace', 'infra'],
  backfill: ['workspace', 'infra'],
  stream: ['workspace', 'infra', 'history'],
  faults: ['workspace'],
  load: ['workspace', 'infra'],
  'dead-letters': ['workspace', 'infra'],
  transform: ['workspace', 'infra', 'dimensions', 'history'],
  // Beyond that, it depends on the command of dbt.
  dbt: ['workspace', 'infra'],
  verify: ['workspace', 'infra', 'history'],
  grade: ['workspace'],
  // Beyond that, it checks for itself: a prerequisite may be what is damaged.
  repair: ['workspace'],
  pack: ['workspace', 'infra', 'dimensions', 'history'],
  status: ['workspace'],
  dashboard: ['workspace', 'infra', 'marts'],
  // Beyond that, the warehouse says whether it has anything to query.
  sql: ['workspace', 'infra'],
  demo: [],
  completion: [],
  help: [],
}

/** Its name, and the command that creates it. */
const made: Record<Need, { what: string; them: 'it' | 'them'; by: CommandLine }> = {
  workspace: { what: 'a workspace', them: 'it', by: retail('init') },
  infra: { what: 'the infrastructure in Google Cloud', them: 'it', by: retail('infra', 'apply') },
  dimensions: { what: 'products and stores', them: 'them', by: retail('seed-dims') },
  history: { what: 'history', them: 'it', by: retail('backfill') },
  marts: { what: 'marts', them: 'them', by: retail('transform') },
}

export function missing(command: CommandName, need: Need, later: readonly Need[] = []): RetailError {
  const { what, them, by } = made[need]
  return new RetailError('missing', `${command} needs ${what}, which ${them === 'it' ? 'does' : 'do'} not exist yet`, {
    why: later.length > 0 ? `it will then need ${later.map((each) => made[each].what).join(' and ')}` : undefined,
    hint: advise`create ${them} first: ${by}`,
  })
}

/** A command asks for what its target cannot do. */
export const unable = (message: string, { why, hint }: Unable): RetailError =>
  new RetailError('bad_flag', message, { why, hint })

/** History is in the lake, but nothing shows it: the database was deleted, or a backfill was killed before it published. */
export function noDatabase(
  command: CommandName,
  { warehouse, upkeep }: Pick<Ports, 'warehouse' | 'upkeep'>,
): RetailError {
  return new RetailError('missing', `${command} needs ${warehouse.location}, which does not exist`, {
    why: 'the lake has history; no data is lost',
    hint: advise`create it again: ${retail(upkeep.can ? 'repair' : 'backfill')}`,
  })
}

/**
 * `folder`: where the workspace was searched; `asked`: a flag or a variable named it; `again`: the
 * command line, if flags that define a world are enough for it.
 */
export function noWorkspace(folder: string, asked: boolean, again?: CommandLine): RetailError {
  const init = asked ? retail('init', '--workspace', folder) : made.workspace.by
  return new RetailError(
    'missing',
    `${folder} is not a workspace: it has no retail.yaml${asked ? '' : ', and neither does a parent folder'}`,
    {
      why: 'retail.yaml defines which world to generate and where its data goes',
      hint: again
        ? advise`define the world with flags: ${[...again, '--seed', '42', '--stores', '10']}; or create a workspace: ${init}`
        : advise`create one first: ${init}`,
    },
  )
}
