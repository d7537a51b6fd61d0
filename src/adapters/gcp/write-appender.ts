import type { managedwriter, protos } from '@google-cloud/bigquery-storage'
import { RetailError } from '../../errors.ts'
import type { Appender, AppendRow, AppendTable } from '../../ports/index.ts'
import { bigquerySchema, deadLetterSchema } from '../../tables/emit.ts'
import { tables, type WorldSchema } from '../../tables/index.ts'
import { type Cloud, identityOf } from './clients.ts'
import { callErrorOf, explainCloudError, isTransient, redact, retrySite, within } from './retry.ts'

type Writer = typeof managedwriter
type Client = InstanceType<Writer['WriterClient']>
type Descriptor = protos.google.protobuf.IDescriptorProto

const CALL_MS = 60_000
/** BigQuery unavailable for so long, and the loader stops; events wait in Pub/Sub. */
const PATIENCE_MS = 15 * 60_000
/** An append of more than 10 MB is refused; an event is about 200 bytes. */
const APPEND_ROWS = 5_000
/** gRPC */
const [INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE] = [3, 5, 14]
/** Said of a stream that was committed already, by Google and by its emulator: ours are finalized, so it cannot mean anything else. */
const COMMITTED_BEFORE = ['STREAM_ALREADY_COMMITTED', '2', 'INVALID_STREAM_STATE', '5']
const GONE = ['STREAM_NOT_FOUND', '3']
const ROUNDS = 3

interface Field {
  name: string
  mode: string
  type: string
}

/**
 * Rows into BigQuery by the Storage Write API: a pending stream for each batch, with offsets, finalized, then committed. Nothing of
 * it is seen before the commit. Before that, a failure costs the stream and another is begun; a commit whose answer was lost is
 * asked for again by the name of its stream, which is committed once.
 */
export async function writeAppender(cloud: Cloud, schema: WorldSchema): Promise<Appender> {
  const { adapt, managedwriter } = await import('@google-cloud/bigquery-storage')
  const { gcp, names } = cloud
  const client = await openClient(cloud, managedwriter.WriterClient)
  const site = retrySite({ patienceMs: PATIENCE_MS })
  const known = new Map<AppendTable, { fields: Field[]; descriptor: Descriptor }>()

  function shapeOf(table: AppendTable) {
    const there = known.get(table)
    if (there) return there
    const text = table === 'dead_letter' ? deadLetterSchema() : bigquerySchema(tables[table], schema)
    const fields = JSON.parse(text) as Field[]
    const storage = adapt.convertBigQuerySchemaToStorageTableSchema({ fields })
    const shape = { fields, descriptor: adapt.convertStorageSchemaToProto2Descriptor(storage, 'row') as Descriptor }
    known.set(table, shape)
    return shape
  }

  async function attempt(
    table: AppendTable,
    rows: readonly AppendRow[],
  ): Promise<{ refused: Map<number, string> } | { stream: string; parent: string }> {
    const parent = `projects/${gcp.project}/datasets/${names.datasets.raw}/tables/${table}`
    const { fields, descriptor } = shapeOf(table)
    const made = await within(
      CALL_MS,
      'beginning a write stream',
      client.createWriteStreamFullResponse({ streamType: managedwriter.PendingStream, destinationTable: parent }),
    )
    checkFields(`${names.datasets.raw}.${table}`, fields, made.tableSchema?.fields ?? [])
    const stream = String(made.name)
    const connection = await within(
      CALL_MS,
      'opening a write stream',
      client.createStreamConnection({ streamId: stream }),
    )
    const writer = new managedwriter.JSONWriter({ connection, protoDescriptor: descriptor })
    try {
      const appends = []
      for (let from = 0; from < rows.length; from += APPEND_ROWS)
        appends.push(appendRows(writer, rows.slice(from, from + APPEND_ROWS), from))
      const refused = new Map((await Promise.all(appends)).flatMap((some) => [...some]))
      if (refused.size > 0) return { refused }
      const finalized = await within(CALL_MS, 'finalizing a write stream', connection.finalize())
      if (Number(finalized?.rowCount) !== rows.length)
        throw Object.assign(new Error(`a write stream has ${finalized?.rowCount} rows of ${rows.length}`), { code: 10 })
      return { stream, parent }
    } finally {
      writer.close()
    }
  }

  /** False when nobody knows the stream: then nothing of it was or will be seen. */
  async function commit(stream: string, parent: string): Promise<boolean> {
    let response: Awaited<ReturnType<Client['batchCommitWriteStream']>>
    try {
      const call = client.batchCommitWriteStream({ parent, writeStreams: [stream] })
      response = await within(CALL_MS, 'committing a write stream', call)
    } catch (error) {
      if (callErrorOf(error).code === NOT_FOUND) return false
      throw error
    }
    const codes = (response.streamErrors ?? []).map(({ code }) => String(code))
    if (codes.length === 0 && response.commitTime) return true
    if (codes.length > 0 && codes.every((code) => COMMITTED_BEFORE.includes(code))) return true
    if (codes.some((code) => GONE.includes(code))) return false
    throw Object.assign(new Error(`a write stream was not committed: ${codes.join(', ')}`), { code: 10 })
  }

  /** Appends and commits what is not refused. */
  async function whole(
    table: AppendTable,
    rows: readonly AppendRow[],
    signal: AbortSignal,
  ): Promise<Map<number, string>> {
    for (let round = 0; round < ROUNDS; round++) {
      const done = await site.run(() => attempt(table, rows), isTransient, signal)
      if ('refused' in done) {
        const rest = rows.filter((_, i) => !done.refused.has(i))
        if (rest.length > 0 && (await whole(table, rest, signal)).size > 0)
          throw new Error('rows were refused that had been taken before')
        return done.refused
      }
      if (await site.run(() => commit(done.stream, done.parent), isTransient)) return new Map()
    }
    throw Object.assign(new Error('write streams vanish before they are committed'), { code: UNAVAILABLE })
  }

  return {
    async append(table, rows, signal) {
      try {
        return await whole(table, rows, signal)
      } catch (error) {
        throw explained(error, `writing to ${names.datasets.raw}.${table}`)
      }
    },

    async [Symbol.asyncDispose]() {
      client.close()
    },
  }
}

