"""Long texts, and which of them a page has room for."""

import base64
import json
import random
import zlib

import pytest

from codegen.evaluation.leaderboard.texts import KINDS, MOST, Texts, packed_text


def read(chunk: str) -> list[str]:
    content: list[str] = json.loads(zlib.decompress(base64.b64decode(chunk)))
    return content


def words(seed: int, length: int = 3_000) -> str:
    """Text that cannot be packed well."""
    return random.Random(seed).randbytes(length).hex()


def test_each_text_is_packed_once_and_found_by_its_number():
    texts = Texts()
    texts.add(["of little weight", "", "both"], 5)
    texts.add(["first", "both", "first"], 1)
    numbers = texts.numbered()
    assert numbers == {"both": 0, "first": 1, "of little weight": 2}
    packed = texts.packed(10_000)
    assert [text for chunk in packed.chunks for text in read(chunk)] == list(numbers)
    assert sum(packed.sizes) == 3
    assert [(one.kept, one.total) for one in packed.kept] == [(0, 0), (2, 2), (0, 0), (0, 0), (0, 0), (1, 1)]


def test_many_texts_lie_in_many_chunks_in_order():
    texts = Texts()
    texts.add((words(seed) for seed in range(200)), 2)
    packed = texts.packed(10**7)
    assert len(packed.chunks) > 3
    assert [len(read(chunk)) for chunk in packed.chunks] == list(packed.sizes)
    assert [text for chunk in packed.chunks for text in read(chunk)] == list(texts.numbered())


def test_what_matters_least_is_left_out_first():
    texts = Texts()
    for kind in reversed(range(len(KINDS))):
        texts.add((words(1_000 * kind + seed) for seed in range(60)), kind)
    whole = texts.packed(10**8)
    assert all(one.kept == one.total == 60 for one in whole.kept)
    half = sum(map(len, whole.chunks)) // 2
    cut = texts.packed(half)
    assert sum(map(len, cut.chunks)) <= half
    assert [one.kept for one in cut.kept] == sorted((one.kept for one in cut.kept), reverse=True)
    assert cut.kept[0].kept == 60
    assert cut.kept[-1].kept == 0
    assert texts.packed(10).chunks == ()


def test_a_text_without_end_is_cut_off_and_says_so():
    texts = Texts()
    texts.add(["x" * (MOST + 5)], 1)
    packed = texts.packed(10**6)
    assert packed.cut == 1
    assert read(packed.chunks[0])[0].endswith(f"cut off here, after {MOST:,} of {MOST + 5:,} characters")


@pytest.mark.parametrize("text", ["</script><!--", "\x00\u2028'\"&", "中文 🌍"])
def test_packed_text_has_no_letter_that_means_something_in_a_page(text: str):
    packed = packed_text({"a": [text]})
    assert set(packed) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=")
    assert json.loads(zlib.decompress(base64.b64decode(packed))) == {"a": [text]}
