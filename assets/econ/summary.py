"""What a person wants to read when the main job is done: the scores, the champion, and where things lie."""

from assets.resources import CityLake, Tracking
from lake.settings import settings
from ml.release import layout


def summary() -> str:
    """The score table, the champion and the places to look at; says where the data are simulated."""
    from ml.probes import summarise
    from ml.registry import champion_version
    from ml.report import score_table

    lake, tracking = CityLake().store, Tracking().store
    simulated = layout.is_simulated(lake.table_metadata("scores/probes"))
    places = {
        "Overview map": lake.uri(layout.OVERVIEW),
        "STAC catalogue": lake.uri(layout.CATALOG),
        "Data docs": str(settings().data_dir / "data_docs" / "index.html"),
        "Model": f"models:/{tracking.model_name}@champion (version {champion_version(tracking)}) in {tracking.uri}",
    }
    width = max(map(len, places))
    lines = [f"{name:<{width}}  {place}" for name, place in places.items()]
    return "\n".join([score_table(summarise(lake.read_table("scores/probes")), simulated), "", *lines])
