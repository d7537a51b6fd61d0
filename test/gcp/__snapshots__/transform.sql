-- daily_sales
    merge into build.daily_sales as DBT_INTERNAL_DEST
        using (
select
  sale.event_date as day,
  sale.store_id,
  product.category,
  cast(sum(sale.revenue) as numeric(18, 2)) as revenue,
  cast(sum(sale.quantity) as bigint) as units,
  count(*) as lines
from staging.stg_transactions as sale
inner join staging.stg_product as product on product.product_id = sale.product_id
where sale.event_date in (date '2024-01-21', date '2024-01-22')
group by sale.event_date, sale.store_id, product.category
        ) as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
         and DBT_INTERNAL_DEST.day in (date '2024-01-21', date '2024-01-22')
        then delete
    when not matched then insert
        (`day`, `store_id`, `category`, `revenue`, `units`, `lines`)
    values
        (`day`, `store_id`, `category`, `revenue`, `units`, `lines`)

-- dim_product
  select 0 as nothing_new

-- dim_store
  select 0 as nothing_new

-- monthly_inventory
    create or replace table build.monthly_inventory
    OPTIONS()
    as (
select
  stock.month,
  store.location,
  cast(sum(stock.quantity_change) as bigint) as quantity_change,
  cast(sum(stock.movements) as bigint) as movements
from build.monthly_stock as stock
inner join build.dim_store as store on store.store_id = stock.store_id
where true
group by 1, 2
having sum(stock.movements) > 0
    );

-- monthly_product_sales
    merge into build.monthly_product_sales as DBT_INTERNAL_DEST
        using (-- Two numbers stand for the month and the place of a line until all lines are summed: DuckDB truncates a date in 40 ns, and it
with days as (
  select
    day,
    cast(timestamp_trunc(
        cast(day as timestamp),
        month
    ) as date) as month,
    extract(year from day) * 12 + extract(month from day) as month_number
  from staging.time_spine
),
months as (
  select distinct month, month_number from days
),
stores as (
  select store_id, location, state, dense_rank() over (order by location) as place from staging.stg_store
),
places as (
  select distinct place, location, state from stores
),
lines as (
  select
    days.month_number,
    stores.place,
    sale.product_id,
    sum(sale.revenue) as revenue,
    sum(sale.quantity) as units,
    count(*) as lines
  from staging.stg_transactions as sale
  inner join days on days.day = sale.event_date
  inner join stores on stores.store_id = sale.store_id
  where
  sale.event_date in (date '2024-01-21', date '2024-01-22')
  and sale.`timestamp` >= timestamp_seconds(1705795200)
  group by 1, 2, 3
),
sold as (
  select months.month, places.location, places.state, lines.product_id, lines.revenue, lines.units, lines.lines
  from lines
  inner join months on months.month_number = lines.month_number
  inner join places on places.place = lines.place
  union all
  select month, location, state, product_id, revenue, units, lines
  from marts.monthly_product_sales
  where month in (date '2024-01-01')
)
select
  sold.month,
  sold.location,
  sold.state,
  sold.product_id,
  product.category,
  cast(sum(sold.revenue) as numeric(18, 2)) as revenue,
  cast(sum(sold.units) as bigint) as units,
  cast(sum(sold.lines) as bigint) as lines
from sold
inner join staging.stg_product as product on product.product_id = sold.product_id
group by 1, 2, 3, 4, 5
        ) as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
         and DBT_INTERNAL_DEST.month in (date '2024-01-01')
        then delete
    when not matched then insert
        (`month`, `location`, `state`, `product_id`, `category`, `revenue`, `units`, `lines`)
    values
        (`month`, `location`, `state`, `product_id`, `category`, `revenue`, `units`, `lines`)

-- monthly_sales
    merge into build.monthly_sales as DBT_INTERNAL_DEST
        using (
select
  cast(timestamp_trunc(
        cast(sale.day as timestamp),
        month
    ) as date) as month,
  store.location,
  store.state,
  sale.category,
  cast(sum(sale.revenue) as numeric(18, 2)) as revenue,
  cast(sum(sale.units) as bigint) as units,
  cast(sum(sale.lines) as bigint) as lines
from build.daily_sales as sale
inner join build.dim_store as store on store.store_id = sale.store_id
where sale.day >= date '2024-01-01' and sale.day < date '2024-02-01'
group by 1, 2, 3, 4
        ) as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
         and DBT_INTERNAL_DEST.month in (date '2024-01-01')
        then delete
    when not matched then insert
        (`month`, `location`, `state`, `category`, `revenue`, `units`, `lines`)
    values
        (`month`, `location`, `state`, `category`, `revenue`, `units`, `lines`)

