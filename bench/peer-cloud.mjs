import { readFileSync } from 'node:fs'
import { adapt, BigQueryWriteClient, managedwriter } from '@google-cloud/bigquery-storage'
import { PubSub } from '@google-cloud/pubsub'
import { Storage } from '@google-cloud/storage'
import { credentials } from '@grpc/grpc-js'

/**
 * Bare loops over Google's clients, like the clients' samples: no position, no retries, no dead letters, no checks.
 * `publish PREFIX EVENTS`, `load PREFIX DATASET EVENTS`, `upload BUCKET FILE COPIES`.
 */
const TABLES = ['transactions', 'inventories']
const IDS = { transactions: 'transaction_id', inventories: 'inventory_id' }
/** The same as in `retail load`. */
const BATCH = 10_000
const project = process.env.BENCH_PROJECT
const [what, ...args] = process.argv.slice(2)
const done = await { publish, load, upload }[what](...args)
console.log(JSON.stringify(done))
process.exit(0)

/** Messages like ours, half of them for each table. */
async function publish(prefix, count) {
  const pubsub = new PubSub({ projectId: project })
  const batching = { maxMessages: 1_000, maxMilliseconds: 10 }
  const topics = TABLES.map((table) => pubsub.topic(`${prefix}-${table}`, { batching }))
  const start = performance.now()
  let bytes = 0
  const sent = []
  for (let i = 0; i < Number(count); i++) {
    const table = TABLES[i % 2]
    const event = eventOf(table, i)
    const data = Buffer.from(JSON.stringify(event))
    bytes += data.length
    sent.push(
      topics[i % 2].publishMessage({ data, attributes: { id: event[IDS[table]], table, world: 'f0e1d2c3b4a59687' } }),
    )
  }
  await Promise.all(sent)
  return { events: sent.length, bytes, seconds: (performance.now() - start) / 1000 }
}

function eventOf(table, i) {
  const id = `${String(20240401).padEnd(10, '0')}-${String(i).padStart(9, '0')}`
  const timestamp = new Date(Date.UTC(2024, 3, 1) + i * 1000).toISOString().replace('.000', '')
  const product_id = `P${String(i % 2000).padStart(6, '0')}`
  const store_id = `S${String(i % 1000).padStart(5, '0')}`
  return table === 'transactions'
    ? {
        transaction_id: `T${id}`,
        product_id,
        timestamp,
        quantity: 1 + (i % 3),
        unit_price: `${1 + (i % 90)}.99`,
        store_id,
      }
    : { inventory_id: `I${id}`, product_id, timestamp, quantity_change: -1 - (i % 3), store_id }
}

/** One pending stream per batch: appended, finalized, committed, then acknowledged. Ends after this many messages. */
async function load(prefix, dataset, count) {
  const pubsub = new PubSub({ projectId: project })
  const [host, port] = process.env.RETAIL_BIGQUERY_STORAGE_ENDPOINT.split(':')
  const sslCreds = credentials.createInsecure()
  const writeClient = new BigQueryWriteClient({ projectId: project, apiEndpoint: host, port: Number(port), sslCreds })
  const writer = new managedwriter.WriterClient({ projectId: project })
  writer.setClient(writeClient)
  const start = performance.now()
  let received = 0
  const wakes = []
  const loaded = await Promise.all(TABLES.map(loadTable))
  return { events: loaded[0] + loaded[1], seconds: (performance.now() - start) / 1000 }

  async function loadTable(table) {
    const fields = JSON.parse(readFileSync(new URL(`../terraform/schemas/${table}.json`, import.meta.url), 'utf8'))
    const storage = adapt.convertBigQuerySchemaToStorageTableSchema({ fields })
    const full = adapt.convertStorageSchemaToProto2Descriptor(storage, 'row')
    const field = full.field.map(({ name, number, type, label }) => ({ name, number, type, label }))
    const flowControl = { maxMessages: 2 * BATCH }
    const subscription = pubsub.subscription(`${prefix}-${table}-load`, { flowControl })
    const waiting = []
    subscription.on('message', (message) => {
      received++
      waiting.push(message)
      if (waiting.length >= BATCH || received === Number(count)) for (const wake of wakes.splice(0)) wake()
    })
    let events = 0
    while (received < Number(count) || waiting.length > 0) {
      if (waiting.length < BATCH && received < Number(count)) await new Promise((resolve) => wakes.push(resolve))
      const batch = waiting.splice(0, BATCH)
      if (batch.length === 0) continue
      await write(table, { name: full.name, field }, batch)
      for (const message of batch) message.ack()
      events += batch.length
    }
    await subscription.close()
    return events
  }

  async function write(table, protoDescriptor, batch) {
    const parent = `projects/${project}/datasets/${dataset}/tables/${table}`
    const [{ name }] = await writeClient.createWriteStream({ parent, writeStream: { type: 'PENDING' } })
    const connection = await writer.createStreamConnection({ streamId: name })
    const rows = new managedwriter.JSONWriter({ connection, protoDescriptor })
    const cells = batch.map(({ data }) => {
      const event = JSON.parse(data)
      return { ...event, timestamp: new Date(event.timestamp) }
    })
    const appended = []
    for (let at = 0; at < cells.length; at += 5_000)
      appended.push(rows.appendRows(cells.slice(at, at + 5_000), at).getResult())
    for (const { error } of await Promise.all(appended)) if (error) throw new Error(error.message)
    rows.close()
    await writeClient.finalizeWriteStream({ name })
    await writeClient.batchCommitWriteStreams({ parent, writeStreams: [name] })
  }
}

async function upload(bucketName, file, copies) {
  const storage = new Storage({ projectId: project, apiEndpoint: process.env.STORAGE_EMULATOR_HOST })
  const bytes = readFileSync(file)
  const start = performance.now()
  for (let i = 0; i < Number(copies); i++)
    await storage
      .bucket(bucketName)
      .file(`peer/${i}-${start}`)
      .save(bytes, { resumable: bytes.length > 8 << 20, validation: 'crc32c' })
  return { bytes: bytes.length * copies, seconds: (performance.now() - start) / 1000 }
}
