import { mart, type Row, type Sql, sql } from '../../ports/index.ts'
import type { Filters } from '../filters.ts'
import type { StockLevel } from '../panel-data.ts'
import { categoryOf, type Panel, parametersOf, placeOf, storeOf, WHERE } from './panel.ts'

const WORST = 20
const LEVEL = `cast(sum(stocked_items) as bigint) as stocked_items, cast(sum(on_hand) as bigint) as on_hand,
    cast(sum(out_of_stock) as bigint) as out_of_stock`

/** Current stock, whatever the period. A stocked item is a product in a store that carries it. */
export const stock: Panel<'stock'> = {
  needs: WHERE,

  ask: (asked) => ({
    sql: sql`with levels as (
  ${levelsOf(asked.filters)}
), worst as (
  select location, category, stocked_items, on_hand, out_of_stock,
    row_number() over (order by out_of_stock / stocked_items desc, out_of_stock desc, location, category) as place
  from levels
  where out_of_stock > 0
)
select '' as location, category, 0 as place, ${LEVEL}
from levels
group by category
union all
select location, category, place, ${LEVEL}
from worst
where place <= ${WORST}
group by location, category, place
order by place, category`,
    parameters: parametersOf(asked),
  }),

  read(rows) {
    const total = { stockedItems: 0, onHand: 0, outOfStock: 0 }
    const categories = rows.filter(({ location }) => location === '')
    for (const row of categories) {
      const level = levelOf(row)
      total.stockedItems += level.stockedItems
      total.onHand += level.onHand
      total.outOfStock += level.outOfStock
    }
    return {
      total,
      categories: categories.map((row) => ({ category: String(row.category), ...levelOf(row) })),
      worst: rows
        .filter(({ location }) => location !== '')
        .map((row) => ({ location: String(row.location), category: String(row.category), ...levelOf(row) })),
    }
  },
}

/** The levels of a store are those of its items; all others are a table. */
const levelsOf = (filters: Filters): Sql =>
  filters.store === undefined
    ? sql`select location, category, stocked_items, on_hand, out_of_stock
  from ${mart('stock_levels')} as level
  where true${placeOf(filters, 'level')}${categoryOf(filters, 'level')}`
    : sql`select store.location, product.category, count(*) as stocked_items, sum(held.on_hand) as on_hand,
    sum(case when held.on_hand <= 0 then 1 else 0 end) as out_of_stock
  from ${mart('stock_on_hand')} as held ${storeOf('held')}
  inner join ${mart('dim_product')} as product on product.product_id = held.product_id
  where true${placeOf(filters, 'held')}${categoryOf(filters, 'product')}
  group by 1, 2`

const levelOf = (row: Row): StockLevel => ({
  stockedItems: Number(row.stocked_items),
  onHand: Number(row.on_hand),
  outOfStock: Number(row.out_of_stock),
})
