"""Everything that was found is kept or put aside, for a reason that is told, once, and the same every time."""

import random
import re
import time
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from codegen.corpora.reasons import MAX_BYTES, REASONS
from codegen.corpora.script import Dropped, Found, Language, Script
from codegen.corpora.selection import Selection, select
from lake.errors import BadInputError

FEW = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
LONG = "\n".join(f"var band{i} = ee.Image('A/{i}').select('B{i}').multiply({i}.5);" for i in range(20))
PIECES = st.sampled_from(
    [
        b"ee",
        b"ee.Image(1);",
        b"import ee\n",
        b"//",
        b"/*",
        b"*/",
        b"#",
        b'"""',
        b"'",
        b"`",
        b"(",
        b"{",
        b"\\",
        b"\n",
        b"\r",
        b"\0",
        b"\xff",
    ]
)


def js(text: str, origin: str = "a.js") -> Found:
    return Found(origin, text.encode(), language="javascript")


def only_reason(found: Found) -> str:
    selection = select("c", [found])
    assert not selection.scripts
    return selection.dropped[0].reason


def test_a_script_is_kept_with_what_is_known_of_it() -> None:
    found = Found("folder/a.js", b"\xef\xbb\xbf// Hi\r\nprint(ee.Image(1));\r\n", "MIT")
    (script,) = select("mine", [found]).scripts
    assert script == Script(
        "06f08d02276a6844", "mine", "folder/a.js", "MIT", "javascript", "     \nprint(ee.Image(1));\n", "Hi"
    )


@pytest.mark.parametrize(
    ("content", "language", "reason"),
    [
        (b"ee\0", None, "binary"),
        (b"ee\xff", None, "not UTF-8"),
        (b"ee " * MAX_BYTES, None, "too large"),
        (b" \n\t", None, "empty"),
        (b"// ee", "javascript", "empty"),
        (b"print(1);", "javascript", "no Earth Engine"),
        (b"print('ee.Image', this.eee, $ee); // ee", "javascript", "no Earth Engine"),
        (b"ee.a=1;" * 1_000, "javascript", "minified"),
        (b"What the ee said, and who (of them) heard it.\n" * 3, None, "no language"),
        (b"What the ee said, and who (of them) heard it.\n" * 3, "python", "broken"),
    ],
)
def test_each_reason_is_told(content: bytes, language: Language | None, reason: str) -> None:
    assert only_reason(Found("a", content, language=language)) == reason


def test_every_reason_has_a_meaning() -> None:
    assert all(REASONS.values())


@pytest.mark.parametrize("kept", [0.95, 0.8, 0.6, 0.4])
def test_a_script_that_was_cut_off_is_kept(kept: float) -> None:
    javascript = "function mask(image) {\n  if (a) {\n" + LONG + "\n  }\n}\n"
    python = "import ee\n\ndef mask(image):\n" + "".join(
        f"    band{i} = image.select(['B{i}', {i}])\n" for i in range(20)
    )
    for text, language in ((javascript, "javascript"), (python, "python")):
        cut = Found("a", text[: int(len(text) * kept)].encode(), language=language)  # type: ignore[arg-type]
        assert select("c", [cut]).scripts


def test_the_first_broken_line_is_told() -> None:
    (dropped,) = select("c", [js("print(ee);\n) ] } = = 5 5 5 5 5 5 5 5 5 = )")]).dropped
    assert dropped.reason == "broken"
    assert dropped.detail.endswith("from line 2")


def test_a_script_that_differs_in_comments_and_blanks_is_a_duplicate() -> None:
    first = js(LONG, "first")
    spaced = js("// Why\n\n" + LONG.replace(" = ", "  =\t").replace(";", " ; /* so */"), "spaced")
    selection = select("c", [first, spaced])
    assert [script.origin for script in selection.scripts] == ["first"]
    assert selection.dropped == [Dropped("spaced", "duplicate", "first")]


def test_blanks_within_strings_and_indentation_in_python_tell_scripts_apart() -> None:
    strings = [js("print(ee, 'a b')", "1"), js("print(ee, 'a  b')", "2")]
    assert len(select("c", strings, near=None).scripts) == 2
    inside, outside = "import ee\nif a:\n    b()\n    c()\n", "import ee\nif a:\n    b()\nc()\n"
    pythons = [Found(text, text.encode(), language="python") for text in (inside, outside)]
    assert len(select("c", pythons, near=None).scripts) == 2


def test_python_that_differs_in_docstrings_is_a_duplicate() -> None:
    bare = 'import ee\ndef f():\n    """{}"""\n    return ee.Image(1)\n'
    texts = [bare.format(said) for said in ("", "One.", "Two\n\n    lines.\n    ")]
    found = [Found(str(place), text.encode(), language="python") for place, text in enumerate(texts)]
    assert [one.reason for one in select("c", found).dropped] == ["duplicate", "duplicate"]


def test_a_near_duplicate_is_put_aside_and_a_mere_relative_is_not() -> None:
    near, relative = LONG.replace("A/7", "C/7"), re.sub(r"A/(1?[02468])\b", r"D/\1", LONG)
    selection = select("c", [js(LONG, "first"), js(near, "near"), js(relative, "relative")])
    assert [script.origin for script in selection.scripts] == ["first", "relative"]
    (dropped,) = selection.dropped
    assert (dropped.origin, dropped.reason) == ("near", "near duplicate")
    assert re.fullmatch(r"first \(0\.9\d\)", dropped.detail)
    assert len(select("c", [js(LONG, "first"), js(near, "near")], near=None).scripts) == 2


