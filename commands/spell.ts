import { type CommandLine, type CommandName, shellLine } from '../src/advice.ts'
import { flagOf, type SettingPath } from '../src/config/settings.ts'
import { type OverrideFlags, overridesOf } from './flag-types.ts'

const ALL: readonly SettingPath[] = [
  ...(['target', 'seed', 'world.stores', 'world.products', 'world.lines_per_store_day'] as const),
]
const NONE: readonly SettingPath[] = []

/**
 * The override flags that each command accepts. Advice after an invocation with overrides repeats them; otherwise it
 * would address another world.
 */
export const overridesTaken: Record<CommandName, readonly SettingPath[]> = {
  init: NONE,
  infra: ['target'],
  plan: ALL,
  'seed-dims': ALL,
  backfill: ALL,
  stream: ALL,
  faults: ALL,
  load: ALL,
  'dead-letters': ALL,
  transform: ALL,
  dbt: ALL,
  verify: ALL,
  grade: ALL,
  repair: ALL,
  status: ALL,
  dashboard: NONE,
  sql: ['target'],
  pack: ALL,
  demo: NONE,
  completion: NONE,
  help: NONE,
}

const WITHOUT_WORKSPACE: readonly string[] = ['completion', 'help']

/**
 * Formats command lines so that they can be pasted: started the way this process was, with the same workspace and
 * overrides.
 */
export function spellWith(
  launcher: CommandLine,
  { workspace, overrides }: { workspace: string | undefined; overrides: OverrideFlags },
): (line: CommandLine) => string {
  const given = overridesOf(overrides)
  return (line) => {
    const [tool, command, ...words] = line
    if (tool !== 'retail') return shellLine(line)
    if (command === undefined || command.startsWith('-')) return shellLine([...launcher, ...line.slice(1)])
    const says = (flag: string) => words.some((word) => word === flag || word.startsWith(`${flag}=`))
    const carried: string[] = []
    if (workspace !== undefined && !says('--workspace') && !WITHOUT_WORKSPACE.includes(command))
      carried.push('--workspace', workspace)
    for (const setting of overridesTaken[command as CommandName] ?? NONE) {
      const value = given[setting]
      if (value !== undefined && !says(flagOf(setting))) carried.push(flagOf(setting), `${value}`)
    }
    const flagsFrom = words.findIndex((word) => word.startsWith('-'))
    const at = flagsFrom < 0 ? words.length : flagsFrom
    return shellLine([...launcher, command, ...words.slice(0, at), ...carried, ...words.slice(at)])
  }
}
