import { createHash } from 'node:crypto'
import path from 'node:path'
import * as z from 'zod'
import { advise, retail } from '../advice.ts'
import { RetailError } from '../errors.ts'
import { parseDuration, parseSecond } from '../time.ts'
import { closest, oneOf } from './closest.ts'
import {
  DRAWN,
  type DrawnKind,
  type FaultKind,
  type FaultProfile,
  MALFORMATIONS,
  PROFILE_NAMES,
  PROFILES,
  type ProfileName,
  type Step,
} from './fault-kinds.ts'
import { parseConfigText, readTextFile, shownMistakes } from './file.ts'
import { describeIssue } from './issues.ts'

/** Raise it if the same profile makes other faults. */
const FAULTS_VERSION = '1'

const DAY = 86_400

const seconds = (text: string): number | undefined => {
  const [, sign, rest] = /^(-?)(.*)$/s.exec(text)!
  const ms = rest === '0' || rest === '0s' ? 0 : parseDuration(rest)
  return ms === undefined || ms % 1000 !== 0 ? undefined : ((sign ? -1 : 1) * ms) / 1000
}
const shareOf = (value: string | number): number | undefined => {
  const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(String(value)) ?? []
  const share = percent === undefined ? Number(value) : Number(percent) / 100
  return share >= 0 && share <= 1 ? share : undefined
}
const rangeOf = (text: string): [number, number] | undefined => {
  const [from, to, ...more] = text.split('..').map(seconds)
  return more.length === 0 && from !== undefined && to !== undefined && from < to ? [from, to] : undefined
}

/** A value that is written as text; `what` completes "expected". */
const written = <T>(parse: (value: string | number) => T | undefined, what: string) =>
  z.union([z.string(), z.number()], { error: `expected ${what}` }).transform((value, context): T => {
    const parsed = parse(value)
    if (parsed !== undefined) return parsed
    context.addIssue({ code: 'custom', message: `expected ${what}`, input: value })
    return z.NEVER
  })
const duration = written((value) => {
  const length = seconds(String(value))
  return length !== undefined && length > 0 ? length : undefined
}, 'a duration in whole seconds, like 30s, 10m, or 3d')
const range = written((value) => rangeOf(String(value)), 'a range of durations, like 1m..10m')
const share = written(shareOf, 'a share, like 2% or 0.02')
const rate = (most: number) =>
  written(
    (value) => {
      const rate = shareOf(value)
      return rate !== undefined && rate <= most ? rate : undefined
    },
    `a share of at most ${most * 100}%`,
  )
const rateOf = (kind: DrawnKind) => rate(DRAWN[kind].parts / 256)
/** Of events that are none of the world. */
const MOST_MADE_UP = 1 / 8

const addsUpToOne = (shares: readonly number[]): boolean =>
  Math.abs(shares.reduce((sum, one) => sum + one, 0) - 1) < 1e-9
const steps = z.record(z.string(), range).transform((entries, context): Step[] => {
  const list = Object.entries(entries).map(([key, [from, to]]) => ({ share: shareOf(key) ?? Number.NaN, from, to }))
  if (addsUpToOne(list.map(({ share }) => share)) && list.every(({ from }) => from >= 0)) return list
  context.addIssue({
    code: 'custom',
    message: 'expected shares that add up to 100%, each with a range of durations (70%: 1s..10m)',
    input: entries,
  })
  return z.NEVER
})
const ambient = { 'stores-a-day': share }
const instant = written((value) => parseSecond(String(value)), 'a day or an instant, like 2024-04-10')
const driftAt = { at: instant, table: z.string().default('transactions') }

function versions(rate: ReturnType<typeof rateOf>) {
  return z.strictObject({ rate, after: steps, overtaken: share.default(0) }).optional()
}

const anyProfile = z.strictObject({
  seed: z
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(1),
  max: duration.default(3 * DAY),
  lost: z.strictObject({ rate: rateOf('lost') }).optional(),
  malformed: z
    .strictObject({
      rate: rateOf('malformed'),
      kinds: z
        .array(z.enum(MALFORMATIONS))
        .min(1)
        .default([...MALFORMATIONS]),
    })
    .optional(),
  changed: z.strictObject({ rate: rateOf('changed'), after: steps }).optional(),
  duplicate: z
    .strictObject({
      rate: rateOf('duplicate'),
      copies: z
        .array(share)
        .min(1)
        .max(8)
        .refine(addsUpToOne, { error: 'expected shares that add up to 100% (of events with 1, 2, … further copies)' })
        .default([1]),
      after: steps,
    })
    .optional(),
  late: z.strictObject({ rate: rateOf('late'), by: steps }).optional(),
  disorder: z.strictObject({ rate: rateOf('disorder'), within: duration }).optional(),
  corrected: versions(rateOf('corrected')),
  deleted: versions(rate(MOST_MADE_UP)),
  silence: z
    .strictObject({
      ...ambient,
      for: range,
      'catch-up': written((value) => {
        const [, times] = /^(\d{1,4})x$/.exec(String(value)) ?? []
        return Number(times) >= 2 ? Number(times) : undefined
      }, 'a factor of at least 2x, like 20x'),
    })
    .transform(({ 'stores-a-day': rate, for: [from, to], 'catch-up': catchUp }) => ({ rate, from, to, catchUp }))
    .refine(({ from, to }) => from >= 0 && to <= DAY, { error: 'expected a silence of at most 1d', path: ['for'] })
    .optional(),
  skew: z
    .strictObject({ ...ambient, by: range })
    .transform(({ 'stores-a-day': rate, by: [from, to] }) => ({ rate, from, to }))
    .optional(),
  drift: z
    .array(
      z.union(
        [
          z.strictObject({ ...driftAt, add: z.string() }),
          z.strictObject({ ...driftAt, widen: z.string() }),
          z.strictObject({ ...driftAt, rename: z.string(), to: z.string() }),
        ],
        {
          error:
            'expected {at: 2024-04-10, add: NAME}, {at: 2024-04-20, widen: COLUMN}, or {at: 2024-04-30, rename: COLUMN, to: NAME}, and a table (default: transactions)',
        },
      ),
    )
    .optional(),
})

