{{ config(description='Per day, daily_sales has the revenue, units and lines of the sale lines: no join lost or doubled one') }}

select *
from (
  select event_date as day, sum(revenue) as revenue, sum(quantity) as units, count(*) as lines
  from {{ ref('stg_transactions') }}
  group by event_date
) as sold
full outer join (
  select day, sum(revenue) as revenue, sum(units) as units, sum(lines) as lines
  from {{ ref('daily_sales') }}
  group by day
) as counted on counted.day = sold.day
where sold.day is null or counted.day is null
  or sold.revenue <> counted.revenue or sold.units <> counted.units or sold.lines <> counted.lines
