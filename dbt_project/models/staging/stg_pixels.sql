-- The spine: every pixel that the platform computes, for each year, with its 500 m block.
select
    city,
    cast(year as integer) as year,
    cast(pixel as uinteger) as pixel,
    district_id,
    cast("row" as integer) as "row",
    cast(col as integer) as col,
    {{ block(var('point_block_pixels')) }}
from {{ ref('base_pixels') }}
