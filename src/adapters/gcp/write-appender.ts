import type { BigQueryWriteClient, protos } from '@google-cloud/bigquery-storage'
import { advise, retail } from '../../advice.ts'
import { RetailError } from '../../errors.ts'
import type { Appender, AppendRow, AppendTable } from '../../ports/index.ts'
import { bigquerySchema, deadLetterSchema } from '../../tables/emit.ts'
import { tables, type WorldSchema } from '../../tables/index.ts'
import { type Cloud, identityOf } from './clients.ts'
import type { RowEncoder } from './proto-rows.ts'
import { callErrorOf, explainCloudError, isTransient, retrySite, scaledForEmulator, within } from './retry.ts'
import { appendsOf, sendAll } from './write-stream.ts'

type Descriptor = protos.google.protobuf.IDescriptorProto

const CALL_MS = 60_000
/** If BigQuery is unavailable for this long, the loader stops; events wait in Pub/Sub. */
const PATIENCE_MS = 15 * 60_000
/** gRPC status code. */
const [INVALID_ARGUMENT, NOT_FOUND, UNAVAILABLE] = [3, 5, 14]
/**
 * The error of Google and its emulator for a stream that is already committed. Our streams are finalized, so it means
 * nothing else.
 */
const COMMITTED_BEFORE = ['STREAM_ALREADY_COMMITTED', '2', 'INVALID_STREAM_STATE', '5']
const GONE = ['STREAM_NOT_FOUND', '3']
const ROUNDS = 3

interface Field {
  name: string
  mode: string
  type: string
}

/**
 * Writes rows with the BigQuery Storage Write API: a pending stream per batch, with offsets, finalized, then committed.
 * Nothing is visible before the commit. A failure before it discards the stream and starts another. A commit whose
 * response was lost is repeated by stream name, and the stream is committed once.
 */
