import { describe, expect, test } from 'vitest'
import { bigquerySchema, dbtSources, deadLetterSchema, duckdbDdl, emptyRelation, publishedSchema } from './emit.ts'
import { facts, tables } from './index.ts'

test('dbt/models/sources.yml is what the tables say', async () => {
  await expect(dbtSources()).toMatchFileSnapshot('../../dbt/models/sources.yml')
})

test.each(Object.values(tables))('terraform/schemas has $name as BigQuery takes it', async (table) => {
  await expect(bigquerySchema(table, 'strict')).toMatchFileSnapshot(`../../terraform/schemas/${table.name}.json`)
})

test.each(facts)('terraform/schemas has $name of an extended world', async (table) => {
  await expect(bigquerySchema(table, 'extended')).toMatchFileSnapshot(
    `../../terraform/schemas/${table.name}.extended.json`,
  )
})

test('terraform/schemas has the dead-letter table', async () => {
  await expect(deadLetterSchema()).toMatchFileSnapshot('../../terraform/schemas/dead_letter.json')
})

test('terraform/schemas has the table of the published instant', async () => {
  await expect(publishedSchema()).toMatchFileSnapshot('../../terraform/schemas/published.json')
})

describe('DuckDB', () => {
  test('a table has the columns in order', () => {
    expect(duckdbDdl(tables.transactions, 'strict')).toMatchInlineSnapshot(`
      "CREATE TABLE transactions (
        "transaction_id" VARCHAR NOT NULL,
        "product_id" VARCHAR NOT NULL,
        "timestamp" TIMESTAMP NOT NULL,
        "quantity" INTEGER NOT NULL,
        "unit_price" DECIMAL(10,2) NOT NULL,
        "store_id" VARCHAR NOT NULL
      )"
    `)
  })

  test('an empty relation has the columns of an extended world too', () => {
    expect(emptyRelation(tables.inventories, 'extended')).toMatchInlineSnapshot(
      `"SELECT CAST(NULL AS VARCHAR) AS "inventory_id", CAST(NULL AS VARCHAR) AS "product_id", CAST(NULL AS TIMESTAMP) AS "timestamp", CAST(NULL AS INTEGER) AS "quantity_change", CAST(NULL AS VARCHAR) AS "store_id", CAST(NULL AS VARCHAR) AS "movement_type", CAST(NULL AS VARCHAR) AS "reference_id" WHERE false"`,
    )
  })
})
