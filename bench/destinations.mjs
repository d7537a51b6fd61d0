import { spawn } from 'node:child_process'
import { openSync } from 'node:fs'
import path from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { median, paired, ratios, spread, table, thousands } from './paired.mjs'
import { bin, peer, retail, writeConfig } from './tool.mjs'

/** Events per second of `stream --to` at full speed, against bare loops over the same clients in the same run. */
export async function destinations({ folder, small }) {
  const [rounds, events, days] = small ? [2, 100_000, 1] : [3, 300_000, 12]
  writeConfig(folder, { stores: 1000, to: '2024-01-31' })
  // The state of the simulation at the end of history, which streams read.
  await retail(folder, 'backfill')
  const postgres = await (await bundled('postgres')).startPostgres()
  const kafka = await (await bundled('kafka')).startKafka()
  const registry = await (await bundled('registry')).startRegistry()
  const period = `--from 2024-02-01 --to 2024-02-${two(days)}`
  const historyDays = small ? 1 : 4
  try {
    const url = await postgres.newDatabase()
    await postgres.query(url, BARE)
    const filesOf = (period) => Promise.all(['transactions', 'inventories'].map((name) => csvOf(folder, period, name)))
    const files = await filesOf(period)
    const history = await filesOf(`--from 2024-01-01 --to 2024-01-${two(historyDays)}`)
    const rate = async (line) => {
      const { result } = await retail(folder, `stream --speed max ${line}`)
      return result.events / result.seconds
    }
    let run = 0
    const toKafka = (more = '') =>
      `--to kafka://${kafka.address}?prefix=run${++run}&partitions=4${more} --max-events ${events}`
    const samples = await paired(rounds, {
      stdout: () => printed(folder, 4 * events),
      postgres: () => rate(`--to ${url}?schema=run${++run} --until 2024-02-${two(days + 1)}`),
      copy: async () => {
        await postgres.query(url, 'TRUNCATE bare.transactions, bare.inventories')
        const { result } = await peer(folder, 'peer-destinations.mjs', 'copy', url, ...files)
        return result.events / result.seconds
      },
      backfill: async () => {
        const { result } = await retail(
          folder,
          `backfill --to ${url}?schema=run${++run} --to 2024-01-${two(historyDays)}`,
        )
        return result.rowsPerSecond
      },
      copyHistory: async () => {
        await postgres.query(url, 'TRUNCATE keyed.transactions, keyed.inventories')
        await postgres.query(url, 'ALTER TABLE keyed.transactions DROP CONSTRAINT IF EXISTS transactions_pkey')
        await postgres.query(url, 'ALTER TABLE keyed.inventories DROP CONSTRAINT IF EXISTS inventories_pkey')
        const { result } = await peer(folder, 'peer-destinations.mjs', 'copyWithKeys', url, ...history)
        return result.events / result.seconds
      },
      kafka: () => rate(toKafka()),
      kafkaAvro: () => rate(toKafka(`&format=avro&registry=${registry.url}`)),
      kafkaOnce: () => rate(toKafka('&exactly_once=true')),
      bareKafka: async () => {
        const { result } = await peer(folder, 'peer-destinations.mjs', 'kafka', kafka.address, events)
        return result.events / result.seconds
      },
    })
    const toCopy = ratios(samples.postgres, samples.copy)
    const toKeyed = ratios(samples.backfill, samples.copyHistory)
    const toBare = ratios(samples.kafka, samples.bareKafka)
    return {
      title: 'Destinations',
      about: `\`stream --to\` at full speed, ${rounds} rounds; seconds of the stream, without start-up. stdout: ${4 * events} events of both tables into a pipe whose reader drops them. PostgreSQL: ${days} days of 1,000 stores, against one \`COPY\` per table of the same rows, which a file holds as text already; both into tables without keys. \`backfill --to\`: ${historyDays} days of history with 2 workers, against one \`COPY\` per table of the same rows, then the primary keys and \`ANALYZE\`, which both sides do. Kafka: ${events} events into four partitions of a broker on the same two cores, against a loop that makes messages with the same key and headers and sends 2,000 at a time.`,
      tables: [
        table(
          ['', 'thousand events/s', 'bare loop', 'ratio'],
          [
            ['stdout', spread(samples.stdout, thousands), '', ''],
            ['PostgreSQL', spread(samples.postgres, thousands), spread(samples.copy, thousands), spread(toCopy)],
            [
              '`backfill --to postgres://`',
              spread(samples.backfill, thousands),
              spread(samples.copyHistory, thousands),
              spread(toKeyed),
            ],
            ['Kafka', spread(samples.kafka, thousands), spread(samples.bareKafka, thousands), spread(toBare)],
            ...['kafkaAvro', 'kafkaOnce'].map((name) => [
              `Kafka, \`${name === 'kafkaAvro' ? '--format avro' : '--exactly-once'}\``,
              ...[spread(samples[name], thousands), spread(samples.bareKafka, thousands)],
              spread(ratios(samples[name], samples.bareKafka)),
            ]),
          ],
        ),
      ],
      goals: [
        ['stdout', '≥ 1,000 k events/s', `${spread(samples.stdout, thousands)} k`, median(samples.stdout) >= 1e6],
        ['PostgreSQL against a bare `COPY`', '≥ 0.8 ×', spread(toCopy), median(toCopy) >= 0.8],
        [
          '`backfill --to postgres://` against a bare `COPY` and keys',
          '≥ 0.8 ×',
          spread(toKeyed),
          median(toKeyed) >= 0.8,
        ],
        ['Kafka against a bare loop over the same client', '≥ 0.8 ×', spread(toBare), median(toBare) >= 0.8],
        ['Kafka', '≥ 50 k events/s', `${spread(samples.kafka, thousands)} k`, median(samples.kafka) >= 5e4],
      ],
    }
  } finally {
    await Promise.all([postgres.stop(), kafka.stop(), registry.stop()])
  }
}

