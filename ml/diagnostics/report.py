"""The diagnostics as one HTML page that needs nothing beside it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.metadata import version

from lake.code_version import package_version
from lake.errors import PartitionMissingError
from lake.partition_io import HASH_KEY, Lake, Written
from ml import diagnostics
from ml.diagnostics.embeddings import DATASET, encoder_job
from ml.diagnostics.outcome import ROOT, Kept, is_kept, kept
from ml.experiments.figures import origin
from ml.experiments.pipeline import REPORT as EXPERIMENTS
from ml.experiments.runner import Plan
from ml.experiments.table import Experiment
from ml.pages import inlined, render

PAGE = f"{ROOT}/index.html"


@dataclass(frozen=True)
class Chapter:
    """What a study is called on the page.

    Attributes:
        study: Its name in the lake.
        short: For the navigation.
        title: Its heading.
        asks: Under the heading: what is asked, and how.
    """

    study: str
    short: str
    title: str
    asks: str


CHAPTERS = (
    Chapter(
        "dimensionality",
        "Dimensionality",
        "Which metric, which width",
        "Ten neighbours of each row, all in other cities: how well do they tell the labels, and what does width do to "
        "the distances? The advice follows stated rules; each sentence carries its numbers.",
    ),
    Chapter(
        "challenges",
        "Width",
        "What width costs",
        "Five challenges of high-dimensional data and three tasks as the number of dimensions grows: in made-up data, "
        "in the embedding's leading dimensions, and with dimensions of noise beside it.",
    ),
    Chapter(
        "city_hierarchy",
        "Hierarchy",
        "Which cities are alike",
        "Cities by the mean direction of their rows. Is it tier, is it region, or do near cities merely look alike?",
    ),
    Chapter(
        "urban_structure",
        "Within cities",
        "Order within a city",
        "Clusters of pixels, core against periphery, and change. One city of each tier unless others were asked for.",
    ),
    Chapter(
        "change_origins",
        "Change",
        "What the change hangs on",
        "An embedding moves when a city does, and when a sensor, a series or a text does. Each stream is held at the "
        "first year while the others move on, and moves on alone.",
    ),
    Chapter(
        "look_alikes",
        "Look-alikes",
        "A place and its look-alikes",
        "The pixels of other cities most like one place, and whether they are alike in what the embedding never saw.",
    ),
)
"""The studies, in the order of the page."""


def write_page(lake: Lake) -> Written:
    """Puts what the studies left together and writes `diagnostics/index.html`.

    Raises:
        PartitionMissingError: A study was never run.
    """
    return lake.write_bytes(PAGE, page(lake, [kept(lake, chapter.study) for chapter in CHAPTERS]).encode())


def made_of(lake: Lake) -> str:
    """Digest of what every diagnostic is a function of: the embeddings in the lake, and the code of this package."""
    told = lake.table_metadata(DATASET).get(HASH_KEY, "missing")
    return hashlib.sha256(f"{told} {package_version(diagnostics)}".encode()).hexdigest()[:16]


def is_diagnosed(plan: Plan, experiments: Sequence[Experiment]) -> bool:
    """Whether embeddings and diagnostics in the lake are of this data, encoder and code.

    Args:
        plan: Of the experiments.
        experiments: Rows of the table that is configured.
    """
    told, wanted = plan.lake.table_metadata(DATASET).get("fingerprint"), encoder_job(plan, experiments).fingerprint
    digest = made_of(plan.lake)
    return (
        told == wanted
        and all(is_kept(plan.lake, chapter.study, digest) for chapter in CHAPTERS)
        and _is_there(plan.lake, PAGE)
    )


def page(lake: Lake, studies: Sequence[Kept]) -> str:
    """The page of some studies; text and pictures are theirs."""
    simulated = any(study.simulated for study in studies)
    chapters = {chapter.study: chapter for chapter in CHAPTERS}
    told = lake.table_metadata(DATASET)
    return render(
        "diagnostics/report.html.jinja",
        simulated=simulated,
        origin=origin(simulated),
        cards=[card for study in studies for card in study.cards],
        parts=[_part(chapters[study.study], study) for study in studies],
        experiments=EXPERIMENTS if _is_there(lake, EXPERIMENTS) else None,
        provenance={
            "encoder": f"{told.get('experiment', '')}, {told.get('fingerprint', '')}",
            "data": told.get("study", ""),
            "versions": ", ".join(f"{name} {version(name)}" for name in ("torch", "numpy", "scikit-learn", "scipy")),
        },
    )


def _part(chapter: Chapter, study: Kept) -> dict[str, object]:
    return {
        "name": chapter.study,
        "short": chapter.short,
        "title": chapter.title,
        "asks": chapter.asks,
        "told": _html(study.told),
        "numbers": _html(study.numbers) if study.numbers else "",
        "pictures": [(inlined(study.figures[name]), caption) for name, caption in study.captions.items()],
    }


def _html(markdown: str) -> str:
    """Markdown as HTML that a template takes as it is; HTML inside the Markdown is shown, not run."""
    from markdown_it import MarkdownIt

    return str(MarkdownIt("commonmark", {"html": False}).enable("table").render(markdown))


def _is_there(lake: Lake, path: str) -> bool:
    try:
        lake.read_bytes(path)
    except PartitionMissingError:
        return False
    return True
