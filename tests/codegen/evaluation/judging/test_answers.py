"""Files of answers: as published, and with what ours say on top, which the published program passes over."""

import io
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import shapely.geometry

from codegen.evaluation.judging.answers import Answer, form_of, read_answer, write_answer
from codegen.evaluation.judging.compare import compare
from lake.errors import BadInputError

POLYGON = {"type": "Polygon", "coordinates": [[[0, 0], [1, 0], [1, 1], [0, 0]]], "geodesic": False}
ANSWERS = [
    Answer("ee.Image", np.round(np.random.default_rng(1).random((5, 4, 2), np.float32), 3)),
    Answer("ee.Image", np.array([-1])),
    Answer("ee.ImageCollection", np.arange(6, dtype=np.int16).reshape(3, 2, 1), None, {"size": 3, "bands": ["a"]}),
    Answer("ee.Image", np.ones((3, 3, 1)), np.eye(3, dtype=bool)[..., None], {"bands": ["nd"]}),
    Answer("ee.Array", np.array([[1.5, 2], [3, 4]])),
    Answer("ee.ConfusionMatrix", np.array([[1, 0], [0, 2]])),
    Answer("ee.ArrayImage", np.array([1, 2])),
    Answer("ee.Geometry", POLYGON),
    Answer("ee.Feature", POLYGON, None, {"properties": {"name": "Wuhan 武汉", "area": 1.5}}),
    Answer("ee.FeatureCollection", {"type": "GeometryCollection", "geometries": []}, None, {"properties": []}),
    Answer("ee.Number", 3),
    Answer("ee.Number", 0.1 + 0.2),
    Answer("ee.Number", 10**20),
    Answer("ee.Number", float("inf")),
    Answer("ee.Number", "NaN"),
    Answer("ee.Number", None),
    Answer("ee.String", " two\r\nlines\n"),
    Answer("ee.String", ""),
    Answer("str", "12"),
    Answer("bool", True),
    Answer("int", -4),
    Answer("float", 1e-9),
    Answer("NoneType", None),
    Answer("ee.Date", 1577836800000),
    Answer("ee.DateRange", [0]),
    Answer("ee.DateRange", [0, 86400000]),
    Answer("ee.List", [1, "二", [None, True]]),
    Answer("ee.Dictionary", {"a": {"b": 1}}),
    Answer("ee.Reducer", {"type": "Reducer.mean"}),
    Answer("list", []),
    Answer("dict", {}),
    Answer("ee.ComputedObject", {"a": 1}),
]  # fmt: skip


@pytest.mark.parametrize("answer", ANSWERS, ids=lambda answer: answer.out_type)
def test_an_answer_is_read_as_it_was_written(answer: Answer, tmp_path: Path) -> None:
    name = write_answer(tmp_path, "task_testcase1", answer)
    assert name.startswith("task_testcase1.")
    read = read_answer(tmp_path / name, answer.out_type)
    assert compare(answer, read) is None
    assert compare(read, answer) is None
    assert dict(read.facts) == dict(answer.facts)
    if isinstance(answer.value, np.ndarray):
        assert read.value.dtype == answer.value.dtype
    if answer.valid is not None:
        assert read.valid is not None
        assert np.array_equal(read.valid, answer.valid)


def test_the_published_program_reads_what_is_written(tmp_path: Path) -> None:
    """By the calls that it makes (gee_py_test_v5.py, `check_result`)."""
    for number, answer in enumerate(ANSWERS):
        path = tmp_path / write_answer(tmp_path, f"f_testcase{number}", answer)
        if path.suffix == ".npy":
            assert np.array_equal(np.load(path, allow_pickle=True), answer.value)
        elif path.suffix == ".geojson":
            read = shapely.geometry.shape(json.loads(path.read_text(encoding="utf-8")))
            assert read.equals(shapely.geometry.shape(answer.value))
        elif answer.out_type in ("ee.Number", "int", "float") and answer.value is not None:
            assert float(path.read_text()) == float(answer.value) or answer.value == "NaN"
        elif answer.out_type == "ee.Date":
            assert int(path.read_text()) == answer.value
        elif answer.out_type in ("ee.String", "str", "bool"):
            assert path.read_bytes().decode() == str(answer.value)
        elif form_of(answer.out_type) == "value" and answer.out_type not in ("ee.Number", "NoneType"):
            assert json.loads(path.read_text(encoding="utf-8")) == answer.value


