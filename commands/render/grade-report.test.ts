import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { GradeDifference, GradeResult } from '../../src/pipeline/results.ts'
import { faultyGrade, gradeResult, wrongGrade } from '../../test/results.ts'
import { faultTerms, headOf, problemOf, rowName, tableLines, verdictLine } from './grade.ts'
import { gradeReport } from './grade-report.ts'

const rerun = { command: "retail grade --where 'a < b && c'", version: '1.2.3' }
const results = { right: gradeResult, wrong: wrongGrade, 'wrong after faults': faultyGrade }

const tagsOf = (html: string): string[] => html.match(/<[^>]*>/g)!
/** What a reader sees, each character as the report writes it. */
const textOf = (html: string): string =>
  html
    .slice(html.indexOf('<body>'))
    .replace(/<[^>]*>/g, '')
    .replace(
      /&(amp|lt|gt|quot|#39);/g,
      (_, name) => ({ amp: '&', lt: '<', gt: '>', quot: '"', '#39': "'" })[name as 'lt']!,
    )
const visible = (text: string): string =>
  // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these have no form
  text.replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\u007F-\u009F\uFFFE\uFFFF]/g, '\uFFFD')

const hostile = fc.oneof(
  fc.string(),
  fc.string({ unit: 'binary' }),
  fc.constantFrom('</li><script>alert(1)</script>', '<!--', '$&$1', '"\'>', '&lt;', '</style>', ']]>', '\u0000<b>'),
)

/** The same result with other texts, wherever a consumer's table can put them. */
function withTexts(result: GradeResult, next: () => string): GradeResult {
  const other = (difference: GradeDifference): GradeDifference => ({
    ...difference,
    ...(difference.id !== null && { id: next() }),
    ...(difference.why !== undefined && { why: next() }),
    ...(difference.cells && {
      cells: difference.cells.map((cell) => ({ ...cell, found: cell.found === null ? null : next() })),
    }),
  })
  return {
    ...result,
    verdicts: result.verdicts.map((verdict) => ({ ...verdict, sentence: next() })),
    tables: result.tables.map((of) => ({
      ...of,
      from: next(),
      columns: of.columns.map((column) => ({ ...column, theirs: next() })),
      causes: of.causes.map(next),
      ...(of.faults && { faults: of.faults.map((line) => ({ ...line, sentence: next() })) }),
      differences: of.differences.map(other),
    })),
  }
}

test.each(Object.entries(results))('a report of data that is %s', (_, result) => {
  expect(gradeReport(result, rerun).replace(/<style>.*<\/style>/s, '')).toMatchSnapshot()
})

test('has every line of the terminal, and no text of a table becomes a tag', () => {
  fc.assert(
    fc.property(fc.constantFrom(...Object.values(results)), fc.infiniteStream(hostile), (given, texts) => {
      const result = withTexts(given, () => texts.next().value)
      const html = gradeReport(result, rerun)
      expect(tagsOf(html)).toEqual(
        tagsOf(
          gradeReport(
            withTexts(given, () => 'x'),
            rerun,
          ),
        ),
      )
      const text = textOf(html)
      const named = result.faults !== undefined
      for (const line of [
        ...result.verdicts.map(verdictLine),
        headOf(result).sentence,
        `${result.from} … ${result.until}`,
        rerun.command,
        ...(result.faults ? [faultTerms(result.faults)] : []),
        ...result.tables.flatMap((of) => [
          ...tableLines(of),
          ...of.causes,
          ...(of.faults ?? []).map(({ sentence }) => sentence),
          ...of.differences.flatMap((difference) => [rowName(difference), problemOf(difference, named)]),
        ]),
      ])
        expect(text).toContain(visible(line))
    }),
  )
})

test('asks for nothing from elsewhere', () => {
  for (const result of Object.values(results))
    expect(gradeReport(result, rerun)).not.toMatch(/https?:|src=|url\(|@import|<script/)
})
