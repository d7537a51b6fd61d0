-- An example: replace it with your own models. `ref` names the models of retail, too.
with stores as (
  select store_id, store_size / avg(store_size) over () as relative_size from {{ ref('dim_store') }}
)

select
  case
    when stores.relative_size < 0.7 then 'small'
    when stores.relative_size < 1.3 then 'medium'
    else 'large'
  end as store_size,
  count(distinct sales.store_id) as stores,
  sum(sales.revenue) as revenue,
  sum(sales.units) as units
from {{ ref('daily_sales') }} as sales
join stores on stores.store_id = sales.store_id
group by 1
