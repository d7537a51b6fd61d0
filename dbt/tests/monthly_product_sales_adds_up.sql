{{ config(description='Per month and category, monthly_product_sales has the revenue, units and lines of monthly_sales') }}

select sold.month, sold.category, sold.lines, summed.lines as summed_lines
from (
  select month, category, sum(revenue) as revenue, sum(units) as units, sum(lines) as lines
  from {{ ref('monthly_sales') }}
  where {{ in_partitions(months_to_test(), 'month') }}
  group by 1, 2
) as sold
full outer join (
  select month, category, sum(revenue) as revenue, sum(units) as units, sum(lines) as lines
  from {{ ref('monthly_product_sales') }}
  where {{ in_partitions(months_to_test(), 'month') }}
  group by 1, 2
) as summed on summed.month = sold.month and summed.category = sold.category
where sold.month is null or summed.month is null
  or sold.revenue <> summed.revenue or sold.units <> summed.units or sold.lines <> summed.lines
