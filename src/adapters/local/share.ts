import { RetailError } from '../../errors.ts'
import type { Owner, Shard } from '../../ports/index.ts'
import { acquireLock, describeOwner, ownersOf } from './lock.ts'

/** A shard's right to write: the lake's lock, shared with shards that have other blocks. They come in one after the other. */
export async function acquireShare(
  folder: string,
  command: string,
  version: string,
  shard: Shard,
  enter: (alone: boolean) => Promise<void>,
): Promise<AsyncDisposable> {
  await using _turn = await acquireLock(folder, 'turn', command)
  for (const other of ownersOf(folder, 'lake')) refuseBeside(other, version, shard)
  const alone = await isFree(folder, command)
  const name = `${shard.index + 1}/${shard.count}`
  const share = await acquireLock(folder, 'lake', command, { share: { shard: name, version } })
  try {
    await enter(alone)
    return share
  } catch (error) {
    await share[Symbol.asyncDispose]()
    throw error
  }
}

/** What nobody has can be had alone for a moment: the kernel says so, not the files for people. */
async function isFree(folder: string, command: string): Promise<boolean> {
  try {
    await (await acquireLock(folder, 'lake', command, { patienceMs: 0 }))[Symbol.asyncDispose]()
    return true
  } catch (error) {
    if (error instanceof RetailError && error.code === 'busy') return false
    throw error
  }
}

function refuseBeside(other: Owner, version: string, shard: Shard): void {
  const [number, count] = (other.shard ?? '').split('/').map(Number)
  if (!(count > 0)) return
  if (overlap({ index: number - 1, count }, shard))
    throw new RetailError(
      'busy',
      `${describeOwner(other)} is making parts of shard ${shard.index + 1}/${shard.count}`,
      {
        why: `both would make the same parts; it began ${other.since}`,
        hint: 'give every process another shard of the same number: 1/8 to 8/8',
      },
    )
  if (other.version !== version)
    throw new RetailError('busy', `${describeOwner(other)} is of version ${other.version}, this is ${version}`, {
      why: 'shards of one history are made by one version',
      hint: 'install the same version everywhere, or wait for the other shards to end',
    })
}

/** Shards are remainders: two of them share a block number when they agree modulo what both counts can be divided by. */
export const overlap = (a: Shard, b: Shard): boolean => (a.index - b.index) % divisor(a.count, b.count) === 0

const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
