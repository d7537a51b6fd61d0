-- The first copy of each id, however late it or another one comes.
select transaction_id, product_id, "timestamp", quantity, unit_price, store_id, file
from {{ ref('events') }}
where is_event
{% if is_incremental() %}
    and file not in (select file from {{ this }})
    and transaction_id not in (select transaction_id from {{ this }})
{% endif %}
qualify row_number() over (partition by transaction_id order by file, number) = 1
