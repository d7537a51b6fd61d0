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

function toMakePlanned({ result: { target, sized, world }, inWorkspace, knownTarget }: RanPlan): Next {
  if (!sized && inWorkspace && knownTarget) return { command: retail('backfill'), what: 'generate it' }
  const there = knownTarget ? [] : ['--target', target]
  if (!sized) return { command: retail('init', ...there), what: 'create a workspace' }
  const size = ['--stores', `${world.stores}`, '--lines-per-store-day', `${world.linesPerStoreDay}`]
  return {
    command: retail('init', ...there, ...size, '--from', world.from, '--to', world.to),
    what: 'create a workspace of this size',
  }
}
