{#- A label's value on the scale in which the benchmark predicts it; the catalogue names the transform. -#}
{% macro transformed(value, transform) -%}
    case {{ transform }} when 'log1p' then ln(1 + {{ value }}) else {{ value }} end
{%- endmacro %}