export async function writeAppender(cloud: Cloud, schema: WorldSchema): Promise<Appender> {
  const [{ adapt, BigQueryWriteClient }, { rowEncoder }] = await Promise.all([
    import('@google-cloud/bigquery-storage'),
    import('./proto-rows.ts'),
  ])
  const { gcp, names } = cloud
  const client = await openClient(cloud, BigQueryWriteClient)
  const site = retrySite('BigQuery', { patienceMs: PATIENCE_MS })
  const known = new Map<AppendTable, { fields: Field[]; descriptor: Descriptor; encode: RowEncoder }>()
  // The client would retry by itself ten times per second.
  const options = () => ({ timeout: scaledForEmulator(CALL_MS), retry: null })

  function shapeOf(table: AppendTable) {
    const there = known.get(table)
    if (there) return there
    const text = table === 'dead_letter' ? deadLetterSchema() : bigquerySchema(tables[table], schema)
    const fields = JSON.parse(text) as Field[]
    const storage = adapt.convertBigQuerySchemaToStorageTableSchema({ fields })
    const full: Descriptor = adapt.convertStorageSchemaToProto2Descriptor(storage, 'row')
    // Without the defaults of Google's descriptors, such as a oneof index: servers take them as set.
    const field = full.field?.map(({ name, number, type, label }) => ({ name, number, type, label }))
    const descriptor = { name: full.name, field }
    const shape = { fields, descriptor, encode: rowEncoder(descriptor) }
    known.set(table, shape)
    return shape
  }

  async function attempt(
    table: AppendTable,
    rows: readonly AppendRow[],
  ): Promise<{ refused: Map<number, string> } | { stream: string; parent: string }> {
    const parent = `projects/${gcp.project}/datasets/${names.datasets.raw}/tables/${table}`
    const { fields, descriptor, encode } = shapeOf(table)
    const [made] = await within(
      CALL_MS,
      'opening a write stream',
      client.createWriteStream({ parent, writeStream: { type: 'PENDING' } }, options()),
    )
    checkFields(`${names.datasets.raw}.${table}`, fields, made.tableSchema?.fields ?? [])
    const stream = String(made.name)
    const headers = { 'x-goog-request-params': `write_stream=${encodeURIComponent(stream)}` }
    const connection = client.appendRows({ ...options(), otherArgs: { headers } })
    try {
      const requests = [...appendsOf(stream, descriptor, rows.map(encode))]
      const refused = await within(CALL_MS, 'appending rows', sendAll(connection, requests))
      if (refused.size > 0) return { refused }
    } finally {
      connection.end()
      connection.destroy()
    }
    const [{ rowCount }] = await within(
      CALL_MS,
      'finalizing a write stream',
      client.finalizeWriteStream({ name: stream }, options()),
    )
    if (Number(rowCount) !== rows.length)
      throw Object.assign(new Error(`a write stream has ${rowCount} rows of ${rows.length}`), { code: 10 })
    return { stream, parent }
  }

  /** False if the stream is unknown: then none of its rows are or will be visible. */
  async function commit(stream: string, parent: string): Promise<boolean> {
    let response: protos.google.cloud.bigquery.storage.v1.IBatchCommitWriteStreamsResponse
    try {
      const call = client.batchCommitWriteStreams({ parent, writeStreams: [stream] }, options())
      ;[response] = await within(CALL_MS, 'committing a write stream', call)
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

  /** Appends and commits the rows that BigQuery accepts. */
  async function whole(
    table: AppendTable,
    rows: readonly AppendRow[],
    signal: AbortSignal,
  ): Promise<Map<number, string>> {
    for (let round = 0; round < ROUNDS; round++) {
      const done = await site.run(() => attempt(table, rows), isTransient, signal)
      if ('refused' in done) {
        const rest = rows.map((_, i) => i).filter((i) => !done.refused.has(i))
        if (rest.length === 0) return done.refused
        const more = await whole(
          table,
          rest.map((i) => rows[i]),
          signal,
        )
        return new Map([...done.refused, ...[...more].map(([i, reason]) => [rest[i], reason] as const)])
      }
      if (await site.run(() => commit(done.stream, done.parent), isTransient)) return new Map()
    }
    throw Object.assign(new Error('write streams disappear before they are committed'), { code: UNAVAILABLE })
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
      // All rows are committed: a connection that does not close ends with the process.
      await within(CALL_MS, 'closing BigQuery', client.close()).catch(() => {})
    },
  }
}

/** A table that somebody changed by hand, or of another `schema:`, is not the events' fault. */
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
    throw new RetailError('failed', `the columns of ${table} do not match this version`, {
      why: [
        missing.length > 0 && `it lacks ${missing.join(', ')}`,
        needed.length > 0 && `it requires ${needed.join(', ')}`,
      ]
        .filter(Boolean)
        .join('; '),
      hint: advise`see the differences with ${retail('infra', 'plan')}. No event is lost: they wait in Pub/Sub`,
    })
}

function explained(error: unknown, doing: string): unknown {
  const { code, message } = callErrorOf(error)
  if (!(error instanceof RetailError) && code === INVALID_ARGUMENT)
    return new RetailError('failed', `BigQuery rejected the data while ${doing}`, {
      why: message.split('\n')[0],
      hint: advise`see the differences with ${retail('infra', 'plan')}. No event is lost: they wait in Pub/Sub`,
      cause: error,
    })
  if (!(error instanceof RetailError) && code === NOT_FOUND)
    return new RetailError('missing', `a table does not exist: ${doing}`, {
      why: message.split('\n')[0],
      hint: advise`run ${retail('infra', 'apply')}. No event is lost: they wait in Pub/Sub`,
      cause: error,
    })
  return explainCloudError(error, doing)
}

async function openClient(cloud: Cloud, Client: typeof BigQueryWriteClient): Promise<BigQueryWriteClient> {
  const { gcp, emulators } = cloud
  if (!emulators)
    return new Client({ projectId: gcp.project, ...(await identityOf(cloud)) } as ConstructorParameters<
      typeof BigQueryWriteClient
    >[0])
  const [host, port] = emulators.bigqueryStorage?.replace(/^https?:\/\//, '').split(':') ?? []
  if (!host || !port)
    throw new RetailError('bad_config', 'the emulator of the Storage Write API is not configured', {
      hint: 'set RETAIL_BIGQUERY_STORAGE_ENDPOINT to its host:port',
    })
  const { credentials } = await import('@grpc/grpc-js')
  return new Client({
    projectId: gcp.project,
    apiEndpoint: host,
    port: Number(port),
    sslCreds: credentials.createInsecure(),
  })
}