/** `max` limits the sum of delays; a single delay that is longer is a mistake. */
const profileSchema = anyProfile.superRefine(({ max, ...kinds }, context) => {
  const longest: Record<string, number> = {
    'changed.after': endOf(kinds.changed?.after),
    'duplicate.after': endOf(kinds.duplicate?.after),
    'late.by': endOf(kinds.late?.by),
    'disorder.within': kinds.disorder?.within ?? 0,
    'corrected.after': endOf(kinds.corrected?.after),
    'deleted.after': endOf(kinds.deleted?.after),
    'silence.for': kinds.silence?.to ?? 0,
  }
  for (const [name, seconds] of Object.entries(longest))
    if (seconds > max)
      context.addIssue({
        code: 'custom',
        message: 'longer than max (raise max, or shorten it)',
        path: name.split('.'),
      })
})
const endOf = (steps: readonly Step[] = []): number => Math.max(0, ...steps.map(({ to }) => to))

/** The keys of a profile, for suggestions. */
const PROFILE_KEYS = [
  ...['seed', 'max', 'lost.rate', 'malformed.rate', 'malformed.kinds', 'changed.rate', 'changed.after'],
  ...['duplicate.rate', 'duplicate.copies', 'duplicate.after', 'late.rate', 'late.by', 'disorder.rate'],
  ...['corrected.rate', 'corrected.after', 'corrected.overtaken', 'deleted.rate', 'deleted.after', 'deleted.overtaken'],
  ...['disorder.within', 'silence.stores-a-day', 'silence.for', 'silence.catch-up', 'skew.stores-a-day', 'skew.by'],
  'drift',
]

/** The text of a profile, by its name or from a file relative to `cwd`, and the name to show in errors. */
export function profileText(nameOrFile: string, cwd: string): { text: string; shown: string } {
  if (Object.hasOwn(PROFILES, nameOrFile)) return { text: PROFILES[nameOrFile as ProfileName], shown: nameOrFile }
  const text = readTextFile(path.resolve(cwd, nameOrFile), nameOrFile)
  if (text !== undefined) return { text, shown: nameOrFile }
  const near = closest(nameOrFile, PROFILE_NAMES)
  throw new RetailError('bad_flag', `there is no profile ${nameOrFile}`, {
    why: `expected ${oneOf(PROFILE_NAMES)}, or a file that exists${near ? `; did you mean ${near}?` : ''}`,
    hint: advise`show one: ${retail('faults', 'explain', near ?? 'rough')}`,
  })
}

const badProfile = (shown: string, why: string | undefined, cause?: unknown): RetailError =>
  new RetailError('bad_config', `the profile ${shown} cannot be used`, {
    why,
    hint: advise`compare it with one that works: ${retail('faults', 'explain', 'rough', '--yaml')}`,
    cause,
  })

/** What reads retail.yaml advises what helps there. */
function asProfile<T>(shown: string, read: () => T): T {
  try {
    return read()
  } catch (error) {
    throw error instanceof RetailError && error.code === 'bad_config' ? badProfile(shown, error.why, error) : error
  }
}

/** Reads a profile by its name or from a file. Throws one error that names the line of each mistake. */
export function loadProfile(nameOrFile: string, cwd = '.', without: readonly FaultKind[] = []): FaultProfile {
  const { text, shown } = asProfile(nameOrFile, () => profileText(nameOrFile, cwd))
  const { value, contents, lines } = asProfile(shown, () => parseConfigText(text, shown))
  const outcome = profileSchema.safeParse(value)
  if (!outcome.success)
    throw badProfile(
      shown,
      shownMistakes(
        outcome.error.issues.flatMap((issue) =>
          describeIssue(issue, value, { file: shown, contents, lines, names: new Map(), keys: PROFILE_KEYS }),
        ),
      ),
    )
  const profile: FaultProfile = outcome.data
  for (const kind of without) delete profile[kind]
  return profile
}

/** Identifies what a profile does, in any spelling: 16 hexadecimal digits. */
export function digestOf(profile: FaultProfile): string {
  const sorted = (value: unknown): unknown => {
    if (typeof value !== 'object' || value === null) return value
    if (Array.isArray(value)) return value.map(sorted)
    const keys = Object.keys(value).sort()
    return keys.map((key) => [key, sorted((value as Record<string, unknown>)[key])])
  }
  return createHash('sha256')
    .update(JSON.stringify([FAULTS_VERSION, sorted(profile)]))
    .digest('hex')
    .slice(0, 16)
}

/** Before anything is sent. `carrier`: what the events go through; `why` it cannot carry these kinds. */
export function refuseKinds(
  carrier: string,
  profile: FaultProfile,
  cannot: readonly FaultKind[],
  why: (kinds: readonly FaultKind[]) => string,
): void {
  const kinds = cannot.filter((kind) => profile[kind] !== undefined)
  if (kinds.length === 0) return
  throw new RetailError('bad_flag', `${carrier} cannot carry ${kinds.join(' and ')} events`, {
    why: why(kinds),
    hint: `add --without ${kinds.join(',')}`,
  })
}
