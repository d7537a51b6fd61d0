import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { request } from 'node:http'
import { connect } from 'node:net'
import path from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { closeShop, type Dashboard, openShop, serve } from './dashboard-shop.ts'
import { retail, start } from './tool.ts'

let folder: string
let served: Dashboard
let port: number

beforeAll(async () => {
  folder = await openShop({ stores: 5, products: 30, lines: 20, to: '2024-02-10' })
  served = await serve(folder)
  port = Number(new URL(served.url).port)
})
afterAll(() => {
  served?.kill('SIGKILL')
  if (folder) closeShop(folder)
})

interface Reply {
  status: number
  headers: Record<string, string | string[] | undefined>
  body: string
}

const ask = (url: string, headers: Record<string, string> = {}, method = 'GET', at = port): Promise<Reply> =>
  new Promise((resolve, reject) => {
    const asked = request({ host: '127.0.0.1', port: at, path: url, method, headers, agent: false }, (response) => {
      let body = ''
      response.on('data', (chunk) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }))
    })
    asked.on('error', reject)
    asked.end()
  })

/** Sends raw bytes: no client corrects them. */
const raw = (text: string): Promise<string> =>
  new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1', () => socket.end(text))
    let said = ''
    socket.on('data', (chunk) => (said += chunk))
    socket.on('close', () => resolve(said))
    socket.on('error', () => resolve(said))
  })

const refused = (status: number) => status >= 400 && status < 500

describe('refused is', () => {
  test.each([
    ...[
      '/../../../../etc/passwd',
      '/..',
      '/..%2f..%2fetc%2fpasswd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/....//....//etc/passwd',
    ],
    ...[
      '/page.js/../../../package.json',
      '/page.js%00.css',
      '/.retail/published.json',
      '/retail.duckdb',
      '/retail.yaml',
    ],
    ...[
      '/%5c..%5c..%5cwindows',
      '/api/../retail.yaml',
      '//etc/passwd',
      '/api//panels',
      '/~root/.ssh/id_rsa',
      '/.env',
      '/.git/config',
    ],
    ...[
      '/export/../../etc/passwd.csv',
      '/export/passwd.csv',
      '/export/kpi.csv/..',
      '/api/kpi/extra',
      '/api/__proto__',
      '/api/constructor',
    ],
    ...[
      '/export/__proto__.csv',
      '/admin',
      '/api',
      '/export',
      '/api/sql',
      '/api/query',
      '/server-status',
      '/index.html',
      '/api/panels/',
    ],
  ])('the path %s', async (url) => {
    const reply = await ask(url, { host: `127.0.0.1:${port}` })
    expect([refused(reply.status), reply.body]).toEqual([true, expect.not.stringContaining('root:')])
  })

  test.each([
    ...[
      "location=' OR 1=1 --",
      "location=x'; DROP TABLE marts.daily_sales; --",
      'location=x" UNION SELECT * FROM raw.store --',
    ],
    ...[
      "state=TX' OR 'a'='a",
      'year=2024; ATTACH',
      'year=2024 OR 1=1',
      'month=1)',
      'month=1e3',
      'compare=previous;--',
      'rows=read_csv',
    ],
    ...[
      "location=read_text('/etc/passwd')",
      'location=<img src=x onerror=alert(1)>',
      'location=$$7*7',
      'location=%00',
      'location=%0d%0aSet-Cookie:a=b',
    ],
    ...[
      'sql=SELECT 1',
      'table=raw.store',
      'order=1',
      'panel=kpi',
      '__proto__[x]=1',
      'year=2024&year=2023',
      `location=${'A'.repeat(200)}`,
    ],
  ])('the query %s', async (query) => {
    for (const area of ['/api/panels', '/api/kpi', '/export/kpi.csv', '/export/report.html'])
      expect((await ask(`${area}?${encodeURI(query).replaceAll('%25', '%')}`)).status, area).toBe(400)
  })

  test.each([
    ...[
      'evil.example',
      'evil.example:80',
      '127.0.0.1.evil.example',
      'localhost',
      '0.0.0.0',
      '169.254.169.254',
      '[::]',
      '127.0.0.1:1',
    ],
  ])('the host %s', async (host) => {
    expect((await ask('/', { host })).status).toBe(421)
  })

  test.each(['http://evil.example', 'null', 'https://127.0.0.1', 'http://127.0.0.1:1'])(
    'the origin %s',
    async (origin) => {
      expect((await ask('/api/panels', { origin })).status).toBe(403)
      expect((await ask('/api/events', { origin })).status).toBe(403)
    },
  )

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'PROPFIND'])('the method %s', async (method) => {
    expect((await ask('/api/panels', {}, method)).status).toBe(405)
  })

  test.each([
    'GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    'GET / HTTP/1.1\r\n\r\n',
    'GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n',
    'GET /../../etc/passwd HTTP/1.0\r\n\r\n',
    'CONNECT evil.example:443 HTTP/1.1\r\nHost: evil.example\r\n\r\n',
    'GARBAGE\r\n\r\n',
    `GET / HTTP/1.1\r\nHost: x\r\nX: ${'a'.repeat(40_000)}\r\n\r\n`,
    'POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\nGET / HTTP/1.1\r\n\r\n',
  ])('%j', async (text) => {
    const said = await raw(text)
    expect(said).not.toContain(' 200 ')
    expect(said).not.toContain('root:')
  })
})

