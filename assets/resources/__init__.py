"""What assets need from outside, each behind one Dagster resource: Earth Engine, the lake, dbt, MLflow."""

from assets.resources.dbt import DBT_PROJECT, dbt_resource
from assets.resources.earth_engine import EarthEngine
from assets.resources.lake import CityLake
from assets.resources.tracking import Tracking

__all__ = ["DBT_PROJECT", "CityLake", "EarthEngine", "Tracking", "dbt_resource"]
