import { createHash } from 'node:crypto'
import type { Answers } from './answers.ts'
import type { Asset, AssetName } from './assets.ts'
import { type Filters, filtersToSearch } from './filters.ts'
import type { PageHead, PageLine, PanelAnswer, Trouble } from './panel-data.ts'
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
  const snapshot = JSON.stringify({ search, lines }).replaceAll('<', '\\u003c')
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
    .replace(
      '<script defer src="page.js"></script>',
      () => `<script type="application/json" id="snapshot">${snapshot}</script><script>${script}</script>`,
    )
}

const hashOf = (text: string): string => `'sha256-${createHash('sha256').update(text).digest('base64')}'`
