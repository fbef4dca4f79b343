"""The table of records."""

import polars as pl
import pytest

from codegen.evaluation.record import Record
from codegen.evaluation.scores.frame import NOT_TOLD, SCHEMA, checked, records_frame, systems
from lake.errors import BadInputError
from tests.codegen.evaluation.scores.simulated import Bench, Simulated, simulated

ONE = Record(
    "m", "bare", "unit", "f", "f_testcase1", "", "easy", "ee.Image", 1, False, "syntax", "why", "p", "c", "o",
    10, 20, 0.5, 0.1, 3, 2, 1,
)  # fmt: skip


def test_records_become_a_table_with_the_fields_of_record():
    table = records_frame([ONE])
    assert table.columns == list(SCHEMA) == list(Record.__slots__)
    assert table.row(0, named=True)["error"] == "syntax"
    assert records_frame([]).height == 0


def test_what_is_not_told_is_named_so():
    assert checked(records_frame([ONE]))["type"].to_list() == [NOT_TOLD]


def test_records_are_in_the_order_of_epochs_whatever_the_order_of_the_file():
    records = simulated([Simulated("a"), Simulated("b")], Bench(tasks=5))
    assert checked(records.sample(fraction=1, shuffle=True, seed=1)).equals(checked(records))
    assert systems(records) == [("a", "bare"), ("b", "bare")]


@pytest.mark.parametrize(
    ("broken", "told"),
    [
        (records_frame([ONE]).drop("epoch", "code"), "lacks the columns epoch, code"),
        (records_frame([ONE]).with_columns(epoch=pl.lit("first")), "another type"),
        (records_frame([ONE]).with_columns(error=pl.lit("bad luck")), "bad luck"),
        (records_frame([ONE, ONE]), "f_testcase1 of m/bare, epoch 1"),
    ],
)
def test_a_table_that_is_none_is_refused(broken: pl.DataFrame, told: str):
    with pytest.raises(BadInputError, match=told):
        checked(broken)
