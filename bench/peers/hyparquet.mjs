import { availableParallelism } from 'node:os'
import path from 'node:path'
import { isMainThread, Worker, workerData } from 'node:worker_threads'
import { parquetWriteFile } from 'hyparquet-writer'

/** Rows of the six columns of transactions as Parquet, in a file per core: a worker thread each. Arguments: rows, folder. */
const STORES = 1000
const PRODUCTS = 2000
const DAY_MS = 86_400_000
const FIRST_MS = Date.UTC(2024, 0, 1)

const codes = (letter, width, n) =>
  Array.from({ length: n }, (_, i) => `${letter}${String(i + 1).padStart(width, '0')}`)

/** A generator of numbers below a bound, as fast as JavaScript has one (mulberry32). */
function random(seed) {
  let state = seed
  return (below) => {
    state = (state + 0x6d2b_79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return Math.floor((((t ^ (t >>> 14)) >>> 0) / 4_294_967_296) * below)
  }
}

function write({ rows, file, seed }) {
  const below = random(seed)
  const [stores, products] = [codes('S', 4, STORES), codes('P', 5, PRODUCTS)]
  const column = () => new Array(rows)
  const [ids, product, instants, store] = [column(), column(), column(), column()]
  const [quantity, price] = [new Int32Array(rows), new Float64Array(rows)]
  for (let i = 0; i < rows; i++) {
    const at = below(STORES)
    ids[i] = `T240101-${stores[at].slice(1)}-${String(i + 1).padStart(6, '0')}`
    product[i] = products[below(PRODUCTS)]
    instants[i] = new Date(FIRST_MS + below(91) * DAY_MS + below(86_400) * 1000)
    quantity[i] = 1 + below(3)
    price[i] = (99 + below(20_000)) / 100
    store[i] = stores[at]
  }
  parquetWriteFile({
    filename: file,
    columnData: [
      { name: 'transaction_id', data: ids, type: 'STRING', nullable: false },
      { name: 'product_id', data: product, type: 'STRING', nullable: false },
      { name: 'timestamp', data: instants, type: 'TIMESTAMP', nullable: false },
      { name: 'quantity', data: quantity, type: 'INT32', nullable: false },
      { name: 'unit_price', data: price, type: 'DOUBLE', nullable: false },
      { name: 'store_id', data: store, type: 'STRING', nullable: false },
    ],
  })
}

if (isMainThread) {
  const [rows, folder] = [Number(process.argv[2]), process.argv[3]]
  const cores = availableParallelism()
  const begins = Array.from({ length: cores + 1 }, (_, i) => Math.round((rows * i) / cores))
  const ends = Array.from({ length: cores }, (_, i) => {
    const file = path.join(folder, `hyparquet-${i}.parquet`)
    const worker = new Worker(import.meta.filename, {
      workerData: { rows: begins[i + 1] - begins[i], file, seed: 42 + i },
    })
    return new Promise((resolve, reject) => worker.once('error', reject).once('exit', resolve))
  })
  await Promise.all(ends)
} else write(workerData)
