"""Answers: the canonical form of a result by its type, and the files that hold the expected ones.

The files are those of AutoGEEval++ (gee_py_test_v5.py, `check_result`), and its program reads what is written here:

| type of the result | file | holds |
|---|---|---|
| `ee.Image`, `ee.ImageCollection` | `.npy` | pixels, (height, width, bands), 3 decimals; `[-1]`: no bands, no images |
| `ee.Array`, `ee.ConfusionMatrix`, `ee.ArrayImage` | `.npy` | the numbers |
| `ee.Geometry`, `ee.Feature`, `ee.FeatureCollection` | `.geojson` | a geometry; of features, that of all together |
| `ee.Number`, `int`, `float`, `bool`, `str`, `ee.String`, `NoneType` | `.txt` | the value as Python prints it |
| `ee.Date`, `ee.DateRange` | `.txt` | milliseconds since 1970; a pair of them, or `[0]` where there are no bounds |
| any other | `.txt` | JSON of what `getInfo` gives |

Ours say more where a case needs it, in places that the published program passes over. After the pixels of an `.npy`
come two more arrays (files of several arrays are NumPy's own form): which pixels are valid, as bits, and JSON of the
facts. A `.geojson` has a member `facts`. Whatever an expected answer holds is compared, and nothing else.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO, Literal

import numpy as np
import orjson
from numpy.typing import NDArray

from lake.atomic import replacing
from lake.errors import BadInputError

Form = Literal["pixels", "array", "geometry", "value"]

PIXELS = ("ee.Image", "ee.ImageCollection")
ARRAYS = ("ee.Array", "ee.ConfusionMatrix", "ee.ArrayImage")
GEOMETRIES = ("ee.Geometry", "ee.Feature", "ee.FeatureCollection")
PRINTED = ("ee.String", "str", "bool", "NoneType", "ee.Number", "int", "float", "ee.Date")
"""Types whose values are written as Python prints them; other values are JSON."""
TEXTS = ("ee.String", "str")

DECIMALS = 3
"""Of pixels and arrays (METHODS, 7)."""

Fact = Literal["bands", "types", "properties", "size", "elements"]
FACTS: Mapping[str, tuple[Fact, ...]] = {
    "ee.Image": ("bands", "types", "properties"),
    "ee.ImageCollection": ("bands", "size", "elements"),
    "ee.Feature": ("properties",),
    "ee.FeatureCollection": ("properties",),
}
"""What may be told of a result besides its pixels or its geometry.