const two = (day) => String(day).padStart(2, '0')

const BARE = ['bare', 'keyed']
  .map(
    (schema) => `CREATE SCHEMA ${schema};
CREATE TABLE ${schema}.transactions (transaction_id text NOT NULL, product_id text NOT NULL, timestamp timestamptz NOT NULL, quantity integer NOT NULL, unit_price numeric(10,2) NOT NULL, store_id text NOT NULL);
CREATE TABLE ${schema}.inventories (inventory_id text NOT NULL, product_id text NOT NULL, timestamp timestamptz NOT NULL, quantity_change integer NOT NULL, store_id text NOT NULL)`,
  )
  .join(';')

/** The rows of a day without a head, as COPY takes them. */
async function csvOf(folder, period, name) {
  const file = path.join(folder, `${name}.csv`)
  const line = `backfill --out - --format csv --table ${name} ${period} -q`
  const child = spawn('bash', ['-c', `"$0" "$1" ${line} | tail -n +2`, process.execPath, bin], {
    cwd: folder,
    stdio: ['ignore', openSync(file, 'w'), 'inherit'],
  })
  await ended(child, line)
  return file
}

/** Events per second of a stream into a pipe, as it says on stderr. */
async function printed(folder, events) {
  const line = `stream --to - --speed max --max-events ${events}`
  const child = spawn(process.execPath, [bin, ...line.split(' ')], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'] })
  let said = ''
  child.stderr.on('data', (chunk) => (said += chunk))
  child.stdout.resume()
  await ended(child, line)
  return Number(/([\d,]+) events\/s\n/.exec(said.slice(said.lastIndexOf('✔')))[1].replaceAll(',', ''))
}

async function ended(child, line) {
  const code = await new Promise((resolve) => child.on('close', resolve))
  if (code !== 0) throw new Error(`${line}: exit ${code}`)
}

/** The servers of the tests, which are written in TypeScript. */
async function bundled(name) {
  const home = path.resolve(import.meta.dirname, '../test/peers')
  // Beside the packages that it imports.
  const outfile = path.resolve(import.meta.dirname, '../node_modules/.cache', `bench-${name}.mjs`)
  await build({
    entryPoints: [path.join(home, `${name}.ts`)],
    outfile,
    bundle: true,
    platform: 'node',
    format: 'esm',
    packages: 'external',
    logLevel: 'error',
    define: { 'import.meta.dirname': JSON.stringify(home) },
  })
  return await import(pathToFileURL(outfile).href)
}
