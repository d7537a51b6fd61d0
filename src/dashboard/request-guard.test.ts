import type { IncomingMessage } from 'node:http'
import { describe, expect, test } from 'vitest'
import { bringsToken, type RequestGuard, refuse } from './request-guard.ts'

const guard: RequestGuard = { port: 4173, token: undefined }
const asking = (url: string, headers: Record<string, string> = {}, method = 'GET') =>
  ({ method, url, headers: { host: '127.0.0.1:4173', ...headers } }) as unknown as IncomingMessage
const status = (...given: Parameters<typeof asking>) => refuse(asking(...given), guard)?.status

test.each(['127.0.0.1:4173', 'localhost:4173', '[::1]:4173'])('%s is ours', (host) => {
  expect(status('/', { host })).toBeUndefined()
})

describe('refused is', () => {
  test.each([
    'evil.example',
    '127.0.0.1',
    '127.0.0.1:80',
    'localhost.evil.example:4173',
    '127.0.0.1:4173.evil.example',
    '0.0.0.0:4173',
    '',
  ])('the host %s', (host) => expect(status('/', { host })).toBe(421))

  test.each([
    'http://evil.example',
    'null',
    'http://127.0.0.1:9999',
    'https://127.0.0.1:4173',
    'http://localhost:4173',
  ])('the origin %s', (origin) => expect(status('/api/panels', { origin })).toBe(403))

  test.each(['POST', 'PUT', 'DELETE', 'PATCH', 'OPTIONS', 'TRACE', 'CONNECT'])('%s', (method) => {
    expect(status('/', {}, method)).toBe(405)
  })

  test.each([
    ...[
      '/..',
      '/../../etc/passwd',
      '/%2e%2e/%2e%2e/etc/passwd',
      '/..%2f..%2fetc/passwd',
      '//evil.example/',
      '/api//panels',
    ],
    ...[
      'http://evil.example/',
      '\\..\\..\\windows',
      '/api\\panels',
      '/page.js%00.html',
      '/./page.js',
      '/~root',
      '*',
      '',
    ],
    ...['/page.js/..', '/api/panels;x=1', '/%', '/api/%70anels'],
  ])('the path %s', (url) => expect(status(url)).toBe(400))

  test('another site that loads a part of the page', () => {
    for (const site of ['cross-site', 'same-site'])
      for (const url of ['/api/panels', '/page.js', '/export/kpi.csv', '/api/events'])
        expect(status(url, { 'sec-fetch-site': site, 'sec-fetch-mode': 'no-cors' })).toBe(403)
  })

  test('a very long address', () => expect(status(`/?location=${'a'.repeat(3000)}`)).toBe(414))
})

test('a link on another site may open the page, and nothing else', () => {
  const link = { 'sec-fetch-site': 'cross-site', 'sec-fetch-mode': 'navigate', 'sec-fetch-dest': 'document' }
  expect(status('/?year=2024', link)).toBeUndefined()
  expect(status('/export/kpi.csv', link)).toBe(403)
  expect(status('/', { ...link, 'sec-fetch-dest': 'iframe' })).toBe(403)
})

describe('with a token', () => {
  const remote: RequestGuard = { port: 4173, token: 'a-long-token-of-24-chars' }
  const asked = (url: string, headers: Record<string, string> = {}) => refuse(asking(url, headers), remote)?.status

  test('any name of the host will do, none will do without it', () => {
    expect(asked('/', { host: 'shop.example' })).toBe(401)
    expect(asked('/', { host: 'shop.example', cookie: `retail_dashboard=${remote.token}` })).toBeUndefined()
    expect(asked(`/?token=${remote.token}`)).toBeUndefined()
  })

  test.each(['', 'a', 'a-long-token-of-24-char', 'A-LONG-TOKEN-OF-24-CHARS'])('%s is not it', (token) => {
    expect(asked('/', { cookie: `retail_dashboard=${token}; other=1` })).toBe(401)
    expect(bringsToken(new URL(`http://here/?token=${token}`), remote.token ?? '')).toBe(false)
  })
})
