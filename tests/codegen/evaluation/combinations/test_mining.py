"""Chains are mined, chosen and written down by rule, so that anybody's run over the same scripts finds the same."""

from pathlib import Path

import pytest

from codegen.evaluation.building.combinations.chains import FILE, mine_packages, read_chains, write_chains
from codegen.evaluation.building.combinations.mining import Chain, connected, mined_chains


def test_the_chains_are_those_that_mining_finds_in_the_installed_scripts(tmp_path: Path) -> None:
    mined = mine_packages()
    assert mined == read_chains()
    write_chains(mined, tmp_path / "chains.yaml")
    assert (tmp_path / "chains.yaml").read_bytes() == FILE.read_bytes()


def test_a_chain_is_told_with_the_scripts_that_have_it_in_order() -> None:
    here = ["ee.ImageCollection", "ee.ImageCollection.filterDate", "ee.Date", "ee.ImageCollection.mean"]
    other = ["ee.ImageCollection", "ee.ImageCollection.mean", "ee.ImageCollection.filterDate"]
    chains = mined_chains([here] * 4 + [other] * 2)
    wanted = ("ee.ImageCollection", "ee.ImageCollection.filterDate", "ee.ImageCollection.mean")
    assert Chain(wanted, 4, 0.6667) not in chains  # it is not closed: a date lies in between in all four
    assert chains == ()  # and that date enters nothing behind it
    assert mined_chains([[*here[:2], here[3]]] * 4 + [other] * 2) == (Chain(wanted, 4, 0.6667),)


@pytest.mark.parametrize(
    ("operators", "fits"),
    [
        ("ee.ImageCollection ee.ImageCollection.filterDate ee.ImageCollection.mean", True),
        ("ee.ImageCollection ee.Filter.eq ee.ImageCollection.filter", True),
        ("ee.ImageCollection ee.Filter.eq ee.ImageCollection.mean", False),  # the filter enters nothing
        ("ee.ImageCollection ee.ImageCollection.map ee.Image.select ee.ImageCollection.median", True),
        ("ee.ImageCollection ee.Image.select ee.ImageCollection.median", False),  # no map that would give it back
        ("ee.Image ee.Geometry.Rectangle ee.Image.reduceRegion", True),
        ("ee.Feature ee.Image ee.Image.select", False),
        ("ee.Image ee.Image.hersFeature ee.Image.select", False),  # the local Earth Engine has it not
        ("ee.Image ee.Image.doesNotExist ee.Image.select", False),
    ],
)
def test_only_chains_that_can_stand_in_one_expression_are_taken(operators: str, fits: bool) -> None:
    assert connected(operators.split()) is fits


def test_a_chain_without_new_pairs_or_of_one_operator_over_and_over_is_left_out() -> None:
    select, divide, exp, root = "ee.Image.select", "ee.Image.divide", "ee.Image.exp", "ee.Image.sqrt"
    assert mined_chains([[select, divide, select, divide, select, divide, select]] * 3) == ()
    longer, shorter = (select, divide, exp, root), (select, divide, exp)
    assert [chain.operators for chain in mined_chains([[*longer]] * 6 + [[*shorter]] * 2)] == [longer]


def test_chains_are_long_enough_to_combine_and_frequent() -> None:
    mined = read_chains()
    assert len(mined.chains) >= 80
    assert all(3 <= len(chain.operators) <= 8 and chain.scripts >= 3 for chain in mined.chains)
    assert len({chain.operators for chain in mined.chains}) == len(mined.chains)
