select observation_id, city, year, pixel, lon, lat, label, value, unit, observed_on, source
from {{ source('observations', 'points') }}
