import path from 'node:path'
import { clock } from '../../clock.ts'
import type { NdjsonPlace } from '../../config/where.ts'
import { fs } from '../../disk.ts'
import { RetailError } from '../../errors.ts'
import { whoseEvents } from '../../ports/damage.ts'
import type { Destination, EventBatch, EventSource, Progress } from '../../ports/index.ts'
import { POSITION_FILE, parseSpan, spanName } from '../../ports/layout.ts'
import { errnoFrom } from '../../system-errors.ts'
import { facts } from '../../tables/index.ts'
import { formatSecond, parseSecond, type Second } from '../../time.ts'
import {
  makeFolder,
  type NewFile,
  namesIn,
  newFile,
  readIfThere,
  removeQuietly,
  replaceFile,
  syncFolder,
} from './files.ts'
import { makeLockFile, openLockFile } from './lock-file.ts'

/** `position.json`: the world, and the range of its events that are in files. */
interface Recorded {
  world: string
  since: string
  position: string
}

/** Files that are being written: both tables of [from, to). */
interface Open {
  folder: string
  files: NewFile[]
  from: Second
  to: Second
  since: Second
  bytes: number
  /** Ends the wait for its age. */
  closed: AbortController
}

/**
 * A folder of batches, `20240401T000000Z-20240401T000512Z/transactions.ndjson` and `inventories.ndjson`. Both files of a
 * batch become visible by one rename, whose name is the position, so each event is in the folder once, whenever the
 * stream is killed. `position.json` follows it: consumers may remove batches, and quiet time has none.
 */
export async function openNdjsonFolder(place: NdjsonPlace, source: EventSource): Promise<Destination> {
  const { folder } = place
  try {
    makeFolder(path.join(folder, '.tmp'))
  } catch (error) {
    if (!(error instanceof RetailError) || error.code !== 'damaged') throw error
    throw new RetailError('bad_flag', error.message, {
      why: 'the files need a folder',
      hint: 'choose another one',
      cause: error,
    })
  }
  const unlock = await hold(folder)
  try {
    return new NdjsonFolder(place, progressOf(folder, source), source, unlock)
  } catch (error) {
    unlock()
    throw error
  }
}

class NdjsonFolder implements Destination {
  readonly location: string
  readonly trouble = undefined
  position: Second | undefined
  since: Second | undefined
  private readonly place: NdjsonPlace
  private readonly source: EventSource
  private readonly unlock: () => void
  private open: Open | undefined
  batches = 0
  private turn: Promise<void> = Promise.resolve()
  private failure: unknown

  constructor(place: NdjsonPlace, { since, position }: Progress, source: EventSource, unlock: () => void) {
    this.location = `ndjson:${place.folder}`
    this.place = place
    this.since = since
    this.position = position
    this.source = source
    this.unlock = unlock
    // What a stream that was killed has left.
    for (const name of namesIn(path.join(place.folder, '.tmp'))) removeQuietly(path.join(place.folder, '.tmp', name))
    for (const name of namesIn(place.folder))
      if (/^position\.json\..+\.tmp$/.test(name)) removeQuietly(path.join(place.folder, name))
  }

  async deliver(batch: EventBatch): Promise<void> {
    await this.alone(async () => {
      // Before its first batch: the folder must say whose batches it has.
      if (this.position === undefined) this.record(batch.since, batch.from)
      const hasRows = facts.some(({ name }) => batch.rows[name] > 0)
      if (!hasRows && !this.open) return this.record(batch.since, batch.to)
      this.open ??= this.begin(batch.from)
      this.open.since = batch.since
      const { open } = this
      for (const [i, { name }] of facts.entries())
        for (const { bytes } of batch.pages('ndjson', name)) {
          open.files[i].write([bytes])
          open.bytes += bytes.length
        }
      open.to = batch.to
      if (open.bytes >= this.place.sizeBytes) this.show()
    })
  }

  async flush(): Promise<void> {
    await this.alone(async () => this.show())
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // A failure was thrown by the delivery that it concerns.
    await this.turn
    if (this.open) {
      this.open.closed.abort()
      for (const file of this.open.files) file.discard()
      removeQuietly(this.open.folder)
    }
    this.unlock()
  }

