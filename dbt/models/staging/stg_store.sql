{{ config(materialized=table_or_view()) }}

select
  store_id,
  location,
  {{ city_of('location') }} as city,
  {{ state_of('location') }} as state,
  size as store_size,
  manager
from {{ source('raw', 'store') }}
