{{ config(description='The joins to product and store neither lose a sale line nor double one') }}

select *
from (select count(*) as lines from {{ ref('stg_transactions') }}) as sold
cross join (select count(category) as lines from {{ ref('mv_retail_transactions') }}) as joined
where sold.lines <> joined.lines
