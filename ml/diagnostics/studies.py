"""The diagnostics of the platform's embeddings, one function each, as the orchestration calls them.

Which rows, cities, widths and labels are looked at is said here; what is measured, in the modules that are called.
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

from lake.cities import CITIES
from lake.cities import city as find_city
from lake.errors import BadInputError
from lake.partition_io import Lake
from ml.diagnostics.advice import Advice, advise
from ml.diagnostics.challenges import ROWS as CHALLENGE_ROWS
from ml.diagnostics.challenges import TASKS, Challenges, study_challenges
from ml.diagnostics.challenges_figures import challenges_figure, tasks_figure
from ml.diagnostics.change_origins import study_change_origins
from ml.diagnostics.change_origins_figures import change_origins_figure
from ml.diagnostics.dimensionality import ROWS, Dimensionality, study_dimensionality
from ml.diagnostics.dimensionality_figures import contrast_and_skill_figure, measures_figure, spectrum_figure
from ml.diagnostics.embeddings import Embedded, city_years
from ml.diagnostics.hierarchy import FEWEST_CITIES, study_hierarchy
from ml.diagnostics.hierarchy_figures import dendrogram_figure, map_figure
from ml.diagnostics.intra_urban import study_city
from ml.diagnostics.intra_urban_figures import city_figure, gradient_figure
from ml.diagnostics.look_alikes import find_place_at, study_look_alikes
from ml.diagnostics.look_alikes_figures import look_alikes_figure
from ml.diagnostics.outcome import Found
from ml.diagnostics.sample import released_forms, sample_rows
from ml.diagnostics.settings import synthetic_settings, table_settings
from ml.diagnostics.sources import stream_sources
from ml.inference import embed_matrix
from ml.model_files import load_trained
from ml.training import reproducible

_SEED = 0
_RELEASED = ("embedding_", "int8_")  # of the forms measured those that the platform's model gives
_DRAWS = 2


def dimensionality(table: Embedded) -> Found:
    """Which metric and width find neighbours that tell the labels, and how many dimensions are used."""
    rows = sample_rows(len(table.embeddings), ROWS, _SEED)
    forms = released_forms(table.embeddings[rows], table.columns(rows).astype(np.float32), table.alphaearth(rows))
    labels = {name: values[rows] for name, values in table.labels.items()}
    study = study_dimensionality(forms, labels, table.cities[rows], origin=table.origin)
    advice = advise(study, [name for name in forms if name.startswith(_RELEASED)])
    return Found(
        advice.to_markdown(),
        study.to_markdown(),
        {"metrics": study.metrics, "shapes": study.shapes, "labels": study.labels},
        {
            "measures": (
                measures_figure(study),
                "Rows: forms in which the embedding may be kept, and what it is held against. The first panel chooses "
                "metric and width; the others say why distances behave as they do.",
            ),
            "contrast_and_skill": (
                contrast_and_skill_figure(study),
                "A form whose distances differ more does not find better neighbours for that.",
            ),
            "spectrum": (
                spectrum_figure(study),
                "Left: the sooner a line reaches 90 %, the fewer dimensions are used. Right: the farther the marks lie "
                "from the black one, the more width is spare.",
            ),
        },
        _cards(study, advice),
    )


def challenges(table: Embedded) -> Found:
    """What growing width costs: in made-up data, in the embeddings' leading dimensions, and beside noise."""
    settings = [
        *synthetic_settings(CHALLENGE_ROWS),
        *table_settings(table.embeddings, table.labels, table.cities, CHALLENGE_ROWS),
    ]
    study = study_challenges(settings, origin=table.origin, draws=_DRAWS)
    return Found(
        "\n".join(f"- {sentence}" for sentence in _on_width(study)),
        study.to_markdown(),
        {"measures": study.table, "losses": study.losses()},
        {
            "challenges": (
                challenges_figure(study),
                "Where the line of the leading dimensions runs apart from the Gaussian one, the dimensions hang "
                "together and width does no harm; where it follows it, take fewer.",
            ),
            "tasks": (tasks_figure(study), "Where a line stops rising is the width that a task needs."),
        },
    )


