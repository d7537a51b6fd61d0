import { type Browser, type BrowserContext, chromium, type Page } from 'playwright-core'
import { expect } from 'vitest'
import { findChromium } from '../../src/tools/chromium.ts'

/** The system's Chromium; without one the test run fails and says how to get it. */
export const launch = (): Promise<Browser> =>
  chromium.launch({
    executablePath: findChromium(undefined, process.env),
    args: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
  })

/** What a page must never do, collected while it lives. */
export interface Watched {
  page: Page
  context: BrowserContext
  /** messages of the console that are errors or warnings, and errors that nobody caught */
  complaints: string[]
  /** requests to anywhere but loopback */
  strangers: string[]
}

export async function openPage(browser: Browser, options: Parameters<Browser['newContext']>[0] = {}): Promise<Watched> {
  const context = await browser.newContext({ viewport: { width: 1280, height: 900 }, ...options })
  const page = await context.newPage()
  const [complaints, strangers]: string[][] = [[], []]
  page.on('console', (message) => {
    if (['error', 'warning'].includes(message.type())) complaints.push(message.text())
  })
  page.on('pageerror', (error) => complaints.push(String(error)))
  page.on('request', (request) => {
    const { protocol, hostname } = new URL(request.url())
    if (protocol !== 'data:' && protocol !== 'file:' && hostname !== '127.0.0.1') strangers.push(request.url())
  })
  return { page, context, complaints, strangers }
}

/** Opens the page and waits until every view is drawn with the requested selection. */
export async function visit(page: Page, url: string): Promise<void> {
  await page.goto(url)
  await drawn(page)
}

/** Every view shows its last answer, and the card of live sales has heard from the server; a saved page has no such card. */
export async function drawn(page: Page): Promise<void> {
  await page.waitForFunction(
    () =>
      document.querySelector('.card.live .about')?.textContent !== 'Waiting for the server' &&
      !('asking' in document.documentElement.dataset) &&
      document.querySelectorAll('.cards:not(.own) [data-drawn]').length === 10 &&
      document.querySelectorAll('.figure').length === 4,
  )
}

/** Rows of a table as texts. */
export const rowsOf = (page: Page, selector: string): Promise<string[][]> =>
  page.$$eval(`${selector} tbody tr`, (rows) =>
    rows.map((row) => [...row.querySelectorAll('th, td')].map((cell) => cell.textContent?.trim() ?? '')),
  )

export function expectWellBehaved({ complaints, strangers }: Watched): void {
  expect({ complaints, strangers }).toEqual({ complaints: [], strangers: [] })
}
