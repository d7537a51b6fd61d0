-- The usual incremental model: what is newer than the newest row is new. A row that comes late is never newer, so it is lost;
-- a repeated one that comes in the same run is taken twice; and what cannot be read is a row of NULLs.
select
    transaction_id, product_id, "timestamp", quantity, unit_price, store_id
from read_ndjson('{{ var("events") }}/*/transactions.ndjson', ignore_errors = true, columns = {
    transaction_id: 'VARCHAR', product_id: 'VARCHAR', "timestamp": 'TIMESTAMP', quantity: 'INTEGER', unit_price: 'DECIMAL(10,2)',
    store_id: 'VARCHAR'})
{% if is_incremental() %}
where "timestamp" > (select max("timestamp") from {{ this }})
{% endif %}
