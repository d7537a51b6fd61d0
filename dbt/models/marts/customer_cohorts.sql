{{ config(**(dimension() if target.type == 'bigquery' else {'materialized': 'table'})) }}

with members as (
  select cohort, count(*) as customers from {{ ref('dim_customer') }} group by 1
),

active as (
  select
    cohort,
    month,
    count(*) as active_customers,
    cast(sum(visits) as {{ dbt.type_bigint() }}) as visits,
    cast(sum(revenue) as {{ type_money() }}) as revenue
  from {{ ref('customer_month') }}
  group by 1, 2
)

select
  active.cohort,
  active.month,
  (extract(year from active.month) - extract(year from active.cohort)) * 12
    + extract(month from active.month) - extract(month from active.cohort) as months_since,
  members.customers,
  active.active_customers,
  active.visits,
  active.revenue
from active
inner join members on members.cohort = active.cohort
