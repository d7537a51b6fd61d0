import { setTimeout as sleep } from 'node:timers/promises'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { MakeAgents } from '../../ports/index.ts'
import { type Changes, changesOf } from './changes.ts'
import type { InfraOptions, Session } from './session.ts'

/** The services whose agents get roles from `terraform/`. */
const WITH_AGENT = ['artifactregistry', 'pubsub']

export async function makeAgents(
  agents: MakeAgents,
  services: readonly string[],
  { signal, onStep }: InfraOptions,
): Promise<void> {
  const wanted = services.filter((service) => WITH_AGENT.includes(service))
  if (wanted.length === 0) return
  onStep?.(`asking Google for the service agents of ${wanted.join(' and ')}`)
  await agents(wanted, signal).catch((error: unknown) => {
    signal?.throwIfAborted()
    // Google creates them at their first use, too; the apply waits for them.
    onStep?.(`${error instanceof Error ? error.message : error}; going on without`)
  })
}

/**
 * Seven minutes in all: "In general, policy changes take effect within 2 minutes. However, in some cases, it can take 7
 * minutes or more" (Google, "Access change propagation").
 */
const WAITS_MS = [15_000, 30_000, 60_000, 120_000, 195_000]

/**
 * Applies the plan that the user agreed to. Grants for a service agent and enabled services need minutes until all of
 * Google knows them, and what needs them fails until then. Terraform has no such wait, and what it created so far is in
 * its state, so a new plan has the rest, and nothing else.
 */
export async function applyPatiently(
  session: Session,
  planned: string,
  agreed: Changes,
  { waitsMs = WAITS_MS, signal, onStep }: InfraOptions,
): Promise<void> {
  let file = planned
  for (const waitMs of [...waitsMs, undefined]) {
    if (await session.apply(file, waitMs === undefined)) return
    onStep?.(`Google does not know a new grant or service everywhere yet: trying again in ${waitMs! / 1000} s`)
    // The next plan ends it.
    await sleep(waitMs, undefined, { signal }).catch(() => {})
    const { json, file: next } = await session.plan({})
    const rest = changesOf(json)
    if (rest.lost.some((each) => !agreed.lost.includes(each)))
      throw new RetailError('failed', 'the apply was interrupted, and its rest would lose data', {
        why: `it would destroy or recreate: ${rest.lost.join(', ')}`,
        hint: advise`${retail('infra', 'plan')}`,
      })
    file = next
  }
}
