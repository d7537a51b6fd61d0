{{ config(description='Per day: lines are complete, unique, of a known product and store, and daily_sales sums them up') }}

with lines as (
  select
    line.event_date as day,
    count(*) as joined_lines,
    count(distinct line.transaction_id) as ids,
    sum(line.quantity) as units,
    sum(line.quantity * line.unit_price) as revenue,
    countif({{ any_null('line', ['transaction_id', 'product_id', 'store_id', 'quantity', 'unit_price', 'event_date']) }}) as incomplete,
    countif(line.quantity < 1) as too_few,
    countif(product.product_id is null) as unknown_products,
    countif(store.store_id is null) as unknown_stores
  from {{ staged('stg_transactions') }} as line
  left join {{ ref('stg_product') }} as product on product.product_id = line.product_id
  left join {{ ref('stg_store') }} as store on store.store_id = line.store_id
  where {{ tested_days('line.event_date') }}
  group by 1
),

sold as (
  select
    sale.day,
    sum(sale.lines) as lines,
    sum(sale.units) as units,
    sum(sale.revenue) as revenue,
    count(*) - count(distinct concat(sale.store_id, sale.category)) as doubled,
    countif({{ any_null('sale', ['day', 'store_id', 'category', 'revenue', 'units', 'lines']) }}) as incomplete,
    countif(sale.category not in {{ categories() }}) as unknown_categories,
    countif(store.store_id is null) as unknown_stores
  from {{ ref('daily_sales') }} as sale
  left join {{ ref('stg_store') }} as store on store.store_id = sale.store_id
  where {{ tested_days('sale.day') }}
  group by 1
)

select coalesce(lines.day, sold.day) as day, lines.joined_lines, sold.lines
from lines
full outer join sold on sold.day = lines.day
where lines.day is null or sold.day is null
  or lines.joined_lines <> lines.ids or lines.incomplete + lines.too_few + lines.unknown_products + lines.unknown_stores > 0
  or sold.lines <> lines.joined_lines or sold.units <> lines.units or sold.revenue <> lines.revenue
  or sold.doubled + sold.incomplete + sold.unknown_categories + sold.unknown_stores > 0
