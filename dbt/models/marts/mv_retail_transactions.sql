{{ config(materialized='table' if target.type == 'bigquery' else 'view') }}

select
  sale.transaction_id,
  sale.{{ instant() }},
  sale.event_date,
  sale.product_id,
  product.product_name,
  product.category,
  product.base_price,
  product.supplier_id,
  sale.store_id,
  store.location,
  store.city,
  store.state,
  store.store_size,
  store.manager,
  sale.quantity,
  sale.unit_price,
  sale.revenue
  {%- if extended_world() %},
  sale.basket_id
  {%- endif %}
from {{ ref('stg_transactions') }} as sale
inner join {{ ref('stg_product') }} as product on product.product_id = sale.product_id
inner join {{ ref('stg_store') }} as store on store.store_id = sale.store_id
