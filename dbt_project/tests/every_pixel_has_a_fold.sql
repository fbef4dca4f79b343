select labels.city, labels.pixel
from {{ ref('chn_econ_labels') }} as labels
left join {{ ref('split_e1') }} as split using (city, pixel)
where split.fold is null
