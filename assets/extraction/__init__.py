"""The seven streams as Earth Engine expressions, with tiling and retries. Knows no Dagster."""
