{#
  A product has one regular price at any time from its first one on: each price begins where the one before it ends, and the last has no end.
#}
{{ config(enabled=extended_world(), tags=['dimension']) }}

with prices as (
  select
    product_id, valid_from, valid_to,
    lead(valid_from) over (partition by product_id order by valid_from) as next_from
  from {{ ref('stg_price_history') }}
)

select product_id, valid_from, valid_to, next_from
from prices
where valid_from >= valid_to or valid_to <> coalesce(next_from, timestamp '2100-01-01 00:00:00')
