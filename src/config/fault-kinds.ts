/** A share of the draws whose value is in [from, to) seconds; the shares of a list add up to 1. */
export interface Step {
  share: number
  from: number
  to: number
}

/** Forms of a malformed event; the profile's list picks among them. */
export const MALFORMATIONS = [
  ...['cut', 'wrong-type', 'number-as-text', 'missing', 'null-key', 'unknown-product'],
  ...['impossible', 'not-utf8', 'oversized', 'empty', 'nested'],
] as const
export type Malformation = (typeof MALFORMATIONS)[number]

/**
 * Kinds of which an event has at most one. Each owns a fixed part of a draw per event, in 256ths, so that a rate moves
 * no event of another kind; the number of these is also the largest rate.
 */
export const DRAWN = {
  lost: { from: 0, parts: 16 },
  malformed: { from: 32, parts: 32 },
  changed: { from: 64, parts: 32 },
  duplicate: { from: 96, parts: 64 },
  late: { from: 160, parts: 64 },
  disorder: { from: 224, parts: 32 },
  corrected: { from: 16, parts: 16 },
} as const
export type DrawnKind = keyof typeof DRAWN
/** Kinds whose events are none of the world. */
export const MADE_UP = ['deleted'] as const
export type MadeUpKind = (typeof MADE_UP)[number]
/** Kinds with which every event says its operation and its version. */
export const VERSIONED = ['corrected', 'deleted'] as const
/** Kinds that befall a store for a while, or all events from an instant on. */
export const AMBIENT = ['silence', 'skew', 'drift'] as const
export type AmbientKind = (typeof AMBIENT)[number]
export type FaultKind = DrawnKind | MadeUpKind | AmbientKind
export const DRAWN_KINDS = Object.keys(DRAWN) as DrawnKind[]
export const FAULT_KINDS = [...DRAWN_KINDS, ...MADE_UP, ...AMBIENT]

/** What events with versions have behind their columns, in this order. */
export const VERSION_COLUMNS = ['op', 'version'] as const
export type Op = 'insert' | 'update' | 'delete'

/** A change of what events look like, from an instant on. */
export type Drift =
  /** The table's events gain a text column. */
  | { at: number; table: string; add: string }
  /** A column of whole numbers becomes one with decimals: 3 becomes 3.0. */
  | { at: number; table: string; widen: string }
  /** A column has another name. */
  | { at: number; table: string; rename: string; to: string }

/** `overtaken`: the share of them whose second version arrives before the first one. */
export interface Versions {
  rate: number
  after: readonly Step[]
  overtaken: number
}

/** Rates are shares of events, or of store-days; times are seconds. */
export interface FaultProfile {
  seed: number
  /** No copy arrives later than this many seconds after its event. */
  max: number
  lost?: { rate: number }
  malformed?: { rate: number; kinds: readonly Malformation[] }
  changed?: { rate: number; after: readonly Step[] }
  /** `copies`: shares of events with 1, 2, … further copies. Each copy follows the one before by `after`. */
  duplicate?: { rate: number; copies: readonly number[]; after: readonly Step[] }
  late?: { rate: number; by: readonly Step[] }
  disorder?: { rate: number; within: number }
  /** The first version of an event has a wrong value; the second one, which follows it by `after`, the right ones. */
  corrected?: Versions
  /** Beside an event, one is sent that nobody meant, and its deletion follows by `after`. */
  deleted?: Versions
  /** `catchUp`: how many times faster than they occurred the held events arrive afterward. */
  silence?: { rate: number; from: number; to: number; catchUp: number }
  skew?: { rate: number; from: number; to: number }
  drift?: readonly Drift[]
}

/** Profiles by name, each in the form of a file: `retail faults explain NAME --yaml` prints it. */
export const PROFILES = {
  mild: `# what a healthy network does
seed: 1
max: 3d
duplicate: { rate: 0.1%, copies: [100%], after: { 100%: 1s..10m } }
late:      { rate: 0.2%, by: { 90%: 1m..10m, 10%: 10m..1h } }
disorder:  { rate: 1%, within: 30s }
`,
  rough: `# what a bad week does
seed: 1
max: 3d
lost:      { rate: 0.05% }
malformed: { rate: 0.1% }
changed:   { rate: 0.05%, after: { 70%: 5m..1h, 30%: 1h..2d } }
duplicate: { rate: 1%, copies: [80%, 15%, 3%, 1%, 1%], after: { 70%: 1s..10m, 25%: 10m..6h, 5%: 6h..2d } }
late:      { rate: 2%, by: { 60%: 1m..10m, 25%: 10m..1h, 10%: 1h..6h, 4%: 6h..1d, 1%: 1d..3d } }
disorder:  { rate: 5%, within: 30s }
silence:   { stores-a-day: 1%, for: 1h..6h, catch-up: 20x }
skew:      { stores-a-day: 0.5%, by: -7m..90m }
`,
  hostile: `# everything at once, more often than in life
seed: 1
max: 3d
lost:      { rate: 0.5% }
malformed: { rate: 1% }
changed:   { rate: 0.5%, after: { 70%: 5m..1h, 30%: 1h..2d } }
duplicate: { rate: 5%, copies: [70%, 20%, 5%, 3%, 2%], after: { 60%: 1s..10m, 30%: 10m..6h, 10%: 6h..2d } }
late:      { rate: 8%, by: { 50%: 1m..10m, 25%: 10m..1h, 15%: 1h..6h, 7%: 6h..1d, 3%: 1d..3d } }
disorder:  { rate: 10%, within: 2m }
silence:   { stores-a-day: 5%, for: 1h..12h, catch-up: 20x }
skew:      { stores-a-day: 2%, by: -20m..4h }
`,
  changelog: `# what a database sends that people correct: each event says its operation and its version
seed: 1
max: 3d
duplicate: { rate: 0.1%, copies: [100%], after: { 100%: 1s..10m } }
late:      { rate: 0.2%, by: { 90%: 1m..10m, 10%: 10m..1h } }
disorder:  { rate: 1%, within: 30s }
corrected: { rate: 2%, after: { 70%: 1m..1h, 30%: 1h..1d }, overtaken: 10% }
deleted:   { rate: 1%, after: { 70%: 1m..1h, 30%: 1h..1d }, overtaken: 10% }
`,
} as const
export type ProfileName = keyof typeof PROFILES
export const PROFILE_NAMES = Object.keys(PROFILES) as ProfileName[]
