import type { GradeDifference, GradedTable, GradeResult } from '../../src/pipeline/results.ts'
import { formatBytes, formatCount, formatDuration } from './format.ts'
import { became, faultTerms, headOf, problemOf, rowName, tableLines, VERDICT_MARK } from './grade.ts'
import { STYLE } from './grade-report-style.ts'

/** What a reader needs to run it again. */
export interface Rerun {
  /** The command line. */
  command: string
  version: string
}

/** Differences of each kind that a report lists. */
const SHOWN = 10

/**
 * The result as one page of HTML, to show to people. It contains all that it needs: it opens from a disk, and sends no
 * request.
 */
export function gradeReport(result: GradeResult, rerun: Rerun): string {
  const { verdicts, tables, from, until } = result
  const head = headOf(result)
  const names = tables.map(({ table }) => table).join(' and ')
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'; img-src data:">
<meta name="color-scheme" content="light dark">
<link rel="icon" href="data:,">
<title>${escaped(head.sentence)}</title>
<style>${STYLE}</style>
</head>
<body>
<main>
<header class="${classOf(head.outcome)}">
<h1 class="${classOf(head.outcome)}">${markOf(head)} ${escaped(head.sentence)}</h1>
<p>${escaped(`${names} · ${from} … ${until}`)}</p>
<ul class="verdicts">
${verdicts.map((verdict) => `<li class="${classOf(verdict.outcome)}">${verdictItem(verdict)}</li>`).join('\n')}
</ul>
</header>
${tables.map((of) => section(of, result)).join('\n')}
${again(result, rerun)}
</main>
</body>
</html>
`
}

const markOf = ({ outcome }: Pick<GradeResult['verdicts'][number], 'outcome'>): string =>
  `<span class="mark">${VERDICT_MARK[outcome]}</span>`

const verdictItem = (verdict: GradeResult['verdicts'][number]): string =>
  `${markOf(verdict)} <strong>${escaped(verdict.name)}</strong>: ${escaped(verdict.sentence)}`

function section(of: GradedTable, { faults }: GradeResult): string {
  const kinds = [...new Set(of.differences.map(({ kind }) => kind))]
  return `<section>
<h2>${escaped(of.table)}</h2>
<ul class="about">
${tableLines(of)
  .map((line, i) => `<li${i > 0 ? ' class="muted"' : ''}>${escaped(line)}</li>`)
  .join('\n')}
</ul>
${of.causes.length > 0 ? `<ul class="causes">${of.causes.map((cause) => `<li>→ ${escaped(cause)}</li>`).join('')}</ul>` : ''}
${faultTable(of)}
${changedColumns(of)}
${kinds.length > 0 ? '<h3>Rows that differ</h3>' : ''}
${kinds.map((kind) => examples(of, kind, faults !== undefined)).join('\n')}
</section>`
}

function faultTable({ faults }: GradedTable): string {
  if (!faults) return ''
  const rows = faults.map((line) => [
    `<th scope="row" class="${classOf(line.outcome)}">${markOf(line)} ${escaped(line.kind)}</th>`,
    `<td class="number">${formatCount(line.sent)}</td><td>${escaped(became(line))}</td>`,
  ])
  return `<h3>What became of the events</h3>
${table('<th scope="col">events</th><th scope="col" class="number">sent</th><th scope="col">result</th>', rows)}`
}

/** Which columns are wrong, the worst first. */
function changedColumns({ changed }: GradedTable): string {
  const columns = Object.entries(changed).toSorted(([, a], [, b]) => b - a)
  if (columns.length === 0) return ''
  const [[, most]] = columns
  const rows = columns.map(([column, n]) => [
    `<th scope="row">${escaped(column)}</th>`,
    `<td class="bar" style="--share: ${((n / most) * 100).toFixed(1)}%">${formatCount(n)} ${n === 1 ? 'row' : 'rows'}</td>`,
  ])
  return `<h3>Wrong values by column</h3>
${table('<th scope="col">column</th><th scope="col">rows</th>', rows)}`
}

function examples({ counts, differences }: GradedTable, kind: GradeDifference['kind'], named: boolean): string {
  const all = differences.filter((difference) => difference.kind === kind)
  const shown = all.slice(0, SHOWN)
  const rest = counts[kind] > shown.length ? `, the first ${formatCount(shown.length)} here` : ''
  const rows = shown.map((difference) => [
    `<td class="id">${escaped(rowName(difference))}</td>`,
    `<td class="problem">${escaped(problemOf(difference, named))}</td>`,
  ])
  return `<details open>
<summary>${escaped(kind)} <span>${formatCount(counts[kind])} ${counts[kind] === 1 ? 'row' : 'rows'}${rest}</span></summary>
${table('<th scope="col">row</th><th scope="col">problem</th>', rows)}
</details>`
}

function again(
  { world, from, until, faults, seconds, peakRssBytes }: GradeResult,
  { command, version }: Rerun,
): string {
  const facts: [string, string][] = [
    ['World', world],
    ['Period', `${from} … ${until}`],
    ...(faults ? [['Faults', faultTerms(faults)] as [string, string]] : []),
    ['Made by', `retail ${version}, in ${formatDuration(seconds)} with ${formatBytes(peakRssBytes)} of memory at most`],
  ]
  return `<section>
<h2>How to repeat it</h2>
<p>Every expected row${faults ? ' and every fault' : ''} follows from the world's configuration and its seed, so the same command gives the same verdicts for the same data.</p>
<pre>${escaped(command)}</pre>
<dl>
${facts.map(([name, value]) => `<dt>${name}</dt><dd>${escaped(value)}</dd>`).join('\n')}
</dl>
</section>`
}

const table = (head: string, rows: readonly (readonly string[])[]): string =>
  `<div class="scroll" tabindex="0"><table><thead><tr>${head}</tr></thead><tbody>
${rows.map((cells) => `<tr>${cells.join('')}</tr>`).join('\n')}
</tbody></table></div>`

const classOf = (outcome: string): string => outcome.replace(' ', '-')

/** HTML has no form for control characters. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are not allowed
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]/g, '\uFFFD')
    .replace(/[<>&"']/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', "'": '&#39;' })[sign]!)
