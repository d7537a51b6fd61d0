// Written by `node bench/run.mjs rates`, which measures whole processes on a quiet machine. Do not edit.

/** A world of this many rows of both facts took this long. */
export interface Measured {
  rows: number
  seconds: number
}

/** Seconds of commands by size of world, the smallest first. */
export const MEASURED: { machine: string; date: string; backfill: readonly Measured[]; verify: readonly Measured[] } = {
  machine: '2 × AMD EPYC, Node 20.20.2',
  date: '2026-11-24',
  backfill: [
    { rows: 18_585_915, seconds: 2.79 },
    { rows: 101_628_690, seconds: 7.74 },
  ],
  verify: [
    { rows: 18_585_915, seconds: 7.1 },
    { rows: 182_609_848, seconds: 42.9 },
  ],
}