def hierarchy(table: Embedded) -> Found:
    """Which cities are alike, and whether tier, region or nearness says so."""
    cities = len(np.unique(table.cities))
    if cities < FEWEST_CITIES:
        return Found(f"There are {cities} cities; a hierarchy of fewer than {FEWEST_CITIES} tells nothing.")
    study = study_hierarchy(table.embeddings, table.cities, origin=table.origin)
    return Found(
        study.to_markdown(),
        tables={"cities": study.cities, "agreement": study.agreement},
        figures={
            "dendrogram": (
                dendrogram_figure(study),
                "The earlier two cities join, the more alike they are. A colour that comes in blocks is an order that "
                "the embedding knows.",
            ),
            "map": (map_figure(study), "The clusters on the map: mere nearness, or more?"),
        },
        cards=[(f"{study.mantel:.2f}", "correlation of cities' distances with the kilometres between them")],
    )


def urban_structure(lake: Lake, table: Embedded, cities: Sequence[str] = ()) -> Found:
    """Clusters, core and periphery, and change of some cities.

    Args:
        lake: Where released embeddings of them may be.
        table: The study's rows.
        cities: City ids; none: the first of each tier in the order of the table of cities.

    Raises:
        BadInputError: A city is not among the study's.
        UnknownCityError: A city is none of the 36.
    """
    chosen = [find_city(name).id for name in cities] or first_of_each_tier(table)
    strange = sorted(set(chosen) - set(table.cities))
    if strange:
        raise BadInputError(f"The study has no rows of {', '.join(strange)}: choose cities that it has.")
    told, numbers, rings, gradients, changes = [], [], [], [], []
    figures = {}
    for name in chosen:
        place = city_years(lake, table, name)
        study = study_city(place.grid, place.embeddings, place.labels, origin=table.origin)
        told.append(f"{study.on_clusters()} {study.on_change()}".strip())
        numbers.append(f"**{find_city(name).name_en}**\n\n{study.on_gradients()}")
        rings.append(study.rings.select(pl.lit(name).alias("city"), pl.all()))
        gradients.append(study.gradients.select(pl.lit(name).alias("city"), pl.all()))
        if study.change is not None:
            c = study.change
            changes.append((name, c.first, c.last, c.share, c.share_low, c.share_high, c.drift, c.usual))
        of = "released embeddings" if place.released else "the study's sample of pixels"
        figures[f"{name}_maps"] = (city_figure(study), f"{find_city(name).name_en}: {of}.")
        figures[f"{name}_rings"] = (gradient_figure(study), f"{find_city(name).name_en}, ring by ring.")
    if changes:
        told.append("Whether this change is of the cities or of their inputs: see *What the change hangs on*.")
    names = ["city", "first", "last", "share", "share_low", "share_high", "drift", "usual"]
    tables = {"rings": pl.concat(rings), "gradients": pl.concat(gradients)}
    if changes:
        tables["change"] = pl.DataFrame(changes, schema=names, orient="row")
    return Found("\n\n".join(told), "\n\n".join(numbers), tables, figures)


def change_origins(lake: Lake, table: Embedded) -> Found:
    """How much of the change between the first and the last year hangs on which stream, and on changes of source."""
    years = table.keys["year"].unique().sort().to_list()
    if len(years) < 2:
        return Found("The study has one year: there is no change to look at.")
    encoder = load_trained(table.model).encoder
    sources = stream_sources(lake, sorted(set(table.cities)), years[0], years[-1])
    with reproducible(1):
        study = study_change_origins(
            table.study.data, lambda raw: embed_matrix(encoder, raw), sources, origin=table.origin
        )
    return Found(
        study.to_markdown(),
        study.table(),
        {"streams": study.streams},
        {
            "streams": (
                change_origins_figure(study),
                "The farther a blue mark lies from the black line, the more of the change hangs on that stream.",
            )
        },
        [
            (f"{study.share:.0%}", f"of the pixels count as changed from {study.first} to {study.last}"),
            (f"{study.most['held']:.0%}", f"do with {study.most['title']} held at {study.first}"),
        ],
    )


