-- An example: replace it with your own models. `ref` names the models of retail, too.
select
  case
    when store.store_size < 10000 then 'small'
    when store.store_size < 25000 then 'medium'
    else 'large'
  end as store_size,
  count(distinct sales.store_id) as stores,
  sum(sales.revenue) as revenue,
  sum(sales.units) as units
from {{ ref('daily_sales') }} as sales
join {{ ref('dim_store') }} as store on store.store_id = sales.store_id
group by 1
