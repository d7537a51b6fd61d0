import { existsSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import os from 'node:os'
import path from 'node:path'
import { floor, millions, paired, ratios, same, spread, table } from './paired.mjs'
import { pythonTools } from './peer-tools.mjs'
import { openDuckdb, peer, retail, timed, writeConfig } from './tool.mjs'

/** rows of TPC-H's lineitem at scale 1, nearly, and their bytes as text */
const LINEITEMS = 6_001_215
const TBL_BYTES = 759_863_287

/** A file system in memory, if there is one: on disk, every side would write gigabytes of text at the speed of the disk. */
const MEMORY = '/dev/shm'

/** some gigabytes of each */
const LINES_PER_STORE_DAY = { csv: 160, ndjson: 115 }

/** Floors (required) and goals (desirable). */
const FLOORS = {
  csv: { faker: [15, 30], duckdb: [4, 9], tpchgen: [2, 4] },
  ndjson: { faker: [8, 20], duckdb: [3, 7] },
}

/** Exports as CSV and NDJSON against DuckDB's `COPY` of the same columns and rows, a faker-js loop, and tpchgen-cli's text. */
export async function text({ small }) {
  const inMemory = existsSync(MEMORY)
  const folder = mkdtempSync(path.join(inMemory ? MEMORY : os.tmpdir(), 'retail-bench-'))
  try {
    return await compare(folder, inMemory, small)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function compare(folder, inMemory, small) {
  const rounds = small ? 2 : 5
  const looped = small ? 20_000 : 150_000
  const stores = small ? 60 : 1000
  const tpchgen = path.join(pythonTools(), 'tpchgen-cli')
  const sections = []
  for (const format of ['csv', 'ndjson']) sections.push(await ofFormat(format))
  return {
    title: 'Text',
    about: `The six and five columns of the default schema as CSV and NDJSON, both tables, ${LINES_PER_STORE_DAY.csv} and ${LINES_PER_STORE_DAY.ndjson} lines per store and day, 2,000 products, written to ${inMemory ? 'a file system in memory (on disk, the result would be its 100 MB/s)' : 'files on disk'}; two workers. Whole processes, ${rounds} rounds, all files counted at the end. DuckDB writes the same number of rows with the same columns from \`range()\`, without a model, on all cores; the faker-js loop writes ${looped.toLocaleString('en-US')} rows of transactions; tpchgen-cli (Rust, all cores) writes lineitem as tbl. retail simulates both tables and syncs every file.`,
    tables: sections.map(({ shown }) => shown),
    goals: sections.flatMap(({ goals }) => goals),
  }

  async function ofFormat(format) {
    const dense = LINES_PER_STORE_DAY[format]
    writeConfig(folder, { stores, to: small ? '2024-02-29' : '2024-03-31', lines_per_store_day: dense })
    const out = path.join(folder, 'out')
    const export_ = async () => {
      rmSync(out, { recursive: true, force: true })
      return await retail(folder, `backfill --out out --format ${format} --workers 2`)
    }
    const { rows: each, sizeBytes } = (await export_()).result
    const rows = each.transactions + each.inventories
    const made = { 'retail --out': rows, 'DuckDB COPY': rows, 'faker-js loop': looped }
    const bytes = { 'retail --out': sizeBytes }
    const sides = {
      'retail --out': async () => {
        const { seconds, result } = await export_()
        same('bytes of the export', result.sizeBytes, sizeBytes)
        return seconds
      },
      'DuckDB COPY': async () =>
        (await peer(folder, 'peer-copy.mjs', each.transactions, each.inventories, stores, 2000, dense - 1, format))
          .seconds,
      'faker-js loop': async () =>
        (await peer(folder, 'peer-faker.mjs', looped, path.join(folder, `faker.${format}`), format)).seconds,
    }
    const scale = (sizeBytes / TBL_BYTES).toFixed(3)
    if (format === 'csv') {
      made['tpchgen-cli tbl'] = Math.round(scale * LINEITEMS)
      sides['tpchgen-cli tbl'] = async () =>
        (await timed(tpchgen, ['tbl', '-s', scale, '-T', 'lineitem', '--overwrite', '-q'], folder)).seconds
    }
    const samples = await paired(rounds, sides)

    await readBack(format, each, made['tpchgen-cli tbl'])
    bytes['DuckDB COPY'] = sum(copied().map(size))
    bytes['faker-js loop'] = size(`faker.${format}`)
    if (format === 'csv') bytes['tpchgen-cli tbl'] = size('lineitem.tbl')
    for (const name of ['lineitem.tbl', ...copied(), `faker.${format}`, 'out'])
      rmSync(path.join(folder, name), { recursive: true, force: true })

    const per = (of) =>
      Object.fromEntries(Object.entries(samples).map(([name, all]) => [name, all.map((seconds) => of[name] / seconds)]))
    const [speed, width] = [per(made), per(bytes)]
    const ours = 'retail --out'
    const name = format.toUpperCase()
    const floors = FLOORS[format]
    const goals = [
      floor(`${name}: export / faker-js loop, rows`, ...floors.faker, ratios(speed[ours], speed['faker-js loop'])),
      floor(`${name}: export / DuckDB \`COPY\`, rows`, ...floors.duckdb, ratios(speed[ours], speed['DuckDB COPY'])),
    ]
    if (floors.tpchgen)
      goals.push(
        floor(`${name}: export / tpchgen-cli, bytes`, ...floors.tpchgen, ratios(width[ours], width['tpchgen-cli tbl'])),
      )
    const shown = table(
      [name, 'rows', 'seconds', 'million rows/s', 'MB/s', 'retail is, by rows', 'by bytes'],
      Object.keys(samples).map((side) => [
        side,
        made[side].toLocaleString('en-US'),
        spread(samples[side]),
        spread(speed[side], millions),
        spread(width[side], (value) => (value / 1e6).toFixed(0)),
        ...(side === ours
          ? ['', '']
          : [speed, width].map((of) => `${spread(ratios(of[ours], of[side]), (v) => v.toFixed(1))} × as fast`)),
      ]),
    )
    return { goals, shown }
  }

  async function readBack(format, each, lineitems) {
    const database = await openDuckdb()
    const count = async (files) => {
      const from =
        format === 'csv' ? `read_csv('${files}', header = true)` : `read_json('${files}', format = 'newline_delimited')`
      return Number((await database.rows(`SELECT count(*) AS n FROM ${from}`))[0].n)
    }
    for (const name of ['transactions', 'inventories']) {
      same(`our rows of ${name}`, await count(`${folder}/out/${name}/*/*.${format}`), each[name])
      same(`the peer's rows of ${name}`, await count(`${folder}/${name}-*.${format}`), each[name])
    }
    same("the loop's rows", await count(`${folder}/faker.${format}`), looped)
    if (format === 'csv') {
      const lines = `read_csv('${folder}/lineitem.tbl', header = false, delim = '|')`
      const [{ n }] = await database.rows(`SELECT count(*) AS n FROM ${lines}`)
      if (Math.abs(Number(n) / lineitems - 1) > 0.005) throw new Error(`rows of lineitem: ${n}, not ${lineitems}`)
    }
    database.close()
  }

  /** The files of DuckDB. */
  function copied() {
    return readdirSync(folder).filter((name) => /^(transactions|inventories)-/.test(name))
  }

  function size(name) {
    return statSync(path.join(folder, name)).size
  }
}

const sum = (values) => values.reduce((a, b) => a + b, 0)
