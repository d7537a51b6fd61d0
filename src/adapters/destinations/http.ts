import { createHash } from 'node:crypto'
import { connect } from 'node:net'
import type { HttpPlace } from '../../config/where.ts'
import { RetailError } from '../../errors.ts'
import type { Destination, EventBatch, EventSource, Progress, Workspace } from '../../ports/index.ts'
import { readRecord, SavedPosition, type SentRecord, writtenRecord } from '../../ports/saved-position.ts'
import { facts } from '../../tables/index.ts'
import type { Second } from '../../time.ts'
import { connectionRefusal, isPassing, unanswered } from './http-failures.ts'
import { innermost, isUnknownHost, LeaveAlone, OPENING_MS, Patience, unknownHost } from './patience.ts'

const CONNECT_MS = 3_000
const RESPONSE_MS = 30_000
/** What is shown of an answer. */
const SHOWN = 200

interface Opening {
  signal: AbortSignal | undefined
  /** Keeps the position, because an endpoint cannot. */
  workspace: Workspace
}

export async function openHttp(
  place: HttpPlace,
  source: EventSource,
  { signal, workspace }: Opening,
): Promise<Destination> {
  const key = keyOf(place, source)
  const endpoint = new Endpoint(place, source, signal, (bytes) => workspace.save(key, bytes))
  await endpoint.open(await workspace.load(key))
  return endpoint
}

/** The position that the workspace keeps for an endpoint. */
export const readHttpProgress = async (
  place: HttpPlace,
  source: EventSource,
  workspace: Workspace,
): Promise<Progress> => parsed(await workspace.load(keyOf(place, source)))

function keyOf({ url }: HttpPlace, { world }: EventSource): string {
  const digest = createHash('sha256').update(`${url}\0${world}`).digest('hex').slice(0, 16)
  return `destinations/http-${digest}/position`
}

const parsed = (recorded: Buffer | undefined): SentRecord => readRecord(recorded && JSON.parse(recorded.toString()))

/** Events that wait for the request before them; those of a store are always in the same queue. */
interface Queue {
  events: string[]
  sending: Promise<void>
}

/**
 * POST of CloudEvents in batches. Stores are shared out among as many queues as requests may be in flight, and a queue
 * has one request at a time, so the events of a store arrive in order. A request is repeated, with the same body and
 * idempotency key, until the endpoint takes it. The position is saved after that.
 */
class Endpoint implements Destination {
  readonly location: string
  private readonly place: HttpPlace
  private readonly source: EventSource
  private readonly patience: Patience
  private readonly saved: SavedPosition
  private opened = false
  /** Something at the address speaks HTTP. */
  private answered = false

  constructor(
    place: HttpPlace,
    source: EventSource,
    signal: AbortSignal | undefined,
    store: (bytes: Uint8Array) => Promise<void>,
  ) {
    this.location = place.location
    this.place = place
    this.source = source
    this.saved = new SavedPosition((record) => store(Buffer.from(JSON.stringify(writtenRecord(record)))))
    this.patience = new Patience(place.location, signal, (error) => this.refusal(error))
  }

  get position(): Second | undefined {
    return this.saved.position
  }

  get since(): Second | undefined {
    return this.saved.since
  }

  get trouble(): string | undefined {
    return this.patience.trouble
  }

  async open(recorded: Buffer | undefined): Promise<void> {
    this.refuseAuthorization()
    await this.patience.keepTrying(() => answers(this.place.url), OPENING_MS)
    this.opened = true
    this.saved.restore(parsed(recorded))
  }

  async deliver(batch: EventBatch): Promise<void> {
    await this.saved.begin(batch)
    const queues = Array.from(
      { length: this.place.inFlight },
      (): Queue => ({ events: [], sending: Promise.resolve() }),
    )
    for (const { bytes, n, starts, tables, stores } of batch.pages('event')) {
      const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
      for (let i = 0; i < n; i++) {
        const queue = queues[stores[i] % queues.length]
        queue.events.push(this.cloudEvent(text.slice(starts[i], starts[i + 1] - 1), tables[i], stores[i]))
        if (queue.events.length >= this.place.events) await this.send(queue)
      }
    }
    for (const queue of queues) if (queue.events.length > 0) await this.send(queue)
    for (const { sending } of queues) await sending
    await this.saved.acknowledge(batch)
  }

  async flush(): Promise<void> {
    await this.saved.flush()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.patience.end()
  }

  private cloudEvent(data: string, table: number, store: number): string {
    const id = data.indexOf('":"') + 3
    return `{"specversion":"1.0","id":"${data.slice(id, id + this.source.idLength)}","source":"/retail/${this.source.origin}","type":"retail.${facts[table].name}","subject":"${this.source.storeId(store)}","time":"${timeOf(data)}","datacontenttype":"application/json","data":${data}}`
  }