-- monthly_sales_are_sound
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
with sold as (
  select
    cast(timestamp_trunc(
        cast(day as timestamp),
        month
    ) as date) as month,
    sum(revenue) as revenue, sum(units) as units, sum(lines) as lines
  from build.daily_sales
  where day >= date '2024-01-01' and day < date '2024-02-01'
  group by 1
),
summed as (
  select
    sale.month,
    sum(sale.revenue) as revenue, sum(sale.units) as units, sum(sale.lines) as lines,
    count(*) - count(distinct concat(sale.location, '|', sale.category)) as doubled,
    countif(sale.`month` is null or sale.`location` is null or sale.`state` is null or sale.`category` is null or sale.`revenue` is null or sale.`units` is null or sale.`lines` is null) as incomplete
  from build.monthly_sales as sale
  where sale.month in (date '2024-01-01')
  group by 1
),
products as (
  select
    sale.month,
    coalesce(sum(sale.revenue), 0) as revenue, coalesce(sum(sale.units), 0) as units, coalesce(sum(sale.lines), 0) as lines
  from build.monthly_product_sales as sale
  where sale.month in (date '2024-01-01')
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
    ) dbt_internal_test

-- monthly_stock
    merge into build.monthly_stock as DBT_INTERNAL_DEST
        using (-- A month has a row for each store and category that has stock by then. What changed in an item's month is a step; a month's
with calendar as (
  select
    cast(timestamp_trunc(
        cast(day as timestamp),
        month
    ) as date) as month,
    min(extract(year from day) * 12 + extract(month from day)) as month_number
  from staging.time_spine
  group by 1
),
stores as (
  select store_id, row_number() over (order by store_id) as store_number from staging.stg_store
),
products as (
  select product_id, category, row_number() over (order by product_id) as product_number from staging.stg_product
),
moved as (
  select
    stores.store_number,
    products.product_number,
    extract(year from moved.event_date) * 12 + extract(month from moved.event_date) as month_number,
    sum(moved.quantity_change) as quantity_change,
    count(*) as movements
  from staging.stg_inventories as moved
  inner join stores on stores.store_id = moved.store_id
  inner join products on products.product_id = moved.product_id
  where
  moved.event_date in (date '2024-01-21', date '2024-01-22')
  and moved.`timestamp` >= timestamp_seconds(1705795200)
  group by 1, 2, 3
),
held as (
  select stores.store_number, products.product_number, held.on_hand
  from marts.stock_on_hand as held
  inner join stores on stores.store_id = held.store_id
  inner join products on products.product_id = held.product_id
),
items as (
  select
    moved.store_number,
    moved.product_number,
    moved.month_number,
    moved.quantity_change,
    moved.movements,
    coalesce(held.on_hand, 0) + sum(moved.quantity_change) over (
      partition by moved.store_number, moved.product_number order by moved.month_number
    ) as on_hand,
    held.on_hand is null and row_number() over (
      partition by moved.store_number, moved.product_number order by moved.month_number
    ) = 1 as is_new
  from moved
  left join held on held.store_number = moved.store_number and held.product_number = moved.product_number
),
steps as (
  select
    items.store_number,
    products.category,
    items.month_number,
    sum(case when items.is_new then 1 else 0 end) as stocked_items,
    sum(items.quantity_change) as on_hand,
    sum(
      case when items.on_hand <= 0 then 1 else 0 end
      - case when not items.is_new and items.on_hand - items.quantity_change <= 0 then 1 else 0 end
    ) as out_of_stock,
    sum(items.quantity_change) as quantity_change,
    sum(items.movements) as movements
  from items
  inner join products on products.product_number = items.product_number
  group by 1, 2, 3
  union all
  select
    stores.store_number,
    latest.category,
    calendar.month_number,
    latest.stocked_items,
    latest.on_hand,
    latest.out_of_stock,
    latest.quantity_change,
    latest.movements
  from (select *, max(month) over () as last_month from marts.monthly_stock) as latest
  inner join calendar on calendar.month = latest.month
  inner join stores on stores.store_id = latest.store_id
  where latest.month = latest.last_month
),
months as (
  select calendar.month, calendar.month_number
  from calendar
  inner join (select distinct month_number from steps) as moved on moved.month_number = calendar.month_number
)
select
  months.month,
  stores.store_id,
  steps.category,
  cast(sum(steps.stocked_items) as bigint) as stocked_items,
  cast(sum(steps.on_hand) as bigint) as on_hand,
  cast(sum(steps.out_of_stock) as bigint) as out_of_stock,
  cast(
    sum(case when steps.month_number = months.month_number then steps.quantity_change else 0 end) as bigint
  ) as quantity_change,
  cast(
    sum(case when steps.month_number = months.month_number then steps.movements else 0 end) as bigint
  ) as movements
from steps
inner join months on months.month_number >= steps.month_number
inner join stores on stores.store_number = steps.store_number
where months.month in (date '2024-01-01')
group by 1, 2, 3
        ) as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
         and DBT_INTERNAL_DEST.month in (date '2024-01-01')
        then delete
    when not matched then insert
        (`month`, `store_id`, `category`, `stocked_items`, `on_hand`, `out_of_stock`, `quantity_change`, `movements`)
    values
        (`month`, `store_id`, `category`, `stocked_items`, `on_hand`, `out_of_stock`, `quantity_change`, `movements`)

