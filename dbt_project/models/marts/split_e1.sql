-- E1, within city: 1 km blocks are dealt to the folds in an order that is random but always the same (MD5), so that
-- each city's folds have the same number of blocks, give or take one.
with pixels as (
    select distinct city, pixel, {{ block(var('fold_block_pixels')) }}
    from {{ ref('stg_pixels') }}
),

blocks as (
    select distinct city, block_row, block_col
    from pixels
),

dealt as (
    select
        city,
        block_row,
        block_col,
        row_number() over (
            partition by city
            order by md5(concat_ws('|', city, block_row, block_col)), block_row, block_col
        ) as place
    from blocks
)

select pixels.city, pixels.pixel, cast((dealt.place - 1) % {{ var('fold_count') }} as integer) as fold
from pixels
inner join dealt using (city, block_row, block_col)
order by city, pixel
