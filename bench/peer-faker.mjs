import { closeSync, openSync, writeSync } from 'node:fs'
import { faker } from '@faker-js/faker/locale/en_US'

/** The loop that people write: rows of transactions from faker, as CSV, a thousand at a time. Arguments: rows, file. */
const [rows, file] = [Number(process.argv[2]), process.argv[3]]
faker.seed(42)
const [from, to] = ['2024-01-01T00:00:00Z', '2024-03-31T23:59:59Z']
const output = openSync(file, 'w')
writeSync(output, 'transaction_id,product_id,timestamp,quantity,unit_price,store_id\n')
for (let done = 0; done < rows; done += 1000) {
  const lines = []
  for (let i = done; i < Math.min(rows, done + 1000); i++) {
    const product = `P${faker.string.numeric({ length: 5, allowLeadingZeros: true })}`
    const store = `S${faker.string.numeric({ length: 4, allowLeadingZeros: true })}`
    const at = faker.date.between({ from, to }).toISOString().slice(0, 19).replace('T', ' ')
    const quantity = faker.number.int({ min: 1, max: 3 })
    lines.push(`${faker.string.alphanumeric(20)},${product},${at},${quantity},${faker.commerce.price()},${store}`)
  }
  writeSync(output, `${lines.join('\n')}\n`)
}
closeSync(output)
console.log(JSON.stringify({ rows }))
