-- Group by day first: DuckDB truncates a date in 40 ns, which is slow for eleven million movements but not for a few thousand groups.
{%- set month = 'cast(' ~ dbt.date_trunc('month', 'event_date') ~ ' as date)' %}
{%- set months = changed_periods('month') if target.type != 'bigquery' else none %}
{%- set before = published_mart('monthly_inventory') %}

{{ config(**({'materialized': 'table'} if target.type == 'bigquery' else by_periods('month'))) }}

with moved as (
  select
    moved.event_date,
    moved.store_id,
    sum(moved.quantity_change) as quantity_change,
    count(*) as movements
  from {{ staged('stg_inventories') }} as moved
  where {{ in_periods(months, month, 'month') if before is none else moved_since('moved') }}
  group by 1, 2
),

months as (
  select
    {{ month }} as month,
    store.location,
    moved.quantity_change,
    moved.movements
  from moved
  inner join {{ ref('stg_store') }} as store on store.store_id = moved.store_id
  {%- if before is not none %}
  union all
  select month, location, quantity_change, movements from {{ before }}
  {%- if months is not none %}
  where {{ in_partitions(months, 'month') }}
  {%- endif %}
  {%- endif %}
)

select
  month,
  location,
  cast(sum(quantity_change) as {{ dbt.type_bigint() }}) as quantity_change,
  cast(sum(movements) as {{ dbt.type_bigint() }}) as movements
from months
group by 1, 2
