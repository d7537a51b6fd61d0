import { randomUUID } from 'node:crypto'
import { readlinkSync } from 'node:fs'
import { hostname } from 'node:os'
import { type BaseOptions, ProduceAcks, Producer } from '@platformatic/kafka'
import { clock } from '../../clock.ts'
import { RetailError } from '../../errors.ts'
import { startOf } from '../local/owners.ts'
import { closed, type KafkaLog } from './kafka-log.ts'

/** How often a stream says that it is there. */
const RENEW_MS = 1_000
/** A stream that could not say so for this long sends nothing before it has. */
const HOLD_MS = 3_000
/** A stream that was silent for this long is dead to another one, which begins to count when it begins to watch. */
export const SILENCE_MS = 5_000
const WATCH_MS = 250

/** What a stream writes about itself; its key is the id of its world with a suffix. */
interface Said {
  /** Identifies the stream. */
  stream: string
  /** The records before this offset were read before the stream began. */
  after: string
  /** It has ended. */
  ended?: true
  host: string
  pid: number
  /** When its process started, and on which boot and in which namespace; undefined if the machine does not say. */
  started: string | undefined
  machine: string | undefined
}

/**
 * The right to send the events of a world, in the topic of their positions: a stream writes a record every second, and
 * another one begins only when there are none, or when the process of the last one is dead. The order of the records
 * decides between two that begin at the same time. A stream reads what others wrote between its own records, and sends
 * nothing that it has not announced within the last three seconds: so one that slept, and was taken for dead, finds out
 * before it sends.
 */
export class KafkaLease {
  private readonly log: KafkaLog
  private readonly key: string
  private readonly location: string
  private readonly options: BaseOptions
  private readonly stream = randomUUID()
  private producer: Producer | undefined
  /** Its records before this offset were compared with those of others. */
  private next = 0n
  /** The last record of its own. */
  private own = -1n
  private after = 0n
  /** When the last renewal began that succeeded, in ms. */
  private renewedAt = Number.NEGATIVE_INFINITY
  private renewing: Promise<void> | undefined
  private timer: NodeJS.Timeout | undefined
  private lost: RetailError | undefined

  constructor(log: KafkaLog, world: string, location: string, options: BaseOptions) {
    this.log = log
    this.key = `${world} stream`
    this.location = location
    this.options = options
  }

  /** Rejects with `busy` if another stream is there. May be repeated after it has failed. */
  async take(signal: AbortSignal | undefined): Promise<void> {
    let end = await this.log.end()
    const last = (await this.seen(await this.log.begin(), end)).at(-1)
    const isFree = !last || last.said.ended || last.said.stream === this.stream || isDead(last.said)
    if (!isFree) end = await this.watch(end, signal)
    // Not the end now: whoever began since then was first.
    this.after = end
    this.next = end
    await this.renew()
    clearInterval(this.timer)
    this.timer = setInterval(() => {
      // The next second tries again, and so does whoever sends.
      this.renew().catch(() => {})
    }, RENEW_MS)
    this.timer.unref()
  }

  /** Resolves when no other stream may send. Rejects with `busy` if one took over. */
  async hold(): Promise<void> {
    if (this.lost) throw this.lost
    if (clock.elapsed() - this.renewedAt > HOLD_MS) await this.renew()
  }

  /** Lets the next stream begin at once. */
  async release(): Promise<void> {
    clearInterval(this.timer)
    await this.renewing?.catch(() => {})
    // Silence says the same later.
    if (this.own >= 0n && !this.lost) await closed(() => this.say({ ended: true }))
    const { producer } = this
    this.producer = undefined
    if (producer) await closed(() => producer.close(true))
  }

  /** Waits for silence from this offset on. Resolves to the end of what it has read. */
  private async watch(from: bigint, signal: AbortSignal | undefined): Promise<bigint> {
    const began = clock.elapsed()
    let read = from
    while (clock.elapsed() - began < SILENCE_MS) {
      await clock.sleep(WATCH_MS, signal)
      const end = await this.log.end()
      const last = (await this.seen(read, end)).at(-1)
      if (last && !last.said.ended) throw this.busy(last.said)
      read = end
      if (last) break
    }
    return read
  }

  private renew(): Promise<void> {
    this.renewing ??= this.sayAndCompare().finally(() => {
      this.renewing = undefined
    })
    return this.renewing
  }

  private async sayAndCompare(): Promise<void> {
    const began = clock.elapsed()
    const at = await this.say({})
    const begins = this.own < 0n
    for (const { offset, said } of await this.seen(this.next, at)) {
      // The answer to an earlier record may have been lost.
      if (said.stream === this.stream) this.own = offset
      else if (begins && !said.ended) throw this.lose(this.busy(said))
      else if (!said.ended && BigInt(said.after) > this.own) throw this.lose(this.takenOver(said))
    }
    this.own = at
    this.next = at + 1n
    this.renewedAt = began
  }

  private lose(error: RetailError): RetailError {
    clearInterval(this.timer)
    this.lost = error
    return error
  }

  /** Resolves to the offset of the record. */
  private async say(more: Pick<Said, 'ended'>): Promise<bigint> {
    const said: Said = { stream: this.stream, after: String(this.after), ...SELF, ...more }
    this.producer ??= new Producer(this.options)
    const message = { topic: this.log.topic, partition: 0, key: Buffer.from(this.key) }
    const { offsets } = await this.producer.send({
      messages: [{ ...message, value: Buffer.from(JSON.stringify(said)) }],
      acks: ProduceAcks.ALL,
    })
    return offsets![0].offset
  }

  /** What streams of this world wrote in [from, to). */
  private async seen(from: bigint, to: bigint): Promise<Seen[]> {
    const records = await this.log.records(from, to)
    return records.flatMap(({ offset, key, value }) =>
      key === this.key && value ? [{ offset, said: JSON.parse(String(value)) as Said }] : [],
    )
  }

  private busy({ host, pid }: Said): RetailError {
    return new RetailError('busy', `another stream is sending this world to ${this.location}`, {
      why: `both would send every event; it runs on ${host}, pid ${pid}`,
      hint: 'stop it, or use other topics: add prefix=NAME to the address',
    })
  }

  /** What a stream says that finds the position moved by another one. */
  takenOver(other?: Said): RetailError {
    return new RetailError('busy', `another stream has taken over ${this.location}`, {
      why: `this one did not run for ${SILENCE_MS / 1000} s${other ? `; the other one runs on ${other.host}, pid ${other.pid}` : ''}`,
      hint: 'let it continue, or stop it and run the same command again',
    })
  }
}

interface Seen {
  offset: bigint
  said: Said
}

/** Pids mean something only to the same kernel, in the same namespace. */
function machineOf(): string | undefined {
  const { boot } = clock.moment()
  try {
    return boot && `${boot} ${readlinkSync('/proc/self/ns/pid')}`
  } catch {
    // Not Linux.
    return undefined
  }
}

const SELF = { host: hostname(), pid: process.pid, started: startOf(process.pid), machine: machineOf() }

/** The process is gone, and somebody else may have its pid. */
const isDead = ({ machine, pid, started }: Said): boolean =>
  machine !== undefined && machine === SELF.machine && started !== undefined && startOf(pid) !== started
