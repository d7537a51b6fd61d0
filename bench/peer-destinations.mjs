import { readFileSync } from 'node:fs'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { Admin, Producer } from '@platformatic/kafka'
import pg from 'pg'
import { from } from 'pg-copy-streams'

/**
 * Bare loops over the clients that `stream --to` uses: no simulation, no position, no retries.
 * `kafka BROKER EVENTS`: messages like ours, made in the loop. `copy URL FILE…`: files of rows as text, one COPY each;
 * `copyWithKeys` adds primary keys and statistics.
 */
const TOPICS = ['bare.transactions', 'bare.inventories']
async function kafka(broker, count) {
  const admin = new Admin({ clientId: 'bare', bootstrapBrokers: [broker] })
  const known = await admin.listTopics()
  const topics = TOPICS.filter((topic) => !known.includes(topic))
  if (topics.length > 0) await admin.createTopics({ topics, partitions: 4 })
  await admin.close()
  const producer = new Producer({ clientId: 'bare', bootstrapBrokers: [broker], idempotent: true })
  const world = Buffer.from('f0e1d2c3b4a59687')
  const names = ['transactions', 'inventories'].map((name) => Buffer.from(name))
  const start = performance.now()
  for (let sent = 0; sent < Number(count); ) {
    const messages = []
    for (let i = 0; i < 2_000 && sent < Number(count); i++, sent++) {
      const id = `T240401-${String(sent % 1000).padStart(4, '0')}-${String(sent).padStart(6, '0')}`
      const store = `S${String(sent % 1000).padStart(4, '0')}`
      messages.push({
        topic: TOPICS[sent % 2],
        key: Buffer.from(store),
        value: Buffer.from(
          `{"transaction_id":"${id}","product_id":"P00817","timestamp":"2024-04-01T00:00:00Z","quantity":1,"unit_price":"12.99","store_id":"${store}"}`,
        ),
        headers: new Map([
          [Buffer.from('id'), Buffer.from(id)],
          [Buffer.from('world'), world],
          [Buffer.from('table'), names[sent % 2]],
        ]),
      })
    }
    await producer.send({ messages })
  }
  const seconds = (performance.now() - start) / 1000
  await producer.close()
  return { events: Number(count), seconds }
}

const copy = (url, ...files) => load('bare', url, files)
const copyWithKeys = (url, ...files) => load('keyed', url, files)

async function load(schema, url, files) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  const texts = files.map((file) => readFileSync(file))
  let events = 0
  const start = performance.now()
  for (const [i, text] of texts.entries()) {
    const table = ['transactions', 'inventories'][i]
    const into = client.query(from(`COPY ${schema}.${table} FROM STDIN (FORMAT csv)`))
    const pieces = function* () {
      for (let at = 0; at < text.length; at += 1 << 18) yield text.subarray(at, at + (1 << 18))
    }
    await pipeline(Readable.from(pieces()), into)
    events += into.rowCount
    if (schema === 'bare') continue
    const key = table === 'transactions' ? 'transaction_id' : 'inventory_id'
    await client.query(`ALTER TABLE ${schema}.${table} ADD PRIMARY KEY (${key}, timestamp)`)
    await client.query(`ANALYZE ${schema}.${table}`)
  }
  const seconds = (performance.now() - start) / 1000
  await client.end()
  return { events, seconds }
}

const [what, ...args] = process.argv.slice(2)
console.log(JSON.stringify(await { kafka, copy, copyWithKeys }[what](...args)))
process.exit(0)
