{% test unique_together(model, columns) %}
    {{ config(description='No two rows agree in all of these columns.') }}
    select {{ columns | join(', ') }}, count(*) as rows_alike
    from {{ model }}
    group by {{ columns | join(', ') }}
    having count(*) > 1
{% endtest %}
