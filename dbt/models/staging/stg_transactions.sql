{{ config(**materialized_once('transaction_id')) }}

select
  transaction_id,
  product_id,
  store_id,
  {{ instant() }},
  cast({{ instant() }} as date) as event_date,
  quantity,
  unit_price,
  cast(quantity * unit_price as {{ type_money() }}) as revenue
  {%- if extended_world() %},
  basket_id
  {%- endif %}
from {{ rows_once(source('raw', 'transactions'), 'transaction_id') }}
