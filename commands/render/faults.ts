import type { ExplainedFault, FaultsExplained } from '../../src/pipeline/results.ts'
import { formatDuration } from './format.ts'
import { type Pieces, table } from './layout.ts'

export function renderFaults({ profile, seed, longest, kinds }: FaultsExplained): Pieces {
  if (kinds.length === 0) return ['The profile has no faults: every event arrives once, when it occurs.']
  return [
    `Profile ${profile} · seed ${seed} · ${longest === 0 ? 'every event arrives when it occurs' : `the last copy arrives at most ${formatDuration(longest)} after its event`}`,
    '',
    table([['kind', 'rate', ''], ...kinds.map(({ kind, rate, about }) => [kind, shareOf(kind, rate), about])]),
    ...kinds.flatMap(({ changes = [] }) => changes.map((change) => `  drift ${change}`)),
    '',
    'Examples:',
    table(
      kinds.map((fault) => [
        fault.kind,
        fault.example ? exampleOf(fault) : 'no event of the first weeks of this world',
      ]),
    ),
  ]
}

const shareOf = (kind: string, rate: number | undefined): string => {
  if (rate === undefined) return ''
  const share = `${Number((rate * 100).toPrecision(3))} %`
  return kind === 'silence' || kind === 'skew' ? `${share} of store-days` : `${share} of events`
}

type Copy = NonNullable<ExplainedFault['example']>['sent'][number]

const aboutCopy = ({ form, op, version }: Copy): string => {
  const parts = [
    ...(form === 'changed' ? ['changed'] : []),
    ...(form === 'mistaken' ? ['a wrong value'] : []),
    ...(op === undefined ? [] : [`${op}, version ${version}`]),
  ]
  return parts.length > 0 ? ` (${parts.join(', ')})` : ''
}

function exampleOf({ example }: ExplainedFault): string {
  const { id, event_time, sent_time, form, sent } = example!
  const clock = (at: string) => at.slice(0, 19).replace('T', ' ')
  const arrivals = sent.map((copy) => `${clock(copy.at)}${aboutCopy(copy)}`).join(', ')
  return [
    `${id} of ${clock(event_time)}`,
    ...(sent_time ? [`says ${clock(sent_time)}`] : []),
    ...(form ? [`is ${form}`] : []),
    sent.length > 0 ? `arrives at ${arrivals}` : 'never arrives',
  ].join(' · ')
}
