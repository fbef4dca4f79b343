{#- The labels of a long table side by side, transformed as the catalogue says; null where there is none. -#}
{% macro wide_labels(relation, keys) -%}
    select
        {{ keys | join(', ') }},
        {%- for label in var('labels') %}
        max({{ transformed('value', 'transform') }}) filter (where label = '{{ label }}') as {{ label }}
        {{- ',' if not loop.last }}
        {%- endfor %}
    from {{ relation }}
    inner join {{ ref('label_catalogue') }} using (label)
    group by {{ keys | join(', ') }}
{%- endmacro %}