  /** Resolves when the request of the queue before this one was taken. */
  private async send(queue: Queue): Promise<void> {
    await queue.sending
    const body = `[${queue.events.join(',\n')}]`
    queue.events = []
    queue.sending = this.patience.keepTrying(() => this.post(body))
    // It is awaited before the next request of the queue, and at the end of the batch.
    queue.sending.catch(() => {})
  }

  private async post(body: string): Promise<void> {
    const authorization = process.env[AUTHORIZATION]
    const response = await fetch(this.place.url, {
      method: 'POST',
      body,
      redirect: 'manual',
      signal: AbortSignal.timeout(RESPONSE_MS),
      headers: {
        'content-type': 'application/cloudevents-batch+json; charset=utf-8',
        'idempotency-key': createHash('sha256').update(body).digest('hex').slice(0, 32),
        ...(authorization && { authorization }),
      },
    }).catch((error) => {
      throw unanswered(error, RESPONSE_MS)
    })
    this.answered = true
    const answer = await response.text()
    if (response.ok) return
    const said = [`it answers ${response.status}`, answer.split('\n')[0].slice(0, SHOWN)].filter(Boolean).join(': ')
    if (isPassing(response.status)) throw new LeaveAlone(said, retryAfterMs(response))
    throw this.refused(response, said)
  }

  private refused(response: Response, why: string): RetailError {
    if (response.status === 401 || response.status === 403)
      return new RetailError('not_allowed', `${this.location} refuses the credentials`, {
        why,
        hint: `put the value of the header Authorization into ${AUTHORIZATION}`,
      })
    const to = response.headers.get('location')
    // Another address helps in these cases; in all others, something must change at the endpoint.
    const moved = response.status >= 300 && response.status < 400
    const address = moved
      ? `it has moved${to ? ` to ${to}` : ''}: use the new address`
      : response.status === 413
        ? `use fewer events per request: add batch=${Math.ceil(this.place.events / 10)} to the address`
        : undefined
    return new RetailError(address ? 'bad_flag' : 'refused', `${this.location} refuses the events`, {
      why,
      hint: address ?? 'it must take POST requests of application/cloudevents-batch+json',
    })
  }

  /** The value itself stays secret. */
  private refuseAuthorization(): void {
    try {
      new Headers({ authorization: process.env[AUTHORIZATION] ?? '' })
    } catch {
      // The error repeats the value.
      throw new RetailError('bad_config', `the value of ${AUTHORIZATION} cannot be sent as a header`, {
        why: 'a header is one line of ASCII characters',
        hint: `set it again: export ${AUTHORIZATION}='Bearer …'`,
      })
    }
  }

  private refusal(error: unknown): RetailError | undefined {
    const cause = innermost(error)
    if (!this.opened && isUnknownHost(cause)) return unknownHost(this.location, cause)
    const refusal = connectionRefusal(this.location, new URL(this.place.url).protocol, error)
    // What has answered before has a fault that may pass.
    return this.answered && refusal?.code === 'missing' ? undefined : refusal
  }
}

const TIME = '"timestamp":"'
const ANY_TIME = /":"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)"/

/** A drift may have given its column another name. */
function timeOf(data: string): string {
  const at = data.indexOf(TIME) + TIME.length
  return at < TIME.length ? ANY_TIME.exec(data)![1] : data.slice(at, data.indexOf('"', at))
}

const AUTHORIZATION = 'RETAIL_HTTP_AUTHORIZATION'

/** `Retry-After` in seconds or as a date. */
function retryAfterMs({ headers }: Response): number {
  const said = headers.get('retry-after') ?? ''
  const ms = /^\d+$/.test(said) ? Number(said) * 1000 : Date.parse(said) - Date.now()
  return Number.isFinite(ms) ? Math.min(Math.max(ms, 0), 60_000) : 0
}

/** Resolves when something accepts connections at the address. */
function answers(url: string): Promise<void> {
  const { hostname, port, protocol } = new URL(url)
  return new Promise((resolve, reject) => {
    const host = hostname.replace(/^\[|\]$/g, '')
    const socket = connect({ host, port: Number(port) || (protocol === 'https:' ? 443 : 80), timeout: CONNECT_MS })
    socket.once('connect', () => {
      socket.destroy()
      resolve()
    })
    socket.once('timeout', () => socket.destroy(new Error(`no answer for ${CONNECT_MS / 1000} s`)))
    socket.once('error', reject)
  })
}
