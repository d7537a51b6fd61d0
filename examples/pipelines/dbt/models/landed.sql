-- Every line of every batch, unchanged. A batch is new if its folder was not read before: no clock and no newest time decides.
-- Latin-1 reads any bytes; a line with more than plain ASCII is not an event, see events.sql.
select line, filename as file, row_number() over () as number
from read_csv('{{ var("events") }}/*/transactions.ndjson', columns = {line: 'VARCHAR'}, encoding = 'latin-1', header = false,
    delim = '\x1e', quote = '', escape = '', auto_detect = false, filename = true)
{% if is_incremental() %}
where filename not in (select file from {{ this }})
{% endif %}
