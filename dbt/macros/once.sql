{#
  One row per id. Locally raw holds every row once by construction (the name of a file is its position) and staging is a
  view; on BigQuery raw is at least once, and staging keeps the first copy of each id, day by day.
#}
{% macro materialized_once() %}
  {{ return(
    {'materialized': 'incremental', 'incremental_strategy': 'merge',
     'partition_by': {'field': 'event_date', 'data_type': 'date'}, 'cluster_by': ['product_id']}
    if target.type == 'bigquery' else {'materialized': 'view'}
  ) }}
{% endmacro %}

{#
  The complete part of raw: on BigQuery, events arrive in any order, and all events before this instant have arrived. Rows
  that are not of this world stay in raw: `retail transform` passes the condition that tells them apart.
#}
{% macro raw_before_cut(table) %}
  (
    select * from {{ source('raw', table) }}
    where {{ retail.instant() }} < timestamp_seconds({{ env_var('RETAIL_CUT') }})
      and ({{ env_var('RETAIL_OWN_' ~ table | upper, 'true') }})
  )
{% endmacro %}

{% macro rows_once(table, key) %}{{ return(adapter.dispatch('rows_once', 'retail')(table, key)) }}{% endmacro %}

{% macro default__rows_once(table, key) %}{{ source('raw', table) }}{% endmacro %}

{% macro bigquery__rows_once(table, key) %}
  {%- set day = 'cast(' ~ retail.instant() ~ ' as date)' -%}
  {%- set days = retail.changed_periods() -%}
  (
    select * except (copy)
    from (
      select *, row_number() over (partition by {{ key }} order by {{ retail.instant() }}) as copy
      from {{ retail.raw_before_cut(table) }}
      where {{ retail.in_periods(days, day) }}
    )
    where copy = 1
  )
{% endmacro %}

{#
  Staging up to the instant of the build. Staging itself may hold more: it is the same for every build, and a selection is
  built at the instant of the published marts.
#}
{% macro staged(model) %}
  {%- if env_var('RETAIL_STAGED', '') == '' -%}{{ return(ref(model)) }}{%- endif -%}
  (select * from {{ ref(model) }} where {{ retail.instant() }} < timestamp_seconds({{ env_var('RETAIL_CUT') }}))
{%- endmacro %}
