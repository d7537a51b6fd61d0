{%- set days = changed_periods() %}

{{ config(**by_periods('day', cluster=['store_id'])) }}

select
  sale.event_date as day,
  sale.store_id,
  product.category,
  cast(sum(sale.revenue) as {{ type_money() }}) as revenue,
  cast(sum(sale.quantity) as {{ dbt.type_bigint() }}) as units,
  count(*) as lines
from {{ staged('stg_transactions') }} as sale
inner join {{ ref('stg_product') }} as product on product.product_id = sale.product_id
where {{ in_partitions(days, 'sale.event_date') if target.type == 'bigquery' else in_periods(days, 'sale.event_date') }}
group by sale.event_date, sale.store_id, product.category
