{# Every day that a world can have: what dbt calls a time spine, which metrics by day need. It reads no table. #}
{{ config(materialized='view') }}
{% if target.type == 'bigquery' -%}
select day from unnest(generate_date_array(date '2000-01-01', date '2098-12-31')) as day
{%- else -%}
select cast(unnest(generate_series(timestamp '2000-01-01', timestamp '2098-12-31', interval 1 day)) as date) as day
{%- endif %}
