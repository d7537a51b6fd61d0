import { createHash } from 'node:crypto'
import type { Answers } from './answers.ts'
import type { Asset, AssetName } from './assets.ts'
import { type Filters, filtersToSearch } from './filters.ts'
import type { PageHead, PageLine, PanelAnswer, ToldPage, Trouble } from './panel-data.ts'
import { panelNames } from './panels/index.ts'

/** Every view, at one choice. */
export interface Report {
  head: PageHead
  panels: PanelAnswer[]
}

export async function makeReport(answers: Answers, filters: Filters): Promise<Report | { trouble: Trouble }> {
  const told = await answers.head(filters)
  if ('trouble' in told) return told
  return { head: told.head, panels: await Promise.all(panelNames.map((name) => answers.panel(name, filters))) }
}

/** The page and its answers as one file that asks nobody for anything: it is read from a disk, without a network. */
export function reportPage(assets: Record<AssetName, Asset>, report: Report, look: string): string {
  const script = assets['page.js'].bytes.toString().replaceAll('</script', '<\\/script')
  const style = assets['page.css'].bytes.toString()
  const lines: PageLine[] = [{ head: report.head }, ...report.panels]
  const search = [filtersToSearch(report.head.filters), look].filter((part) => part !== '').join('&')
  const icon = `data:image/svg+xml,${encodeURIComponent(assets['icon.svg'].bytes.toString())}`
  const policy = `default-src 'none'; script-src ${hashOf(script)}; style-src ${hashOf(style)}; img-src data:`
  return assets['index.html'].bytes
    .toString()
    .replace(
      '<meta charset="utf-8" />',
      () => `<meta charset="utf-8" /><meta http-equiv="Content-Security-Policy" content="${policy}" />`,
    )
    .replace('href="icon.svg"', () => `href="${icon}"`)
    .replace('<link rel="stylesheet" href="page.css" />', () => `<style>${style}</style>`)
    .replace(SCRIPT_TAG, '')
    .replace(PLACE_OF_ANSWERS, () => `${answersTag({ search, lines, saved: true })}<script>${script}</script>`)
}

/** The page as it is served: what comes before its answers, and what comes after. */
export function pageParts({ bytes }: Asset): { before: string; after: string } {
  const [before, after] = bytes.toString().split(PLACE_OF_ANSWERS)
  return { before, after }
}

const SCRIPT_TAG = '<script defer src="page.js"></script>'
const PLACE_OF_ANSWERS = '<!-- answers -->'

/** Answers inside a page, as data: no browser runs them, and no text in them ends the element. */
export const answersTag = (told: ToldPage): string =>
  `<script type="application/json" id="answers">${JSON.stringify(told).replaceAll('<', '\\u003c')}</script>`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
