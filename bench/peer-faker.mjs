import { closeSync, openSync, writeSync } from 'node:fs'
import { faker } from '@faker-js/faker/locale/en_US'

/** The usual loop: rows of transactions from faker, as text, a thousand at a time. Arguments: rows, file, csv or ndjson. */
const [, , count, file, format = 'csv'] = process.argv
const rows = Number(count)
faker.seed(42)
const [from, to] = ['2024-01-01T00:00:00Z', '2024-03-31T23:59:59Z']
const row = () => ({
  transaction_id: faker.string.alphanumeric(20),
  product_id: `P${faker.string.numeric({ length: 5, allowLeadingZeros: true })}`,
  timestamp: faker.date.between({ from, to }).toISOString().slice(0, 19).replace('T', ' '),
  quantity: faker.number.int({ min: 1, max: 3 }),
  unit_price: Number(faker.commerce.price()),
  store_id: `S${faker.string.numeric({ length: 4, allowLeadingZeros: true })}`,
})
const textOf = format === 'csv' ? (row) => Object.values(row).join(',') : JSON.stringify
const output = openSync(file, 'w')
if (format === 'csv') writeSync(output, `${Object.keys(row()).join(',')}\n`)
for (let done = 0; done < rows; done += 1000) {
  const lines = Array.from({ length: Math.min(1000, rows - done) }, () => textOf(row()))
  writeSync(output, `${lines.join('\n')}\n`)
}
closeSync(output)
console.log(JSON.stringify({ rows }))
