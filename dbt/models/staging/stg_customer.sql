{{ config(**dimension()) }}

select
  customer_id,
  name as customer_name,
  email,
  city as location,
  {{ city_of('city') }} as city,
  {{ state_of('city') }} as state,
  segment,
  joined as joined_at,
  cast(joined as date) as joined_on,
  home_store_id
from {{ source('raw', 'customer') }}
