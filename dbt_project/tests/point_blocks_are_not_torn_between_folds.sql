-- Pixels of one block share the mean of its points: in two folds, they would leak from training into the test.
select pixels.city, pixels.block_row, pixels.block_col
from {{ ref('stg_pixels') }} as pixels
inner join {{ ref('split_e1') }} as split using (city, pixel)
group by all
having count(distinct split.fold) > 1
