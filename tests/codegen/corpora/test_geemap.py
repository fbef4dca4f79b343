"""The scripts that geemap ships, as they are counted: a change of any of these numbers is a change of what is kept."""

from collections import Counter

import pytest

from codegen.corpora.connectors import geemap_scripts, package_sources
from codegen.corpora.connectors import packages as packages_module
from codegen.corpora.script import Found
from codegen.corpora.selection import select
from lake.errors import BadInputError


@pytest.fixture(scope="module")
def scripts() -> list[Found]:
    found = list(geemap_scripts())
    assert all(isinstance(one, Found) for one in found)
    return [one for one in found if isinstance(one, Found)]


def test_the_scripts_of_geemap_are_all_found(scripts: list[Found]) -> None:
    assert len(scripts) == 1928
    assert len({one.origin for one in scripts}) == 1928
    assert len({one.content for one in scripts}) == 1001
    assert scripts[0].origin == "geemap:Arrays/Decorrelation Stretch"
    assert {(one.language, one.licence) for one in scripts} == {("javascript", "MIT")}


def test_of_the_scripts_of_geemap_those_that_differ_are_kept(scripts: list[Found]) -> None:
    selection = select("geemap", scripts, near=None)
    assert len(selection.scripts) == 946
    assert Counter(one.reason for one in selection.dropped) == {"duplicate": 873, "no Earth Engine": 109}
    texts = {script.text for script in selection.scripts}
    assert len(texts) == 946


def test_of_the_scripts_of_geemap_a_third_are_nearly_others(scripts: list[Found]) -> None:
    selection = select("geemap", scripts)
    assert len(selection.scripts) == 668
    reasons = Counter(one.reason for one in selection.dropped)
    assert reasons == {"duplicate": 593, "near duplicate": 558, "no Earth Engine": 109}


def test_sources_of_packages_that_use_earth_engine_are_found() -> None:
    found = list(package_sources(["geemap", "xee"]))
    origins = [one.origin for one in found]
    assert "geemap:geemap/common.py" in origins
    assert "xee:xee/ext.py" in origins
    assert "geemap:geemap/data/template/template.ipynb" in origins
    assert origins == sorted(origins)
    licences = {one.origin.split(":")[0]: one.licence for one in found if isinstance(one, Found)}
    assert licences == {"geemap": "MIT", "xee": "Apache-2.0"}
    assert all(isinstance(one, Found) and b"ee." in one.content and one.language == "python" for one in found)


def test_a_package_that_is_not_there_is_told_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BadInputError, match="pip install no-such-package"):
        package_sources(["no-such-package"])
    monkeypatch.setattr(packages_module.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(BadInputError, match="pip install geemap"):
        geemap_scripts()