@pytest.mark.parametrize("near", [0.0, -1.0, 1.1])
def test_a_similarity_that_is_none_is_refused(near: float) -> None:
    with pytest.raises(BadInputError, match="above 0 and at most 1"):
        select("c", [], near=near)


def test_what_a_connector_put_aside_stays_so() -> None:
    dropped = Dropped("a", "unreadable", "why")
    assert select("c", [dropped]) == Selection([], [dropped])


def variants(count: int) -> list[Found]:
    """Scripts of which many are alike, by a fixed seed."""
    chance = random.Random(3)
    texts = []
    for _ in range(count):
        start = LONG.replace("A/", chance.choice("ABCDEFGHIJ") + "/").replace(
            "select", chance.choice(["select", "clip"])
        )
        changed = chance.choice([0.01, 0.03, 0.1])
        texts.append(
            re.sub(r"\d+", lambda m, p=changed: str(chance.randrange(9)) if chance.random() < p else m[0], start)
        )
    return [js(text, str(place)) for place, text in enumerate(texts)]


@pytest.mark.parametrize("near", [None, 0.9, 0.6])
def test_scripts_that_are_added_later_give_what_they_give_together(near: float | None) -> None:
    found = variants(60)
    found += found[:20]
    together = select("c", found, near=near)
    earlier = select("c", found[:33], near=near)
    later = select("c", found[33:], known=earlier.scripts, near=near)
    assert earlier.scripts + later.scripts == together.scripts
    assert earlier.dropped + later.dropped == together.dropped


def test_near_duplicates_are_those_that_comparing_all_finds() -> None:
    from codegen.corpora.tokens import fingerprint

    found = variants(120)
    kept: list[frozenset[str]] = []
    for one in found:
        runs = fingerprint(one.content.decode(), "javascript").runs
        if all(len(runs & other) / len(runs | other) < 0.8 for other in kept):
            kept.append(runs)
    assert 10 < len(kept) < 110
    assert len(select("c", found, near=0.8).scripts) == len(kept)


def test_a_selection_is_the_same_every_time() -> None:
    assert select("c", iter(variants(60))) == select("c", iter(variants(60)))


def test_of_the_same_scripts_as_many_are_kept_in_any_order() -> None:
    found = variants(40) * 2
    shuffled = random.Random(1).sample(found, len(found))
    ids = [{script.id for script in select("c", order, near=None).scripts} for order in (found, shuffled)]
    assert ids[0] == ids[1]


@given(
    st.lists(
        st.builds(
            Found,
            origin=st.text(max_size=3),
            content=st.one_of(st.binary(max_size=60), st.lists(PIECES, max_size=30).map(b"".join)),
            language=st.sampled_from(["javascript", "python", None]),
        ),
        max_size=5,
    )
)
@FEW
def test_any_bytes_are_kept_or_put_aside_once(found: list[Found]) -> None:
    selection = select("c", found)
    ended = [script.origin for script in selection.scripts] + [one.origin for one in selection.dropped]
    assert sorted(ended) == sorted(one.origin for one in found)
    assert {one.reason for one in selection.dropped} <= set(REASONS)


HOSTILE = {
    "parentheses": "(" * 300 + "\n",
    "brackets without end": "[\n",
    "templates in templates": "`${\n",
    "comments": "# " + "x" * 90 + "\n",
    "comments in broken code": "/ /*a*/ \n",
    "open strings": '"\\"\\\n',
    "blanks": " " * 10_000 + "x\n",
    "blank lines": "\n",
}


@pytest.mark.parametrize("language", ["javascript", "python", None])
@pytest.mark.parametrize("piece", HOSTILE.values(), ids=HOSTILE)
def test_hostile_text_takes_seconds_at_most(piece: str, language: Language | None) -> None:
    content = ("import ee\n" + piece * (150_000 // len(piece))).encode()
    start = time.monotonic()
    select("c", [Found("a", content, language=language)])
    assert time.monotonic() - start < 60  # minutes without what guards against it


@pytest.mark.parametrize("opening", ["(", "[", "{", "f(", "!"])
def test_nesting_of_100_000_levels_is_survived(opening: str) -> None:
    lines = "\n".join([opening * 1_000] * 100)
    for language in ("javascript", "python", None):
        select("c", [Found("a", f"ee\n{lines}".encode(), language=language)])  # type: ignore[arg-type]


def test_comments_that_a_grammar_takes_minutes_for_are_refused() -> None:
    content = b"import ee\n" + (b"# " + b"x" * 97 + b"\n") * 19_000
    assert only_reason(Found("a.py", content, language="python")) == "too large"


def test_a_selection_does_not_hold_what_it_was_given() -> None:
    """Contents go once they were looked at: a corpus is larger than memory may be."""
    alive = 0

    class Watched(bytes):
        def __new__(cls, content: bytes) -> "Watched":
            nonlocal alive
            alive += 1
            return super().__new__(cls, content)

        def __del__(self) -> None:
            nonlocal alive
            alive -= 1

    most = 0

    def found() -> object:
        nonlocal most
        for one in variants(20):
            yield replace(one, content=Watched(one.content))
            most = max(most, alive)

    select("c", found(), workers=1)  # type: ignore[arg-type]
    assert most <= 2


def test_several_processes_select_what_one_does(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codegen.corpora.judging._MANY", 5)
    found = [*variants(12), Found("binary", b"\x00"), *variants(4)]
    assert select("c", found, workers=2) == select("c", found, workers=1)
