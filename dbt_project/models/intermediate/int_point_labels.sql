-- Points are few and a pixel is small: a point speaks for its 500 m block of the city's grid, and a block has the mean
-- of its points. Blocks without a point stay empty: nothing is interpolated in space.
with observed as (
    select
        city,
        block_row,
        block_col,
        label,
        year,
        avg(value order by value) as value  -- ordered: the sum's last bit must not hang on which thread came first
    from {{ ref('stg_points') }}
    where status = 'kept'
    group by all
),

{{ fill_gaps('observed', ['block_row', 'block_col']) }}

select * from without_gaps