  private begin(from: Second): Open {
    const folder = path.join(this.place.folder, '.tmp', `${process.pid}`)
    makeFolder(folder)
    const files = facts.map(({ name }) => newFile(path.join(folder, `${name}.ndjson`)))
    const closed = new AbortController()
    void clock
      .sleep(this.place.ageMs, closed.signal)
      .then(() => this.alone(async () => this.show()))
      // Either the batch was shown before, or the next delivery throws the error.
      .catch(() => {})
    return { folder, files, from, to: from, since: from, bytes: 0, closed }
  }

  /** Makes the open batch visible; readers see both of its files, or none. */
  private show(): void {
    const { open } = this
    if (!open) return
    this.open = undefined
    open.closed.abort()
    for (const file of open.files) file.finish()
    if (open.since !== this.since) writeSince(open.folder, open.since)
    syncFolder(open.folder)
    fs.renameSync(open.folder, path.join(this.place.folder, spanName(open.from, open.to)))
    syncFolder(this.place.folder)
    this.batches++
    this.record(open.since, open.to)
  }

  private record(since: Second, position: Second): void {
    const recorded: Recorded = {
      ...{ world: this.source.world, since: formatSecond(since), position: formatSecond(position) },
    }
    replaceFile(path.join(this.place.folder, POSITION_FILE), `${JSON.stringify(recorded)}\n`)
    this.since = since
    this.position = position
  }

  /** One after another: a batch that reaches its age is shown between two deliveries. After a failure, nothing follows. */
  private alone(work: () => Promise<void> | void): Promise<void> {
    const done = this.turn.then(async () => {
      if (this.failure) throw this.failure
      try {
        await work()
      } catch (error) {
        this.failure = error
        throw error
      }
    })
    // The caller gets the error; the next one in turn gets it again.
    this.turn = done.catch(() => {})
    return done
  }
}

/** A batch that moves where events begin says so itself: `position.json` follows it, and a kill may come between them. */
const SINCE = '.since'
const writeSince = (batch: string, since: Second): void => replaceFile(path.join(batch, SINCE), formatSecond(since))

/** The end of the last batch; `position.json` may be one batch behind it, or say more than the batches that are left. */
export function progressOf(folder: string, { world }: EventSource): Progress {
  const file = path.join(folder, POSITION_FILE)
  const ends = namesIn(folder).flatMap((name) => parseSpan(name)?.to ?? [])
  const bytes = readIfThere(file)
  if (!bytes) {
    if (ends.length === 0) return { since: undefined, position: undefined }
    throw new RetailError('damaged', `${file} is missing`, {
      why: `${folder} has batches, but it does not say of which world`,
      hint: 'choose another folder, or remove the batches',
    })
  }
  const recorded = parsed(bytes, file)
  if (recorded.world !== world)
    throw new RetailError('foreign_world', `${folder} holds other events`, {
      why: whoseEvents(recorded.world, world),
      hint: 'choose another folder',
    })
  const position = Math.max(parseSecond(recorded.position)!, ...ends)
  const last = namesIn(folder).find((name) => parseSpan(name)?.to === position)
  const moved = last && readIfThere(path.join(folder, last, SINCE))?.toString()
  return { since: parseSecond(moved ?? recorded.since), position }
}

function parsed(bytes: Buffer, file: string): Recorded {
  try {
    const recorded = JSON.parse(bytes.toString()) as Recorded
    if (
      typeof recorded.world === 'string' &&
      [recorded.since, recorded.position].every((at) => parseSecond(at) !== undefined)
    )
      return recorded
  } catch {
    // It is not JSON: see below.
  }
  throw new RetailError('damaged', `${file} is damaged`, {
    why: 'it does not say which events the folder has',
    hint: 'restore the file, or choose another folder',
  })
}

/** Folders that this process writes to: the kernel's lock is one of processes. */
const held = new Set<string>()

/** Only one stream may write. The kernel releases the lock when the process dies. */
async function hold(folder: string): Promise<() => void> {
  const file = path.join(folder, '.lock')
  if (held.has(file)) throw busy(folder)
  held.add(file)
  try {
    if (!fs.existsSync(file)) await makeLockFile(file)
    const unlock = await openLockFile(file, false)
    return () => {
      unlock()
      held.delete(file)
    }
  } catch (error) {
    held.delete(file)
    throw /lock/i.test(String(error)) && errnoFrom(error) === undefined ? busy(folder, error) : error
  }
}

const busy = (folder: string, cause?: unknown): RetailError =>
  new RetailError('busy', `another stream is writing to ${folder}`, {
    why: 'two of them would write every event twice',
    hint: 'stop it, or choose another folder',
    cause,
  })
