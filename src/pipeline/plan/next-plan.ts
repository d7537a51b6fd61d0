import { type CommandLine, retail, withFlag } from '../../advice.ts'
import { isHere, targetNames, targets } from '../../config/targets.ts'
import type { Next } from '../next.ts'
import type { PlanResult } from './result.ts'

export interface RanPlan {
  command: 'plan'
  /** Its own command line. */
  again: CommandLine
  result: Pick<PlanResult, 'target' | 'sized' | 'world'>
  inWorkspace: boolean
  /** False if the config lacks what the target needs, such as a project. */
  knownTarget: boolean
}

/** The commands after an estimate. */
export function nextOfPlan(ran: RanPlan): Next[] {
  const { again, result } = ran
  const elsewhere = targetNames.filter((name) => isHere(result.target) && !isHere(name))
  return [
    toMakePlanned(ran),
    ...elsewhere.map((name) => ({
      command: withFlag(again, '--target', name),
      what: `show limits and cost in ${targets[name].about}`,
    })),
  ]
}

/** Flags of a world that `init` takes, too. */
const OF_A_WORLD = ['--stores', '--products', '--lines-per-store-day', '--seed', '--to'] as const
const NOT_SIZED = ['--products', '--seed'] as const

const worldFlags = (line: CommandLine, names: readonly string[]): string[] =>
  line.flatMap((word, i) => {
    const [name, value = line[i + 1]] = word.split('=')
    return names.includes(name) ? [name, value] : []
  })

function toMakePlanned({ again, result: { target, sized, world }, inWorkspace, knownTarget }: RanPlan): Next {
  if (!sized && inWorkspace && knownTarget)
    return { command: retail('backfill', ...worldFlags(again, OF_A_WORLD)), what: 'generate it' }
  const there = knownTarget ? [] : ['--target', target]
  if (!sized) {
    const flags = worldFlags(again, OF_A_WORLD)
    return {
      command: retail('init', ...there, ...flags),
      what: flags.length > 0 ? 'create a workspace of this world' : 'create a workspace',
    }
  }
  const size = [
    '--stores',
    `${world.stores}`,
    '--lines-per-store-day',
    `${world.linesPerStoreDay}`,
    ...worldFlags(again, NOT_SIZED),
  ]
  return {
    command: retail('init', ...there, ...size, '--from', world.from, '--to', world.to),
    what: 'create a workspace of this size',
  }
}
