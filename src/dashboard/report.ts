import { createHash } from 'node:crypto'
import type { Answers } from './answers.ts'
import type { Asset, AssetName } from './assets.ts'
import { type Filters, filtersToSearch } from './filters.ts'
import type { CarriedPage, OwnAnswer, PageHead, PageLine, PanelAnswer, Trouble } from './panel-data.ts'
import { panelNames } from './panels/index.ts'

/** All views of one selection. */
export interface Report {
  head: PageHead
  panels: PanelAnswer[]
  /** Those of the user's project. */
  own: OwnAnswer[]
}

export async function makeReport(answers: Answers, filters: Filters): Promise<Report | { trouble: Trouble }> {
  const answer = await answers.head(filters)
  if ('trouble' in answer) return answer
  const [panels, own] = await Promise.all([
    Promise.all(panelNames.map((name) => answers.panel(name, filters))),
    Promise.all(answer.head.own.map(({ name }) => answers.own(name))),
  ])
  return { head: answer.head, panels, own: own.filter((each) => each !== undefined) }
}

/** The page and its answers as one file that makes no requests: it opens from a disk, without a network. */
export function reportPage(assets: Record<AssetName, Asset>, report: Report, appearance: string): string {
  const script = assets['page.js'].bytes.toString().replaceAll('</script', '<\\/script')
  const style = assets['page.css'].bytes.toString()
  const lines: PageLine[] = [{ head: report.head }, ...report.panels, ...report.own]
  const search = [filtersToSearch(report.head.filters), appearance].filter((part) => part !== '').join('&')
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

/** The served page in two pieces: before and after its answers. */
export function pageParts({ bytes }: Asset): { before: string; after: string } {
  const [before, after] = bytes.toString().split(PLACE_OF_ANSWERS)
  return { before, after }
}

const SCRIPT_TAG = '<script defer src="page.js"></script>'
const PLACE_OF_ANSWERS = '<!-- answers -->'

/** Answers embedded in a page as data: no browser executes them, and no text in them closes the element. */
export const answersTag = (page: CarriedPage): string =>
  `<script type="application/json" id="answers">${JSON.stringify(page).replaceAll('<', '\\u003c')}</script>`

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
