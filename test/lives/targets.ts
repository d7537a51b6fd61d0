import { keyedRng, type Rng } from '../../src/random/rng.ts'
import { LOSSES } from './journal.ts'
import { type Blow, type Strike, type Struck, THE_END } from './life.ts'
import { isRead } from './simulated-disk.ts'

/** Blows to one step in a row, so that the recovery from one is struck, too. */
const BLOWS_IN_A_ROW = 8
/** What a blow misses so often is not an operation of every life: what runs beside it came first. */
const TRIES = 6

interface Target {
  blow: Blow
  tries: number
}

/** Faults for one step, one after the other. `settle` receives the outcome. */
export interface Row {
  step: number
  strike: Strike
  settle(struck: Struck): void
}

/** Every operation of a life, with each thing that can go wrong there: killed, failed, power lost. */
export class Targets {
  readonly total: number
  hit = 0
  readonly missed: string[] = []
  private readonly rng: Rng
  private readonly waiting: Target[][]
  /** what a run after a blow did not come by: the first run of a step will */
  private readonly fresh: Target[][]

  constructor(seed: number, operations: readonly (readonly string[])[], near?: RegExp) {
    this.rng = keyedRng(seed, 2, 0)
    this.waiting = operations.map((all) =>
      shuffled(blowsOf(all), this.rng)
        .filter(({ at }) => !near || near.test(at))
        .map((blow) => ({ blow, tries: 0 })),
    )
    this.fresh = operations.map(() => [])
    this.total = this.waiting.reduce((sum, { length }) => sum + length, 0)
  }

  private leftOf = (step: number): number => this.waiting[step].length + this.fresh[step].length

  get left(): number {
    return this.waiting.reduce((sum, _, step) => sum + this.leftOf(step), 0)
  }

  /** What strikes next, until `over`. Steps have their turn by how much of them is left. */
  next(over: () => boolean): Row {
    let step = 0
    for (let n = this.rng.below(this.left); n >= this.leftOf(step); step++) n -= this.leftOf(step)
    const taken = new Map<Blow, Target>()
    return {
      step,
      strike: (attempt) => {
        if (attempt >= BLOWS_IN_A_ROW || over()) return undefined
        const target = (attempt === 0 && this.fresh[step].shift()) || this.waiting[step].shift()
        if (!target) return undefined
        taken.set(target.blow, target)
        return target.blow
      },
      settle: (struck) => {
        for (const { blow, hit } of struck) {
          const target = taken.get(blow)
          if (!target) continue
          if (hit) this.hit++
          else if (++target.tries < TRIES) this.fresh[step].push(target)
          else this.missed.push(`${blow.kind} at ${blow.at}`)
        }
      },
    }
  }
}

function blowsOf(operations: readonly string[]): Blow[] {
  const blows: Blow[] = []
  operations.forEach((at, i) => {
    const code = i % 2 === 0 ? 'EIO' : 'ENOSPC'
    const base = { at, code, lasting: i % 3 === 0, loss: LOSSES[i % LOSSES.length] } as const
    blows.push({ ...base, kind: 'error' })
    if (!isRead(at)) blows.push({ ...base, kind: 'kill' }, { ...base, kind: 'power' })
  })
  if (operations.length > 0)
    for (const loss of LOSSES) blows.push({ kind: 'power', at: THE_END, code: 'EIO', lasting: false, loss })
  return blows
}

function shuffled<T>(all: T[], rng: Rng): T[] {
  for (let i = all.length - 1; i > 0; i--) {
    const j = rng.below(i + 1)
    ;[all[i], all[j]] = [all[j], all[i]]
  }
  return all
}
