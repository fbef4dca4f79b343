-- A point belongs to the block in which its pixel lies: of a block some pixels may be computed only, but its mean is of
-- all its points. Where the lake has the first row of a grid alone, any width that holds it gives the same rows.
with widths as (
    select city, coalesce(max((pixel - col) // nullif("row", 0)), max(pixel) + 1) as ncols
    from {{ ref('stg_pixels') }}
    group by city
),

placed as (
    select
        points.* exclude (year, pixel),
        cast(points.year as integer) as year,
        cast(points.pixel as uinteger) as pixel,
        points.pixel // widths.ncols as "row",
        points.pixel % widths.ncols as col
    from {{ ref('base_points') }} as points
    left join widths using (city)
),

computed as (
    select distinct city, year, block_row, block_col
    from {{ ref('stg_pixels') }}
),

blocks as (
    select * exclude ("row", col), {{ block(var('point_block_pixels')) }}
    from placed
),

located as (
    select
        blocks.* exclude (block_row, block_col),
        computed.block_row,
        computed.block_col
    from blocks
    left join computed using (city, year, block_row, block_col)
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
