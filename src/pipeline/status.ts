import type { Config } from '../config/schema.ts'
import { type LetterCount, type Ports, shardName } from '../ports/index.ts'
import { batchFile } from '../ports/layout.ts'
import { facts as factTables } from '../tables/index.ts'
import { formatSecond } from '../time.ts'
import { VERSION } from '../version.ts'
import { buildWorld } from '../world/world.ts'
import { countOpen } from './dead-letters/open-letters.ts'
import { enter } from './enter.ts'
import { readFacts, resultOf } from './facts.ts'
import { nextAfter } from './next.ts'
import type { StatusResult } from './status/result.ts'
import { stepsOf } from './status/steps.ts'
import type { TransformResult } from './transform.ts'
import type { VerifyResult } from './verify/result.ts'

/**
 * What exists, how fresh it is, what is running, and what to do next. Reads only names and small files, and waits for
 * no process.
 */
export async function status(ports: Ports, config: Config): Promise<StatusResult> {
  const world = buildWorld(config)
  await enter('status', ports, config, world)
  const { lake, warehouse } = ports
  const facts = await readFacts(ports, config, world)
  const damaged = [
    ...facts.damage,
    ...facts.misplaced.map(({ key, damage }) => ({ file: `${lake.location}/${key}`, ...damage })),
  ]
  const batchFiles = facts.batches.flatMap((batch) => factTables.map(({ name }) => batchFile(batch, name)))
  const { dimensions, history, lost, behind, silentMs, moved, published, runs } = facts
  const shards = published?.shards
  // What infra has not created yet has nothing in it.
  const { letters, subscriptions } = published ? await readDelivery(ports) : NO_DELIVERY
  return {
    version: VERSION,
    target: ports.target.name,
    workspace: config.workspace,
    config: undefined,
    world: world.id,
    raw: { history: formatSecond(history.to), live: formatSecond(facts.live.inLake) },
    database: {
      product: warehouse.traits.product,
      location: warehouse.location,
      sizeBytes: published && (await warehouse.sizeBytes()),
      service: warehouse.traits.raw.of === 'rows',
    },
    lake: {
      location: lake.location,
      sizeBytes: facts.partBytes + (await lake.sizeOf(batchFiles)),
      files: facts.parts + batchFiles.length,
    },
    ...(warehouse.traits.billed && {
      billedBytes:
        (resultOf<VerifyResult>(runs.verify)?.billedBytes ?? 0) +
        (resultOf<TransformResult>(runs.transform)?.billedBytes ?? 0),
    }),
    steps: stepsOf(facts, subscriptions),
    ...(shards && {
      shards: shards.map(({ shard, position, started }) => {
        return { shard: shardName(shard), position: formatSecond(position), started }
      }),
    }),
    ...(letters && { openLetters: letters }),
    ...(subscriptions.length > 0 && { lostSubscriptions: subscriptions }),
    ...(damaged.length > 0 && { damage: damaged }),
    ...(moved && { moved }),
    ready:
      damaged.length === 0 &&
      moved === undefined &&
      dimensions &&
      history.whole &&
      !lost.parts &&
      !lost.batches &&
      (facts.noMarts !== undefined || (published?.marts !== undefined && !behind)) &&
      subscriptions.length === 0 &&
      silentMs === undefined &&
      (shards ?? []).every(({ started }) => started),
    next: nextAfter(
      { command: 'status', openLetters: letters && countOpen(letters), lost: subscriptions.length > 0 },
      facts,
    ),
  }
}

interface DeliveryState {
  /** Undefined where there can be none. */
  letters: readonly LetterCount[] | undefined
  /** Subscriptions that do not exist. */
  subscriptions: readonly string[]
}

const NO_DELIVERY: DeliveryState = { letters: undefined, subscriptions: [] }

async function readDelivery({ live, deadLetters }: Ports): Promise<DeliveryState> {
  const [counts, lost] = await Promise.all([
    deadLetters.can ? deadLetters.count() : undefined,
    live.by === 'broker' ? live.broker.lostSubscriptions() : undefined,
  ])
  return { letters: counts?.filter(({ state }) => state === 'open'), subscriptions: lost ?? [] }
}
