import type { GradeDifference, GradeResult, GradeVerdict } from '../../src/pipeline/results.ts'
import { describeDifference } from './grade.ts'

/** The result as JUnit XML: one suite, a case per verdict. An inconclusive one is an error, one not asked is skipped. */
export function junitOf({ world, from, until, verdicts, tables, seconds }: GradeResult): string {
  const count = (outcome: GradeVerdict['outcome']) => verdicts.filter((verdict) => verdict.outcome === outcome).length
  const properties = [
    ['world', world],
    ['from', from],
    ['until', until],
    ...tables.flatMap(({ table, from: place, expected, found }) => [
      [`${table}.table`, place],
      [`${table}.expected`, String(expected)],
      [`${table}.found`, String(found)],
    ]),
  ]
  const totals = `tests="${verdicts.length}" failures="${count('fail')}" errors="${count('inconclusive')}" skipped="${count('not asked')}" time="${seconds.toFixed(3)}"`
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="retail" ${totals}>`,
    `  <testsuite name="${escaped(tables.map(({ table }) => table).join(', '))}" ${totals}>`,
    '    <properties>',
    ...properties.map(([name, value]) => `      <property name="${escaped(name)}" value="${escaped(value)}"/>`),
    '    </properties>',
    ...verdicts.flatMap(testCase),
    '  </testsuite>',
    '</testsuites>',
    '',
  ].join('\n')
}

function testCase({ name, outcome, sentence, differences }: GradeVerdict): string[] {
  const open = `    <testcase name="${escaped(name)}" classname="retail.grade"`
  if (outcome === 'pass') return [`${open}/>`]
  if (outcome === 'not asked') return [`${open}>`, `      <skipped message="${escaped(sentence)}"/>`, '    </testcase>']
  const tag = outcome === 'fail' ? 'failure' : 'error'
  const type = [...new Set(differences.map(({ kind }) => kind))].join(' ') || outcome
  return [
    `${open}>`,
    `      <${tag} message="${escaped(sentence)}" type="${escaped(type)}">${escaped(differences.map(line).join('\n'))}</${tag}>`,
    '    </testcase>',
  ]
}

const line = (difference: GradeDifference): string =>
  `${difference.kind} ${difference.table} ${difference.id ?? 'without an id'}: ${describeDifference(difference)}`

/** XML 1.0 has no form for control characters. */
const escaped = (text: string): string =>
  text
    // biome-ignore lint/suspicious/noControlCharactersInRegex: exactly these are not allowed
    .replace(/[\u0000-\u0008\u000B\u000C\u000E-\u001F\uFFFE\uFFFF]/g, '\uFFFD')
    .replace(/[<>&"\n]/g, (sign) => ({ '<': '&lt;', '>': '&gt;', '&': '&amp;', '"': '&quot;', '\n': '&#10;' })[sign]!)
