"""The code in what a model says."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codegen.evaluation.judging.extraction import code_of

CODE = 'def f(image: ee.Image) -> ee.Image:\n    """Adds one."""\n    return image.add(1)'
OTHER = "def f(image):\n    return image.subtract(1)"

ANSWERS = {
    "bare code": CODE,
    "fenced": f"Here it is:\n\n```python\n{CODE}\n```\nThis adds one.",
    "fenced without a language": f"```\n{CODE}\n```",
    "short name of the language": f"```py\n{CODE}\n```",
    "capital name of the language": f"```Python\n{CODE}\n```",
    "tildes": f"~~~python\n{CODE}\n~~~",
    "four marks": f"````python\n{CODE}\n````",
    "not closed": f"Sure!\n```python\n{CODE}\n",
    "closed on the last line of code": f"```python\n{CODE}```",
    "opened after words": f"The code: ```python\n{CODE}\n```",
    "begins on the line of the fence": f"```python {CODE}\n```",
    "begins on the line of the fence without a language": f"```{CODE}\n```",
    "Windows line ends": f"```python\r\n{CODE}\r\n```\r\n".replace("\n", "\r\n"),
    "indented in a list": "1. First:\n   ```python\n"
    + "\n".join(f"   {line}" for line in CODE.split("\n"))
    + "\n   ```",
    "thought first": f"<think>Maybe\n```python\n{OTHER}\n```\nno.</think>\n```python\n{CODE}\n```",
    "thought that began in the prompt": f"Maybe\n```python\n{OTHER}\n```\n</think>\n\n```python\n{CODE}\n```",
    "thoughts twice": f"<think>a</think><think>b</think>{CODE}",
    "two functions, the last counts": f"```python\n{OTHER}\n```\nBetter:\n```python\n{CODE}\n```",
    "installation first": f"```bash\npip install earthengine-api\n```\n```python\n{CODE}\n```",
    "example afterwards": f"```python\n{CODE}\n```\nUse it:\n```python\nprint(f(ee.Image(1)))\n```",
    "other language afterwards": f"```python\n{CODE}\n```\nIn JavaScript:\n```javascript\nfunction f(i) {{}}\n```",
    "empty block": f"```python\n```\n```python\n{CODE}\n```",
    "prose around code": f"Here is the function:\n\n{CODE}\n\nIt adds one to each pixel.\n",
    "script part": f"```python\n{CODE}\n\nif __name__ == '__main__':\n    ee.Initialize()\n    print(f(1))\n```",
}


@pytest.mark.parametrize("name", ANSWERS)
def test_the_function_is_found(name: str) -> None:
    assert code_of(ANSWERS[name]) == CODE


def test_what_belongs_to_the_function_is_kept() -> None:
    whole = f"import ee\nfrom math import pi\n\nVALUE = pi\n\n{CODE}\n\n@wraps\ndef g():\n    pass\n\nx = f(\n    1\n)"
    assert code_of(whole) == whole
    assert code_of(f"```python\n{whole}\n```") == whole


def test_the_script_part_may_stand_before_other_functions() -> None:
    said = f"```python\nif __name__ == '__main__':\n    main()\n\n{CODE}\n```"
    assert code_of(said) == CODE


@pytest.mark.parametrize(
    "said",
    [
        "",
        "I cannot help with that.",
        "import the image first, then add one.",
        "<think>def f(): ...",
        "<think>def f():\n    pass</think>",
        "You can define the class of each pixel with a threshold.",
    ],
)
def test_an_answer_without_code_has_none(said: str) -> None:
    assert code_of(said) == ""


def test_code_without_a_function_is_taken_from_a_fence() -> None:
    assert code_of("```python\nimage = ee.Image(1)\n```") == "image = ee.Image(1)"


@given(st.text(alphabet=st.sampled_from("`~<>/think def():\n\t ax#'\""), max_size=200))
def test_any_text_is_borne(said: str) -> None:
    assert isinstance(code_of(said), str)


PARTS = ["<think>", "</think>", "```python\n", "`", "def f(", "x[", "if __name__ ==", "\n ```"]


@pytest.mark.parametrize("part", PARTS)
def test_a_long_answer_of_one_kind_comes_to_its_end(part: str) -> None:
    """What took time with the square of its length would not."""
    assert len(code_of(part * (1_000_000 // len(part)))) <= 1_000_000
