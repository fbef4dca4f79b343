"""How partitions share runs: what Dagster reads back from a run's range must be what was meant."""

import dagster as dg
from hypothesis import given, settings
from hypothesis import strategies as st

from assets.partitions import A_CITY_A_RUN, CITY_YEAR, CityYear, city_year, in_runs, key_of, keys_of, members
from lake.cities import CITIES, YEARS
from lake.profiles import SCALES

PARTITIONS = st.sets(st.tuples(st.sampled_from(sorted(CITIES)), st.sampled_from(YEARS)), min_size=1, max_size=40)


def read_back(start: str, end: str) -> set[CityYear]:
    """The partitions that Dagster takes a run of this range to have."""
    return {city_year(key) for key in CITY_YEAR.get_partition_keys_in_range(dg.PartitionKeyRange(start, end))}


@given(PARTITIONS)
def test_ranges_hold_each_partition_once_and_no_other(partitions: set[CityYear]) -> None:
    ranges = in_runs(sorted(partitions))
    found = [partition for keys in ranges for partition in read_back(keys.start, keys.end)]
    assert sorted(found) == sorted(partitions)
    assert [sorted(members(keys)) for keys in ranges] == [sorted(read_back(keys.start, keys.end)) for keys in ranges]


def test_the_demo_is_one_run_a_city() -> None:
    scale = SCALES["demo"]
    assert len(in_runs(keys_of(scale))) == len(scale.cities)


@settings(max_examples=60, deadline=None)
@given(PARTITIONS | st.just({(city, year) for city in CITIES for year in YEARS}))
def test_a_backfill_under_our_policy_asks_for_exactly_its_partitions(partitions: set[CityYear]) -> None:
    """The policy's number is not free: with another, Dagster's ranges of two dimensions take in other partitions."""
    subset = CITY_YEAR.subset_with_partition_keys([key_of(*partition) for partition in partitions])
    asked: list[CityYear] = []
    for keys in subset.get_partition_key_ranges(CITY_YEAR):
        in_range = CITY_YEAR.get_partition_keys_in_range(keys)
        size = A_CITY_A_RUN.max_partitions_per_run
        assert size is not None
        for piece in (in_range[i : i + size] for i in range(0, len(in_range), size)):
            asked += read_back(piece[0], piece[-1])
    assert sorted(asked) == sorted(partitions)
