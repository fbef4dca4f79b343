{#-
  The common table expressions up to `without_gaps`, which fills a missing year by linear interpolation between the year before and the year after, and only where both were
  observed. The neighbours are the years that the lake holds for the city (in the demo 2018 and 2022 are those of 2020);
  first and last years and gaps of two years or more stay empty.

  relation: city, year, <unit columns>, label, value; one row per year and series at most.
-#}
{% macro fill_gaps(relation, unit) -%}
    {%- set series = (['city'] + unit + ['label']) | join(', ') -%}
    years as (
        select distinct city, year
        from {{ ref('stg_pixels') }}
    ),

    series as (
        select distinct {{ series }}
        from {{ relation }}
    ),

    grid as (
        select {{ series }}, years.year, observed.value
        from series
        inner join years using (city)
        left join {{ relation }} as observed using ({{ series }}, year)
    ),

    neighbours as (
        select
            *,
            lag(value) over before as value_before,
            lag(year) over before as year_before,
            lead(value) over before as value_after,
            lead(year) over before as year_after
        from grid
        window before as (partition by {{ series }} order by year)
    ),

    filled as (
        select
            {{ series }},
            year,
            value is null as is_interpolated,
            coalesce(
                value,
                value_before + (value_after - value_before) * (year - year_before) / (year_after - year_before)
            ) as value
        from neighbours
    ),

    without_gaps as (
        select {{ series }}, year, value, is_interpolated
        from filled
        where value is not null
    )
{%- endmacro %}
