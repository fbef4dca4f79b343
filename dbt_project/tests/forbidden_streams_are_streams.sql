-- A misspelt stream in the catalogue would forbid nothing.
with forbidden as (
    select label, unnest(string_split(derived_from_forbidden, '|')) as stream
    from {{ ref('label_catalogue') }}
)

select forbidden.label, forbidden.stream
from forbidden
left join {{ ref('stream_sources') }} as streams using (stream)
where streams.stream is null
