-- A label that was computed from a stream would hand the model its own input back.
{{ config(store_failures=true) }}
select lineage.label, lineage.source, lineage.stream, lineage.observations
from {{ ref('chn_econ_label_lineage') }} as lineage
inner join {{ ref('label_catalogue') }} as catalogue using (label)
where list_contains(string_split(catalogue.derived_from_forbidden, '|'), lineage.stream)
