import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { advise, retail, type Spell } from '../advice.ts'
import { RetailError } from '../errors.ts'
import type { Ports } from '../ports/index.ts'
import { openUrl } from '../tools/open-url.ts'
import { packageFolder } from '../tools/package-folder.ts'
import { run } from '../tools/run.ts'
import { answersOf } from './answers.ts'
import { loadAssets } from './assets.ts'
import { openEvents } from './events.ts'
import { exportKind, exportReport } from './export.ts'
import { type Filters, filtersToSearch } from './filters.ts'
import { serve } from './http.ts'
import { publishUpdates } from './live.ts'
import { refuseNoMatch, refuseNoPlace } from './no-match.ts'
import type { OwnAnswer, PageHead, PanelAnswer, Trouble } from './panel-data.ts'
import { makeReport, type Report, reportPage } from './report.ts'

export const FIRST_PORT = 4173
const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

export interface DashboardOptions {
  filters: Filters
  /** Other parts of the page's query string: `colours=viridis&theme=dark`. */
  appearance?: string
  port?: number
  host?: string
  allowRemote?: boolean
  /** Required from every client if other machines may connect; random by default. */
  token?: string
  durationMs?: number
  /** Opens a URL in a browser. */
  open?: boolean
  signal?: AbortSignal
  onReady?: (url: string) => void
  /** Formats the commands in messages of the page. */
  spell?: Spell
}

export interface DashboardResult {
  url: string
  requests: number
  seconds: number
  stoppedBy: 'signal' | 'duration'
}

export interface ExportResult {
  file: string
  sizeBytes: number
  period: string
  dataTo: string | undefined
}

export interface PanelsResult {
  head: PageHead
  panels: PanelAnswer[]
  /** Those of the user's project. */
  own: OwnAnswer[]
}

/** Serves the page until the duration ends or the signal aborts, then drops every connection. */
export async function dashboard(ports: Ports, options: DashboardOptions): Promise<DashboardResult> {
  const { host = '127.0.0.1', port = FIRST_PORT, allowRemote = false, signal, durationMs } = options
  const isLocal = LOOPBACK.includes(host)
  if (!isLocal && !allowRemote)
    throw new RetailError('bad_flag', `other machines can reach ${host}`, {
      why: 'anyone who can reach this address could see the dashboard',
      hint: advise`${retail('dashboard', '--host', host, '--allow-remote')} requires a token`,
    })
  const token = isLocal ? undefined : (options.token ?? randomBytes(24).toString('base64url'))
  if (token !== undefined && !/^[\w-]{16,200}$/.test(token))
    throw new RetailError('bad_flag', 'RETAIL_DASHBOARD_TOKEN is not a valid token', {
      why: 'it must be 16 to 200 letters, digits, - or _',
      hint: 'unset it to get a random token for each run',
    })
  const started = performance.now()
  await using marts = ports.warehouse.marts()
  const feed = ports.warehouse.feed()
  const answers = answersOf(marts, undefined, undefined, options.spell)
  const { location, state, store, category, product } = options.filters
  if ([location, state, store, category, product].some((value) => value !== undefined)) {
    const head = await answers.head(options.filters)
    if ('head' in head) refuseNoPlace(options.filters, head.head)
  }
  const events = openEvents()
  const assets = loadAssets(pageFolder())
  await using served = await serve({ answers, assets, events, host, port, token })
  const stopNews = publishUpdates({ answers, events, feed, workspace: ports.workspace })
  try {
    const search = new URLSearchParams(addressOf(options))
    if (token !== undefined) search.set('token', token)
    const query = search.toString()
    const url = `http://${host === '::1' ? '[::1]' : host}:${served.port}/${query === '' ? '' : `?${query}`}`
    options.onReady?.(url)
    // The address is printed, so a browser that does not start stops nothing.
    if (options.open) void run(openUrl(url, process.platform)).catch(() => {})
    const stoppedBy = await ending(signal, durationMs)
    return { url, requests: served.requests(), seconds: (performance.now() - started) / 1000, stoppedBy }
  } finally {
    stopNews()
    await feed?.[Symbol.asyncDispose]()
  }
}

/** Every view as data. */
export async function panelsData(
  ports: Ports,
  filters: Filters,
  { spell }: Pick<DashboardOptions, 'spell'> = {},
): Promise<PanelsResult> {
  await using marts = ports.warehouse.marts()
  return await reportOf(answersOf(marts, undefined, undefined, spell), filters)
}

/** Writes the page to a file that needs no server. */
export async function exportDashboard(
  ports: Ports,
  options: Pick<DashboardOptions, 'filters' | 'appearance' | 'signal' | 'spell'> & {
    file: string
    browser?: string
    env: Readonly<Record<string, string | undefined>>
  },
): Promise<ExportResult> {
  const { filters, appearance = '', file, browser, env, signal } = options
  if (!exportKind(file))
    throw new RetailError('bad_flag', `${path.basename(file)}: unsupported export format`, {
      hint: advise`use .html, .pdf, or .png: ${retail('dashboard', '--export', 'report.html')}`,
    })
  await using marts = ports.warehouse.marts()
  const report = await reportOf(answersOf(marts, undefined, undefined, options.spell), filters)
  const html = reportPage(loadAssets(pageFolder()), report, appearance)
  const sizeBytes = await exportReport({ file, html, browser, env, signal })
  return { file, sizeBytes, period: report.head.period, dataTo: report.head.dataTo }
}

/** Loads every view. Rejects filters that match nothing, because a saved page cannot offer others. */
async function reportOf(answers: ReturnType<typeof answersOf>, filters: Filters): Promise<Report> {
  const head = await answers.head(filters)
  if ('head' in head) refuseNoMatch(filters, head.head)
  const report = await makeReport(answers, filters)
  if ('trouble' in report) throw errorOf(report.trouble)
  for (const panel of [...report.panels, ...report.own]) if ('trouble' in panel) throw errorOf(panel.trouble)
  return report
}

const errorOf = ({ code = 'missing', message, why, hint }: Trouble): RetailError =>
  new RetailError(code, message, { why, hint })

const pageFolder = (): string => path.join(packageFolder(), 'dist/src/dashboard/page')

const addressOf = ({ filters, appearance = '' }: Pick<DashboardOptions, 'filters' | 'appearance'>): string =>
  [filtersToSearch(filters), appearance].filter((part) => part !== '').join('&')

function ending(signal: AbortSignal | undefined, durationMs: number | undefined): Promise<'signal' | 'duration'> {
  return new Promise((resolve) => {
    const timer = durationMs === undefined ? undefined : setTimeout(() => resolve('duration'), durationMs)
    const stop = () => {
      clearTimeout(timer)
      resolve('signal')
    }
    if (signal?.aborted) stop()
    else signal?.addEventListener('abort', stop, { once: true })
  })
}
