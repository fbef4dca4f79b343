-- What became of the observations of each label, city and year, and how much of the city they reach.
with observations as (
    select city, year, label, status, is_converted from {{ ref('stg_points') }}
    union all
    select city, year, label, status, is_converted from {{ ref('stg_districts') }}
),

counted as (
    select
        city,
        year,
        label,
        count(*) as observations,
        count(*) filter (where status = 'kept') as kept,
        count(*) filter (where status = 'duplicate') as duplicates_dropped,
        count(*) filter (where status = 'kept' and is_converted) as units_converted,
        {%- for reason in ['missing', 'unknown_label', 'other_table', 'unknown_unit', 'other_year', 'impossible', 'outside'] %}
        count(*) filter (where status = '{{ reason }}') as rejected_{{ reason }}{{ ',' if not loop.last }}
        {%- endfor %}
    from observations
    group by all
),

reached as (
    select pixels.city, pixels.year, labels.label, labels.is_interpolated
    from {{ ref('stg_pixels') }} as pixels
    inner join {{ ref('int_point_labels') }} as labels using (city, year, block_row, block_col)
    union all
    select pixels.city, pixels.year, labels.label, labels.is_interpolated
    from {{ ref('stg_pixels') }} as pixels
    inner join {{ ref('int_district_labels') }} as labels using (city, year, district_id)
),

coverage as (
    select
        city,
        year,
        label,
        count(*) as labelled_pixels,
        count(*) filter (where is_interpolated) as interpolated_pixels
    from reached
    group by all
),

partitions as (
    select city, year, count(*) as pixels
    from {{ ref('stg_pixels') }}
    group by all
),

expected as (
    select partitions.city, partitions.year, catalogue.label, partitions.pixels
    from partitions
    cross join {{ ref('label_catalogue') }} as catalogue
)

select
    city,
    year,
    label,
    {%- for count in [
        'observations', 'kept', 'duplicates_dropped', 'units_converted', 'rejected_missing', 'rejected_unknown_label',
        'rejected_other_table', 'rejected_unknown_unit', 'rejected_other_year', 'rejected_impossible', 'rejected_outside',
    ] %}
    cast(coalesce(counted.{{ count }}, 0) as bigint) as {{ count }},
    {%- endfor %}
    cast(expected.pixels as bigint) as pixels,
    cast(coalesce(coverage.labelled_pixels, 0) as bigint) as labelled_pixels,
    cast(coalesce(coverage.interpolated_pixels, 0) as bigint) as interpolated_pixels,
    coalesce(coverage.labelled_pixels, 0) / expected.pixels as coverage
from expected
full join counted using (city, year, label)
left join coverage using (city, year, label)
order by city, year, label
