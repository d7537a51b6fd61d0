import { useClock } from '../../src/clock.ts'
import { type Disk, useDisk } from '../../src/disk.ts'
import { errnoOf, RetailError } from '../../src/errors.ts'
import { keyedRng } from '../../src/random/rng.ts'
import { simulatedClock } from './clock.ts'
import { Eyes, NOTHING, type Promised } from './eyes.ts'
import type { Loss } from './journal.ts'
import { type Moment, Place } from './place.ts'
import { asProcesses, nextProcess } from './processes.ts'
import { lifeOf, type Step } from './shop.ts'
import { type Fault, Killed } from './simulated-disk.ts'

/** A fault of a life. At `the end` power is lost after the command said that it was done. */
export interface Blow extends Fault {
  loss: Loss
}
export const THE_END = 'the end'

/** What strikes a step, again and again until it returns undefined; then the step is run to its end. */
export type Strike = (attempt: number) => Blow | undefined

/** What follows a step that was struck: the rest of the life, a verify alone, or nothing. */
export type Then = 'live on' | 'verify' | 'end'

/** What happened. */
export type Struck = { blow: Blow; hit: boolean }[]

export class LifeFailure extends Error {
  override readonly name = 'LifeFailure'
  readonly struck: Struck
  constructor(message: string, struck: Struck, cause: unknown) {
    super(message, { cause })
    this.struck = struck
  }
}

/** After this many faults, another command runs first, without knowledge of the interrupted one. */
const VISITOR_EVERY = 8

/**
 * The life of a workspace, step after step. It is lived once without a fault, and what was there before each step is kept: from then on
 * any step can be struck, again and again, without living what came before it.
 */
export class Life {
  /** operations of each step, undisturbed */
  readonly operations: string[][] = []
  readonly steps: readonly Step[]
  private readonly seed: number
  private readonly disk: Disk
  private readonly place = new Place()
  private readonly process = asProcesses()
  private readonly moments: Moment[] = []
  /** what the workspace has promised before each step */
  private readonly promises: Promised[] = []
  private eyes!: Eyes
  /** what was seen last: nothing of it goes, unless power does */
  private promised: Promised = NOTHING
  /** what a command that succeeded left: nothing of it ever goes */
  private acknowledged: Promised = NOTHING

  private constructor(seed: number, plant: (disk: Disk) => Disk) {
    this.seed = seed
    this.disk = plant(this.place.simulated.disk)
    this.steps = lifeOf(seed, this.place.folder)
  }

  /** `plant`: a bug to live with, around the disk. */
  static async open(seed: number, plant: (disk: Disk) => Disk = (disk) => disk): Promise<Life> {
    const life = new Life(seed, plant)
    try {
      await life.liveUndisturbed()
      return life
    } catch (error) {
      life[Symbol.dispose]()
      throw error
    }
  }

  private async liveUndisturbed(): Promise<void> {
    for (const step of this.steps) {
      this.moments.push(this.place.save())
      await this.run(step, undefined)
      this.operations.push(this.place.simulated.operations)
    }
    useDisk()
    const end = this.place.save()
    this.eyes = await Eyes.of(this.place.folder)
    // A life that nobody disturbs must please the eyes, too.
    for (const moment of [...this.moments, end]) {
      this.place.restore(moment)
      await this.look(true, true)
      this.promises.push(this.promised)
    }
  }

