"""Scripts become tables and come back."""

import random

import polars as pl
import pytest

from codegen.corpora.script import Dropped, Script
from codegen.corpora.selection import Selection
from codegen.corpora.tables import DROPPED, SCRIPTS, corpus_hash, dropped_from, scripts_from, tables
from lake.errors import BadInputError

SCRIPT = Script("0123456789abcdef", "c", "a.js", "MIT", "javascript", "ee\n", "水")
SELECTION = Selection([SCRIPT], [Dropped("b.js", "empty", "no text")])


@pytest.mark.parametrize("selection", [SELECTION, Selection()])
def test_tables_give_back_what_was_selected(selection: Selection) -> None:
    scripts, dropped = tables(selection)
    assert scripts.schema == pl.Schema(SCRIPTS)
    assert dropped.schema == pl.Schema(DROPPED)
    assert Selection(scripts_from(scripts), dropped_from(dropped)) == selection


def test_a_table_of_something_else_is_refused() -> None:
    scripts, dropped = tables(SELECTION)
    with pytest.raises(BadInputError, match="needed: id, corpus"):
        scripts_from(dropped)
    with pytest.raises(BadInputError, match="needed: origin, reason"):
        dropped_from(scripts)
    with pytest.raises(BadInputError, match="'cobol'"):
        scripts_from(scripts.with_columns(language=pl.lit("cobol")))


def test_the_hash_of_a_corpus_is_that_of_its_scripts_in_any_order() -> None:
    ids = [f"{number:016x}" for number in range(9)]
    scripts = [Script(one, "c", one, "MIT", "python", "", "") for one in ids]
    assert corpus_hash(scripts) == corpus_hash(random.Random(0).sample(scripts, 9))
    assert corpus_hash(scripts) != corpus_hash(scripts[1:])
    assert len(corpus_hash([])) == 16
