"""The code location `geocode`: the knowledge base of Earth Engine code."""

import dagster as dg

from assets.geocode.knowledge import EXPLORER, INDEX, SCRIPTS, TABLES, explorer, index, scripts, tables
from assets.resources import CityLake

SELECT = dg.define_asset_job(
    "knowledge_scripts",
    selection=dg.AssetSelection.assets(SCRIPTS),
    description="Phase 1: the scripts of some corpora.",
)
BUILD = dg.define_asset_job(
    "knowledge_base",
    selection=dg.AssetSelection.assets(TABLES, INDEX, EXPLORER),
    description="Phase 2: tables, index and page over all corpora; of what was extracted before nothing is done again.",
)

defs = dg.Definitions(
    assets=[scripts, tables, index, explorer],
    jobs=[SELECT, BUILD],
    executor=dg.in_process_executor,
    resources={"lake": CityLake()},
)
