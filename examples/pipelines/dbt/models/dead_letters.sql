-- Lines that are not events: somebody has to look at them.
select line, file
from {{ ref('events') }}
where not is_event
{% if is_incremental() %}
    and file not in (select file from {{ this }})
{% endif %}