-- mv_retail_transactions
  create or replace view build.mv_retail_transactions
  OPTIONS()
  as
select
  sale.transaction_id,
  sale.`timestamp`,
  sale.event_date,
  sale.product_id,
  product.product_name,
  product.category,
  product.base_price,
  product.supplier_id,
  sale.store_id,
  store.location,
  store.city,
  store.state,
  store.store_size,
  store.manager,
  sale.quantity,
  sale.unit_price,
  sale.revenue
from staging.stg_transactions as sale
inner join staging.stg_product as product on product.product_id = sale.product_id
inner join staging.stg_store as store on store.store_id = sale.store_id;

-- sales_are_sound
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
with lines as (
  select
    line.event_date as day,
    count(*) as joined_lines,
    count(distinct line.transaction_id) as ids,
    sum(line.quantity) as units,
    sum(line.quantity * line.unit_price) as revenue,
    countif(line.`transaction_id` is null or line.`product_id` is null or line.`store_id` is null or line.`quantity` is null or line.`unit_price` is null or line.`event_date` is null) as incomplete,
    countif(line.quantity < 1) as too_few,
    countif(product.product_id is null) as unknown_products,
    countif(store.store_id is null) as unknown_stores
  from staging.stg_transactions as line
  left join staging.stg_product as product on product.product_id = line.product_id
  left join staging.stg_store as store on store.store_id = line.store_id
  where line.event_date in (date '2024-01-21', date '2024-01-22')
  group by 1
),
sold as (
  select
    sale.day,
    sum(sale.lines) as lines,
    sum(sale.units) as units,
    sum(sale.revenue) as revenue,
    count(*) - count(distinct concat(sale.store_id, sale.category)) as doubled,
    countif(sale.`day` is null or sale.`store_id` is null or sale.`category` is null or sale.`revenue` is null or sale.`units` is null or sale.`lines` is null) as incomplete,
    countif(sale.category not in ('Electronics', 'Clothing', 'Home', 'Books', 'Sports')) as unknown_categories,
    countif(store.store_id is null) as unknown_stores
  from build.daily_sales as sale
  left join staging.stg_store as store on store.store_id = sale.store_id
  where sale.day in (date '2024-01-21', date '2024-01-22')
  group by 1
)
select coalesce(lines.day, sold.day) as day, lines.joined_lines, sold.lines
from lines
full outer join sold on sold.day = lines.day
where lines.day is null or sold.day is null
  or lines.joined_lines <> lines.ids or lines.incomplete + lines.too_few + lines.unknown_products + lines.unknown_stores > 0
  or sold.lines <> lines.joined_lines or sold.units <> lines.units or sold.revenue <> lines.revenue
  or sold.doubled + sold.incomplete + sold.unknown_categories + sold.unknown_stores > 0
    ) dbt_internal_test

