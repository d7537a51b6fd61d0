import { createHash, randomUUID } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { Document } from './state.ts'

/** How long the lease of a process that says nothing any more lasts. */
export const LEASE_MS = 5 * 60_000
export const RENEW_MS = 60_000
/** How far the clocks of two machines may differ. */
export const SKEW_MS = 60_000

/** Who builds the marts, as the bucket says it. */
export interface LeaseState {
  /** The workspace, on its machine. */
  holder: string
  token: string
  /** For people. */
  machine: string
  since: string
  /** Milliseconds since 1970; 0: nobody builds. */
  until: number
}

export interface Lease extends AsyncDisposable {
  /** Aborts when another process may build. */
  readonly lost: AbortSignal
  /** Extends the lease, and resolves to its new end. Throws `busy` if it was lost. */
  renew(): Promise<number>
}

/**
 * The right to build in the dataset that all machines of a project share. The lock of a workspace is one machine's. A
 * process that dies leaves its lease behind; then a process of the same workspace, which has its lock, takes it at
 * once, and another one when it has ended.
 */
export async function buildLease(
  document: Document<LeaseState>,
  { holder, now = Date.now }: { holder: string; now?: () => number },
): Promise<Lease> {
  const token = randomUUID()
  const since = new Date(now()).toISOString()
  const state = (until: number): LeaseState => ({ holder, token, machine: hostname(), since, until })
  let until = 0
  let generation: string | undefined
  while (generation === undefined) {
    const there = await document.read()
    const free = !there || there.value.until === 0 || there.value.holder === holder
    if (!free && there.value.until + SKEW_MS > now()) throw taken(there.value)
    until = now() + LEASE_MS
    // Undefined: another process was faster.
    generation = await document.write(state(until), there?.generation ?? 0)
  }

  const lost = new AbortController()
  const lose = () => {
    const error = new RetailError('busy', 'another transform has taken over the build', {
      why: `this one could not renew its lease within ${LEASE_MS / 60_000} minutes`,
      hint: advise`readers keep the marts they had; run ${retail('transform')} again`,
    })
    lost.abort(error)
    return error
  }

  async function renew(): Promise<number> {
    if (lost.signal.aborted || generation === undefined || now() >= until) throw lose()
    const next = now() + LEASE_MS
    const written = await document.write(state(next), generation)
    if (written === undefined) throw lose()
    generation = written
    until = next
    return until
  }

  let renewing: Promise<unknown> = Promise.resolve()
  const timer = setInterval(() => {
    // The next minute tries again; only its end takes the lease away.
    renewing = renewing.then(renew).catch(() => now() >= until && lose())
  }, RENEW_MS)
  timer.unref()

  return {
    lost: lost.signal,
    renew: () => {
      const renewed = renewing.then(renew)
      // The caller has it.
      renewing = renewed.catch(() => {})
      return renewed
    },
    async [Symbol.asyncDispose]() {
      clearInterval(timer)
      await renewing
      if (generation === undefined || lost.signal.aborted || now() >= until) return
      // Otherwise it ends by itself.
      await document.write(state(0), generation).catch(() => {})
    },
  }
}

const taken = ({ machine, since, until }: LeaseState): RetailError => {
  const minute = (ms: number) => `${new Date(ms).toISOString().slice(0, 16)}Z`
  return new RetailError(
    'busy',
    `another transform is building the marts: on ${machine}, since ${minute(Date.parse(since))}`,
    {
      why: 'all machines of a project build in one dataset',
      hint: advise`run ${retail('transform')} when it has ended; if it was killed, after ${minute(until + SKEW_MS + 60_000)}`,
    },
  )
}

/**
 * This workspace on this machine. Containers of Cloud Run have one name and one address, so it is the execution there:
 * a second attempt of a task begins when the first one has ended.
 */
export function leaseHolder(folder: string, env: NodeJS.ProcessEnv = process.env): string {
  const execution = env.CLOUD_RUN_EXECUTION
  const addresses = Object.values(networkInterfaces()).flatMap((all) => (all ?? []).map(({ mac }) => mac))
  const machine = execution
    ? [execution, env.CLOUD_RUN_TASK_INDEX ?? '']
    : [hostname(), ...[...new Set(addresses)].sort()]
  return createHash('sha256')
    .update(JSON.stringify([folder, ...machine]))
    .digest('hex')
    .slice(0, 16)
}
