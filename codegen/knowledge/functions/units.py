"""What units of code are told by: the operators that they call, and what their script's text shows.

A unit is a script's top level, or a function in it. Callers come without what only the Code Editor has (`Map`, `ui`,
`Chart`, `print`), so that maps, charts and apps are told from signs in the script's text; these stand for its top
level. Evidence from a text stands among the operators, as `sign:show_map`. Nothing of one script is told of another.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from zlib import crc32

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.sparse import csr_array

from codegen.corpora.script import Script
from codegen.knowledge.functions.seeds import SIGN, WORD, seeds

_AT_ONCE = 5_000
"""Scripts whose texts are looked at together: some tens of megabytes."""


@dataclass(frozen=True)
class Units:
    """Units, grouped by what they are told by.

    Attributes:
        table: A row a unit: `script`, `function` (empty: the top level), `document`, `draw` (a number that depends on
            the unit alone: those with the smallest are a sample of all). Sorted by script and function.
        operators: All operators and evidence that occur, sorted.
        documents: Which of them are in each distinct document; (documents, operators), 0 or 1.
        sizes: Units of each document.
    """

    table: pl.DataFrame
    operators: list[str]
    documents: csr_array
    sizes: NDArray[np.float64]

    @property
    def of_unit(self) -> NDArray[np.int64]:
        """Document of each unit."""
        return self.table["document"].to_numpy().astype(np.int64)


def units_of(callers: pl.DataFrame, scripts: Sequence[Script]) -> Units:
    """Units of callers (`script`, `function`, `operators`), and of scripts whose top level only shows something."""
    told = _evidence(scripts)
    top = told.filter(pl.col("signs").list.len() > 0).select("script", function=pl.lit(""))
    called = callers.select("script", "function", pl.col("operators").list.unique())
    joined = called.join(top, on=["script", "function"], how="full", coalesce=True).join(told, on="script", how="left")
    with_text = joined.with_columns(pl.col("operators", "signs", "spoken").fill_null([])).select(
        "script", "function", operators=pl.concat_list("operators", _signs(), *_words()).list.sort()
    )
    keyed = with_text.with_columns(key=pl.col("operators").list.join("\n")).sort("script", "function")
    documents = keyed.group_by("key").agg(pl.col("operators").first(), units=pl.len()).sort("key")
    numbered = documents.select("key", document=pl.int_range(pl.len(), dtype=pl.UInt32))
    table = keyed.join(numbered, on="key", how="left", maintain_order="left").select("script", "function", "document")
    # zlib's, as polars' hash may differ between versions
    draws = [crc32(f"{script}\n{function}".encode()) for script, function in table.select("script", "function").rows()]
    names, holding = _matrix(documents["operators"])
    sizes = documents["units"].to_numpy().astype(np.float64)
    return Units(table.with_columns(draw=pl.Series(draws, dtype=pl.UInt32)), names, holding, sizes)


def _signs() -> pl.Expr:
    is_top = pl.col("function") == ""
    return pl.when(is_top).then(pl.col("signs")).otherwise(pl.lit([], dtype=pl.List(pl.String)))


def _words() -> Iterator[pl.Expr]:
    """For each function with words: its evidence where the script has the words and the unit an operator for them."""
    nothing = pl.lit([], dtype=pl.List(pl.String))
    for function, word in seeds().words.items():
        calls = pl.col("operators").list.set_intersection(pl.lit(list(word.operators))).list.len() > 0
        said = pl.col("spoken").list.contains(WORD + function)
        yield pl.when(calls & said).then(pl.lit([WORD + function], dtype=pl.List(pl.String))).otherwise(nothing)


def _evidence(scripts: Sequence[Script]) -> pl.DataFrame:
    """Per script: `signs` (in its code) and `spoken` (words in code and comments)."""
    parts = [_told(scripts[start : start + _AT_ONCE]) for start in range(0, len(scripts), _AT_ONCE)]
    empty = pl.DataFrame(schema={"script": pl.String, "signs": pl.List(pl.String), "spoken": pl.List(pl.String)})
    return pl.concat([empty, *parts]).unique("script", keep="first", maintain_order=True)


def _told(scripts: Sequence[Script]) -> pl.DataFrame:
    texts = pl.DataFrame(
        [(script.id, script.text, f"{script.text}\n{script.comments}") for script in scripts],
        schema={"script": pl.String, "code": pl.String, "all": pl.String},
        orient="row",
    )
    signs = [_where("code", pattern, SIGN + function) for function, pattern in seeds().signs.items()]
    spoken = [_where("all", word.pattern, WORD + function) for function, word in seeds().words.items()]
    return texts.select(
        "script", signs=pl.concat_list(signs).list.drop_nulls(), spoken=pl.concat_list(spoken).list.drop_nulls()
    )


def _where(column: str, pattern: str, name: str) -> pl.Expr:
    return pl.when(pl.col(column).str.contains(pattern)).then(pl.lit(name))


def _matrix(documents: pl.Series) -> tuple[list[str], csr_array]:
    names = sorted(documents.explode().drop_nulls().unique().to_list())
    at = pl.DataFrame({"name": names, "column": range(len(names))}, schema={"name": pl.String, "column": pl.Int64})
    pairs = (
        pl.DataFrame({"row": range(len(documents)), "name": documents}, schema_overrides={"row": pl.Int64})
        .explode("name")
        .join(at, on="name")
    )
    where = pairs["row"].to_numpy(), pairs["column"].to_numpy()
    return names, csr_array((np.ones(pairs.height), where), shape=(len(documents), len(names)))
