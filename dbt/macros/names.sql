{# Exact schema names (staging, marts), not "<default>_staging". #}
{% macro generate_schema_name(custom_schema_name, node) -%}
  {{ (custom_schema_name or target.schema) | trim }}
{%- endmacro %}

{#
  DuckDB's catalog is named after its file, and the file is published under another name: views that spell out the catalog
  would not resolve there. So relations are named by schema alone.
#}
{% macro ref() %}
  {{ return(retail_portable_name(builtins.ref(*varargs, **kwargs))) }}
{% endmacro %}

{% macro source() %}
  {{ return(retail_portable_name(builtins.source(*varargs))) }}
{% endmacro %}

{% macro retail_portable_name(relation) %}
  {{ return(relation.include(database=false) if target.type == 'duckdb' else relation) }}
{% endmacro %}
