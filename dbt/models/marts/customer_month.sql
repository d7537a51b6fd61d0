{%- set months = changed_periods('month') %}
{%- set month = 'cast(' ~ dbt.date_trunc('month', 'sale.event_date') ~ ' as date)' %}

{{ config(**by_periods('month', granularity='month', cluster=['customer_id'])) }}

select
  {{ month }} as month,
  sale.customer_id,
  customer.cohort,
  count(distinct sale.basket_id) as visits,
  cast(sum(sale.quantity) as {{ dbt.type_bigint() }}) as units,
  cast(sum(sale.revenue) as {{ type_money() }}) as revenue
from {{ staged('stg_transactions') }} as sale
inner join {{ ref('dim_customer') }} as customer on customer.customer_id = sale.customer_id
where {{ in_months(months, 'sale.event_date') if target.type == 'bigquery' else in_periods(months, month, 'month') }}
group by 1, 2, 3
