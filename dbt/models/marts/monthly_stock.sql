-- A month has a row for each store and category that has stock by then. What changed in an item's month is a step; a month's
-- stock is the sum of the steps up to it, so new movements are added to the stock as it was published. Numbers stand for stores,
-- products, and months: DuckDB groups by them in two thirds of the time.
{%- set months = changed_periods('month') %}
{%- set before = published_mart('monthly_stock') %}
{%- set stock_before = published_mart('stock_on_hand') if before is not none else none %}

{{ config(**by_periods('month', granularity='month')) }}

with calendar as (
  select
    cast({{ dbt.date_trunc('month', 'day') }} as date) as month,
    min(extract(year from day) * 12 + extract(month from day)) as month_number
  from {{ ref('time_spine') }}
  group by 1
),

stores as (
  select store_id, row_number() over (order by store_id) as store_number from {{ ref('stg_store') }}
),

products as (
  select product_id, category, row_number() over (order by product_id) as product_number from {{ ref('stg_product') }}
),

moved as (
  select
    stores.store_number,
    products.product_number,
    extract(year from moved.event_date) * 12 + extract(month from moved.event_date) as month_number,
    sum(moved.quantity_change) as quantity_change,
    count(*) as movements
  from {{ staged('stg_inventories') }} as moved
  inner join stores on stores.store_id = moved.store_id
  inner join products on products.product_id = moved.product_id
  where {{ 'true' if before is none else moved_since('moved') }}
  group by 1, 2, 3
),

held as (
  {%- if before is none %}
  select 0 as store_number, 0 as product_number, 0 as on_hand from stores where false
  {%- else %}
  select stores.store_number, products.product_number, held.on_hand
  from {{ stock_before }} as held
  inner join stores on stores.store_id = held.store_id
  inner join products on products.product_id = held.product_id
  {%- endif %}
),

items as (
  select
    moved.store_number,
    moved.product_number,
    moved.month_number,
    moved.quantity_change,
    moved.movements,
    coalesce(held.on_hand, 0) + sum(moved.quantity_change) over (
      partition by moved.store_number, moved.product_number order by moved.month_number
    ) as on_hand,
    held.on_hand is null and row_number() over (
      partition by moved.store_number, moved.product_number order by moved.month_number
    ) = 1 as is_new
  from moved
  left join held on held.store_number = moved.store_number and held.product_number = moved.product_number
),

steps as (
  select
    items.store_number,
    products.category,
    items.month_number,
    sum(case when items.is_new then 1 else 0 end) as stocked_items,
    sum(items.quantity_change) as on_hand,
    sum(
      case when items.on_hand <= 0 then 1 else 0 end
      - case when not items.is_new and items.on_hand - items.quantity_change <= 0 then 1 else 0 end
    ) as out_of_stock,
    sum(items.quantity_change) as quantity_change,
    sum(items.movements) as movements
  from items
  inner join products on products.product_number = items.product_number
  group by 1, 2, 3
  {%- if before is not none %}
  union all
  select
    stores.store_number,
    latest.category,
    calendar.month_number,
    latest.stocked_items,
    latest.on_hand,
    latest.out_of_stock,
    latest.quantity_change,
    latest.movements
  from (select *, max(month) over () as last_month from {{ before }}) as latest
  inner join calendar on calendar.month = latest.month
  inner join stores on stores.store_id = latest.store_id
  where latest.month = latest.last_month
  {%- endif %}
),

months as (
  select calendar.month, calendar.month_number
  from calendar
  inner join (select distinct month_number from steps) as moved on moved.month_number = calendar.month_number
)

select
  months.month,
  stores.store_id,
  steps.category,
  cast(sum(steps.stocked_items) as {{ dbt.type_bigint() }}) as stocked_items,
  cast(sum(steps.on_hand) as {{ dbt.type_bigint() }}) as on_hand,
  cast(sum(steps.out_of_stock) as {{ dbt.type_bigint() }}) as out_of_stock,
  cast(
    sum(case when steps.month_number = months.month_number then steps.quantity_change else 0 end) as {{ dbt.type_bigint() }}
  ) as quantity_change,
  cast(
    sum(case when steps.month_number = months.month_number then steps.movements else 0 end) as {{ dbt.type_bigint() }}
  ) as movements
from steps
inner join months on months.month_number >= steps.month_number
inner join stores on stores.store_number = steps.store_number
where {{ 'true' if before is none else in_partitions(months, 'months.month') }}
group by 1, 2, 3