/** The rows that were refused, by index in the whole batch. */
async function appendRows(
  writer: InstanceType<Writer['JSONWriter']>,
  rows: readonly AppendRow[],
  offset: number,
): Promise<Map<number, string>> {
  const result = await within(CALL_MS, 'appending rows', writer.appendRows([...rows], offset).getResult())
  const refused = (result.rowErrors ?? []).map(
    ({ index, message }) => [offset + Number(index), redact(String(message))] as const,
  )
  if (refused.length > 0) return new Map(refused)
  // It resolves with an error, too.
  if (result.error) throw Object.assign(new Error(String(result.error.message)), { code: result.error.code })
  return new Map()
}

/** A table that was changed by hand, or belongs to another `schema:` of the world, is no fault of the events. */
function checkFields(
  table: string,
  ours: readonly Field[],
  theirs: readonly protos.google.cloud.bigquery.storage.v1.ITableFieldSchema[],
): void {
  if (theirs.length === 0) return
  const there = new Map(theirs.map((field) => [String(field.name), field]))
  const missing = ours.filter(({ name }) => !there.has(name)).map(({ name }) => name)
  const mine = new Set(ours.map(({ name }) => name))
  const needed = theirs
    .filter(({ name, mode }) => !mine.has(String(name)) && (mode === 'REQUIRED' || mode === 2))
    .map(({ name }) => name)
  if (missing.length + needed.length > 0)
    throw new RetailError('failed', `the columns of ${table} are not what this version writes`, {
      why: [
        missing.length > 0 && `it lacks ${missing.join(', ')}`,
        needed.length > 0 && `it wants ${needed.join(', ')}`,
      ]
        .filter(Boolean)
        .join('; '),
      hint: 'look at what differs: retail infra plan. No event is lost: they wait in Pub/Sub',
    })
}

function explained(error: unknown, doing: string): unknown {
  const { code, message } = callErrorOf(error)
  if (!(error instanceof RetailError) && code === INVALID_ARGUMENT)
    return new RetailError('failed', `BigQuery does not take what is sent while ${doing}`, {
      why: message.split('\n')[0],
      hint: 'look at what differs: retail infra plan. No event is lost: they wait in Pub/Sub',
      cause: error,
    })
  if (!(error instanceof RetailError) && code === NOT_FOUND)
    return new RetailError('missing', `a table is not there while ${doing}`, {
      why: message.split('\n')[0],
      hint: 'retail infra apply. No event is lost: they wait in Pub/Sub',
      cause: error,
    })
  return explainCloudError(error, doing)
}

async function openClient(cloud: Cloud, WriterClient: Writer['WriterClient']): Promise<Client> {
  const { gcp, emulators } = cloud
  if (!emulators)
    return new WriterClient({ projectId: gcp.project, ...(await identityOf(cloud)) } as ConstructorParameters<
      Writer['WriterClient']
    >[0])
  const [host, port] = emulators.bigqueryStorage?.replace(/^https?:\/\//, '').split(':') ?? []
  if (!host || !port)
    throw new RetailError('bad_config', 'the emulator of the Storage Write API is not named', {
      hint: 'set RETAIL_BIGQUERY_STORAGE_ENDPOINT to its host:port',
    })
  const { credentials } = await import('@grpc/grpc-js')
  return new WriterClient({
    projectId: gcp.project,
    apiEndpoint: host,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
  })
}
