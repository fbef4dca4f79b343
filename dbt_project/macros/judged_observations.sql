{#-
  The common table expressions up to `judged`, which gives each raw observation its value in the canonical unit and a `status`; nothing is dropped here, so that the audit
  can count. The first of these that holds:

    missing         no value
    unknown_label   the label is not in the catalogue               (a test fails)
    other_table     the catalogue expects it in the other table     (a test fails)
    unknown_unit    the unit is not in `unit_conversions`           (a test fails)
    other_year      observed in another year than the partition's, or at no readable date
    impossible      outside the catalogue's limits, after conversion
    outside         not in a block or district of which the platform computes a pixel
    duplicate       the same value at the same place, date and source again, also where it was told in another unit
    kept            used

  relation: the raw table;  kind: points or districts;  identity: what makes two rows the same observation;
  observed_year: SQL that gives the year of observation;  located: SQL that holds where the place is computed.
-#}
{% macro judged_observations(relation, kind, identity, order_by, observed_year, located) -%}
    converted as (
        select
            raw.*,
            cast(raw.value as double) * units.factor as canonical_value,
            units.factor as factor,
            units.factor != 1 as is_converted,
            catalogue.label is not null as is_catalogued,
            catalogue.observed_as,
            catalogue.minimum,
            catalogue.maximum
        from {{ relation }} as raw
        left join {{ ref('label_catalogue') }} as catalogue on raw.label = catalogue.label
        left join {{ ref('unit_conversions') }} as units
            on raw.label = units.label and {{ spelled_unit('raw.unit') }} = units.unit
    ),

    screened as (
        select
            *,
            case
                when value is null or isnan(value) then 'missing'
                when not is_catalogued then 'unknown_label'
                when observed_as != '{{ kind }}' then 'other_table'
                when factor is null then 'unknown_unit'
                when not coalesce({{ observed_year }} = year, false) then 'other_year'
                when not canonical_value between minimum and maximum then 'impossible'
                when not {{ located }} then 'outside'
                else 'kept'
            end as screening
        from converted
    ),

    numbered as (
        select
            *,
            row_number() over (
                -- a conversion leaves rounding errors, far below the sixth decimal
                partition by city, year, label, source, screening, round(canonical_value, 6), {{ identity }}
                order by is_converted, {{ order_by }}
            ) as repetition
        from screened
    ),

    judged as (
        select
            * exclude (
                value, canonical_value, factor, is_catalogued, observed_as, minimum, maximum, screening, repetition
            ),
            value as raw_value,
            canonical_value as value,
            case when screening = 'kept' and repetition > 1 then 'duplicate' else screening end as status
        from numbered
    )
{%- endmacro %}
