{{ config(description='Products and stores are complete, each once, with a known category and a price') }}

with found as (
  {%- for model in ['stg_product', 'dim_product'] %}
  select
    '{{ model }}' as model,
    count(*) - count(distinct product_id) as doubled,
    countif({{ any_null('dimension', ['product_id', 'product_name', 'category', 'base_price', 'supplier_id']) }}) as incomplete,
    countif(category not in {{ categories() }} or base_price < 0.01) as wrong
  from {{ ref(model) }} as dimension
  union all
  {%- endfor %}
  {%- for model in ['stg_store', 'dim_store'] %}
  select
    '{{ model }}' as model,
    count(*) - count(distinct store_id) as doubled,
    countif({{ any_null('dimension', ['store_id', 'location', 'city', 'state', 'store_size', 'manager']) }}) as incomplete,
    0 as wrong
  from {{ ref(model) }} as dimension
  {{ 'union all' if not loop.last }}
  {%- endfor %}
)

select * from found where doubled + incomplete + wrong > 0
