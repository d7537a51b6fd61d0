import { createHash, timingSafeEqual } from 'node:crypto'
import type { IncomingMessage, OutgoingHttpHeaders } from 'node:http'

/** Who may ask. Undefined token: this machine only, under its loopback names. */
export interface Gate {
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

/** Everything that is nobody's business of ours, before a path is looked at. */
export function refuse(request: IncomingMessage, gate: Gate): Refusal | undefined {
  const { method = '', url = '', headers } = request
  if (method !== 'GET' && method !== 'HEAD')
    return { status: 405, reason: 'only GET and HEAD are answered', headers: { Allow: 'GET, HEAD' } }
  if (url.length > LONGEST_URL) return { status: 414, reason: 'the address is too long' }
  // None of our paths needs an escape, a dot-dot, an empty step or a host of its own.
  if (!/^(?:\/|(?:\/[a-z][a-z.]*)+)(?:\?[^#\\]*)?$/.test(url) || url.includes('..'))
    return { status: 400, reason: 'there is no such address' }
  // A name that somebody pointed at 127.0.0.1 (DNS rebinding) is not ours. With a token the cookie tells.
  if (gate.token === undefined && !isOurHost(headers.host, gate.port))
    return { status: 421, reason: 'this server answers under its loopback address only' }
  if (headers.origin !== undefined && headers.origin !== `http://${headers.host}`)
    return { status: 403, reason: 'another site asked' }
  const site = headers['sec-fetch-site']
  if (site === 'cross-site' || site === 'same-site') {
    const followsLink = headers['sec-fetch-mode'] === 'navigate' && headers['sec-fetch-dest'] === 'document'
    if (!followsLink || url.split('?')[0] !== '/') return { status: 403, reason: 'another site asked' }
  }
  if (gate.token !== undefined && !hasToken(request, gate.token))
    return { status: 401, reason: 'open the address that `retail dashboard` printed: it holds the token' }
  return undefined
}

export const isOurHost = (host: string | undefined, port: number): boolean =>
  host !== undefined && LOOPBACK_NAMES.some((name) => host === `${name}:${port}` || (port === 80 && host === name))

/** True when the address itself holds the token: it is then moved into a cookie and out of sight. */
export function bringsToken(url: URL, token: string): boolean {
  const given = url.searchParams.get('token')
  return given !== null && same(given, token)
}

function hasToken({ headers, url = '' }: IncomingMessage, token: string): boolean {
  const cookies = (headers.cookie ?? '').split(';').map((cookie) => cookie.trim())
  const kept = cookies.find((cookie) => cookie.startsWith(`${COOKIE}=`))?.slice(COOKIE.length + 1)
  return (kept !== undefined && same(kept, token)) || bringsToken(new URL(`http://here${url}`), token)
}

/** In the same time, wherever they differ. */
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
