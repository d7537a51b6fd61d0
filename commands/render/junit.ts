import type { GradeDifference, GradeResult, GradeVerdict } from '../../src/pipeline/results.ts'
import { describeDifference } from './grade.ts'

interface Case {
  name: string
  classname: string
  outcome: GradeVerdict['outcome']
  sentence: string
  /** What kind of failure it is. */
  type: string
  differences: readonly GradeDifference[]
}

/**
 * The result as JUnit XML: a suite with a case per verdict and, with the faults that were sent, one with a case per kind
 * of event. An inconclusive case is an error, one not asked is skipped.
 */
export function junitOf(result: GradeResult): string {
  const { verdicts, tables, seconds } = result
  const suites: [string, Case[]][] = [
    [
      tables.map(({ table }) => table).join(', '),
      verdicts.map((verdict) => ({
        ...verdict,
        classname: 'retail.grade',
        type: [...new Set(verdict.differences.map(({ kind }) => kind))].join(' ') || verdict.outcome,
      })),
    ],
  ]
  if (result.faults)
    suites.push([
      'faults',
      tables.flatMap(({ table, faults = [] }) =>
        faults.map((line) => ({ ...line, name: line.kind, classname: `retail.grade.${table}`, type: line.kind })),
      ),
    ])
  const all = suites.flatMap(([, cases]) => cases)
  return [
    '<?xml version="1.0" encoding="UTF-8"?>',
    `<testsuites name="retail" ${totalsOf(all, seconds)}>`,
    ...suites.flatMap(([name, cases], i) => [
      `  <testsuite name="${escaped(name)}" ${totalsOf(cases, seconds)}>`,
      '    <properties>',
      ...(i === 0 ? propertiesOf(result) : faultProperties(result)).map(
        ([name, value]) => `      <property name="${escaped(name)}" value="${escaped(value)}"/>`,
      ),
      '    </properties>',
      ...cases.flatMap(testCase),
      '  </testsuite>',
    ]),
    '</testsuites>',
    '',
  ].join('\n')
}

function totalsOf(cases: readonly Case[], seconds: number): string {
  const count = (outcome: Case['outcome']) => cases.filter((each) => each.outcome === outcome).length
  return `tests="${cases.length}" failures="${count('fail')}" errors="${count('inconclusive')}" skipped="${count('not asked')}" time="${seconds.toFixed(3)}"`
}

function faultProperties({ faults, until }: GradeResult): [string, string][] {
  const { profile, delivered = 'all', guessed, lateness, settle, lastWins, trueTimes } = faults!
  return Object.entries({
    profile,
    until,
    delivered,
    guessed,
    lateness: lateness ?? 'none',
    settle,
    lastWins,
    trueTimes,
  }).map(([name, value]) => [name, String(value)])
}

function propertiesOf({ world, from, until, tables }: GradeResult): [string, string][] {
  return [
    ['world', world],
    ['from', from],
    ['until', until],
    ...tables.flatMap(({ table, from: place, expected, found }): [string, string][] => [
      [`${table}.table`, place],
      [`${table}.expected`, String(expected)],
      [`${table}.found`, String(found)],
    ]),
  ]
}

function testCase({ name, classname, outcome, sentence, type, differences }: Case): string[] {
  const open = `    <testcase name="${escaped(name)}" classname="${escaped(classname)}"`
  if (outcome === 'pass') return [`${open}/>`]
  if (outcome === 'not asked') return [`${open}>`, `      <skipped message="${escaped(sentence)}"/>`, '    </testcase>']
  const tag = outcome === 'fail' ? 'failure' : 'error'
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
