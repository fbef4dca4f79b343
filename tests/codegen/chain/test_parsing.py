"""Code and data in models' answers, however they are written."""

import pytest

from codegen.chain.parsing import code_in, data_in, fenced, field_lines
from codegen.sandbox.outcome import Language

CODE: dict[str, tuple[str, Language, str | None]] = {
    "a block": ("Sure!\n```python\nx = 1\n```\nDone.", "python", "x = 1"),
    "a block with another name": ("```py\nx = 1\n```", "python", "x = 1"),
    "a block without a name": ("```\nx = 1\n```", "python", "x = 1"),
    "a block that is not closed": ("```python\nx = 1\ny = 2", "python", "x = 1\ny = 2"),
    "tildes": ("~~~python\nx = 1\n~~~", "python", "x = 1"),
    "a longer fence": ("````python\nx = '''\n```\n'''\n````", "python", "x = '''\n```\n'''"),
    "an indented block": ("1. So:\n   ```python\n   if x:\n       y = 1\n   ```", "python", "if x:\n    y = 1"),
    "several blocks": ("```python\nx = 1\n```\nand\n```python\ny = 2\n```", "python", "x = 1\n\ny = 2"),
    "the same block twice": ("```python\nx = 1\n```\nagain\n```python\nx = 1\n```", "python", "x = 1"),
    "output beside code": ("```python\nx = 1\n```\n```\n1\n```", "python", "x = 1"),
    "the right language of two": ("```js\nvar x;\n```\n```python\nx = 1\n```", "python", "x = 1"),
    "the wrong language alone": ("```javascript\nvar x = ee.Image(1);\n```", "python", "var x = ee.Image(1);"),
    "a shell's block alone": ("```bash\npip install geemap\n```", "python", None),
    "no block": ("x = 1\nprint(x)", "python", "x = 1\nprint(x)"),
    "no block, prose around": ("So:\nimport ee\nx = ee.Image(1)\nThis is one.", "python", "import ee\nx = ee.Image(1)"),
    "no block of JavaScript": ("So:\nvar x = ee.Image(1);\nprint(x);", "javascript", "var x = ee.Image(1);\nprint(x);"),
    "prose": ("I am sorry, I cannot help with that.", "python", None),
    "nothing": ("", "python", None),
    "an empty block": ("```python\n\n```", "python", None),
    "Windows' ends of lines": ("```python\r\nx = 1\r\ny = 2\r\n```", "python", "x = 1\ny = 2"),
}  # fmt: skip


@pytest.mark.parametrize("name", CODE)
def test_code_is_found(name: str) -> None:
    answer, language, code = CODE[name]
    assert code_in(answer, language) == code


def test_of_several_blocks_the_one_that_defines_what_is_wanted() -> None:
    answer = "```python\nf(1)\n```\n```python\ndef f(x):\n    return x\n```\n```python\nprint(f(2))\n```"
    assert code_in(answer, "python", "f") == "def f(x):\n    return x"


def test_an_endless_answer_is_looked_at_up_to_a_bound() -> None:
    assert code_in("x = (\n" * 200_000, "python") is None
    assert data_in("[" * 300_000) is None
    assert data_in('{"a": ' * 100_000) is None


DATA = {
    "alone": ('{"a": 1}', {"a": 1}),
    "in a block": ('```json\n{"a": 1}\n```', {"a": 1}),
    "in prose": ('The answer {really} is: {"a": [1, 2]} as you see.', {"a": [1, 2]}),
    "a list": ('So: [{"name": "f"}]', [{"name": "f"}]),
    "a comma too many": ('{"a": 1, "b": [1, 2,],}', {"a": 1, "b": [1, 2]}),
    "Python's words": ("{'a': None, 'b': True}", {"a": None, "b": True}),
    "not closed": ('{"a": {"b": [1, 2', {"a": {"b": [1, 2]}}),
    "cut within a text": ('{"a": "some wo', {"a": "some wo"}),
    "line breaks in a text": ('{"a": "one\ntwo"}', {"a": "one\ntwo"}),
    "none": ("nothing here", None),
    "brackets that are none": ("f(x) = {x | x > 0}", None),
}


@pytest.mark.parametrize("name", DATA)
def test_data_is_found(name: str) -> None:
    answer, data = DATA[name]
    assert data_in(answer) == data


def test_nothing_in_data_is_executed() -> None:
    assert data_in("{'a': __import__('os').getcwd()}") is None


def test_lines_of_a_form_are_read() -> None:
    answer = '**Objective:** map of NDVI\n- Data: Landsat 8,\n数据: 无\n"output type": "map"\nno field here'
    found = field_lines(answer)
    assert found["objective"] == "map of NDVI"
    assert found["data"] == "Landsat 8"
    assert found["output_type"] == "map"


@pytest.mark.parametrize("text", ["plain", "with ``` inside", "````", "```python\nx\n```\n`````"])
def test_nothing_closes_a_fence_but_its_end(text: str) -> None:
    lines = fenced(text, "text").split("\n")
    fence = lines[-1]
    assert lines[0] == f"{fence}text"
    assert not any(line.strip().startswith(fence) for line in lines[1:-1])
    assert "\n".join(lines[1:-1]) == text
