-- Each label's canonical unit is among the accepted ones, and converting into it changes nothing.
select catalogue.label, catalogue.unit, units.factor
from {{ ref('label_catalogue') }} as catalogue
left join {{ ref('unit_conversions') }} as units using (label, unit)
where units.factor is distinct from 1
