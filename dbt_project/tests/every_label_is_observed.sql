-- A warning: a gap is normal in real observations, but one should know.
{{ config(severity='warn', store_failures=true) }}
select city, year, label
from {{ ref('chn_econ_label_audit') }}
where labelled_pixels = 0
