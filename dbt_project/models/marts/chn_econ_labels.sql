with of_blocks as (
    {{ wide_labels(ref('int_point_labels'), ['city', 'year', 'block_row', 'block_col']) }}
),

of_districts as (
    {{ wide_labels(ref('int_district_labels'), ['city', 'year', 'district_id']) }}
)

select
    pixels.city,
    pixels.year,
    pixels.pixel,
    {%- for label in var('labels') %}
    -- a label is observed either as points or in districts, so that one of the two is always null
    coalesce(of_blocks.{{ label }}, of_districts.{{ label }}) as {{ label }}{{ ',' if not loop.last }}
    {%- endfor %}
from {{ ref('stg_pixels') }} as pixels
left join of_blocks using (city, year, block_row, block_col)
left join of_districts using (city, year, district_id)
order by city, year, pixel
