{#- Square blocks of pixels, counted from the corner of the city's whole grid: the same at every scale. -#}
{% macro block(pixels_a_side) -%}
    cast("row" // {{ pixels_a_side }} as integer) as block_row,
    cast(col // {{ pixels_a_side }} as integer) as block_col
{%- endmacro %}
