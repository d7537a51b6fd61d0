import { createReadStream, mkdirSync, rmSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import path from 'node:path'
import { median, paired, ratios, same, spread, table } from './paired.mjs'
import { nodeTools, pythonTools, shapeTools } from './peer-tools.mjs'
import { forget, openDuckdb, peer, retail, timed, writeConfig } from './tool.mjs'

/** Backfill against other generators: each generates its own kind of rows in its own best form, and this counts them. */
export async function generators({ folder, small }) {
  const rounds = small ? 2 : 5
  const few = small ? 5_000 : 50_000
  const many = small ? 20_000 : 500_000
  writeConfig(folder, small ? { stores: 60, to: '2024-01-31' } : { stores: 1000, to: '2024-03-31' })
  const [python, shape, node] = [pythonTools(), shapeTools(), nodeTools()]
  const template = await readFile(path.join(import.meta.dirname, 'peers/mgenerate.json'), 'utf8')
  const rows = {}
  const counted = (name, n) => {
    if (rows[name] !== undefined) same(`rows of ${name}`, n, rows[name])
    rows[name] = n
  }
  const sides = {
    retail: async () => {
      forget(folder)
      const { seconds, result } = await retail(folder, 'backfill')
      counted('retail', result.rows.transactions + result.rows.inventories)
      return seconds
    },
    'faker-js loop, CSV': async () => {
      const file = path.join(folder, 'faker.csv')
      const { seconds } = await peer(folder, 'peer-faker.mjs', many, file)
      counted('faker-js loop, CSV', (await linesOf(file)) - 1)
      return seconds
    },
    'mgeneratejs, NDJSON': async () => {
      const args = ['-c', `node_modules/.bin/mgeneratejs -n ${few} > '${folder}/mgenerate.ndjson'`]
      const { seconds } = await timed('bash', args, node, template)
      counted('mgeneratejs, NDJSON', await linesOf(path.join(folder, 'mgenerate.ndjson')))
      return seconds
    },
    'drizzle-seed, PGlite': async () => {
      const { seconds, result } = await timed(process.execPath, ['drizzle-seed.mjs', String(few)], node)
      counted('drizzle-seed, PGlite', result.rows)
      return seconds
    },
    'hyparquet-writer, Parquet': async () => {
      const to = emptied(path.join(folder, 'hyparquet'))
      const { seconds } = await timed(process.execPath, ['hyparquet.mjs', String(many * 4), to], node)
      counted('hyparquet-writer, Parquet', await rowsUnder(to))
      return seconds
    },
    'Shape, Parquet': async () => {
      const to = emptied(path.join(folder, 'shape'))
      const args = ['generate', 'retail', '--scale', small ? 'small' : 'large', '--format', 'parquet', '-o', to]
      const { seconds } = await timed(path.join(shape, 'shape'), args, folder)
      counted('Shape, Parquet', await rowsUnder(to))
      return seconds
    },
    'Spindle, Parquet': async () => {
      const to = path.join(folder, 'spindle')
      const scale = small ? 'small' : 'medium'
      const args = ['generate', 'retail', '--scale', scale, '--format', 'parquet', '-o', to]
      const { seconds } = await timed(path.join(python, 'spindle'), args, folder)
      counted('Spindle, Parquet', await rowsUnder(to))
      return seconds
    },
  }
  const samples = await paired(rounds, sides)
  const speed = Object.fromEntries(
    Object.entries(samples).map(([name, seconds]) => [name, seconds.map((value) => rows[name] / value)]),
  )
  const faker = ratios(speed.retail, speed['faker-js loop, CSV'])
  return {
    title: 'Other generators',
    about: `Whole processes, ${rounds} rounds; each generates rows with the columns of transactions (Spindle and Shape, which succeeds it: their own nine retail tables), enough for several seconds. hyparquet-writer gets arrays of random numbers and texts, in a worker thread and a file per core. None of them models stock, and only Spindle and Shape generate consistent orders.`,
    tables: [
      table(
        ['', 'rows', 'rows/s', 'retail is'],
        Object.keys(sides).map((name) => [
          name,
          rows[name].toLocaleString('en-US'),
          spread(speed[name], rounded),
          name === 'retail' ? '' : `${spread(ratios(speed.retail, speed[name]), (v) => v.toFixed(0))} × as fast`,
        ]),
      ),
    ],
    goals: [['backfill / faker-js loop, rows', '≥ 15 ×', spread(faker), median(faker) >= 15]],
  }
}

function emptied(folder) {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  return folder
}

const rounded = (value) => Number(value.toPrecision(3)).toLocaleString('en-US')

async function linesOf(file) {
  let lines = 0
  for await (const chunk of createReadStream(file)) for (const byte of chunk) if (byte === 10) lines++
  return lines
}

async function rowsUnder(folder) {
  const database = await openDuckdb()
  const [{ n }] = await database.rows(
    `SELECT sum(num_rows)::INT AS n FROM parquet_file_metadata('${folder}/*.parquet')`,
  )
  database.close()
  return n
}
