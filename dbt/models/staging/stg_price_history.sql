{{ config(**dimension()) }}

select price_id, product_id, valid_from, valid_to, price as regular_price
from {{ source('raw', 'price_history') }}
