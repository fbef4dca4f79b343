-- Which sources each label was observed by, and whether a source is itself one of the seven streams.
with sources as (
    select label, source, count(*) as observations
    from {{ ref('stg_points') }}
    where status in ('kept', 'duplicate')
    group by all
    union all
    select label, source, count(*) as observations
    from {{ ref('stg_districts') }}
    where status in ('kept', 'duplicate')
    group by all
)

select sources.label, sources.source, streams.stream, sources.observations
from sources
left join {{ ref('stream_sources') }} as streams on regexp_matches(lower(sources.source), streams.pattern)
order by sources.label, sources.source, streams.stream
