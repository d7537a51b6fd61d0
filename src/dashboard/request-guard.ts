import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** Who may connect. Without a token: only this machine, under its loopback names. */
export interface RequestGuard {
  port: number
  token: string | undefined
}

export interface Refusal {
  status: number
  reason: string
  headers?: OutgoingHttpHeaders
}

const LOOPBACK_NAMES = ['127.0.0.1', 'localhost', '[::1]']
const LONGEST_URL = 2_048
export const COOKIE = 'retail_dashboard'

/** Rejects requests that must not be answered, before it looks at the path. */
export function refuse(request: IncomingMessage, guard: RequestGuard): Refusal | undefined {
  const { method = '', url = '', headers } = request
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, reason: 'only GET and HEAD are supported', headers: { Allow: 'GET, HEAD' } }
  if (url.length > LONGEST_URL) return { status: 414, reason: 'the address is too long' }
  // None of our paths needs an escape, a dot-dot, an empty segment, or a host.
  if (!/^(?:\/|(?:\/[a-z][a-z.]*)+)(?:\?[^#\\]*)?$/.test(url) || url.includes('..'))
    return { status: 400, reason: 'not found' }
  // Another host name that resolves to 127.0.0.1 (DNS rebinding) is not ours. With a token, the cookie decides.
  if (guard.token === undefined && !isOurHost(headers.host, guard.port))
    return { status: 421, reason: 'this server responds only at its loopback address' }
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    return { status: 403, reason: 'cross-site request refused' }
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') {
    const followsLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
    if (!followsLink || url.split('?')[0] !== '/') return { status: 403, reason: 'cross-site request refused' }
  }
  if (guard.token !== undefined && !hasToken(request, guard.token))
    return { status: 401, reason: 'open the address that the dashboard printed when it started: it includes the token' }
  return undefined
}

export const isOurHost = (host: string | undefined, port: number): boolean =>
  host !== undefined && LOOPBACK_NAMES.some((name) => host === `${name}:${port}` || (port === 80 && host === name))

/** True if the URL itself contains the token; it then moves to a cookie and disappears from the URL. */
export function bringsToken(url: URL, token: string): boolean {
  const given = url.searchParams.get('token')
  return given !== null && same(given, token)
}

function hasToken({ headers, url = '' }: IncomingMessage, token: string): boolean {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  const kept = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
  return (kept !== undefined && same(kept, token)) || bringsToken(new URL(`http://here${url}`), token)
}

/** Compares in constant time. */
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b))
const digest = (text: string) => createHash('sha256').update(text).digest()

export const securityHeaders: OutgoingHttpHeaders = {
  'Content-Security-Policy': [
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self' data:",
    "connect-src 'self'",
    "base-uri 'none'",
    "form-action 'none'",
    "frame-ancestors 'none'",
  ].join('; '),
  'X-Content-Type-Options': 'nosniff',
  'X-Frame-Options': 'DENY',
  'Referrer-Policy': 'no-referrer',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), geolocation=(), microphone=()',
}
