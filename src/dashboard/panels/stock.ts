import { bound, mart, type Row, type Sql, type Statement, sql } from '../../ports/index.ts'
import type { StockLevel } from '../panel-data.ts'
import { type Asked, categoryOf, type Panel, parametersOf, placeOf, storeOf, WHERE } from './panel.ts'

const WORST = 20
/** A store carries hundreds of products. */
const MOST_ITEMS = 100
/** Sums of rows of stock; `levelOf` reads them. */
export const LEVEL = `cast(sum(stocked_items) as bigint) as stocked_items, cast(sum(on_hand) as bigint) as on_hand,
    cast(sum(out_of_stock) as bigint) as out_of_stock`

/** Current stock, whatever the period. A stocked item is a product in a store that carries it. */
export const stock: Panel<'stock'> = {
  needs: WHERE,

  ask: (asked) =>
    asked.filters.product !== undefined ? ofProduct(asked) : isStore(asked) ? ofStore(asked) : ofPlaces(asked),

  read(rows, asked) {
    const total = { stockedItems: 0, onHand: 0, outOfStock: 0 }
    const categories = rows.filter(({ place }) => Number(place) === 0)
    for (const row of categories) {
      const level = levelOf(row)
      total.stockedItems += level.stockedItems
      total.onHand += level.onHand
      total.outOfStock += level.outOfStock
    }
    const ranked = rows.filter(({ place }) => Number(place) > 0)
    const isProduct = asked.filters.product !== undefined
    const hasItems = !isProduct && isStore(asked)
    return {
      total,
      categories: categories.map((row) => ({ category: String(row.category), ...levelOf(row) })),
      worst:
        isProduct || hasItems
          ? []
          : ranked.map((row) => ({ location: String(row.name), category: String(row.category), ...levelOf(row) })),
      stores: isProduct
        ? ranked.map((row) => ({
            store: String(row.id),
            location: String(row.name),
            onHand: Number(row.on_hand),
          }))
        : undefined,
      items: hasItems
        ? ranked.map((row) => ({
            product: String(row.id),
            name: String(row.name),
            category: String(row.category),
            onHand: Number(row.on_hand),
          }))
        : undefined,
    }
  },
}

const isStore = ({ filters }: Asked): boolean => filters.store !== undefined

/** By category, and the locations and categories with the highest share out of stock. */
const ofPlaces = (asked: Asked): Statement => ({
  sql: sql`with levels as (
  select location, category, stocked_items, on_hand, out_of_stock
  from ${mart('stock_levels')} as level
  where true${placeOf(asked.filters, 'level')}${categoryOf(asked.filters, 'level')}
), worst as (
  select location, category, stocked_items, on_hand, out_of_stock,
    row_number() over (order by out_of_stock / stocked_items desc, out_of_stock desc, location, category) as place
  from levels
  where out_of_stock > 0
)
select '' as name, category, 0 as place, ${LEVEL}
from levels
group by category
union all
select location as name, category, place, ${LEVEL}
from worst
where place <= ${WORST}
group by location, category, place
order by place, category`,
  parameters: parametersOf(asked),
})

/** By category, and the products with the least stock. */
const ofStore = (asked: Asked): Statement =>
  leastOf(asked, {
    ...{ id: 'held.product_id', name: 'product.product_name', stores: sql`` },
    condition: sql`true${placeOf(asked.filters, 'held')}`,
  })

/** In all, and the stores with the least stock of it. */
const ofProduct = (asked: Asked): Statement =>
  leastOf(asked, {
    ...{ id: 'held.store_id', name: 'store.location', stores: storeOf('held') },
    condition: sql`held.product_id = ${bound('product')}${placeOf(asked.filters, 'store')}`,
  })

/** The stock of pairs of store and product by category, and the pairs with the least. */
const leastOf = (
  asked: Asked,
  { id, name, stores, condition }: { id: string; name: string; stores: Sql; condition: Sql },
): Statement => ({
  sql: sql`with items as (
  select ${id} as id, ${name} as name, product.category, 1 as stocked_items, held.on_hand,
    case when held.on_hand <= 0 then 1 else 0 end as out_of_stock,
    row_number() over (order by held.on_hand, ${id}) as place
  from ${mart('stock_on_hand')} as held
  ${stores}
  inner join ${mart('dim_product')} as product on product.product_id = held.product_id
  where ${condition}${categoryOf(asked.filters, 'product')}
)
select '' as id, '' as name, category, 0 as place, ${LEVEL}
from items
group by category
union all
select id, name, category, place, stocked_items, on_hand, out_of_stock
from items
where place <= ${MOST_ITEMS}
order by place, category`,
  parameters: parametersOf(asked),
})

export const levelOf = (row: Row): StockLevel => ({
  stockedItems: Number(row.stocked_items),
  onHand: Number(row.on_hand),
  outOfStock: Number(row.out_of_stock),
})
