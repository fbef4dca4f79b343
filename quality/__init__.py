"""Data quality: table and raster checks. Knows no Dagster."""
