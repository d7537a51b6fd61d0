import type { protos } from '@google-cloud/bigquery-storage'
import { redact } from './retry.ts'

type Request = protos.google.cloud.bigquery.storage.v1.IAppendRowsRequest
type Answer = protos.google.cloud.bigquery.storage.v1.IAppendRowsResponse

/** BigQuery rejects an append of more than 10 MB; an event has about 100 bytes. */
const APPEND_ROWS = 5_000
const APPEND_BYTES = 5_000_000
/** gRPC status code. */
const UNAVAILABLE = 14

export interface Connection {
  write(request: Request): unknown
  on(event: 'data', listener: (answer: Answer) => void): unknown
  on(event: 'error', listener: (error: unknown) => void): unknown
  on(event: 'close' | 'end', listener: () => void): unknown
}

/** Requests for one write stream, each with the offset of its first row. */
export function* appendsOf(
  stream: string,
  protoDescriptor: protos.google.protobuf.IDescriptorProto,
  rows: Iterable<Uint8Array>,
): Generator<Request> {
  let [serializedRows, bytes, offset]: [Uint8Array[], number, number] = [[], 0, 0]
  const request = (): Request => ({
    writeStream: stream,
    offset: { value: offset },
    protoRows: { writerSchema: { protoDescriptor }, rows: { serializedRows } },
  })
  for (const row of rows) {
    const full = serializedRows.length >= APPEND_ROWS || bytes + row.length > APPEND_BYTES
    if (full && serializedRows.length > 0) {
      yield request()
      offset += serializedRows.length
      ;[serializedRows, bytes] = [[], 0]
    }
    serializedRows.push(row)
    bytes += row.length
  }
  if (serializedRows.length > 0) yield request()
}

/**
 * Sends everything and resolves to the rejected rows, by offset; if there are any, later rows were not checked. Throws
 * any other error of the server, whose responses can contain an error.
 */
export function sendAll(connection: Connection, requests: readonly Request[]): Promise<Map<number, string>> {
  return new Promise((resolve, reject) => {
    let answered = 0
    connection.on('data', ({ error, rowErrors }) => {
      const from = Number(requests[answered]?.offset?.value ?? 0)
      answered++
      if (rowErrors && rowErrors.length > 0)
        resolve(new Map(rowErrors.map(({ index, message }) => [from + Number(index), redact(String(message))])))
      else if (error) reject(Object.assign(new Error(String(error.message)), { code: error.code }))
      else if (answered === requests.length) resolve(new Map())
    })
    connection.on('error', reject)
    const cut = () => reject(Object.assign(new Error('the connection of a write stream closed'), { code: UNAVAILABLE }))
    connection.on('end', cut)
    connection.on('close', cut)
    for (const request of requests) connection.write(request)
  })
}
