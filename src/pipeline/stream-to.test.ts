import fs from 'node:fs'
import { createServer as createHttpServer } from 'node:http'
import { type AddressInfo, createServer, type Server } from 'node:net'
import path from 'node:path'
import { afterAll, afterEach, expect, test } from 'vitest'
import { freshFolder } from '../../test/front-door.ts'
import { shopConfig } from '../../test/worlds.ts'
import { openDestination, openWorkspace } from '../adapters/open.ts'
import { configSchema } from '../config/schema.ts'
import { parseWhere } from '../config/where.ts'
import type { RetailError } from '../errors.ts'
import { parseSecond } from '../time.ts'
import { type StreamToOptions, streamTo } from './stream-to.ts'

const config = { ...configSchema.parse(shopConfig({ stores: 2, products: 20, lines: 20 })), workspace: '.' }
const UNTIL = '2024-04-02T00:00:00Z'

async function streamInto(place: string, options: Partial<StreamToOptions> = {}) {
  const workspace = await openWorkspace({ ...config, workspace: freshFolder() })
  const write = async () => {}
  return await streamTo(
    (source, signal) =>
      openDestination(parseWhere(place, freshFolder()), { source, signal, workspace, write, settings: config }),
    config,
    { speed: 'max', until: parseSecond(UNTIL), ...options } as StreamToOptions,
  )
}

const refusal = (place: string, options?: Partial<StreamToOptions>): Promise<RetailError> =>
  streamInto(place, options).then(
    () => expect.fail('it was accepted'),
    (error: RetailError) => error,
  )

const servers: Server[] = []
async function listening<S extends Server>(server: S): Promise<number> {
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}
afterAll(() => {
  for (const server of servers) server.close()
})
afterEach(() => {
  delete process.env.RETAIL_HTTP_AUTHORIZATION
})

test('a server of something else is named at the start', async () => {
  const mail = await listening(createServer((socket) => void socket.on('error', () => {}).end('220 mail ready\r\n')))
  const plain = await listening(createHttpServer((_, response) => response.end()))
  for (const [url, protocol] of [
    [`http://127.0.0.1:${mail}/x`, 'HTTP'],
    [`https://127.0.0.1:${plain}/x`, 'HTTPS'],
  ]) {
    const { code, message, why } = await refusal(url)
    expect({ code, message }).toEqual({ code: 'missing', message: `${url} does not speak ${protocol}` })
    expect(why).not.toBe('fetch failed')
  }
})

test('a value that cannot be a header is refused, and not shown', async () => {
  const port = await listening(createHttpServer((_, response) => response.end()))
  for (const value of ['Bearer xyzzy\nnext', 'Bearer xyzzy€']) {
    process.env.RETAIL_HTTP_AUTHORIZATION = value
    const { code, message, why, hint } = await refusal(`http://127.0.0.1:${port}/x`)
    expect(code).toBe('bad_config')
    expect([message, why, hint].join('\n')).not.toContain('xyzzy')
  }
})

test('an endpoint that takes no events does not outlast --duration', async () => {
  const away = createHttpServer((_, response) => response.writeHead(503).end('down'))
  const place = `http://127.0.0.1:${await listening(away)}/x`
  const { code, message, why } = await refusal(place, { durationMs: 100 })
  expect({ code, message }).toEqual({ code: 'partial', message: `--duration is over, and ${place} takes no events` })
  expect(why).toBe('it answers 503: down')
})

test.each([
  ['--from', { from: parseSecond('2024-05-01')! }],
  ['the end of history', {}],
])('an --until before %s is refused: nothing would be sent', async (_, options) => {
  const folder = path.join(freshFolder(), 'events')
  const { code } = await refusal(`ndjson:${folder}`, { until: parseSecond('2024-03-03'), ...options })
  expect(code).toBe('bad_flag')
  expect(fs.existsSync(path.join(folder, 'position.json'))).toBe(false)
})

test('a file where a folder is to be is wrong usage', async () => {
  const file = path.join(freshFolder(), 'events')
  fs.writeFileSync(file, 'mine')
  for (const place of [file, path.join(file, 'below')]) expect((await refusal(`ndjson:${place}`)).code).toBe('bad_flag')
  expect(fs.readFileSync(file, 'utf8')).toBe('mine')
})

test('what a killed stream has left is removed', async () => {
  const folder = freshFolder()
  await streamInto(`ndjson:${folder}`)
  const before = fs.readdirSync(folder).sort()
  fs.writeFileSync(path.join(folder, 'position.json.77-0-abc-0.tmp'), '{}')
  fs.mkdirSync(path.join(folder, '.tmp', '77'))
  fs.writeFileSync(path.join(folder, 'position.json.mine'), 'mine')
  await streamInto(`ndjson:${folder}`, { until: parseSecond('2024-04-03T00:00:00Z') })
  const left = fs.readdirSync(folder).filter((name) => !before.includes(name) && !name.startsWith('2024'))
  expect(left).toEqual(['position.json.mine'])
  expect(fs.readdirSync(path.join(folder, '.tmp'))).toEqual([])
})
