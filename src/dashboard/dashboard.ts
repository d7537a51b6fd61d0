import { randomBytes } from 'node:crypto'
import path from 'node:path'
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
import { tellNews } from './live.ts'
import type { PageHead, PanelAnswer } from './panel-data.ts'
import { makeReport, type Report, reportPage } from './report.ts'

export const FIRST_PORT = 4173
const LOOPBACK = ['127.0.0.1', 'localhost', '::1']

export interface DashboardOptions {
  filters: Filters
  /** what else belongs to the page's address: `colours=viridis&theme=dark` */
  look?: string
  port?: number
  host?: string
  allowRemote?: boolean
  /** asked of everyone when others than this machine may come; made up when not given */
  token?: string
  durationMs?: number
  /** show it in a browser */
  open?: boolean
  signal?: AbortSignal
  onReady?: (url: string) => void
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
}

/** Serves the page until its time is over or it is told to stop; then every connection is dropped at once. */
export async function dashboard(ports: Ports, options: DashboardOptions): Promise<DashboardResult> {
  const { host = '127.0.0.1', port = FIRST_PORT, allowRemote = false, signal, durationMs } = options
  const isLocal = LOOPBACK.includes(host)
  if (!isLocal && !allowRemote)
    throw new RetailError('bad_flag', `${host} can be reached from other machines`, {
      why: 'the dashboard would answer anyone who can reach it',
      hint: `retail dashboard --host ${host} --allow-remote   asks everyone for a token`,
    })
  const token = isLocal ? undefined : (options.token ?? randomBytes(24).toString('base64url'))
  if (token !== undefined && !/^[\w-]{16,200}$/.test(token))
    throw new RetailError('bad_flag', 'RETAIL_DASHBOARD_TOKEN is no token', {
      why: 'it needs 16 to 200 letters, digits, - or _',
      hint: 'unset it: one is made up for every run',
    })
  const started = performance.now()
  await using marts = ports.warehouse.marts()
  const feed = ports.warehouse.feed()
  const answers = answersOf(marts)
  const events = openEvents()
  const assets = loadAssets(pageFolder())
  await using served = await serve({ answers, assets, events, host, port, token })
  const stopNews = tellNews({ answers, events, feed, workspace: ports.workspace })
  try {
    const search = new URLSearchParams(addressOf(options))
    if (token !== undefined) search.set('token', token)
    const query = search.toString()
    const url = `http://${host === '::1' ? '[::1]' : host}:${served.port}/${query === '' ? '' : `?${query}`}`
    options.onReady?.(url)
    if (options.open) void run(openUrl(url, process.platform)).catch(() => {})
    const stoppedBy = await ending(signal, durationMs)
    return { url, requests: served.requests(), seconds: (performance.now() - started) / 1000, stoppedBy }
  } finally {
    stopNews()
    await feed?.[Symbol.asyncDispose]()
  }
}

/** Every view as data. */
export async function panelsData(ports: Ports, filters: Filters): Promise<PanelsResult> {
  await using marts = ports.warehouse.marts()
  return await reportOf(answersOf(marts), filters)
}

/** Writes the page into a file that needs no server. */
export async function exportDashboard(
  ports: Ports,
  options: Pick<DashboardOptions, 'filters' | 'look' | 'signal'> & {
    file: string
    browser?: string
    env: Readonly<Record<string, string | undefined>>
  },
): Promise<ExportResult> {
  const { filters, look = '', file, browser, env, signal } = options
  if (!exportKind(file))
    throw new RetailError('bad_flag', `${path.basename(file)} is of no kind that can be exported`, {
      hint: 'retail dashboard --export report.html   (or .pdf, .png)',
    })
  await using marts = ports.warehouse.marts()
  const report = await reportOf(answersOf(marts), filters)
  const html = reportPage(loadAssets(pageFolder()), report, look)
  const sizeBytes = await exportReport({ file, html, browser, env, signal })
  return { file, sizeBytes, period: report.head.period, dataTo: report.head.dataTo }
}

async function reportOf(answers: ReturnType<typeof answersOf>, filters: Filters): Promise<Report> {
  const report = await makeReport(answers, filters)
  if ('trouble' in report) {
    const { message, why, hint } = report.trouble
    throw new RetailError('missing', message, { why, hint })
  }
  return report
}

const pageFolder = (): string => path.join(packageFolder(), 'dist/src/dashboard/page')

const addressOf = ({ filters, look = '' }: Pick<DashboardOptions, 'filters' | 'look'>): string =>
  [filtersToSearch(filters), look].filter((part) => part !== '').join('&')

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