-- stg_inventories
    merge into staging.stg_inventories as DBT_INTERNAL_DEST
        using (
select
  inventory_id,
  product_id,
  store_id,
  `timestamp`,
  cast(`timestamp` as date) as event_date,
  quantity_change
from (
    select * except (copy)
    from (
      select *, row_number() over (partition by inventory_id order by `timestamp`) as copy
      from
  (
    select * from raw.inventories
    where `timestamp` < timestamp_seconds(1705903200)
      and (REGEXP_CONTAINS(inventory_id, r'^I[0-9]{6}-[0-9]{4}-[0-9]{6}$') AND SUBSTR(inventory_id, 2, 6) = CONCAT(SUBSTR(FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', `timestamp`), 3, 2), SUBSTR(FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', `timestamp`), 6, 2), SUBSTR(FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', `timestamp`), 9, 2)) AND SUBSTR(inventory_id, 9, 4) BETWEEN '0001' AND '0003')
  )
      where `timestamp` >= timestamp '2024-01-21 00:00:00' and `timestamp` < timestamp '2024-01-23 00:00:00'
    and cast(`timestamp` as date) in (date '2024-01-21', date '2024-01-22')
    )
    where copy = 1
  )
        ) as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
         and DBT_INTERNAL_DEST.event_date in (date '2024-01-21', date '2024-01-22')
        then delete
    when not matched then insert
        (`inventory_id`, `product_id`, `store_id`, `timestamp`, `event_date`, `quantity_change`)
    values
        (`inventory_id`, `product_id`, `store_id`, `timestamp`, `event_date`, `quantity_change`)

-- stg_product
  select 0 as nothing_new

-- stg_store
  select 0 as nothing_new

-- stg_transactions
    merge into staging.stg_transactions as DBT_INTERNAL_DEST
        using (
select
  transaction_id,
  product_id,
  store_id,
  `timestamp`,
  cast(`timestamp` as date) as event_date,
  quantity,
  unit_price,
  cast(quantity * unit_price as numeric(18, 2)) as revenue
from (
    select * except (copy)
    from (
      select *, row_number() over (partition by transaction_id order by `timestamp`) as copy
      from
  (
    select * from raw.transactions
    where `timestamp` < timestamp_seconds(1705903200)
      and (REGEXP_CONTAINS(transaction_id, r'^T[0-9]{6}-[0-9]{4}-[0-9]{6}$') AND SUBSTR(transaction_id, 2, 6) = CONCAT(SUBSTR(FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', `timestamp`), 3, 2), SUBSTR(FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', `timestamp`), 6, 2), SUBSTR(FORMAT_TIMESTAMP('%Y-%m-%d %H:%M:%S', `timestamp`), 9, 2)) AND SUBSTR(transaction_id, 9, 4) BETWEEN '0001' AND '0003')
  )
      where `timestamp` >= timestamp '2024-01-21 00:00:00' and `timestamp` < timestamp '2024-01-23 00:00:00'
    and cast(`timestamp` as date) in (date '2024-01-21', date '2024-01-22')
    )
    where copy = 1
  )
        ) as DBT_INTERNAL_SOURCE
        on FALSE
    when not matched by source
         and DBT_INTERNAL_DEST.event_date in (date '2024-01-21', date '2024-01-22')
        then delete
    when not matched then insert
        (`transaction_id`, `product_id`, `store_id`, `timestamp`, `event_date`, `quantity`, `unit_price`, `revenue`)
    values
        (`transaction_id`, `product_id`, `store_id`, `timestamp`, `event_date`, `quantity`, `unit_price`, `revenue`)

-- stock_is_sound
    select
      count(*) as failures,
      count(*) != 0 as should_warn,
      count(*) != 0 as should_error
    from (
with moved as (
  select
    count(*) as joined_movements,
    count(distinct move.inventory_id) as ids,
    countif(move.`inventory_id` is null or move.`product_id` is null or move.`store_id` is null or move.`timestamp` is null or move.`quantity_change` is null or move.`event_date` is null) as incomplete,
    countif(product.product_id is null) as unknown_products,
    countif(store.store_id is null) as unknown_stores,
    0 as unknown_types,
    coalesce(sum(if(
  move.event_date in (date '2024-01-21', date '2024-01-22')
  and move.`timestamp` >= timestamp_seconds(1705795200)
, move.quantity_change, 0)), 0) as units,
    countif(
  move.event_date in (date '2024-01-21', date '2024-01-22')
  and move.`timestamp` >= timestamp_seconds(1705795200)
) as movements
  from staging.stg_inventories as move
  left join staging.stg_product as product on product.product_id = move.product_id
  left join staging.stg_store as store on store.store_id = move.store_id
  where move.event_date in (date '2024-01-21', date '2024-01-22')
),
held as (
  select
    count(*) as items,
    coalesce(sum(stock.on_hand), 0) as units,
    countif(stock.on_hand is null) as incomplete,
    countif(stock.on_hand < 0) as negative,
    countif(stock.on_hand <= 0) as out_of_stock
  from build.stock_on_hand as stock
),
levels as (
  select
    coalesce(sum(level.stocked_items), 0) as items,
    coalesce(sum(level.on_hand), 0) as units,
    coalesce(sum(level.out_of_stock), 0) as out_of_stock,
    count(*) - count(distinct concat(level.location, '|', level.category)) as doubled,
    countif(level.`location` is null or level.`state` is null or level.`category` is null or level.`stocked_items` is null or level.`on_hand` is null or level.`out_of_stock` is null) as incomplete
  from build.stock_levels as level
),
monthly as (
  select
    coalesce(sum(change.quantity_change), 0) as units,
    coalesce(sum(change.movements), 0) as movements,
    count(*) - count(distinct concat(cast(change.month as string), change.location)) as doubled,
    countif(change.`month` is null or change.`location` is null or change.`quantity_change` is null or change.`movements` is null) as incomplete
  from build.monthly_inventory as change
),
before as (
  select coalesce(sum(quantity_change), 0) as units, coalesce(sum(movements), 0) as movements from marts.monthly_inventory
)
select moved.units, held.units as held_units, levels.units as level_units, monthly.units as monthly_units
from moved
cross join held
cross join levels
cross join monthly
cross join before
where moved.joined_movements <> moved.ids
  or moved.incomplete + moved.unknown_products + moved.unknown_stores + moved.unknown_types > 0
  or held.incomplete + held.negative + levels.doubled + levels.incomplete + monthly.doubled + monthly.incomplete > 0
  or levels.items <> held.items or levels.units <> held.units or levels.out_of_stock <> held.out_of_stock or monthly.units <> held.units
  or monthly.units <> before.units + moved.units or monthly.movements <> before.movements + moved.movements
    ) dbt_internal_test

-- stock_levels
    create or replace table build.stock_levels
    OPTIONS()
    as (
select
  store.location,
  store.state,
  latest.category,
  cast(sum(latest.stocked_items) as bigint) as stocked_items,
  cast(sum(latest.on_hand) as bigint) as on_hand,
  cast(sum(latest.out_of_stock) as bigint) as out_of_stock
from (select *, max(month) over () as last_month from build.monthly_stock) as latest
inner join build.dim_store as store on store.store_id = latest.store_id
where latest.month = latest.last_month
group by 1, 2, 3
    );

-- stock_on_hand
    create or replace table build.stock_on_hand
    cluster by store_id
    OPTIONS()
    as (
select
  store_id,
  product_id,
  cast(sum(quantity_change) as bigint) as on_hand,
  max(`timestamp`) as last_moved_at
from (
  select store_id, product_id, on_hand as quantity_change, last_moved_at as `timestamp` from marts.stock_on_hand
  union all
  select moved.store_id, moved.product_id, moved.quantity_change, moved.`timestamp`
  from staging.stg_inventories as moved
  where
  moved.event_date in (date '2024-01-21', date '2024-01-22')
  and moved.`timestamp` >= timestamp_seconds(1705795200)
) as moved
group by store_id, product_id
    );

-- time_spine
  create or replace view staging.time_spine
  OPTIONS()
  as
select day from unnest(generate_date_array(date '2000-01-01', date '2098-12-31')) as day;

-- view
create or replace view marts.mv_retail_transactions as
select * from (
select
  sale.transaction_id,
  sale.`timestamp`,
  sale.event_date,
  sale.product_id,
  product.product_name,
  product.category,
  product.base_price,
  product.supplier_id,
  sale.store_id,
  store.location,
  store.city,
  store.state,
  store.store_size,
  store.manager,
  sale.quantity,
  sale.unit_price,
  sale.revenue
from staging.stg_transactions as sale
inner join staging.stg_product as product on product.product_id = sale.product_id
inner join staging.stg_store as store on store.store_id = sale.store_id
)
where `timestamp` < (select timestamp_seconds(live) from marts.published)