test('every answer has the headers that keep others out', async () => {
  for (const url of ['/', '/page.js', '/api/panels', '/api/kpi', '/export/kpi.csv', '/nothing', '/api/panels?x=1']) {
    const { headers } = await ask(url)
    expect(headers, url).toMatchObject({
      'content-security-policy': expect.stringMatching(/^default-src 'none';(?!.*unsafe)/),
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
      'cross-origin-resource-policy': 'same-origin',
    })
    expect(headers, url).not.toHaveProperty('access-control-allow-origin')
  }
})

test('HEAD has no body', async () => {
  for (const url of ['/', '/page.js', '/api/panels'])
    expect(await ask(url, {}, 'HEAD')).toMatchObject({ status: 200, body: '' })
})

describe('other machines', () => {
  test('are not let in by the way', async () => {
    const { code, stderr } = await retail(folder, 'dashboard --host 0.0.0.0')
    expect([code, stderr]).toEqual([2, expect.stringContaining('--allow-remote')])
  })

  test('need the token, which leaves the address at once', async () => {
    const token = 'a-token-that-is-long-enough'
    const remote = await serve(folder, 'dashboard --host 0.0.0.0 --allow-remote --port 0', {
      RETAIL_DASHBOARD_TOKEN: token,
    })
    const at = Number(new URL(remote.url).port)
    expect(remote.url).toContain(`token=${token}`)
    expect((await ask('/', {}, 'GET', at)).status).toBe(401)
    expect((await ask('/api/panels?token=wrong', {}, 'GET', at)).status).toBe(401)
    const welcomed = await ask(`/?year=2024&token=${token}`, {}, 'GET', at)
    expect(welcomed).toMatchObject({ status: 303, headers: { location: '/?year=2024' } })
    const [cookie] = String(welcomed.headers['set-cookie']).split(';')
    expect(String(welcomed.headers['set-cookie'])).toMatch(/HttpOnly; SameSite=Strict/)
    expect((await ask('/api/kpi', { cookie }, 'GET', at)).status).toBe(200)
    remote.kill('SIGTERM')
    expect((await remote.ended).code).toBe(143)
  })
})

describe('its end', () => {
  test('comes at once after Ctrl-C, though a page is listening', async () => {
    const child = await serve(folder)
    const listening = new Promise<void>((resolve) => {
      const asked = request(new URL('/api/events', child.url), (response) => {
        resolve()
        response.resume().on('error', () => {})
      })
      asked.on('error', () => {})
      asked.end()
    })
    await listening
    child.kill('SIGINT')
    const { code, stdout } = await child.ended
    expect([code, stdout]).toEqual([130, expect.stringContaining('Dashboard closed')])
  })

  test('comes by itself when a time was given', async () => {
    expect((await retail(folder, 'dashboard --port 0 --duration 200ms')).code).toBe(0)
  })
})

test('a port that is taken is left to who has it: the next free one is printed', async () => {
  const second = await serve(folder, `dashboard --port ${port}`)
  expect(Number(new URL(second.url).port)).toBeGreaterThan(port)
  second.kill('SIGINT')
  await second.ended
})

describe('a database that is', () => {
  const database = () => path.join(folder, 'retail.duckdb')
  const trouble = async (): Promise<string> => (await ask('/api/panels')).body.split('\n')[0]

  test.each([
    ['missing', () => rmSync(database()), 'does not exist yet'],
    ['damaged', () => writeFileSync(database(), readFileSync(`${database()}.kept`).subarray(0, 20_000)), 'is damaged'],
    ['something else', () => writeFileSync(database(), 'not a database at all'), 'is not a retail database'],
  ])('%s is reported in words, and the page continues when it is back', async (_what, spoil, words) => {
    copyFileSync(database(), `${database()}.kept`)
    expect(await trouble()).toContain('"head"')
    spoil()
    expect(await trouble()).toContain(words)
    expect((await retail(folder, 'dashboard --json')).code).toBeGreaterThan(0)
    renameSync(`${database()}.kept`, database())
    expect(await trouble()).toContain('"head"')
    expect(existsSync(database())).toBe(true)
  })

  test('without marts says which command makes them', async () => {
    const bare = await (async () => {
      const { workspace } = await import('./tool.ts')
      return workspace({ stores: 3, products: 20, lines: 20, to: '2024-01-03' })
    })()
    expect((await start(bare, 'seed-dims').ended).code).toBe(0)
    expect((await start(bare, 'backfill').ended).code).toBe(0)
    const { code, stderr } = await retail(bare, 'dashboard --json')
    expect([code, stderr]).toEqual([3, expect.stringContaining('retail transform')])
  })
})