  /**
   * Injects faults into a step until `strike` ends or misses, completes the step, and continues as `then` says. Checks the workspace
   * after every run. Throws a LifeFailure at the first violation.
   */
  async strike(i: number, strike: Strike, then: Then): Promise<Struck> {
    const struck: Struck = []
    const step = this.steps[i]
    this.place.restore(this.moments[i])
    this.promised = this.acknowledged = this.promises[i]
    let blow: Blow | undefined
    try {
      for (let attempt = 0; ; attempt++) {
        blow = strike(attempt)
        const hit = await this.suffer(step, blow, i, attempt)
        if (blow) struck.push({ blow, hit })
        if (!hit) break
      }
      blow = undefined
      for (const next of this.after(i, then)) {
        await this.run(next, undefined)
        await this.look(next.name.startsWith('init'), true)
      }
      return struck
    } catch (error) {
      if (blow) struck.push({ blow, hit: this.place.simulated.hit })
      const after = blow ? `, ${blow.kind} at ${blow.at}` : ''
      throw new LifeFailure(`${step.name}${after}: ${textOf(error)}`, struck, error)
    } finally {
      useDisk()
    }
  }

  /** Runs a step once, struck or not, and looks. True when it was struck. */
  private async suffer(step: Step, blow: Blow | undefined, i: number, attempt: number): Promise<boolean> {
    const { hit, fine } = await this.run(step, blow)
    const changing = step.name.startsWith('init')
    if (fine) await this.look(changing, true)
    if (blow?.kind === 'power' && hit) {
      useDisk()
      this.place.simulated.journal.lose(blow.loss, keyedRng(this.seed, i, attempt))
      this.promised = this.acknowledged
    }
    if (hit) await this.look(changing && !fine, false)
    if (hit && this.promised.marts && (i + attempt) % VISITOR_EVERY === 0) {
      await this.run(this.named('transform'), undefined)
      await this.look(changing && !fine, true)
    }
    return hit
  }

  /** What must succeed after a step. Before there is history there is nothing to verify. */
  private after(i: number, then: Then): readonly Step[] {
    if (then === 'live on') return this.steps.slice(i + 1)
    return then === 'verify' && i >= this.steps.indexOf(this.named('backfill')) ? [this.named('verify')] : []
  }

  private readonly named = (name: string): Step => this.steps.find((step) => step.name === name)!

  /** From now on, everything that exists is promised. */
  private async look(changing: boolean, succeeded: boolean): Promise<void> {
    useDisk()
    this.promised = await this.eyes.look(this.place.folder, this.promised, changing)
    if (succeeded) this.acknowledged = this.promised
  }

  /** Runs a step as a process. One that is not struck must do what it is there for; one that is may end in any foreseen way. */
  private async run(step: Step, blow: Blow | undefined): Promise<{ hit: boolean; fine: boolean }> {
    const { simulated } = this.place
    nextProcess()
    const atEnd = blow?.at === THE_END
    useDisk(this.disk)
    useClock(simulatedClock)
    try {
      await within(
        60_000,
        simulated.run(atEnd ? undefined : blow, () => step.run()),
      )
      // A dead process says nothing, whatever its last promise came to.
      const died = simulated.hit && blow?.kind !== 'error'
      return { hit: simulated.hit || atEnd, fine: !died }
    } catch (error) {
      if (!simulated.hit || String(error).includes('it was not done')) throw error
      if (blow?.kind === 'error' && !isForeseen(error)) throw error
      return { hit: true, fine: false }
    }
  }

  [Symbol.dispose](): void {
    useDisk()
    useClock()
    this.eyes?.[Symbol.dispose]()
    this.process[Symbol.dispose]()
    this.place[Symbol.dispose]()
  }
}

/** A command that hangs is a failure like any other. */
async function within(ms: number, work: Promise<void>): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it was not done after ${ms / 1000} s`)), ms)
  })
  await Promise.race([work, late]).finally(() => clearTimeout(timer))
}

/** An error that says what the disk said, or one of ours. */
function isForeseen(error: unknown): boolean {
  if (error instanceof RetailError || error instanceof Killed || errnoOf(error) !== undefined) return true
  if (error instanceof Error && error.name === 'SuppressedError' && 'error' in error) return isForeseen(error.error)
  return error instanceof Error && error.cause !== undefined && isForeseen(error.cause)
}

function textOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const why = error instanceof RetailError && error.why ? `\n    ${error.why}` : ''
  return `${error.stack ?? error.message}${why}`
}
