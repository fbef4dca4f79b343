"""Whether the embedding can be trusted: distances and width, order of cities and districts, change, look-alikes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field

from assets.econ.experiments import experiments, study_plan
from assets.econ.keys import DIAGNOSTICS, DIAGNOSTICS_REPORT, STUDY_DATA, STUDY_EMBEDDINGS
from assets.failures import told_clearly
from assets.resources import CityLake
from assets.thumbnails import inline_png, origin, small_figure
from lake.settings import settings

if TYPE_CHECKING:
    from ml.diagnostics.embeddings import Embedded
    from ml.diagnostics.outcome import Found

GROUP = "diagnostics"
KINDS = {"numpy", "matplotlib"}


class Cities(dg.Config):
    """Which cities are looked at."""

    cities: list[str] = Field(default=[], description="City ids; none: the first of each tier in the table of cities.")


class Place(dg.Config):
    """Which place's look-alikes are looked for."""

    lon: float | None = Field(default=None, description="Longitude, degrees; none: the centre of the first city.")
    lat: float | None = Field(default=None, description="Latitude, degrees.")


@dg.asset(key=STUDY_EMBEDDINGS, group_name=GROUP, deps=[STUDY_DATA], pool="torch", kinds={"pytorch"})
def study_embeddings(lake: CityLake) -> dg.MaterializeResult[None]:
    """The study's rows, embedded by its CAR encoder with Matryoshka heads; trained here where no experiment did."""
    from ml.diagnostics.embeddings import DATASET, write_embeddings

    with told_clearly():
        written = write_embeddings(study_plan(lake), experiments())
    told = lake.store.table_metadata(DATASET)
    return dg.MaterializeResult(
        metadata={
            "uri": written.uri,
            "dagster/row_count": written.rows,
            "experiment": told["experiment"],
            "fingerprint": told["fingerprint"],
            "simulated": told["simulated"] == "true",
        }
    )


@dg.asset(group_name=GROUP, deps=[STUDY_EMBEDDINGS], kinds=KINDS)
def dimensionality(lake: CityLake) -> dg.MaterializeResult[None]:
    """Which metric and width find neighbours that tell the labels; the advice that follows from the numbers."""
    from ml.diagnostics import studies

    return _diagnosed(lake, "dimensionality", studies.dimensionality)


@dg.asset(group_name=GROUP, deps=[STUDY_EMBEDDINGS], kinds=KINDS)
def challenges(lake: CityLake) -> dg.MaterializeResult[None]:
    """What growing width costs regression, classification and clustering, here and in made-up data."""
    from ml.diagnostics import studies

    return _diagnosed(lake, "challenges", studies.challenges)


@dg.asset(group_name=GROUP, deps=[STUDY_EMBEDDINGS], kinds=KINDS)
def city_hierarchy(lake: CityLake) -> dg.MaterializeResult[None]:
    """Which cities are alike, and whether tier, region or mere nearness says so."""
    from ml.diagnostics import studies

    return _diagnosed(lake, "city_hierarchy", studies.hierarchy)


@dg.asset(group_name=GROUP, deps=[STUDY_EMBEDDINGS], kinds=KINDS)
def urban_structure(lake: CityLake, config: Cities) -> dg.MaterializeResult[None]:
    """Clusters, core and periphery, and change of a few cities; of released embeddings where there are some."""
    from ml.diagnostics import studies

    return _diagnosed(lake, "urban_structure", lambda table: studies.urban_structure(lake.store, table, config.cities))


@dg.asset(group_name=GROUP, deps=[STUDY_EMBEDDINGS], pool="torch", kinds=KINDS)
def change_origins(lake: CityLake) -> dg.MaterializeResult[None]:
    """How much of the change between first and last year hangs on which stream, and on changes of source."""
    from ml.diagnostics import studies

    return _diagnosed(lake, "change_origins", lambda table: studies.change_origins(lake.store, table))


@dg.asset(group_name=GROUP, deps=[STUDY_EMBEDDINGS], kinds=KINDS)
def look_alikes(lake: CityLake, config: Place) -> dg.MaterializeResult[None]:
    """The pixels of other cities most like a chosen place, and what they have in common with it."""
    from ml.diagnostics import studies

    return _diagnosed(lake, "look_alikes", lambda table: studies.look_alikes(table, config.lon, config.lat))


@dg.asset(key=DIAGNOSTICS_REPORT, group_name=GROUP, deps=DIAGNOSTICS, kinds={"html"})
def diagnostics_report(lake: CityLake) -> dg.MaterializeResult[None]:
    """All of them as one HTML page with its pictures, in the lake."""
    from ml.diagnostics.report import write_page

    with told_clearly():
        written = write_page(lake.store)
    return dg.MaterializeResult(metadata={"uri": written.uri})


def _diagnosed(lake: CityLake, study: str, look: Callable[["Embedded"], "Found"]) -> dg.MaterializeResult[None]:
    """Runs a diagnostic on the embeddings there are; what it found lies in the lake, and shows beside the asset."""
    from ml.diagnostics.embeddings import read_embedded
    from ml.diagnostics.outcome import keep
    from ml.diagnostics.report import made_of

    with told_clearly():
        table = read_embedded(lake.store, settings().data_dir / "experiments")
        kept = keep(lake.store, study, look(table), made_of(lake.store), table.study.simulated)
    figures = {
        f"figure_{name}": inline_png(small_figure(png), f"{kept.captions[name]} {origin(kept.simulated)}")
        for name, png in kept.figures.items()
    }
    return dg.MaterializeResult(
        metadata={
            "found": dg.MetadataValue.md(kept.told),
            "numbers": dg.MetadataValue.md(kept.numbers or "See what was found."),
            "simulated": kept.simulated,
            **{f"table_{name}": uri for name, uri in kept.tables.items()},
            **figures,
        }
    )
