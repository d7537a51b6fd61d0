{{ config(
  enabled=extended_world() and target.type != 'bigquery',
  description='Per month, customer_month has the revenue and units of the lines that have a customer'
) }}

select sold.month
from (
  select cast({{ dbt.date_trunc('month', 'event_date') }} as date) as month, sum(revenue) as revenue, sum(quantity) as units
  from {{ staged('stg_transactions') }}
  where customer_id is not null and {{ in_months(months_to_test(), 'event_date') }}
  group by 1
) as sold
full outer join (
  select month, sum(revenue) as revenue, sum(units) as units
  from {{ ref('customer_month') }}
  where {{ in_partitions(months_to_test(), 'month') }}
  group by 1
) as summed on summed.month = sold.month
where sold.month is null or summed.month is null or sold.revenue <> summed.revenue or sold.units <> summed.units
