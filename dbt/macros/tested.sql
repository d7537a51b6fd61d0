{#
  Tests read what the build changed: what did not change was tested when it did. `retail transform --full-tests` tests
  everything, and so does the first build. On BigQuery, each test also names every table once, because a table that a query
  names is billed as 10 MiB at least.
#}
{% macro all_is_tested() %}{{ return(env_var('RETAIL_TESTS', 'changed') == 'full') }}{% endmacro %}
{% macro days_to_test() %}{{ return(none if not execute or retail.all_is_tested() else retail.changed_days()) }}{% endmacro %}
{% macro months_to_test() %}{{ return(none if not execute or retail.all_is_tested() else retail.changed_months()) }}{% endmacro %}
{% macro tested_days(column) %}{{ return(retail.in_partitions(retail.days_to_test(), column)) }}{% endmacro %}

{# The rows of staging to test. The range of the instant lets DuckDB skip row groups. #}
{% macro tested_rows() %}{{ return(retail.in_periods(retail.days_to_test(), 'event_date') | trim) }}{% endmacro %}

{#
  Of the rows to test, those of the last days: whether an id is unique in the whole history, is for `retail verify`, because here
  it would take more memory than everything else.
#}
{% macro recent_rows() %}
  {%- if not execute or var('offline', false) -%}{{ return('true') }}{%- endif -%}
  {%- set days = retail.days_to_test() -%}
  {%- if days is not none -%}{{ return(retail.in_periods(days[-var('recent_days', 3):], 'event_date') | trim) }}{%- endif -%}
  {{ return(retail.instant() ~ " >= timestamp '" ~ retail.first_recent_day() ~ "'") }}
{% endmacro %}

{# `2024-03-29 00:00:00` #}
{% macro first_recent_day() %}
  {%- if not execute or var('offline', false) -%}{{ return('2000-01-01 00:00:00') }}{%- endif -%}
  {%- set first = (env_var('RETAIL_CUT') | int - 1) // 86400 + 1 - var('recent_days', 3) -%}
  {{ return(retail.second_of_epoch(first * 86400)) }}
{% endmacro %}

{#
  dbt's own macro for the config `where` of a test. A file of properties cannot call a macro of a project, so `where: changed`
  stands for the rows to test.
#}
{% macro get_where_subquery(relation) -%}
  {%- set where = config.get('where') -%}
  {%- if where == 'changed' -%}
    {%- if not execute or retail.days_to_test() is none -%}{{ return(relation) }}{%- endif -%}
    {{ return('(select * from ' ~ relation ~ ' where ' ~ retail.tested_rows() ~ ') as changed') }}
  {%- endif -%}
  {{ return(default__get_where_subquery(relation)) }}
{%- endmacro %}

{% macro any_null(alias, columns) %}
  {%- for column in columns %}{{ alias }}.{{ adapter.quote(column) }} is null{{ ' or ' if not loop.last }}{% endfor -%}
{% endmacro %}
{% macro categories() %}{{ return("('Electronics', 'Clothing', 'Home', 'Books', 'Sports')") }}{% endmacro %}
