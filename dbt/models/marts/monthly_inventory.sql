{{ config(
  materialized='incremental',
  incremental_strategy=replace_periods(),
  unique_key='month',
  on_schema_change='fail',
  partition_by={'field': 'month', 'data_type': 'date', 'granularity': 'month'} if target.type == 'bigquery' else none
) }}

{%- set month = 'cast(' ~ dbt.date_trunc('month', 'event_date') ~ ' as date)' %}
{%- set months = changed_periods(ref('stg_inventories'), month, 'month', 'sum(movements)') %}

with moved as (
  select
    {{ month }} as month,
    store_id,
    sum(quantity_change) as quantity_change,
    count(*) as movements
  from {{ ref('stg_inventories') }}
  where {{ in_periods(months, month, 'month') }}
  group by 1, 2
)

select
  moved.month,
  store.location,
  cast(sum(moved.quantity_change) as {{ dbt.type_bigint() }}) as quantity_change,
  cast(sum(moved.movements) as {{ dbt.type_bigint() }}) as movements
from moved
inner join {{ ref('stg_store') }} as store on store.store_id = moved.store_id
group by moved.month, store.location