def look_alikes(table: Embedded, lon: float | None = None, lat: float | None = None) -> Found:
    """The most similar pixels of other cities to a place, and whether they are alike in the labels.

    Args:
        table: The study's rows.
        lon: Longitude of the place, degrees; None: of the centre of the study's first city.
        lat: Latitude.

    Raises:
        BadInputError: The study has no pixel within 5 km, or one of the two is missing.
    """
    if (lon is None) != (lat is None):
        raise BadInputError("A place needs both a longitude and a latitude.")
    home = next(city for city in CITIES.values() if city.id in set(table.cities))
    place = find_place_at(table.keys, home.lon if lon is None else lon, home.lat if lat is None else lat)
    study = study_look_alikes(
        table.keys, table.embeddings, place, pl.DataFrame(dict(table.labels)), origin=table.origin
    )
    known = study.values.drop_nulls("apart")
    alike = known.filter(pl.col("apart") < pl.col("by_chance")).height
    return Found(
        study.to_markdown(),
        tables={"nearest": study.nearest, "by_city": study.by_city, "values": study.values},
        figures={
            "look_alikes": (
                look_alikes_figure(study),
                "The embedding saw no label. Where blue lies around the red mark, look-alikes are alike in that label.",
            )
        },
        cards=[(f"{alike} of {known.height}", "labels in which a place's look-alikes are alike")],
    )


def first_of_each_tier(table: Embedded) -> list[str]:
    """Of the study's cities the first of each tier, in the order of the table of cities."""
    there = set(table.cities)
    first: dict[str, str] = {}
    for city in CITIES.values():
        if city.id in there:
            first.setdefault(city.tier, city.id)
    return list(first.values())


def _cards(study: Dimensionality, advice: Advice) -> list[tuple[str, str]]:
    if advice.representation is None:
        return []
    best = dict(study.metrics.group_by("representation").agg(pl.col("skill").max()).iter_rows())
    return [
        (advice.representation.replace("_", " "), f"the form to take, by {advice.metric} distance"),
        (
            f"{best[advice.representation]:.2f} : {best['raw']:.2f}",
            "skill of 10 neighbours on the labels: that form, and all columns as they are",
        ),
    ]


def _on_width(study: Challenges) -> list[str]:
    """What each task has at its best width and at the widest, of the embeddings and of made-up data."""
    losses = {(row["setting"], row["task"]): row for row in study.losses().to_dicts()}
    sentences = []
    for name in ("regression_knn", "classification_knn", "clustering_kmeans"):
        own, made_up = losses["leading dimensions", TASKS[name]], losses["Gaussian", TASKS[name]]
        task = TASKS[name]
        sentences.append(
            f"{task[0].upper()}{task[1:]}: the embedding has {own['widest']:.2f} at all its {own['width']} dimensions, "
            f"at best {own['best']:.2f} at {own['best_width']}; made-up data whose dimensions are independent fall "
            f"from {made_up['best']:.2f} at {made_up['best_width']} to {made_up['widest']:.2f} at {made_up['width']}."
        )
    contrast = _by_width(study, "concentration")
    own_width, gaussian = max(contrast["leading dimensions"]), contrast["Gaussian"]
    near = min(gaussian, key=lambda width: abs(width - own_width))
    return [
        *sentences,
        f"Relative contrast at {own_width} dimensions: {contrast['leading dimensions'][own_width]:.2f} in the "
        f"embedding, {gaussian[near]:.2f} in {near} independent ones.",
    ]


def _by_width(study: Challenges, measure: str) -> Mapping[str, Mapping[int, float]]:
    found: dict[str, dict[int, float]] = {}
    for row in study.table.filter(measure=measure).to_dicts():
        found.setdefault(row["setting"], {})[row["width"]] = row["mean"]
    return found