def test_published_files_are_read(tmp_path: Path) -> None:
    pixels = np.round(np.random.default_rng(2).random((4, 3, 2)), 3)
    np.save(tmp_path / "image.npy", pixels)
    (tmp_path / "range.txt").write_text(str([1577836800000, 1580515200000]))
    (tmp_path / "flag.txt").write_text("False")
    (tmp_path / "number.txt").write_text("3.0\n")
    (tmp_path / "text.txt").write_text("as it is\n")
    (tmp_path / "shape.geojson").write_text(json.dumps(POLYGON))
    image = read_answer(tmp_path / "image.npy", "ee.Image")
    assert np.array_equal(image.value, pixels)
    assert image.valid is None
    assert not image.facts
    assert read_answer(tmp_path / "range.txt", "ee.DateRange").value == [1577836800000, 1580515200000]
    assert read_answer(tmp_path / "flag.txt", "bool").value is False
    assert read_answer(tmp_path / "number.txt", "ee.Number").value == 3
    assert read_answer(tmp_path / "text.txt", "ee.String").value == "as it is\n"
    assert read_answer(tmp_path / "shape.geojson", "ee.Geometry").value == POLYGON


def test_the_ending_may_be_left_out(tmp_path: Path) -> None:
    write_answer(tmp_path, "f_testcase1", Answer("ee.Number", 1))
    assert read_answer(tmp_path / "f_testcase1", "ee.Number").value == 1


def test_pixels_are_rounded_to_three_decimals(tmp_path: Path) -> None:
    write_answer(tmp_path, "f", Answer("ee.Image", np.full((1, 1, 1), 0.12349)))
    assert read_answer(tmp_path / "f.npy", "ee.Image").value.item() == 0.123


def _object_array() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    return file.getvalue()


@pytest.mark.parametrize(
    ("name", "out_type", "content"),
    [
        ("a.npy", "ee.Image", b"no array"),
        ("a.npy", "ee.Image", b""),
        ("a.npy", "ee.Array", _object_array()),  # a pickle could run anything
        ("a.txt", "ee.Dictionary", b"{"),
        ("a.txt", "ee.Number", b"three"),
        ("a.txt", "ee.String", b"\xff\xfe\xfa"),
        ("a.geojson", "ee.Geometry", b"[1"),
        ("a.geojson", "ee.Geometry", b"[1]"),
    ],
)
def test_a_broken_file_is_told_with_its_name(name: str, out_type: str, content: bytes, tmp_path: Path) -> None:
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInputError, match=name):
        read_answer(tmp_path / name, out_type)


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="There is no expected answer"):
        read_answer(tmp_path / "a.npy", "ee.Image")


def test_facts_can_be_left_out() -> None:
    answer = Answer("ee.ImageCollection", np.array([-1]), None, {"bands": [], "size": 0})
    assert dict(answer.with_facts(("size",)).facts) == {"size": 0}
    assert not answer.with_facts(()).facts


def test_a_truncated_file_of_ours_is_told(tmp_path: Path) -> None:
    masked: Any = Answer("ee.Image", np.ones((3, 3, 1)), np.ones((3, 3, 1), bool), {"bands": ["a"]})
    path = tmp_path / write_answer(tmp_path, "a", masked)
    path.write_bytes(path.read_bytes()[:-30])
    with pytest.raises(BadInputError, match=r"a\.npy"):
        read_answer(path, "ee.Image")
