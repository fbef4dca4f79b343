with extremes as (
    {%- for label in var('labels') %}
    select '{{ label }}' as label, min({{ label }}) as low, max({{ label }}) as high from {{ ref('chn_econ_labels') }}
    {{ 'union all' if not loop.last }}
    {%- endfor %}
)

select label, low, high
from extremes
inner join {{ ref('label_catalogue') }} using (label)
where
    low < {{ transformed('minimum', 'transform') }} - 1e-9
    or high > {{ transformed('maximum', 'transform') }} + 1e-9
