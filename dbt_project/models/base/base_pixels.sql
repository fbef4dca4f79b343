select city, year, pixel, district_id, "row", col
from {{ source('observations', 'pixel_district') }}