`bands`: their names. `types`: of their pixels. `properties`: of an image, of a feature, or a list of those of each
feature in order. `size`: number of images. `elements`: what `getInfo` tells of each of the first images.
"""
USUAL_FACTS: Mapping[str, tuple[Fact, ...]] = {
    "ee.Image": ("bands",),
    "ee.ImageCollection": ("bands", "size"),
    "ee.Feature": ("properties",),
    "ee.FeatureCollection": ("properties",),
}
"""Those that cost no further request, or hardly any."""

_SUFFIXES: Mapping[Form, str] = {"pixels": ".npy", "array": ".npy", "geometry": ".geojson", "value": ".txt"}
_WORDS: Mapping[str, Any] = {"None": None, "True": True, "False": False}


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """A result in the form in which it is compared; `codegen.evaluation.judging.compare` does that.

    Attributes:
        out_type: Type of the result, as a case names it.
        value: Pixels (height, width, bands) or `[-1]`; an array of numbers; a geometry as GeoJSON; or a JSON value.
            What is masked holds what a GeoTIFF of Earth Engine would: minus infinity, or the least whole number.
        valid: Which pixels are not masked, of the pixels' shape; None where a published file does not say.
        facts: What else is known of the result and is to be compared (`FACTS`).
    """

    out_type: str
    value: Any
    valid: NDArray[np.bool_] | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)

    def with_facts(self, names: Collection[str]) -> Answer:
        """The same, with no other facts than these."""
        return replace(self, facts={name: fact for name, fact in self.facts.items() if name in names})


def form_of(out_type: str) -> Form:
    """In which form results of a type are compared."""
    if out_type in PIXELS:
        return "pixels"
    if out_type in ARRAYS:
        return "array"
    return "geometry" if out_type in GEOMETRIES else "value"


def write_answer(folder: Path, stem: str, answer: Answer) -> str:
    """Writes an answer in the published form.

    Args:
        folder: `ref_answer` of a part.
        stem: `imageAddTask_testcase1`.
        answer: Pixels and arrays are rounded to 3 decimals.

    Returns:
        The file's name, as `expected_answer` has it.
    """
    form = form_of(answer.out_type)
    name = f"{stem}{_SUFFIXES[form]}"
    with replacing(folder / name) as temporary:
        if form in ("pixels", "array"):
            with temporary.open("wb") as file:
                _write_arrays(file, answer)
        elif form == "geometry":
            facts = {"facts": dict(answer.facts)} if answer.facts else {}
            temporary.write_text(json.dumps({**answer.value, **facts}), encoding="utf-8")
        else:
            printed = answer.out_type in PRINTED
            text = str(answer.value) if printed else json.dumps(answer.value, ensure_ascii=False)
            temporary.write_text(text, encoding="utf-8", newline="")
    return name


def read_answer(path: Path, out_type: str) -> Answer:
    """Reads an expected answer; one of ours, or a published one.

    Args:
        path: The file; its ending may be left out, as in some published cases.
        out_type: Type of the result, as the case names it.

    Raises:
        BadInputError: The file is not there, or is no answer of this type.
    """
    form = form_of(out_type)
    if path.suffix != _SUFFIXES[form]:
        path = path.with_name(f"{path.name}{_SUFFIXES[form]}")
    try:
        if form in ("pixels", "array"):
            return _read_arrays(path, out_type)
        text = path.read_bytes().decode()
        if form == "geometry":
            return _geometry(json.loads(text), out_type)
        return Answer(out_type, _value(text, out_type))
    except FileNotFoundError:
        raise BadInputError(f"There is no expected answer {path}: build or copy the benchmark again.") from None
    except (ValueError, EOFError) as error:  # what NumPy, JSON and decoding raise
        message = f"{path} is no answer of type {out_type} ({error}): build or copy the benchmark again."
        raise BadInputError(message) from error


def _write_arrays(file: BinaryIO, answer: Answer) -> None:
    values = np.asarray(answer.value)
    np.save(file, np.round(values, DECIMALS), allow_pickle=False)
    if answer.valid is not None or answer.facts:
        valid = np.ones(values.shape, bool) if answer.valid is None else answer.valid
        np.save(file, np.packbits(valid), allow_pickle=False)
        np.save(file, np.frombuffer(orjson.dumps(dict(answer.facts)), np.uint8), allow_pickle=False)


def _read_arrays(path: Path, out_type: str) -> Answer:
    """Pickles are not read: a benchmark is data from elsewhere."""
    with path.open("rb") as file:
        values: NDArray[Any] = np.load(file, allow_pickle=False)
        if not file.read(1):
            return Answer(out_type, values)
        file.seek(-1, 1)
        bits, facts = np.load(file, allow_pickle=False), np.load(file, allow_pickle=False)
    valid = np.unpackbits(bits, count=values.size).reshape(values.shape).astype(bool)
    return Answer(out_type, values, valid if out_type in PIXELS else None, orjson.loads(facts.tobytes()))


def _geometry(content: Any, out_type: str) -> Answer:
    if content is None:  # a feature without geometry
        return Answer(out_type, None)
    if not isinstance(content, dict):
        raise ValueError("it holds no geometry")
    return Answer(out_type, {key: content[key] for key in content if key != "facts"}, None, content.get("facts", {}))


def _value(text: str, out_type: str) -> Any:
    if out_type in TEXTS:
        return text
    if out_type not in PRINTED:
        return json.loads(text)
    text = text.strip()
    if text in _WORDS:
        return _WORDS[text]
    try:
        return int(text)
    except ValueError:
        return float(text)
