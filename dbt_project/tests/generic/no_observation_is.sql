{#- Fails with what a person has to correct: labels, units, sources and how many rows. Kept in the warehouse. -#}
{% test no_observation_is(model, status) %}
    {{ config(store_failures=true, fail_calc='coalesce(sum(observations), 0)') }}
    select label, unit, source, min(city) as first_city, min(year) as first_year, count(*) as observations
    from {{ model }}
    where status = '{{ status }}'
    group by label, unit, source
{% endtest %}
