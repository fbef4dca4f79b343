with computed as (
    select distinct city, year, district_id
    from {{ ref('stg_pixels') }}
),

located as (
    select
        districts.* exclude (year),
        cast(districts.year as integer) as year,
        computed.district_id is not null as is_computed
    from {{ ref('base_districts') }} as districts
    left join computed
        on districts.city = computed.city
        and districts.year = computed.year
        and districts.district_id = computed.district_id
),

{{ judged_observations(
    relation='located',
    kind='districts',
    identity='district_id',
    order_by='value',
    observed_year='year',
    located='is_computed',
) }}

select * exclude (is_computed) from judged
