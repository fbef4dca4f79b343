"""What is said of the coverage is so: the page is current, and every algorithm that is left out has its reason."""

from ee_emulator import coverage
from ee_emulator.registry import IMPLEMENTATIONS, signatures
from lake.settings import REPOSITORY

PAGE = REPOSITORY / "docs" / "coverage.md"


def test_the_page_is_what_the_command_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == coverage.page(), "ee-emulator coverage --markdown > docs/coverage.md"


def test_no_more_than_thirty_documented_algorithms_are_left_out_each_with_a_reason() -> None:
    missing = coverage.missing(documented=True)
    assert len(missing) <= 30
    assert set(missing) == coverage.LEFT_OUT.keys()


def test_the_counts_of_the_types_are_those_of_all_algorithms() -> None:
    counts = coverage.by_type().values()
    assert sum(c.documented + c.others for c in counts) == len(signatures()) == 991
    assert sum(c.documented for c in counts) == 888
    assert sum(c.documented_here + c.others_here for c in counts) == len(IMPLEMENTATIONS)
