{{ config(**materialized_once('inventory_id')) }}

select
  inventory_id,
  product_id,
  store_id,
  {{ instant() }},
  cast({{ instant() }} as date) as event_date,
  quantity_change
  {%- if extended_world() %},
  movement_type,
  reference_id
  {%- endif %}
from {{ rows_once(source('raw', 'inventories'), 'inventory_id') }}
