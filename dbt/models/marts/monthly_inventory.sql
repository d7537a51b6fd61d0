{%- set months = changed_periods('month') if target.type != 'bigquery' else none %}

{{ config(**({'materialized': 'table'} if target.type == 'bigquery' else by_periods('month'))) }}

select
  stock.month,
  store.location,
  cast(sum(stock.quantity_change) as {{ dbt.type_bigint() }}) as quantity_change,
  cast(sum(stock.movements) as {{ dbt.type_bigint() }}) as movements
from {{ ref('monthly_stock') }} as stock
inner join {{ ref('dim_store') }} as store on store.store_id = stock.store_id
where {{ in_months(months, 'stock.month') }}
group by 1, 2
having sum(stock.movements) > 0
