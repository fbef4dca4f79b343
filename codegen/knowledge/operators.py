"""The syntax table: every operator once, from the list of algorithms, the client and the Code Editor's reference.

The three are laid over each other by name: the list of algorithms tells types and texts, the client which class has
what, the reference what only the Code Editor has (`Map`, `ui`, `Chart`, `Export`). Where the reference tells another
type of the result, that stands beside ours, not hidden.
"""

from typing import Any

import polars as pl

from codegen.extraction.signatures import CLASSES, Operator, signatures
from codegen.knowledge.shipped import Documented, documented_functions

OPERATORS: dict[str, Any] = {
    "name": pl.String,
    "owner": pl.String,
    "short": pl.String,
    "kind": pl.String,
    "returns": pl.String,
    "documented_returns": pl.String,
    "parameters": pl.List(
        pl.Struct({"name": pl.String, "type": pl.String, "optional": pl.Boolean, "description": pl.String})
    ),
    "description": pl.String,
    "algorithm": pl.String,
    "deprecated": pl.Boolean,
    "hidden": pl.Boolean,
    "sources": pl.List(pl.String),
}
"""A row an operator. `sources`: of `algorithms`, `client` and `reference`, those that have it. `hidden`: Earth Engine
does not document it."""
_GEOMETRIES = {
    "BBox", "LineString", "LinearRing", "MultiLineString", "MultiPoint", "MultiPolygon", "Point", "Polygon",
    "Rectangle",
}  # fmt: skip


def operator_table() -> pl.DataFrame:
    """All operators, by name; see `OPERATORS`."""
    reference = {_plain_name(told.name): told for told in documented_functions()}
    known = {operator.name: operator for operator in signatures().all()}
    rows = [_row(operator, reference.get(name)) for name, operator in known.items()]
    rows += [_documented_row(told, name) for name, told in reference.items() if name not in known]
    return pl.DataFrame(rows, schema=OPERATORS, orient="row").sort("name")


def _plain_name(name: str) -> str:
    """`ee.Geometry.Point.buffer` is `ee.Geometry.buffer`; the constructor `ee.Geometry.Point` stays."""
    parts = name.split(".")
    return ".".join(parts[:2] + parts[3:]) if len(parts) > 3 and parts[2] in _GEOMETRIES else name


def _row(operator: Operator, told: Documented | None) -> tuple[object, ...]:
    texts = {name: text for name, _, text in told.parameters} if told else {}
    parameters = [
        {"name": p.name, "type": p.type, "optional": p.optional, "description": texts.get(p.name, p.description)}
        for p in operator.parameters
    ]
    sources = [
        *(["algorithms"] if operator.algorithm else []),
        *(["client"] if operator.kind != "static" or operator.owner.split(".")[0] in CLASSES else []),
        *(["reference"] if told else []),
    ]
    algorithm = operator.algorithm or ""
    return (
        operator.name,
        operator.owner,
        operator.short,
        operator.kind,
        operator.returns,
        told.returns if told else "",
        parameters,
        operator.description or (told.description if told else ""),
        operator.algorithm,
        algorithm in signatures().deprecated,
        algorithm in signatures().hidden,
        sources,
    )


def _documented_row(told: Documented, name: str) -> tuple[object, ...]:
    """An operator of the Code Editor's own."""
    owner, _, short = name.rpartition(".")
    parameters = [
        {"name": name, "type": kind, "optional": "default:" in kind, "description": text}
        for name, kind, text in told.parameters
    ]
    returns = told.returns if told.returns in CLASSES else ""
    parts = name, owner.removeprefix("ee."), short, "function", returns, told.returns
    return (*parts, parameters, told.description, None, False, False, ["reference"])
