import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import avro from 'avsc'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openHttp } from '../src/adapters/destinations/http.ts'
import { openKafka } from '../src/adapters/destinations/kafka.ts'
import { folderWorkspace } from '../src/adapters/local/folder-workspace.ts'
import { type HttpPlace, type KafkaPlace, parseWhere } from '../src/config/where.ts'
import type { GradeResult } from '../src/pipeline/results.ts'
import { destinationContract } from '../src/ports/destination.contract.ts'
import { keyedRng } from '../src/random/rng.ts'
import { type FactName, facts } from '../src/tables/index.ts'
import { receivedOf } from './events.ts'
import { type HttpEndpoint, startHttpEndpoint } from './peers/http-endpoint.ts'
import { type KafkaBroker, startKafka } from './peers/kafka.ts'
import { startRegistry } from './peers/registry.ts'
import { startTokens } from './peers/tokens.ts'
import { EXPECTED, expectAtLeastOnce, FLAGS, FROM, killedOften, lineOf, streamShards } from './streamed.ts'
import { freshFolder, json, retail, start, workspace } from './tool.ts'

describe('http', () => {
  let endpoint: HttpEndpoint
  beforeAll(async () => {
    endpoint = await startHttpEndpoint()
  })
  afterAll(() => endpoint.stop())

  let paths = 0
  const newPath = () => `/events-${++paths}`
  const receivedAt = (at: string) =>
    endpoint.events(at).map(({ type, data }) => receivedOf(JSON.stringify(data), type.split('.')[1] as FactName))

  destinationContract('http', {
    keepsPosition: true,
    order: 'of each store',
    async place() {
      const at = newPath()
      const place = parseWhere(`${endpoint.url(at)}?batch=37&in_flight=3`, '/') as HttpPlace
      const state = folderWorkspace(freshFolder())
      return {
        ...{ where: place, workspace: state },
        open: (source, signal) => openHttp(place, source, { signal, workspace: state }),
        received: async () => receivedAt(at),
      }
    },
  })

  test('gets from shards, one of them killed, what one stream sends', async () => {
    const at = newPath()
    await streamShards(workspace(), endpoint.url(at), 52)
    expectAtLeastOnce(receivedAt(at), { most: 60_000 })
    // An event is the same, whichever shard sends it.
    const sources = [...new Set(endpoint.events(at).map(({ source }) => source))]
    expect(sources).toEqual([expect.stringMatching(/^\/retail\/[0-9a-f]{16}$/)])
  })

  test('sends CloudEvents, no more requests at a time than it may, with a key for each body', async () => {
    const folder = workspace()
    const at = newPath()
    endpoint.mostInFlight = 0
    const env = { RETAIL_HTTP_AUTHORIZATION: 'Bearer of-news' }
    const line = `stream --to ${endpoint.url(at)}?in_flight=2&batch=50 ${FLAGS} --from ${FROM} --speed max --max-events 1000`
    expect(await retail(folder, line, env)).toMatchObject({ code: 0 })
    expect(endpoint.mostInFlight).toBeLessThanOrEqual(2)
    const requests = endpoint.requests.filter((request) => request.path === at)
    expect(Math.max(...requests.map(({ events }) => events))).toBe(50)
    expect(new Set(requests.map(({ headers }) => headers['idempotency-key'])).size).toBe(requests.length)
    expect(requests[0].headers).toMatchObject({
      'content-type': 'application/cloudevents-batch+json; charset=utf-8',
      authorization: 'Bearer of-news',
    })
    const [event] = endpoint.events(at)
    expect({ ...event, source: event.source.replace(/[0-9a-f]{16}/, 'WORLD') }).toMatchSnapshot()
  })

  test('that fails, stalls, and hangs up gets every event once, by its key', async () => {
    const folder = workspace()
    const at = newPath()
    const rng = keyedRng(5, 0, 0)
    endpoint.answer = () => ([503, 429, 'gone', 'taken, then gone'] as const)[rng.below(12)] ?? 204
    const line = `stream --to ${endpoint.url(at)}?batch=100 ${FLAGS} --from ${FROM} --speed max --max-events 1500`
    const { code } = await retail(folder, line)
    endpoint.answer = () => 204
    expect(code).toBe(0)
    const ids = endpoint.events(at).map(({ id }) => id)
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.length).toBeGreaterThanOrEqual(1500)
  })

  test('gets everything after kills of the stream and of the endpoint', async () => {
    const folder = workspace()
    const at = newPath()
    await killedOften(folder, endpoint.url(at), 19, 6, { restart: () => endpoint.restart() })
    expectAtLeastOnce(receivedAt(at), { most: 60_000 })
  })

  test('gets events again after a kill, which its record says, and grade does not put down to faults', async () => {
    const folder = workspace()
    const at = newPath()
    const world = `${FLAGS} --faults rough --without malformed`
    const line = `${world} --from ${FROM} --until 2024-01-01T12:00:00Z`
    let requests = 0
    endpoint.answer = () => {
      if (++requests === 5) child.kill('SIGKILL')
      return 204
    }
    const child = start(folder, `stream --to ${endpoint.url(at)}?batch=50 ${line} --speed max`)
    await child.ended
    endpoint.answer = () => 204
    const before = endpoint.events(at).length
    expect(before).toBeGreaterThan(100)
    // Other requests, so that the endpoint does not know them.
    const again = `stream --to ${endpoint.url(at)}?batch=70 ${line} --speed max --drain`
    expect(await json(folder, again)).toMatchObject({ code: 0, from: `${FROM}T00:00:00Z` })
    for (const { name } of facts) {
      const rows = endpoint.events(at).filter(({ type }) => type === `retail.${name}`)
      writeFileSync(path.join(folder, `${name}.ndjson`), rows.map(({ data }) => `${JSON.stringify(data)}\n`).join(''))
    }
    const graded = await json<GradeResult>(
      folder,
      `grade --transactions transactions.ndjson --inventories inventories.ndjson ${world} --until 2024-01-01T12:00:00Z --delivered ${endpoint.url(at)}`,
    )
    expect(graded.code).toBe(6)
    expect(graded.tables.map(({ unexplained }) => unexplained?.doubled)).toEqual([0, 0])
    const { sentence } = graded.verdicts.find(({ name }) => name === 'no duplicates')!
    const [, repeated] = /, (\d+) repeats of a restart$/.exec(sentence) ?? []
    expect(Number(repeated)).toBeGreaterThanOrEqual(before * 0.8)
  })

  test('that refuses events gets them the next time', async () => {
    const folder = workspace()
    const at = newPath()
    const line = `stream --to ${endpoint.url(at)} ${FLAGS} --from ${FROM} --speed max --max-events 300`
    endpoint.answer = () => 400
    expect(await retail(folder, line)).toMatchObject({ code: 3 })
    endpoint.answer = () => 204
    expect(await json(folder, line)).toMatchObject({ code: 0, from: `${FROM}T00:00:00Z` })
  })

  test('that is slow slows the stream, and its memory stays flat', async () => {
    const folder = workspace()
    endpoint.answer = () => new Promise((resolve) => setTimeout(() => resolve(204), 100))
    const to = `${endpoint.url(newPath())}?in_flight=1&batch=100`
    const child = start(
      folder,
      `stream --to ${to} --stores 1000 --from 2024-01-02T12:00:00Z --rate 100000 --duration 8s --json`,
    )
    let peakKb = 0
    const timer = setInterval(() => {
      // It may have ended.
      const status = existsSync(`/proc/${child.pid}/status`) ? readFileSync(`/proc/${child.pid}/status`, 'utf8') : ''
      peakKb = Math.max(peakKb, Number(/VmHWM:\s+(\d+)/.exec(status)?.[1] ?? 0))
    }, 200)
    const { code, stdout } = await child.ended
    clearInterval(timer)
    endpoint.answer = () => 204
    expect(code).toBe(0)
    const result = JSON.parse(stdout.trim().split('\n').at(-1)!)
    expect(result.eventsPerSecond).toBeLessThan(1_100)
    expect(result.waitedSeconds).toBeGreaterThan(result.seconds / 2)
    expect(peakKb).toBeGreaterThan(0)
    expect(peakKb).toBeLessThan(256 * 1024)
  })

  test('that refuses ends the stream, with what it said', async () => {
    const folder = workspace()
    const refusals: Record<string, object> = {}
    for (const status of [400, 401, 404, 413, 308]) {
      endpoint.answer = () => status
      const { code, stderr } = await retail(
        folder,
        `stream --to ${endpoint.url(newPath())} ${FLAGS} --from ${FROM} --speed max`,
      )
      refusals[status] = { code, stderr: stderr.replace(/:\d+\/events-\d+/g, ':PORT/events') }
    }
    endpoint.answer = () => 204
    expect(refusals).toMatchSnapshot()
    expect(await retail(folder, `stream --to http://no-such-host.invalid/x ${FLAGS}`)).toMatchObject({ code: 3 })
    expect(await retail(freshFolder(), `stream --to ${endpoint.url('/x')} ${FLAGS}`)).toMatchObject({ code: 3 })
  })
})

