"""Where the diagnostics' embeddings come from: the study's encoder of all cities over the study's rows.

The encoder is that of the experiment *CAR with Matryoshka heads*, whose leading dimensions are made to stand on their
own; what the experiments trained is taken, and what the diagnostics train first the experiments find there. A map of a
city is drawn of its released embeddings where the lake has some, for these have all pixels of a profile.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from lake.grid import CityGrid, city_grid
from lake.partition_io import Lake, Written
from ml.experiments.arrays import MappedStudy, read_study
from ml.experiments.figures import origin
from ml.experiments.fold import FoldJob, can_be_released, run_fold
from ml.experiments.runner import Plan, released_job
from ml.experiments.streams import normalised_columns
from ml.experiments.table import Experiment, load_experiments
from ml.inference import embed_table
from ml.model_files import load_trained
from ml.preprocessing import fit_preprocessing
from ml.release.embeddings import read_embeddings
from ml.release.layout import EMBEDDINGS
from ml.representations import alphaearth
from ml.schema import SEVEN
from ml.training import reproducible

DATASET = "diagnostics/embeddings"


@dataclass(frozen=True)
class Embedded:
    """The study's rows with their embeddings.

    Attributes:
        study: Streams, labels and splits of the rows.
        embeddings: Unit length, NaN where nothing is known of a row; float32 (rows, 256).
        model: File of the encoder.
        made_of: Digest of data, configuration and code of the encoder.
    """

    study: MappedStudy
    embeddings: NDArray[np.float32]
    model: Path
    made_of: str

    @property
    def keys(self) -> pl.DataFrame:
        """`city`, `year` and `pixel` of each row."""
        return self.study.data.keys

    @property
    def cities(self) -> NDArray[np.object_]:
        """City id of each row."""
        return self.keys["city"].to_numpy()

    @property
    def labels(self) -> dict[str, NDArray[np.float64]]:
        """Values of each label, NaN where unknown; (rows,)."""
        benchmark = self.study.benchmark
        return dict(zip(benchmark.labels, benchmark.values.T, strict=True))

    @property
    def origin(self) -> str:
        """The sentence on where the data come from."""
        return origin(self.study.simulated)

    def columns(self, rows: NDArray[np.int64]) -> NDArray[np.float64]:
        """All raw columns of some rows on the scale of CAR's encoder: logarithms, then z-scores; NaN where missing."""
        raw = np.asarray(self.study.data.raw[rows])
        return normalised_columns(fit_preprocessing(raw, np.arange(len(raw)), self.study.data.schema, "log1p_z"), raw)

    def alphaearth(self, rows: NDArray[np.int64]) -> NDArray[np.float32]:
        """AlphaEarth's embeddings of some rows alone; float32 (rows, 64)."""
        return alphaearth(self.study.data.values[SEVEN.names[0]][rows])


@dataclass(frozen=True)
class CityYears:
    """One city in its first and last year.

    Attributes:
        grid: Its pixels.
        embeddings: Year to embeddings in the grid's order, NaN where there is none; float32 (pixels, 256).
        labels: Name to values of the last year, NaN where unknown.
        released: True where they are those of the lake's released partitions.
    """

    grid: CityGrid
    embeddings: Mapping[int, NDArray[np.float32]]
    labels: Mapping[str, NDArray[np.float64]]
    released: bool


def encoder_job(plan: Plan, experiments: Sequence[Experiment]) -> FoldJob:
    """The training of CAR with Matryoshka heads on all cities: of the first such row given, else of our own table's."""
    row = next(
        row
        for row in (*experiments, *load_experiments())
        if can_be_released(row) and row.training and row.training.reconstruction == "car" and row.training.heads
    )
    return released_job(plan, row)


def write_embeddings(plan: Plan, experiments: Sequence[Experiment]) -> Written:
    """Embeds the study's rows and writes `diagnostics/embeddings`; the encoder is trained where it is not there.

    Args:
        plan: Of the experiments.
        experiments: Rows of the table that is configured.

    Raises:
        BadInputError: Its training failed.
    """
    job = encoder_job(plan, experiments)
    if not job.is_done():
        run_fold(job)
    data = plan.study.data
    with reproducible(1):
        embeddings = embed_table(load_trained(job.model).encoder, data)
    table = data.keys.with_columns(pl.Series("embedding", embeddings, dtype=pl.Array(pl.Float32, embeddings.shape[1])))
    told = {
        "fingerprint": job.fingerprint,
        "study": plan.study.digest,
        "experiment": job.experiment.name,
        "model": job.model.name,
        "simulated": str(plan.study.simulated).lower(),
    }
    return plan.lake.write_table(DATASET, table, told)


def read_embedded(lake: Lake, folder: Path) -> Embedded:
    """What `write_embeddings` wrote, with what it was made of.

    Args:
        lake: Where it was written.
        folder: Of the experiments: that of the study and of the encoder.

    Raises:
        PartitionMissingError: It was never written.
        BadInputError: The study's files are gone.
    """
    embeddings = lake.read_table(DATASET, ["embedding"])["embedding"].to_numpy()
    told = lake.table_metadata(DATASET)
    study = read_study(folder / "studies" / told["study"])
    return Embedded(study, embeddings, folder / "results" / "models" / told["model"], told["fingerprint"])


def city_years(lake: Lake, embedded: Embedded, city: str) -> CityYears:
    """First and last year of a city: of the lake's released embeddings where there are some, else of the study's rows.

    Labels are known at the study's pixels.
    """
    years = [year for name, year in lake.partitions(EMBEDDINGS) if name == city]
    ours = embedded.keys.with_row_index("row").filter(city=city)
    sampled = {year: ours.filter(year=year) for year in ours["year"].unique().sort()}
    if years:
        parts = {year: read_embeddings(lake, city, year) for year in (min(years), max(years))}
    else:
        ends = {year: sampled[year] for year in (min(sampled), max(sampled))}
        parts = {y: (part["pixel"].to_numpy(), embedded.embeddings[part["row"].to_numpy()]) for y, part in ends.items()}
    last = max(parts)
    pixel = parts[last][0]
    known = sampled.get(last, ours.clear())
    labels = {
        name: _placed(pixel, known["pixel"].to_numpy(), values[known["row"].to_numpy()])
        for name, values in embedded.labels.items()
    }
    return CityYears(
        city_grid(city).taking(pixel),
        {year: _placed(pixel, *part) for year, part in parts.items()},
        labels,
        released=bool(years),
    )


def _placed(pixel: NDArray[np.uint32], own: NDArray[np.uint32], values: NDArray[Any]) -> NDArray[Any]:
    """Values of some pixels (`own`, ascending) at those asked for, NaN where there is none."""
    placed = np.full((len(pixel), *values.shape[1:]), np.nan, values.dtype)
    if len(own):
        place = np.minimum(np.searchsorted(own, pixel), len(own) - 1)
        hit = own[place] == pixel
        placed[hit] = values[place[hit]]
    return placed
