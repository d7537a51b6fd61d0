{#
  On BigQuery, tests read what the build changed, each table once: every table that a query names is billed as 10 MiB at least,
  and what did not change was tested when it did. `--full-refresh` builds everything, and tests everything.
#}
{% macro tested_days(column) %}{{ return(in_partitions(changed_days(), column)) }}{% endmacro %}
{% macro any_null(alias, columns) %}
  {%- for column in columns %}{{ alias }}.{{ adapter.quote(column) }} is null{{ ' or ' if not loop.last }}{% endfor -%}
{% endmacro %}
{% macro categories() %}{{ return("('Electronics', 'Clothing', 'Home', 'Books', 'Sports')") }}{% endmacro %}
