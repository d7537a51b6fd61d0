import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { advise, retail } from '../advice.ts'
import { errnoOf, RetailError } from '../errors.ts'
import { type Answers, streamAnswers, troubleOf } from './answers.ts'
import type { Asset, AssetName } from './assets.ts'
import { toCsv } from './csv.ts'
import { type Events, MOST_LISTENERS } from './events.ts'
import { type Filters, filtersToSearch, parseFilters } from './filters.ts'
import type { PageLine, Trouble } from './panel-data.ts'
import { panelNames } from './panels/index.ts'
import { answersTag, makeReport, pageParts, reportPage } from './report.ts'
import { bringsToken, COOKIE, refuse, securityHeaders } from './request-guard.ts'
import { ownTable, type ViewTable, viewTable } from './views.ts'

export interface ServeOptions {
  answers: Answers
  assets: Record<AssetName, Asset>
  events: Events
  host: string
  port: number
  /** Required from every client; undefined: loopback only. */
  token: string | undefined
}

export interface Served extends AsyncDisposable {
  host: string
  port: number
  requests: () => number
}

/** Query parameters that only the page uses; the server ignores them. */
export const PAGE_ONLY = ['colours', 'theme', 'tables', 'sort', 'all']
const PORTS_TRIED = 20
/** How long the page waits for its answers before it is sent without them. */
const PATIENCE_MS = 200

/** Listens on the port, or on the next free one; port 0 picks any. Disposing it drops every connection immediately. */
export async function serve(options: ServeOptions): Promise<Served> {
  let requests = 0
  const guard = { port: options.port, token: options.token }
  const server = createServer(
    { maxHeaderSize: 16_384, requestTimeout: 10_000, headersTimeout: 5_000 },
    (request, response) => {
      requests++
      answer(request, response, options, guard).catch((error: unknown) => {
        if (response.headersSent) response.destroy()
        else say(response, 500, troubleOf(error).message)
      })
    },
  )
  guard.port = await listen(server, options)
  return {
    host: options.host,
    port: guard.port,
    requests: () => requests,
    async [Symbol.asyncDispose]() {
      options.events.close()
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}

async function listen(server: ReturnType<typeof createServer>, { host, port }: ServeOptions): Promise<number> {
  for (let tried = port; ; tried++) {
    try {
      await new Promise<void>((resolve, reject) => {
        server.once('error', reject)
        server.listen(tried, host, () => {
          server.off('error', reject)
          resolve()
        })
      })
      return (server.address() as AddressInfo).port
    } catch (error) {
      const taken = errnoOf(error) === 'EADDRINUSE' && port !== 0
      if (taken && tried < port + PORTS_TRIED && tried < 65_535) continue
      throw new RetailError('bad_flag', `cannot listen on ${host} port ${taken ? `${port} to ${tried}` : tried}`, {
        why: error instanceof Error ? error.message : undefined,
        hint: advise`${retail('dashboard', '--port', '0')} picks any free port`,
        cause: error,
      })
    }
  }
}

async function answer(
  request: IncomingMessage,
  response: ServerResponse,
  { answers, assets, events, token }: ServeOptions,
  guard: { port: number; token: string | undefined },
): Promise<void> {
  const refusal = refuse(request, guard)
  if (refusal) return say(response, refusal.status, refusal.reason, refusal.headers)
  const url = new URL(`http://here${request.url}`)
  if (token !== undefined && bringsToken(url, token)) return hideToken(response, url, token)
  const search = url.searchParams
  const bodiless = request.method === 'HEAD'
  const [, area, name, ...rest] = url.pathname.split('/')
  const panel = panelNames.find((known) => known === name?.replace(/\.csv$/, ''))
  const [, own] = /^own-(\w{1,128})\.csv$/.exec(name ?? '') ?? []

  if (url.pathname === '/') return await sendPage(response, answers, assets['index.html'], search, bodiless)
  if (area === 'page.js' || area === 'page.css' || area === 'icon.svg')
    if (name === undefined) return send(request, response, assets[area])
  if (url.pathname === '/api/events') {
    if (events.count >= MOST_LISTENERS) return say(response, 503, 'too many pages are open')
    response.writeHead(200, { ...securityHeaders, 'Content-Type': 'text/event-stream', 'Cache-Control': 'no-store' })
    if (bodiless) return void response.end()
    return events.listen(response)
  }
  const isReport = url.pathname === '/export/report.html'
  const reads =
    (url.pathname === '/api/panels' || isReport || ((panel || own) && rest.length === 0)) &&
    (area === 'api' || area === 'export')
  if (!reads) return say(response, 404, 'not found')
  let filters: Filters
  try {
    filters = parseFilters(search, PAGE_ONLY)
  } catch (error) {
    return say(response, 400, troubleOf(error).message)
  }
  if (isReport) return await sendReport(response, answers, assets, filters, search)
  if (url.pathname === '/api/panels') return await sendAll(response, answers, filters, bodiless)
  if (own && area === 'export') {
    const answer = await answers.own(own)
    return answer ? sendCsv(response, `own-${own}`, answer, ownTable) : say(response, 404, 'not found')
  }
  if (panel && area === 'export' && name === `${panel}.csv`) {
    const found = await answers.panel(panel, filters)
    return sendCsv<unknown>(response, panel, found, (data) => viewTable(panel, data as never))
  }
  if (panel && area === 'api' && name === panel) return sendJson(response, await answers.panel(panel, filters))
  return say(response, 404, 'not found')
}

/** The head, then each panel as it becomes ready, as one line of JSON each. */
async function sendAll(response: ServerResponse, answers: Answers, filters: Filters, bodiless: boolean): Promise<void> {
  response.writeHead(200, { ...securityHeaders, 'Content-Type': 'application/x-ndjson', 'Cache-Control': 'no-store' })
  if (bodiless) return void response.end()
  await streamAnswers(answers, filters, (line) => response.write(`${JSON.stringify(line)}\n`))
  response.end()
}

/**
 * Sends the page immediately, and inside it the answers that are ready soon, so that the page need not request them. It
 * requests the others.
 */
async function sendPage(
  response: ServerResponse,
  answers: Answers,
  page: Asset,
  search: URLSearchParams,
  bodiless: boolean,
): Promise<void> {
  response.writeHead(200, { ...securityHeaders, 'Content-Type': page.type, 'Cache-Control': 'no-store' })
  if (bodiless) return void response.end()
  const { before, after } = pageParts(page)
  // The browser loads script and styles in the meantime.
  response.write(before)
  const lines = await soon(answers, search)
  response.end(`${lines ?? ''}${after}`)
}

async function soon(answers: Answers, search: URLSearchParams): Promise<string | undefined> {
  let filters: Filters
  try {
    filters = parseFilters(search, PAGE_ONLY)
  } catch {
    // The page itself reports an invalid address.
    return undefined
  }
  const lines: PageLine[] = []
  const answered = streamAnswers(answers, filters, (line) => lines.push(line)).then(() => true)
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(resolve, PATIENCE_MS, false)
  })
  const whole = await Promise.race([answered, late])
  clearTimeout(timer)
  return whole ? answersTag({ search: filtersToSearch(filters), lines, saved: false }) : undefined
}

