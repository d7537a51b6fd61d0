import { writeFileSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { median, millions, spread, table } from './paired.mjs'
import { bin, forget, measured, retail, timed, writeConfig } from './tool.mjs'

/** Where `retail plan` reads the rates. */
const RATES = path.resolve(import.meta.dirname, '../src/pipeline/measured-rates.ts')
/** The planned world of which some blocks are generated. */
const PLANNED = '100e9'

/** What `plan` tells, by size of world: a full run writes the rates into the source. Then one block per core of a large world against its plan. */
export async function rates({ folder, small }) {
  const rounds = small ? 1 : 5
  const worlds = [
    { stores: 10, products: 200, lines_per_store_day: 100 },
    ...(small
      ? [{ stores: 60, lines_per_store_day: 100 }]
      : [100, 550].map((lines) => ({ stores: 1000, lines_per_store_day: lines }))),
  ]
  const sizes = []
  for (const world of worlds) {
    writeConfig(folder, { ...world, to: '2024-03-31' })
    const size = { rows: 0, backfill: [], verify: [] }
    for (let round = 0; round < rounds; round++) {
      forget(folder)
      await retail(folder, 'seed-dims')
      const { seconds, result } = await retail(folder, 'backfill')
      size.rows = result.rows.transactions + result.rows.inventories
      size.backfill.push(seconds)
      size.verify.push((await retail(folder, 'verify')).seconds)
    }
    sizes.push(size)
  }
  if (!small) writeFileSync(RATES, sourceOf(sizes))
  const ratio = await planned(folder, { small, rounds: small ? 1 : 3 })
  forget(folder)
  return {
    title: 'Rates that `retail plan` uses',
    about: `Whole processes with the default number of workers, ${rounds} rounds, after \`seed-dims\`; no marts. Then one block per core of the world of \`plan --rows ${PLANNED}\`${small ? ', five days,' : ''} is generated and compared with its plan.`,
    tables: [
      table(
        ['rows', 'backfill, seconds', 'million rows/s', 'verify, seconds', 'million rows/s'],
        sizes.map(({ rows, backfill, verify }) => [
          rows.toLocaleString('en-US'),
          spread(backfill),
          millions(rows / median(backfill)),
          spread(verify),
          millions(rows / median(verify)),
        ]),
      ),
    ],
    goals: [
      [
        'seconds of a planned block / its plan',
        '0.75–1.25',
        spread(ratio),
        median(ratio) >= 0.75 && median(ratio) <= 1.25,
      ],
    ],
  }
}

/** The time of one block per core, relative to that share of the plan. */
async function planned(folder, { small, rounds }) {
  const cores = os.availableParallelism()
  const { result: all } = await measured(bin, ['plan', '--rows', PLANNED, '--json'], folder)
  const { stores, linesPerStoreDay, to } = all.world
  writeConfig(folder, { stores, lines_per_store_day: linesPerStoreDay, to: small ? '2024-01-05' : to })
  // The build may have older rates than those that were just measured.
  await timed('npm', ['run', '--silent', 'build'], path.resolve(import.meta.dirname, '..'))
  const { result: plan } = await measured(bin, ['plan', '--json'], folder)
  const shards = Math.floor(plan.lake.blocks / cores)
  const share = Math.ceil(plan.lake.blocks / shards) / plan.lake.blocks
  const ratio = []
  for (let round = 0; round < rounds; round++) {
    forget(folder)
    await retail(folder, 'seed-dims')
    const { result } = await retail(folder, `backfill --shard 1/${shards}`)
    ratio.push(result.seconds / (plan.backfill.seconds * share))
  }
  return ratio
}

function sourceOf(sizes) {
  const [cpu] = os.cpus()
  const machine = `${os.availableParallelism()} × ${cpu.model.trim()}, Node ${process.versions.node}`
  const rowsOf = (name) =>
    sizes
      .map((size) => `    { rows: ${underscored(size.rows)}, seconds: ${median(size[name]).toFixed(2)} },`)
      .join('\n')
  return `// Written by \`node bench/run.mjs rates\`, which measures whole processes on a quiet machine. Do not edit.

/** A world of this many rows of both facts took this long. */
export interface Measured {
  rows: number
  seconds: number
}

/** Seconds of commands by size of world, the smallest first. */
export const MEASURED: { machine: string; date: string; backfill: readonly Measured[]; verify: readonly Measured[] } = {
  machine: '${machine}',
  date: '${new Date().toISOString().slice(0, 10)}',
  backfill: [
${rowsOf('backfill')}
  ],
  verify: [
${rowsOf('verify')}
  ],
}
`
}

const underscored = (rows) => rows.toLocaleString('en-US').replaceAll(',', '_')
