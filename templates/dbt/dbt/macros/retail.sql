{# Schemas and names as retail publishes them. Keep these three: without them, published views would name the private build. #}
{% macro generate_schema_name(custom_schema_name, node) %}
  {{- return(retail.generate_schema_name(custom_schema_name, node)) -}}
{% endmacro %}

{% macro ref() %}{{ return(retail.ref(*varargs, **kwargs)) }}{% endmacro %}

{% macro source() %}{{ return(retail.source(*varargs)) }}{% endmacro %}
