-- E2, cross-region: a fold is a region that is left out.
select city, region as fold
from {{ ref('cities') }}
order by city
