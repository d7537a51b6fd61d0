{#
  The days whose rows may have changed since the published marts were built, as texts in order, from `retail transform`; none:
  all. Locally they are those of the lake's files that are new or that were written again; on BigQuery, where nothing before
  the published instant can change, those from that instant to the new one. No query finds them: it would read everything, and
  BigQuery prunes by literals only.
#}
{% macro changed_days() %}
  {%- if not execute -%}{{ return(none) }}{%- endif -%}
  {%- set days = env_var('RETAIL_DAYS', 'all') -%}
  {{ return(none if days == 'all' or flags.FULL_REFRESH else days.split()) }}
{% endmacro %}

{% macro changed_months() %}
  {%- set months = [] -%}
  {%- for day in retail.changed_days() or [] -%}
    {%- set month = day[:8] ~ '01' -%}
    {%- if month not in months -%}{%- do months.append(month) -%}{%- endif -%}
  {%- endfor -%}
  {{ return(none if retail.changed_days() is none else months) }}
{% endmacro %}

{# The days (or months) that this model has to build; none if it has to build everything. #}
{% macro changed_periods(unit='day') %}
  {%- if not execute or var('offline', false) or not is_incremental() -%}{{ return(none) }}{%- endif -%}
  {{ return(retail.changed_months() if unit == 'month' else retail.changed_days()) }}
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
    {{ retail.instant() }} >= timestamp '{{ periods[0] }} 00:00:00' and {{ retail.instant() }} < timestamp '{{ after }} 00:00:00'
    and {{ period }} in (
    {%- for p in periods %}date '{{ p }}'{{ ', ' if not loop.last }}{% endfor -%}
    )
  {%- endif -%}
{% endmacro %}

{# The same by a column that holds the day, or the first day of the month: the one that the table is partitioned by. #}
{% macro in_partitions(periods, column) %}
  {%- if periods is none -%} true
  {%- elif periods | length == 0 -%} false
  {%- else -%} {{ column }} in (date '{{ periods | join("', date '") }}')
  {%- endif -%}
{% endmacro %}

{# A day of these months: BigQuery prunes days by a range of literals. #}
{% macro in_months(months, column) %}
  {%- if months is none -%} true
  {%- elif months | length == 0 -%} false
  {%- else -%}
    {%- set last = modules.datetime.date.fromisoformat(months[-1]) -%}
    {%- set after = (last + modules.datetime.timedelta(days=31)).replace(day=1) -%}
    {{ column }} >= date '{{ months[0] }}' and {{ column }} < date '{{ after }}'
  {%- endif -%}
{% endmacro %}

{# A model that is rebuilt period by period: the periods are replaced. #}
{% macro by_periods(column, granularity='day', cluster=none) %}
  {{ return(
    {'materialized': 'incremental', 'incremental_strategy': 'merge',
     'partition_by': {'field': column, 'data_type': 'date', 'granularity': granularity}, 'cluster_by': cluster}
    if target.type == 'bigquery' else
    {'materialized': 'incremental', 'incremental_strategy': 'delete+insert', 'unique_key': column, 'on_schema_change': 'fail'}
  ) }}
{% endmacro %}

{# A table with a row for each product of a store, locally: the items that moved are replaced. #}
{% macro by_items() %}
  {{ return({
    'materialized': 'incremental', 'incremental_strategy': 'delete+insert', 'unique_key': ['store_id', 'product_id'],
    'on_schema_change': 'fail'
  }) }}
{% endmacro %}

{# A dimension. On BigQuery a table, because readers of the lines of sales read it while dbt works. #}
{% macro dimension() %}
  {{ return({'materialized': 'incremental', 'incremental_strategy': 'merge'} if target.type == 'bigquery' else {'materialized': 'view'}) }}
{% endmacro %}

{% macro dimensions_unchanged() %}{{ return(env_var('RETAIL_DIMENSIONS', 'changed') == 'unchanged') }}{% endmacro %}

{#
  Replaces the changed partitions, or a table without partitions, on BigQuery. `on false` is the form of MERGE for which
  Google documents that literals prune ("Updating partitioned table data using DML"); it says of a filter in ON that it "might
  or might not" be used. A model cannot pass literals as `incremental_predicates`: dbt reads a config before it runs a query
  (dbt-core#6658), so this replaces dbt's macro, which dbt documents as the way. Models of another project have dbt's own.
#}
{% macro bigquery__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates=none) %}
  {%- if model.package_name != 'retail' -%}
    {{ return(default__get_merge_sql(target, source, unique_key, dest_columns, incremental_predicates)) }}
  {%- endif -%}
  {%- set partition = config.get('partition_by') -%}
  {%- if partition -%}
    {%- set periods = retail.changed_months() if partition.granularity == 'month' else retail.changed_days() -%}
  {%- else -%}
    {%- set periods = [] if retail.dimensions_unchanged() else none -%}
  {%- endif -%}
  {%- if periods is not none and periods | length == 0 -%}{{ return('select 0 as nothing_new') }}{%- endif -%}
  {%- set taken = [] if periods is none else [retail.in_partitions(periods, 'DBT_INTERNAL_DEST.' ~ partition.field) | trim] -%}
  {{ return(default__get_insert_overwrite_merge_sql(target, source, dest_columns, taken, false)) }}
{% endmacro %}

{#
  A mart as it was published, to which only the rows since then have to be added; none if there is none, or if earlier rows may
  have changed. Locally, that is the mart itself, or one that this model is built before.
#}
{% macro published_mart(name) %}
  {%- if not execute or retail.changed_days() is none -%}{{ return(none) }}{%- endif -%}
  {%- if target.type == 'bigquery' -%}
    {{ return(adapter.get_relation(database=target.project, schema=env_var('RETAIL_MARTS'), identifier=name)) }}
  {%- endif -%}
  {{ return(this.incorporate(path={'identifier': name}) if is_incremental() and retail.since() > 0 else none) }}
{% endmacro %}

{# All changed rows are of this second of the epoch or later; 0 if they may be of any. #}
{% macro since() %}{{ return(env_var('RETAIL_SINCE', '0') | int) }}{% endmacro %}

{# Movements between the published instant and that of the build. #}
{% macro moved_since(alias) %}
  {%- if target.type != 'bigquery' -%}
    {{ return(alias ~ '.' ~ retail.instant() ~ " >= timestamp '" ~ retail.second_of_epoch(retail.since()) ~ "'") }}
  {%- endif %}
  {{ retail.in_partitions(retail.changed_days(), alias ~ '.event_date') }}
  and {{ alias }}.{{ retail.instant() }} >= timestamp_seconds({{ env_var('RETAIL_SINCE') }})
{% endmacro %}

{# `2024-04-01 06:00:00` #}
{# What happened before the instant of the build. #}
{% macro before_cut(column) %}
  {%- if not execute or var('offline', false) -%}{{ return('true') }}{%- endif -%}
  {{ return(column ~ " < timestamp '" ~ retail.second_of_epoch(env_var('RETAIL_CUT') | int) ~ "'") }}
{% endmacro %}

{% macro second_of_epoch(seconds) %}
  {{ return(modules.datetime.datetime(1970, 1, 1) + modules.datetime.timedelta(seconds=seconds)) }}
{% endmacro %}
