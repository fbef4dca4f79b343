with located as (
    select
        points.* exclude (year, pixel),
        cast(points.year as integer) as year,
        cast(points.pixel as uinteger) as pixel,
        pixels.block_row,
        pixels.block_col
    from {{ ref('base_points') }} as points
    left join {{ ref('stg_pixels') }} as pixels
        on points.city = pixels.city and points.year = pixels.year and points.pixel = pixels.pixel
),

{{ judged_observations(
    relation='located',
    kind='points',
    identity='lon, lat, observed_on',
    order_by='observation_id',
    observed_year='year(try_cast(observed_on as date))',
    located='block_row is not null',
) }}

select * from judged
