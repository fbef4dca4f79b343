"""What the assets need from outside: Earth Engine, the lake, MLflow, dbt."""
