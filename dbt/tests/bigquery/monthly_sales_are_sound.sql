{{ config(description='Per month, monthly_sales and monthly_product_sales have the revenue, units and lines of daily_sales, and monthly_sales is complete and has each place once') }}

with sold as (
  select
    cast({{ dbt.date_trunc('month', 'day') }} as date) as month,
    sum(revenue) as revenue, sum(units) as units, sum(lines) as lines
  from {{ ref('daily_sales') }}
  where {{ in_months(months_to_test(), 'day') }}
  group by 1
),

summed as (
  select
    sale.month,
    sum(sale.revenue) as revenue, sum(sale.units) as units, sum(sale.lines) as lines,
    count(*) - count(distinct concat(sale.location, '|', sale.category)) as doubled,
    countif({{ any_null('sale', ['month', 'location', 'state', 'category', 'revenue', 'units', 'lines']) }}) as incomplete
  from {{ ref('monthly_sales') }} as sale
  where {{ in_partitions(months_to_test(), 'sale.month') }}
  group by 1
),

{# A row that occurs twice, or a column without a value, changes these sums; other columns would only be billed. #}
products as (
  select
    sale.month,
    coalesce(sum(sale.revenue), 0) as revenue, coalesce(sum(sale.units), 0) as units, coalesce(sum(sale.lines), 0) as lines
  from {{ ref('monthly_product_sales') }} as sale
  where {{ in_partitions(months_to_test(), 'sale.month') }}
  group by 1
)

select coalesce(sold.month, summed.month) as month, sold.lines, summed.lines as summed_lines, products.lines as product_lines
from sold
full outer join summed on summed.month = sold.month
full outer join products on products.month = sold.month
where sold.month is null or summed.month is null or products.month is null
  or sold.revenue <> summed.revenue or sold.units <> summed.units or sold.lines <> summed.lines
  or sold.revenue <> products.revenue or sold.units <> products.units or sold.lines <> products.lines
  or summed.doubled + summed.incomplete > 0
