{{ config(**(dimension() if target.type == 'bigquery' else {'materialized': 'table'})) }}

-- The table of customers is known before the first sale; people see those who have a card by now.
select
  customer_id, customer_name, email, location, city, state, segment, joined_on, home_store_id,
  cast({{ dbt.date_trunc('month', 'joined_on') }} as date) as cohort
from {{ ref('stg_customer') }}
where {{ before_cut('joined_at') }}
