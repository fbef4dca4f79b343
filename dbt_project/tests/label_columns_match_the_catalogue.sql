-- The columns of chn_econ_labels (variable `labels`) are the catalogue's labels, no more and no fewer.
with columns as (
    select unnest({{ var('labels') }}) as label
)

select coalesce(columns.label, catalogue.label) as label
from columns
full join {{ ref('label_catalogue') }} as catalogue on columns.label = catalogue.label
where columns.label is null or catalogue.label is null
