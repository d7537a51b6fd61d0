import { spawn } from 'node:child_process'
import { once } from 'node:events'
import path from 'node:path'
import { median, ms, paired, ratios, spread, table, thousands } from './paired.mjs'
import { forget, peer, retail, writeConfig } from './tool.mjs'

const READER = path.resolve(import.meta.dirname, '../test/reader.mjs')

/** Events per second at full speed, durable, both tables; alone, beside a reader, and DuckDB with the same batches. */
export async function live({ folder, small }) {
  const rounds = small ? 2 : 5
  const stores = small ? 100 : 1000
  const events = small ? 300_000 : 2_000_000
  writeConfig(folder, { stores, to: '2024-01-31' })
  forget(folder)
  await retail(folder, 'seed-dims')
  await retail(folder, 'backfill')
  const runs = { alone: [], 'beside a reader': [] }
  const ours = (name) => async () => {
    const { result } = await peer(folder, 'live-side.mjs', events)
    runs[name].push(result)
    return result.events / result.seconds
  }
  const besideReader = async () => {
    const reader = spawn(process.execPath, [READER, path.join(folder, 'retail.duckdb'), '2024-02-01'])
    let said = ''
    reader.stdout.on('data', (chunk) => (said += chunk))
    const rate = await ours('beside a reader')()
    reader.stdin.end()
    await once(reader, 'close')
    const reads = said
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line))
    const wrong = reads.filter(({ error, off }) => error || off !== 0)
    if (wrong.length > 0) throw new Error(`a reader saw ${JSON.stringify(wrong[0])}`)
    runs['beside a reader'].at(-1).reads = reads.length
    return rate
  }
  const insert = async () => {
    const { batches } = runs.alone.at(-1)
    const { result } = await peer(folder, 'peer-insert.mjs', events, batches, stores, 2000)
    return result.events / result.seconds
  }
  const samples = await paired(rounds, {
    alone: ours('alone'),
    'beside a reader': besideReader,
    'DuckDB INSERT': insert,
  })
  const paced = (await retail(folder, `stream --rate 500 --duration ${small ? 3 : 10}s`)).result
  const flush = (name, key) =>
    runs[name]
      ? spread(
          runs[name].map((run) => run[key]),
          ms,
        )
      : ''
  const rate = samples.alone
  return {
    title: 'Live',
    about: `\`stream --speed max\` of ${events.toLocaleString('en-US')} events, both tables; every batch is written, synced, and renamed into place; ${rounds} rounds, ${runs.alone[0].batches} batches each. The reader counts all streamed events, with a new connection each time (${median(runs['beside a reader'].map(({ reads }) => reads))} reads per run, none wrong). The peer is one DuckDB file: \`INSERT … SELECT … FROM range()\` with batches of the same size, one transaction each.`,
    tables: [
      table(
        ['', 'thousand events/s', 'flush p50 ms', 'flush max ms', 'alone is'],
        Object.entries(samples).map(([name, rates]) => [
          name,
          spread(rates, thousands),
          flush(name, 'p50Ms'),
          flush(name, 'maxMs'),
          name === 'alone' ? '' : `${spread(ratios(rate, rates))} × as fast`,
        ]),
      ),
      `At \`--rate 500\`: ${paced.events.toLocaleString('en-US')} events in ${paced.batches} batches, an event is visible ${paced.lag.p50Ms} ms after it is due (p50), at most ${paced.lag.maxMs} ms.`,
    ],
    goals: [
      ['stream, both tables, durable', '≥ 100 k events/s', `${spread(rate, thousands)} k`, median(rate) >= 1e5],
      [
        'visible after it is due, at 500 events/s',
        '≤ 1,000 ms',
        `${paced.lag.maxMs} ms at most`,
        paced.lag.maxMs <= 1000,
      ],
    ],
  }
}
