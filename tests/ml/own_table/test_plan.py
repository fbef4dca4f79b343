"""Rows are dealt into few folds, whole groups together; what cannot be dealt is told before anything is trained."""

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lake.errors import BadInputError
from ml.own_table.labels import notes_on_columns, read_labels
from ml.own_table.plan import MOST_FOLDS, SplitPlan, make_plans
from ml.own_table.scoring import make_tasks
from ml.own_table.spec import load_spec
from ml.splits import MOST_SETS
from tests.ml.own_table.conftest import ROWS, SPEC, Read, made_table, spec_of

STREAM = "streams: {all: {columns: ['band_*']}}\n"


def plan_of(read: Read, table: pl.DataFrame, **fields: object) -> SplitPlan:
    columns = "keys: [place, region, income, use, x, y, town]\n"
    spec = spec_of(**fields)
    if "town" not in table.columns:
        table = table.with_columns(town=pl.col("place") // 4)
    return make_plans(spec, read(table, STREAM + columns), seed=0)[0]


def test_each_value_of_a_column_is_held_out(read: Read) -> None:
    table = made_table()
    plan = plan_of(read, table, groups=["region"])
    assert plan.folds == ("east", "north", "west")
    for number, name, training in plan.held_out():
        assert (np.asarray(plan.folds)[plan.fold] == name).sum() == ROWS / 3
        assert set(table["region"].to_numpy()[training]) == {"east", "north", "west"} - {name}
        assert not (plan.fold[training] == number).any()


@given(st.integers(9, 120), st.integers(0, 5))
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_many_values_are_dealt_whole_and_no_set_lies_in_two_folds(read: Read, values: int, seed: int) -> None:
    town = np.random.default_rng(seed).integers(0, values, ROWS)
    town[:values] = np.arange(values)
    plan = plan_of(read, made_table().with_columns(town=town), groups=["town"])
    assert len(plan.folds) == MOST_FOLDS == len(np.unique(plan.fold))
    for group, holder in ((town, plan.fold), (town, plan.left_out), (plan.left_out, plan.fold)):
        assert all(len(np.unique(holder[group == value])) == 1 for value in np.unique(group))
    assert len(np.unique(plan.left_out)) <= MOST_SETS


def test_units_are_left_out_inside_the_folds(read: Read) -> None:
    plan = plan_of(read, made_table(), groups=[{"column": "region", "units": "town"}])
    assert plan.folds == ("east", "north", "west")
    assert "town" in plan.sets_are
    pairs = {(int(s), int(f)) for s, f in zip(plan.left_out, plan.fold, strict=True)}
    assert len(pairs) == len(np.unique(plan.left_out)) <= MOST_SETS


def test_two_values_leave_rows_to_choose_a_penalty_by(read: Read) -> None:
    table = made_table().with_columns(region=pl.Series(["a", "b"] * (ROWS // 2)))
    plan = plan_of(read, table, groups=["region"])
    assert plan.sets_are == "rows drawn at random"
    assert all(len(np.unique(plan.left_out[training])) > 2 for _, _, training in plan.held_out())


def test_blocks_of_ground_stay_whole(read: Read) -> None:
    table = made_table()
    plan = plan_of(read, table, blocks={"x": "x", "y": "y", "side": 100})
    cell = (table["x"] // 100 * 1000 + table["y"] // 100).to_numpy()
    assert all(len(np.unique(plan.fold[cell == value])) == 1 for value in np.unique(cell))


def test_without_groups_rows_are_dealt_at_random_and_that_is_said_to_be_optimistic(read: Read) -> None:
    plan = plan_of(read, made_table())
    assert "optimistic" in plan.told
    assert np.bincount(plan.fold).tolist() == [ROWS // 5] * 5
    assert np.array_equal(plan.fold, plan_of(read, made_table()).fold)


def test_a_group_of_one_row_is_trained_on_but_not_scored(read: Read) -> None:
    region = ["lonely", *["east", "north", "west"] * (ROWS // 3)][:ROWS]
    plan = plan_of(read, made_table().with_columns(region=pl.Series(region)), groups=["region"])
    assert "lonely" in plan.folds
    assert [name for _, name, _ in plan.held_out()] == ["east", "north", "west"]


@pytest.mark.parametrize(
    ("change", "fields", "said"),
    [
        (pl.lit("wuhan").alias("region"), {"groups": ["region"]}, "Every row has region = 'wuhan'"),
        (
            pl.col("region").replace("west", None),
            {"groups": ["region"]},
            r"Row 2 has no region \(120.*IS NOT NULL",
        ),
        (pl.col("x").replace(pl.col("x").first(), None), {"blocks": {"x": "x", "y": "y", "side": 9}}, "Row 0 has no x"),
        (pl.lit("far").alias("x"), {"blocks": {"x": "x", "y": "y", "side": 9}}, "needs numbers in x and y"),
        (pl.lit(1.0).alias("x"), {"blocks": {"x": "x", "y": "y", "side": 1e6}}, "1 groups into 5 folds"),
    ],
)
def test_what_cannot_be_dealt_is_told(read: Read, change: pl.Expr, fields: dict[str, object], said: str) -> None:
    with pytest.raises(BadInputError, match=said):
        plan_of(read, made_table().with_columns(change), **fields)


def labels_of(read: Read, table: pl.DataFrame, labels: str) -> None:
    text = f"{STREAM}labels: {labels}\n"
    matrix = read(table, text)
    spec = load_spec(matrix.folder.parent / "spec.yaml")
    found = read_labels(spec, matrix)
    make_tasks(make_plans(spec, matrix, 0), found, 1_000, 0)


def test_ten_rows_are_too_few_to_score(read: Read) -> None:
    with pytest.raises(BadInputError, match="income is known for 10 of 10 rows; at least 40"):
        labels_of(read, made_table(10), "income")
    with pytest.raises(BadInputError, match="The table has 60 rows; to score labels takes 5 folds"):
        labels_of(read, made_table(60), "income")


@pytest.mark.parametrize(
    ("change", "labels", "said"),
    [
        (pl.lit(4.2).alias("income"), "income", "income has one value only"),
        (pl.lit(None, pl.Float64).alias("income"), "income", "income is known for 0 of 360 rows"),
        (pl.lit("homes").alias("use"), "{use: class}", "use has one value only"),
        (pl.col("income"), "{income: class}", "income holds fractions"),
        (pl.date_range(pl.date(2020, 1, 1), pl.date(2020, 12, 25), "1d").alias("use"), "{use: class}", "type Date"),
        (
            pl.when(pl.int_range(pl.len()) < 359).then(pl.lit("a")).otherwise(pl.lit("b")).alias("use"),
            "{use: class}",
            None,
        ),
    ],
)
def test_a_label_that_tells_nothing_is_refused(read: Read, change: pl.Expr, labels: str, said: str | None) -> None:
    table = made_table().with_columns(change)
    if said is None:  # one row of another class: hopeless, but it can be asked
        labels_of(read, table, labels)
        return
    with pytest.raises(BadInputError, match=said):
        labels_of(read, table, labels)


@pytest.mark.parametrize("dtype", [pl.Int16, pl.Float64, pl.String, pl.Categorical, pl.Boolean])
def test_classes_may_be_of_any_type_that_names_things(read: Read, dtype: pl.DataType) -> None:
    code = pl.Series("use", [0, 1, 1] * (ROWS // 3))
    table = made_table().with_columns(code.cast(pl.String).cast(dtype) if dtype == pl.Categorical else code.cast(dtype))
    labels_of(read, table, "{use: class}")


def test_columns_that_tell_nothing_are_noted_and_a_stream_of_nothing_is_refused(read: Read) -> None:
    table = made_table().with_columns(band_0=pl.lit(None, pl.Float64), band_1=pl.lit(3.0), band_2=pl.lit(float("inf")))
    notes = " ".join(notes_on_columns(read(table)))
    assert "band_0, band_2: never there" in notes
    assert "band_1: the same wherever it is there" in notes
    assert "band_2: infinite" in notes
    with pytest.raises(BadInputError, match="The stream heat has no value in any of 360 rows"):
        notes_on_columns(read(made_table().with_columns(heat=pl.lit(None, pl.Float64)), SPEC))
