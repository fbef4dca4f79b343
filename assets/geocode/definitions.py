"""The code location `geocode`: the knowledge base of Earth Engine code, and models judged on writing such code."""

import dagster as dg

from assets.geocode.evaluation import BENCHMARK, LEADERBOARD, RECORDS, benchmark, leaderboard, records, uplift
from assets.geocode.generation import program
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
MAKE_BENCHMARK = dg.define_asset_job(
    "benchmark", selection=dg.AssetSelection.assets(BENCHMARK), description="Phase 1: the benchmark and its answers."
)
EVALUATE = dg.define_asset_job(
    "evaluation",
    selection=dg.AssetSelection.assets(RECORDS),
    description="Phase 2: some models on some parts of the benchmark; what was judged before is not judged again.",
)
COMPARE = dg.define_asset_job(
    "leaderboard",
    selection=dg.AssetSelection.assets(LEADERBOARD),
    description="Phase 3: all models that were judged, on one page and in MLflow.",
)

defs = dg.Definitions(
    assets=[scripts, tables, index, explorer, benchmark, records, leaderboard, uplift, program],
    jobs=[SELECT, BUILD, MAKE_BENCHMARK, EVALUATE, COMPARE],
    executor=dg.in_process_executor,
    resources={"lake": CityLake()},
)
