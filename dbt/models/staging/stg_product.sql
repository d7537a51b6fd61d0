{{ config(materialized=table_or_view()) }}

select product_id, name as product_name, category, base_price, supplier_id
from {{ source('raw', 'product') }}
