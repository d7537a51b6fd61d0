import { expect, test } from 'vitest'
import { firstDbtError, parseDbtResults } from './dbt-results.ts'

test('results are counted by kind and named by status; what was skipped did not run', () => {
  const results = [
    ['model.retail.stg_store', 'success'],
    [
      'model.retail.daily_sales',
      'error',
      'Runtime Error in model daily_sales (models/daily_sales.sql)\n  Binder Error: no x\n',
    ],
    ['model.retail.mv_retail_transactions', 'skipped'],
    ['test.retail.unique_stg_store_store_id.3cf3a5d5a0', 'pass'],
    ['test.retail.at_least_stock_on_hand_on_hand__0.11aa', 'fail'],
    ['test.retail.inventory_adds_up', 'warn'],
    ['test.retail.daily_sales_adds_up', 'skipped'],
  ].map(([unique_id, status, message = '']) => ({ unique_id, status, message }))
  const json = JSON.stringify({ results })
  expect(parseDbtResults(json)).toEqual({
    outcome: {
      models: 1,
      tests: 3,
      failed: ['daily_sales', 'at_least_stock_on_hand_on_hand__0'],
      warned: ['inventory_adds_up'],
      failures: [
        { id: 'model.retail.daily_sales', name: 'daily_sales', message: 'Binder Error: no x' },
        {
          id: 'test.retail.at_least_stock_on_hand_on_hand__0.11aa',
          name: 'at_least_stock_on_hand_on_hand__0',
          message: '',
        },
      ],
    },
    built: { models: [{ id: 'model.retail.stg_store', name: 'stg_store', sql: '', own: false }], whole: false },
    ran: [
      'model.retail.stg_store',
      'test.retail.unique_stg_store_store_id.3cf3a5d5a0',
      'test.retail.inventory_adds_up',
    ],
  })
  expect(parseDbtResults(json, true).outcome).toMatchObject({
    failed: ['daily_sales', 'at_least_stock_on_hand_on_hand__0', 'inventory_adds_up'],
    warned: [],
  })
})

test.each([
  [
    [
      '05:41:52  Running with dbt=1.11.16',
      '05:41:53  Encountered an error:',
      'Compilation Error',
      "  'x' is undefined",
    ],
    "Compilation Error: 'x' is undefined",
  ],
  [
    ['Usage: dbt build [OPTIONS]', "Try 'dbt build -h' for help.", '', 'Error: No such option: --frob'],
    'Error: No such option: --frob',
  ],
  [['killed', ''], 'killed'],
  [[], undefined],
])('the first error in %j', (lines, error) => expect(firstDbtError(lines)).toBe(error))
