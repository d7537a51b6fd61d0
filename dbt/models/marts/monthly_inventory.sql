-- Group by day first: DuckDB truncates a date in 40 ns, which is slow for eleven million movements but not for a few thousand groups.
{%- set month = 'cast(' ~ dbt.date_trunc('month', 'event_date') ~ ' as date)' %}
{%- set days = '(select event_date, count(*) as movements from ' ~ staged('stg_inventories') ~ ' group by event_date) as days' %}
{%- set months = changed_periods(days, month, 'month', 'sum(movements)', 'sum(movements)') %}

{{ config(**by_periods(months, 'month', ['month', 'location'], granularity='month')) }}

with moved as (
  select
    event_date,
    store_id,
    sum(quantity_change) as quantity_change,
    count(*) as movements
  from {{ staged('stg_inventories') }}
  where {{ in_periods(months, month, 'month') }}
  group by event_date, store_id
)

select
  {{ month }} as month,
  store.location,
  cast(sum(moved.quantity_change) as {{ dbt.type_bigint() }}) as quantity_change,
  cast(sum(moved.movements) as {{ dbt.type_bigint() }}) as movements
from moved
inner join {{ ref('stg_store') }} as store on store.store_id = moved.store_id
group by 1, 2
