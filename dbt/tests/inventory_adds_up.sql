{{ config(description='All stock on hand, and all monthly changes, are the sum of the same movements') }}

select *
from (select sum(quantity_change) as units, count(*) as movements from {{ ref('stg_inventories') }}) as moved
cross join (select sum(on_hand) as units from {{ ref('stock_on_hand') }}) as held
cross join (
  select sum(quantity_change) as units, sum(movements) as movements from {{ ref('monthly_inventory') }}
) as monthly
where moved.units <> held.units or moved.units <> monthly.units or moved.movements <> monthly.movements