describe('kafka', () => {
  let broker: KafkaBroker
  beforeAll(async () => {
    broker = await startKafka()
  })
  afterAll(() => broker.stop())

  let prefixes = 0
  const newPrefix = () => `shop-${++prefixes}`
  const receivedIn = async (prefix: string) => {
    const all = await Promise.all(facts.map(({ name }) => broker.records(`${prefix}.${name}`)))
    return all.flatMap((records, i) => records.map(({ value }) => receivedOf(value, facts[i].name)))
  }

  destinationContract('kafka', {
    keepsPosition: true,
    order: 'of each store',
    async place() {
      const prefix = newPrefix()
      const place = parseWhere(`kafka://${broker.address}?prefix=${prefix}&partitions=3`, '/') as KafkaPlace
      return {
        where: place,
        open: (source, signal) =>
          openKafka(place, source, { signal, workspace: undefined, google: { workspace: '.', gcp: undefined } }),
        received: () => receivedIn(prefix),
      }
    },
  })

  test('gets keys, headers, and the partitions of other clients', async () => {
    const prefix = newPrefix()
    const line = `stream --to kafka://${broker.address}?prefix=${prefix} ${FLAGS} --from 2024-01-09T15:00:00Z --speed max --max-events 500`
    expect(await retail(freshFolder(), line)).toMatchObject({ code: 0 })
    const records = await broker.records(`${prefix}.transactions`)
    expect(new Set(records.map(({ partition }) => partition)).size).toBeGreaterThan(3)
    for (const { key, value, headers } of records) {
      const row = JSON.parse(value) as Record<string, string>
      expect(row.store_id).toBe(key)
      expect(headers).toEqual({ id: row.transaction_id, table: 'transactions', world: headers.world })
    }
    const byKey = new Map(records.map(({ key, partition }) => [key, partition]))
    for (const { key, partition } of records) expect(byKey.get(key)).toBe(partition)
  })

  test('gets everything after kills of the stream and of the broker', async () => {
    const prefix = newPrefix()
    await killedOften(freshFolder(), `kafka://${broker.address}?prefix=${prefix}`, 20, 6, {
      restart: () => broker.restart(),
    })
    expectAtLeastOnce(await receivedIn(prefix), { most: 60_000 })
  })

  test('has each event once, with transactions, after kills of the stream and of the broker', async () => {
    const prefix = newPrefix()
    const to = `kafka://${broker.address}?prefix=${prefix}&exactly_once=true`
    await killedOften(freshFolder(), to, 24, 4, { restart: () => broker.restart() })
    const all: string[] = []
    for (const { name } of facts) {
      const rows = (await broker.committed(`${prefix}.${name}`)).map((line) => receivedOf(line, name))
      const lastOf = new Map<string, string>()
      for (const { row } of rows) {
        const [id] = Object.values(row)
        expect(id > (lastOf.get(row.store_id) ?? ''), `${id} after ${lastOf.get(row.store_id)}`).toBe(true)
        lastOf.set(row.store_id, id)
      }
      all.push(...rows.map(lineOf))
    }
    expect(all.sort()).toEqual(EXPECTED)
  })

  test('gets from shards, one of them killed, what one stream sends, each event once', async () => {
    const folder = freshFolder()
    const prefix = newPrefix()
    const to = `kafka://${broker.address}?prefix=${prefix}&exactly_once=true`
    await streamShards(folder, to, 53)
    const rows = await Promise.all(
      facts.map(async ({ name }) =>
        (await broker.committed(`${prefix}.${name}`)).map((line) => lineOf(receivedOf(line, name))),
      ),
    )
    expect(rows.flat().sort()).toEqual(EXPECTED)
    for (const shard of ['', '--shard 1/2']) {
      const { code, stderr } = await retail(folder, `stream --to ${to} ${shard} ${FLAGS} --max-events 1`)
      expect([code, stderr]).toEqual([2, expect.stringMatching(/they are of shard \d\/3/)])
    }
  })

  test('takes one stream at a time, and the next one when that is killed or asleep', async () => {
    const folder = freshFolder()
    const prefix = newPrefix()
    const line = `stream --to kafka://${broker.address}?prefix=${prefix} ${FLAGS} --from ${FROM}`
    const running = async () => {
      const stream = start(folder, `${line} --rate 200 --json`)
      const begun = new Promise((resolve) =>
        stream.stdout!.on('data', (chunk) => String(chunk).includes('"type":"progress"') && resolve(true)),
      )
      expect(await Promise.race([begun, stream.ended]), 'a stream that runs').toBe(true)
      return stream
    }
    const arrived = async () => (await receivedIn(prefix)).map(({ row }) => Object.values(row)[0])

    // Two that begin at the same time: the order of their records decides.
    const both = [1, 2].map(() => start(folder, `${line} --rate 50 --duration 4s`).ended)
    expect((await Promise.all(both)).map(({ code }) => code).sort()).toEqual([0, 2])

    const first = await running()
    const beside = await retail(folder, `${line} --max-events 1`)
    expect({ ...beside, stderr: beside.stderr.replaceAll(/:\d+|shop-\d+|on \S+, pid \d+/g, '…') }).toMatchSnapshot()
    first.kill('SIGTERM')
    expect((await first.ended).code).toBe(143)
    const once = await arrived()
    expect(new Set(once).size).toBe(once.length)

    const killed = await running()
    killed.kill('SIGKILL')
    await killed.ended
    const asleep = await running()
    asleep.kill('SIGSTOP')
    const last = await running()
    last.kill('SIGINT')
    const { to } = JSON.parse((await last.ended).stdout.trim().split('\n').at(-1)!)
    const sent = await arrived()
    asleep.kill('SIGCONT')
    expect(await asleep.ended).toMatchObject({ code: 2, stderr: expect.stringContaining('has taken over') })
    expect(await arrived()).toEqual(sent)
    expect(await json(folder, `${line} --max-events 1`)).toMatchObject({ code: 0, from: to })
  })

  test('gets Avro whose schemas a registry has, with the values of JSON', async () => {
    const folder = freshFolder()
    const registry = await startRegistry()
    try {
      const prefix = newPrefix()
      const kafka = `kafka://${broker.address}?prefix=${prefix}`
      const flags = `${FLAGS} --from ${FROM} --until ${FROM}T12:00:00Z --speed max`
      const run = (more: string, env = {}) =>
        retail(folder, `stream --to ${kafka}&registry=${registry.url} --format avro ${flags} ${more}`, env)
      // What Avro cannot carry is refused before anything is sent or registered.
      const damaged = await run('--faults hostile')
      expect([damaged.code, damaged.stderr]).toEqual([2, expect.stringContaining('--without malformed')])
      expect(registry.requests).toEqual([])

      registry.user = 'shop:right'
      const wrong = { RETAIL_REGISTRY_USERNAME: 'shop', RETAIL_REGISTRY_PASSWORD: 'wrong' }
      const unknown = await run('', wrong)
      const right = { ...wrong, RETAIL_REGISTRY_PASSWORD: 'right' }
      const sent = await run('--faults hostile --without malformed', right)
      expect(sent, sent.stderr).toMatchObject({ code: 0 })
      const lines = (await retail(folder, `stream --to - ${flags} --faults hostile --without malformed -q`)).stdout
      const arrived = await Promise.all(
        facts.map(async (fact) => {
          const [id] = registry.subjects.get(`${prefix}.${fact.name}-value`)!
          const type = avro.Type.forSchema(registry.schema(id) as avro.Schema)
          return (await broker.records(`${prefix}.${fact.name}`)).map(({ bytes, key, headers }) => {
            expect([bytes![0], bytes!.readInt32BE(1)]).toEqual([0, id])
            const row = type.fromBuffer(bytes!.subarray(5)) as Record<string, string | number | Buffer>
            expect([row.store_id, Object.values(row)[0]]).toEqual([key, headers.id])
            const timestamp = new Date(Number(row.timestamp)).toISOString().replace('.000Z', 'Z')
            const { unit_price: cents } = row as { unit_price?: Buffer }
            const money = cents && { unit_price: (cents.readIntBE(0, cents.length) / 100).toFixed(2) }
            return lineOf(receivedOf(JSON.stringify({ ...row, timestamp, ...money }), fact.name))
          })
        }),
      )
      const expected = lines
        .split('\n')
        .filter(Boolean)
        .map((line) => lineOf(receivedOf(line)))
      expect(arrived.flat().sort()).toEqual(expected.sort())
      // The next stream registers nothing.
      const before = registry.requests.length
      expect(await run('--faults hostile --without malformed', right)).toMatchObject({ code: 0 })
      expect(registry.requests.slice(before).filter((request) => request.endsWith('/versions'))).toEqual([])

      registry.user = undefined
      const wider = workspace({ schema: 'extended' })
      const extended = await retail(
        wider,
        `stream --to ${kafka}&registry=${registry.url}&format=avro --from ${FROM} --max-events 1`,
      )
      const url = registry.url
      await registry.stop()
      const masked = ({ code, stderr }: { code: number | null; stderr: string }) => ({
        code,
        stderr: stderr
          .replaceAll(url, 'http://HOST')
          .replace(/incompatible with an earlier schema:.*/, '…')
          .replace(/127.0.0.1:\d+/, 'HOST'),
      })
      expect({ unknown: masked(unknown), extended: masked(extended), absent: masked(await run('')) }).toMatchSnapshot()
    } finally {
      await registry.stop()
    }
  })

  test('that refuses events ends the stream, which has them to send the next time', async () => {
    const folder = freshFolder()
    const prefix = newPrefix()
    const line = `stream --to kafka://${broker.address}?prefix=${prefix} ${FLAGS} --from ${FROM} --speed max --max-events 300`
    await broker.createTopic(`${prefix}.inventories`, { 'max.message.bytes': '100' })
    expect(await retail(folder, line)).toMatchObject({ code: 3 })
    await broker.deleteTopic(`${prefix}.inventories`)
    expect(await json(folder, line)).toMatchObject({ code: 0, from: `${FROM}T00:00:00Z` })
    expect((await receivedIn(prefix)).length).toBeGreaterThanOrEqual(300)
  })

  test('takes events over TLS from whoever has the right password or token, for as long as the stream lasts', async () => {
    const folder = freshFolder()
    const to = (name: string, sasl: string) =>
      `kafka://${broker.secureAddress}?prefix=${name}&ca=${broker.authority}&replicas=1&partitions=1&sasl=${sasl}`
    const run = (to: string, env: Record<string, string>, pace = '--speed max --max-events 10') =>
      retail(folder, `stream --to ${to} ${FLAGS} --from ${FROM} ${pace}`, env)
    const user = { RETAIL_KAFKA_USERNAME: 'shop', RETAIL_KAFKA_PASSWORD: 'right' }
    const wrong = { ...user, RETAIL_KAFKA_PASSWORD: 'wrong' }
    for (const sasl of ['plain', 'scram-sha-256', 'scram-sha-512']) {
      expect(await run(to(sasl, sasl), user), sasl).toMatchObject({ code: 0 })
      expect((await receivedIn(sasl)).length).toBeGreaterThanOrEqual(10)
      expect(await run(to('wrong', sasl), wrong), sasl).toMatchObject({ code: 4 })
    }
    // Another authority.
    const untrusted = `kafka://${broker.secureAddress}?tls=true&sasl=plain`
    expect(await run(untrusted, user)).toMatchObject({ code: 4, stderr: expect.stringContaining('certificate') })

    const google = await startTokens()
    try {
      // A session ends after two seconds, and the stream continues in the next one.
      const pace = '--rate 50 --duration 6s'
      const sent = await run(to('google', 'google'), google.env, pace)
      expect(sent, sent.stderr).toMatchObject({ code: 0 })
      expect((await receivedIn('google')).length).toBeGreaterThan(200)
      google.token = 'ya29.wrong'
      const refused = await run(to('google', 'google'), google.env)
      expect([refused.code, refused.stderr]).toEqual([4, expect.stringContaining('roles/managedkafka.client')])
    } finally {
      await google.stop()
    }
    const nobody = await run(to('google', 'google'), { GOOGLE_APPLICATION_CREDENTIALS: '/nowhere.json' })
    expect([nobody.code, nobody.stderr]).toEqual([2, expect.stringContaining('/nowhere.json')])
  })

  test('says what is wrong, with the address', async () => {
    const folder = freshFolder()
    const run = (to: string, env = {}) =>
      retail(folder, `stream --to ${to} ${FLAGS} --from ${FROM} --speed max --max-events 10`, env)
    const sasl = `kafka://${broker.saslAddress}?prefix=sasl&sasl=plain`
    const user = { RETAIL_KAFKA_USERNAME: 'shop' }
    const secret = path.join(freshFolder(), 'secret.json')
    writeFileSync(secret, JSON.stringify({ username: 'shop', password: 'right' }))
    expect(await run(sasl, { ...user, RETAIL_KAFKA_PASSWORD: 'right' })).toMatchObject({ code: 0 })
    expect(await run(`${sasl}&credentials=${secret}`)).toMatchObject({ code: 0 })
    const wrong = {
      password: await run(sasl, { ...user, RETAIL_KAFKA_PASSWORD: 'wrong' }),
      'no password': await run(sasl, user),
      host: await run('kafka://no-such-host.invalid'),
      'nothing there': await run('kafka://127.0.0.1:1'),
      'events of another world': await retail(
        folder,
        `stream --to ${sasl}&credentials=${secret} --stores 2 --max-events 1`,
      ),
    }
    const masked = (text: string) =>
      text.replace(/127\.0\.0\.1:\d{4,}/g, 'BROKER').replace(/\([0-9a-f]{16}\)/, '(WORLD)')
    expect(
      Object.fromEntries(
        Object.entries(wrong).map(([what, { code, stderr }]) => [what, { code, stderr: masked(stderr) }]),
      ),
    ).toMatchSnapshot()
  })
})

test('a sink of retail.yaml is a destination by its name', async () => {
  const folder = workspace()
  const config = readFileSync(path.join(folder, 'retail.yaml'), 'utf8')
  const withSinks = (sinks: string) => writeFileSync(path.join(folder, 'retail.yaml'), `${config}sinks:\n  ${sinks}\n`)
  withSinks('files: { folder: live, size: 1MB }')
  expect(await json(folder, 'stream --to files --from 2024-01-01 --max-events 5 --speed max')).toMatchObject({
    code: 0,
    destination: `ndjson:${path.join(folder, 'live')}`,
  })
  const mistakes: Record<string, string> = {}
  for (const sinks of [
    'kafka: { brokers: "localhost:9092", partitons: 3 }',
    'kafka: { brokers: "localhost:9092", password: secret }',
    'files: { size: 1MB }',
    'files: { folder: live }',
  ]) {
    withSinks(sinks)
    mistakes[sinks] = (await retail(folder, 'stream --to file --max-events 5')).stderr
  }
  expect(mistakes).toMatchSnapshot()
})