function sendCsv<D>(
  response: ServerResponse,
  name: string,
  answer: { data: D } | { trouble: Trouble },
  tableOf: (data: D) => ViewTable,
): void {
  if ('trouble' in answer) {
    say(response, 503, answer.trouble.message)
    return
  }
  response.writeHead(200, {
    ...securityHeaders,
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="retail-${name}.csv"`,
    'Cache-Control': 'no-store',
  })
  response.end(toCsv(tableOf(answer.data)))
}

async function sendReport(
  response: ServerResponse,
  answers: Answers,
  assets: Record<AssetName, Asset>,
  filters: Filters,
  search: URLSearchParams,
): Promise<void> {
  const report = await makeReport(answers, filters)
  if ('trouble' in report) return say(response, 503, report.trouble.message)
  const appearance = new URLSearchParams([...search].filter(([name]) => PAGE_ONLY.includes(name))).toString()
  response.writeHead(200, {
    ...securityHeaders,
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Disposition': 'attachment; filename="retail-report.html"',
    'Cache-Control': 'no-store',
  })
  response.end(reportPage(assets, report, appearance))
}

function sendJson(response: ServerResponse, data: object): void {
  response.writeHead(200, { ...securityHeaders, 'Content-Type': 'application/json', 'Cache-Control': 'no-store' })
  response.end(JSON.stringify(data))
}

function send(request: IncomingMessage, response: ServerResponse, { type, bytes, etag }: Asset): void {
  const headers = { ...securityHeaders, 'Cache-Control': 'no-cache', ETag: etag }
  if (request.headers['if-none-match'] === etag) {
    response.writeHead(304, headers)
    response.end()
    return
  }
  response.writeHead(200, { ...headers, 'Content-Type': type, 'Content-Length': bytes.length })
  response.end(request.method === 'HEAD' ? undefined : bytes)
}

/** Removes the token from the URL, so that the address bar, the history, and screenshots do not show it. */
function hideToken(response: ServerResponse, url: URL, token: string): void {
  url.searchParams.delete('token')
  const cookie = `${COOKIE}=${token}; HttpOnly; SameSite=Strict; Path=/`
  response.writeHead(303, { ...securityHeaders, Location: `/${url.search}`, 'Set-Cookie': cookie })
  response.end()
}

function say(response: ServerResponse, status: number, text: string, headers: Record<string, unknown> = {}): void {
  response.writeHead(status, {
    ...securityHeaders,
    'Content-Type': 'text/plain; charset=utf-8',
    'Cache-Control': 'no-store',
    ...(headers as Record<string, string>),
  })
  response.end(`${text}\n`)
}
