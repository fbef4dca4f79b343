select city, year, label
from {{ ref('chn_econ_label_audit') }}
where observations != kept + duplicates_dropped + rejected_missing + rejected_unknown_label + rejected_other_table
    + rejected_unknown_unit + rejected_other_year + rejected_impossible + rejected_outside
