{#
  One row per id. Locally raw holds every row once by construction (the name of a file is its position) and staging is a
  view; on BigQuery raw is at least once, and staging keeps the first copy of each id, day by day.
#}
{% macro materialized_once(key) %}
  {{ return(
    {'materialized': 'incremental', 'incremental_strategy': 'merge', 'unique_key': key,
     'partition_by': {'field': 'event_date', 'data_type': 'date'}, 'cluster_by': ['product_id']}
    if target.type == 'bigquery' else {'materialized': 'view'}
  ) }}
{% endmacro %}

{% macro rows_once(relation, key) %}{{ return(adapter.dispatch('rows_once', 'retail')(relation, key)) }}{% endmacro %}

{% macro default__rows_once(relation, key) %}{{ relation }}{% endmacro %}

{% macro bigquery__rows_once(relation, key) %}
  {%- set day = 'cast(' ~ instant() ~ ' as date)' -%}
  {%- set days = changed_periods(relation, day, 'event_date', 'count(*)', 'count(distinct ' ~ key ~ ')') -%}
  (
    select * except (copy)
    from (
      select *, row_number() over (partition by {{ key }} order by {{ instant() }}) as copy
      from {{ relation }}
      where {{ in_periods(days, day) }}
    )
    where copy = 1
  )
{% endmacro %}
