{#
  The days (or months) of `relation` with rows that this model lacks, as texts; none if it has to read everything.
  It counts rows on both sides, period by period, so it finds a late row in any period. It relies on no clock and no newest
  timestamp, because a high-water mark would never see the late row.
#}
{% macro changed_periods(relation, period, taken_period, taken, counted='count(*)') %}
  {%- if not execute or var('offline') or not is_incremental() -%}{{ return(none) }}{%- endif -%}
  {%- set query -%}
    select cast(arrived.period as {{ dbt.type_string() }})
    from (select {{ period }} as period, {{ counted }} as n from {{ relation }} group by 1) as arrived
    left join (select {{ taken_period }} as period, {{ taken }} as n from {{ this }} group by 1) as taken
      on taken.period = arrived.period
    where taken.n is null or taken.n <> arrived.n
    order by 1
  {%- endset -%}
  {{ return(run_query(query).columns[0].values() | list) }}
{% endmacro %}

{#
  Keeps the rows of these periods. They are constants, so BigQuery prunes partitions, and the range on the instant lets
  DuckDB skip row groups (it cannot through a cast to date).
#}
{% macro in_periods(periods, period, unit='day') %}
  {%- if periods is none -%} true
  {%- elif periods | length == 0 -%} false
  {%- else -%}
    {%- set after = modules.datetime.date.fromisoformat(periods[-1]) + modules.datetime.timedelta(days=31 if unit == 'month' else 1) -%}
    {{ instant() }} >= timestamp '{{ periods[0] }} 00:00:00' and {{ instant() }} < timestamp '{{ after }} 00:00:00'
    and {{ period }} in (
    {%- for p in periods %}date '{{ p }}'{{ ', ' if not loop.last }}{% endfor -%}
    )
  {%- endif -%}
{% endmacro %}

{#
  A model that is rebuilt period by period. DuckDB replaces the periods; BigQuery merges rows by their key in the partitions
  of those periods. No row is ever removed, because raw only grows.
#}
{% macro by_periods(periods, column, keys, granularity='day', cluster=none) %}
  {{ return(
    {'materialized': 'incremental', 'incremental_strategy': 'merge', 'unique_key': keys,
     'incremental_predicates': taken_in_periods(periods, column),
     'partition_by': {'field': column, 'data_type': 'date', 'granularity': granularity}, 'cluster_by': cluster}
    if target.type == 'bigquery' else
    {'materialized': 'incremental', 'incremental_strategy': 'delete+insert', 'unique_key': column, 'on_schema_change': 'fail'}
  ) }}
{% endmacro %}

{# The part of the target table that a merge must read, so that BigQuery reads only those partitions. #}
{% macro taken_in_periods(periods, column) %}
  {%- if periods is none -%}{{ return(none) }}{%- endif -%}
  {%- if periods | length == 0 -%}{{ return(['false']) }}{%- endif -%}
  {{ return(['DBT_INTERNAL_DEST.' ~ column ~ " in (date '" ~ periods | join("', date '") ~ "')"]) }}
{% endmacro %}

{#
  A dimension. On BigQuery, this is a table into which changed rows are merged, because readers of the lines of sales read it
  while dbt works.
#}
{% macro dimension(key) %}
  {{ return(
    {'materialized': 'incremental', 'incremental_strategy': 'merge', 'unique_key': key}
    if target.type == 'bigquery' else {'materialized': 'view'}
  ) }}
{% endmacro %}

{# A condition for a select of a dimension: skips the rows that already exist. #}
{% macro not_taken(columns) %}
  {%- if target.type == 'bigquery' and is_incremental() %} except distinct select {{ columns | join(', ') }} from {{ this }}{% endif -%}
{% endmacro %}

{# The rows of the last days, as a constant predicate, for tests that would be slow over the whole history. #}
{% macro in_recent_days(relation) %}
  {%- if not execute or var('offline') -%}{{ return('true') }}{%- endif -%}
  {%- set newest = run_query('select cast(cast(max(' ~ instant() ~ ') as date) as ' ~ dbt.type_string() ~ ') from ' ~ relation).columns[0].values()[0] -%}
  {%- if newest is none -%}{{ return('true') }}{%- endif -%}
  {%- set first = modules.datetime.date.fromisoformat(newest) - modules.datetime.timedelta(days=var('recent_days') - 1) -%}
  {{ return(instant() ~ " >= timestamp '" ~ first ~ " 00:00:00'") }}
{% endmacro %}
