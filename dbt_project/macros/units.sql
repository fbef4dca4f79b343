{#- Units are compared without blanks around them and with ², ³, µ and ％ typed as 2, 3, u and %. -#}
{% macro spelled_unit(column) -%}
    trim(translate({{ column }}, '²³µμ％', '23uu%'))
{%- endmacro %}
