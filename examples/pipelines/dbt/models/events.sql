-- Each line with its values and whether it is an event. TRY_CAST turns what is wrong into NULL instead of an error.
{{ config(materialized='view') }}
with parsed as (
    select *, case when line ~ '[ -~]*' and length(line) < 65536 and json_valid(line) then cast(line as json) end as event
    from {{ ref('landed') }}
),
typed as (
    select
        line, file, number,
        event ->> 'transaction_id' as transaction_id,
        event ->> 'product_id' as product_id,
        try_cast(event ->> 'timestamp' as timestamp) as "timestamp",
        case when json_type(event -> 'quantity') in ('UBIGINT', 'BIGINT', 'DOUBLE') then try_cast(event ->> 'quantity' as integer) end as quantity,
        try_cast(event ->> 'unit_price' as decimal(10, 2)) as unit_price,
        event ->> 'store_id' as store_id
    from parsed
)
select
    *,
    coalesce(
        regexp_full_match(transaction_id, 'T\d{6}-\d{4,}-\d{6,}') and regexp_full_match(product_id, 'P\d{5,}')
        and regexp_full_match(store_id, 'S\d{4,}') and "timestamp" is not null and quantity > 0 and unit_price >= 0,
        false) as is_event
from typed
