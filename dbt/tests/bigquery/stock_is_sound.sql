{{ config(description='Movements are complete, unique and of known items; stock and monthly changes are their sums, and no stock is negative') }}
{%- set before = published_mart('monthly_inventory') %}

with moved as (
  select
    count(*) as joined_movements,
    count(distinct move.inventory_id) as ids,
    countif({{ any_null('move', ['inventory_id', 'product_id', 'store_id', 'timestamp', 'quantity_change', 'event_date']) }}) as incomplete,
    countif(product.product_id is null) as unknown_products,
    countif(store.store_id is null) as unknown_stores,
    {%- if extended_world() %}
    countif(move.movement_type not in ('opening', 'receipt', 'sale', 'return', 'shrink')) as unknown_types,
    {%- else %}
    0 as unknown_types,
    {%- endif %}
    coalesce(sum(if({{ moved_since('move') if before is not none else 'true' }}, move.quantity_change, 0)), 0) as units,
    countif({{ moved_since('move') if before is not none else 'true' }}) as movements
  from {{ staged('stg_inventories') }} as move
  left join {{ ref('stg_product') }} as product on product.product_id = move.product_id
  left join {{ ref('stg_store') }} as store on store.store_id = move.store_id
  where {{ tested_days('move.event_date') if before is not none else 'true' }}
),

-- Three columns need not be read: an item without a store or a product is missing in stock_levels, which joins them, and
-- last_moved_at is the maximum of instants that are tested above.
held as (
  select
    count(*) as items,
    coalesce(sum(stock.on_hand), 0) as units,
    countif(stock.on_hand is null) as incomplete,
    countif(stock.on_hand < 0) as negative,
    countif(stock.on_hand <= 0) as out_of_stock
  from {{ ref('stock_on_hand') }} as stock
),

levels as (
  select
    coalesce(sum(level.stocked_items), 0) as items,
    coalesce(sum(level.on_hand), 0) as units,
    coalesce(sum(level.out_of_stock), 0) as out_of_stock,
    count(*) - count(distinct concat(level.location, '|', level.category)) as doubled,
    countif({{ any_null('level', ['location', 'state', 'category', 'stocked_items', 'on_hand', 'out_of_stock']) }}) as incomplete
  from {{ ref('stock_levels') }} as level
),

monthly as (
  select
    coalesce(sum(change.quantity_change), 0) as units,
    coalesce(sum(change.movements), 0) as movements,
    count(*) - count(distinct concat(cast(change.month as string), change.location)) as doubled,
    countif({{ any_null('change', ['month', 'location', 'quantity_change', 'movements']) }}) as incomplete
  from {{ ref('monthly_inventory') }} as change
),

before as (
  {%- if before is not none %}
  select coalesce(sum(quantity_change), 0) as units, coalesce(sum(movements), 0) as movements from {{ before }}
  {%- else %}
  select 0 as units, 0 as movements
  {%- endif %}
)

select moved.units, held.units as held_units, levels.units as level_units, monthly.units as monthly_units
from moved
cross join held
cross join levels
cross join monthly
cross join before
where moved.joined_movements <> moved.ids
  or moved.incomplete + moved.unknown_products + moved.unknown_stores + moved.unknown_types > 0
  or held.incomplete + held.negative + levels.doubled + levels.incomplete + monthly.doubled + monthly.incomplete > 0
  or levels.items <> held.items or levels.units <> held.units or levels.out_of_stock <> held.out_of_stock or monthly.units <> held.units
  or monthly.units <> before.units + moved.units or monthly.movements <> before.movements + moved.movements
