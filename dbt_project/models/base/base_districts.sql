select city, year, district_id, label, value, unit, source
from {{ source('observations', 'districts') }}
