import { expect, test } from 'vitest'
import { pinnedView, publishScript } from './publish-script.ts'

const publish = {
  ...{ build: 'a-shop.shop_build', marts: 'a-shop.shop_marts', job: 'retail_1', until: 1706868000000 },
  cut: { history: 1706745600, live: 1706864400 },
  tables: [
    {
      name: 'daily_sales',
      columns: ['day', 'store_id'],
      periods: { column: 'day', are: ['2024-02-01', '2024-02-02'] },
    },
    { name: 'stock_levels', columns: ['location', 'on_hand'] },
  ],
}

test('the marts and their instant change in one transaction', async () => {
  await expect(publishScript(publish)).toMatchFileSnapshot('__snapshots__/publish.sql')
})

test('nothing in the transaction creates or changes a table', () => {
  const statements = publishScript(publish).trim().split(';\n')
  expect([statements[0], statements.at(-1)]).toEqual(['begin transaction', 'commit transaction;'])
  // The first one ends the script if another process may build.
  expect(statements[1]).toMatch(/^select if\(current_timestamp\(\) < timestamp_millis\(1706868000000\), 1, error\(/)
  for (const statement of statements.slice(2, -1))
    expect(statement).toMatch(/^(truncate table|insert into|merge into) /)
})

test('the lines of sales end where the marts end', () => {
  expect(
    pinnedView('a-shop.shop_marts', '\n\nselect 1 from `a-shop.shop_staging.stg_transactions`\n'),
  ).toMatchInlineSnapshot(`
    "select * from (
    select 1 from \`a-shop.shop_staging.stg_transactions\`
    )
    where \`timestamp\` < (select timestamp_seconds(live) from \`a-shop.shop_marts.published\`)"
  `)
})
