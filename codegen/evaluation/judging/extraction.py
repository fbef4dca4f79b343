"""The code in a model's answer.

As AutoGEEval++ takes it (generate_llm_answer.py, `clean_content`): without what the model thought, the last fenced
block that defines a function, or the last block, without what stands under `if __name__ == "__main__"`. Ours on top:
fences that are not closed, thoughts whose beginning was in the prompt, blocks of other languages, and prose around code
that has no fence. All of it takes time in proportion to the answer's length, whatever the answer is.
"""

from __future__ import annotations

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

LONGEST_ANSWER = 1_000_000
"""Characters that are looked at; what comes after is not a function that anybody waits for."""
PYTHON = ("", "python", "python3", "py", "py3")

_THOUGHT = re.compile(r"<(?P<end>/?)(?:think|thinking|reasoning)>", re.IGNORECASE)
_FENCE = re.compile(r"^[ \t>]*(?P<marks>`{3,}|~{3,})[ \t]*(?P<language>[\w+#.-]*)(?P<rest>[^`\n]*)$")
_INLINE = re.compile(r"(?<=[^\n`])```")
"""A fence after other words on its line: it gets a line of its own."""
_DEFINITION = re.compile(r"^[ \t]*(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(", re.MULTILINE)
_FIRST = re.compile(
    r"^(?:async[ \t]+)?def[ \t]+\w+[ \t]*\(|^class[ \t]+\w+[ \t]*[:(]|^@\w"
    r"|^import[ \t]+[\w.]+[ \t]*(?:$|,|#|as\b)|^from[ \t]+[\w.]+[ \t]+import\b"
)
_GOES_ON = re.compile(
    r"^(?:[\w.]+(?:\[[^\]]*\])?[ \t]*(?:[-+*/|&]?=[^=]|\()|[)\]}#@\"']"
    r"|(?:return|if|for|while|with|try|else|elif|except|finally)\b.*:)"
)
_MAIN = re.compile(r"^if[ \t]+\(?[ \t]*__name__[ \t]*==.*:")


@dataclass(frozen=True, slots=True)
class _Block:
    language: str
    text: str

    @property
    def defines(self) -> bool:
        return _DEFINITION.search(self.text) is not None

    @property
    def is_python(self) -> bool:
        return self.language in PYTHON


def code_of(answer: str) -> str:
    """The Python code in a model's answer; empty where there is none.

    Args:
        answer: What the model said. It is data: nothing of it is run or parsed here.
    """
    text = _without_thoughts(answer[:LONGEST_ANSWER].replace("\r\n", "\n").replace("\r", "\n").replace("\x00", ""))
    blocks = _blocks(_INLINE.sub("\n```", text).split("\n"))
    code = _chosen(blocks) if blocks else _without_prose(text.split("\n"))
    return _without_main(textwrap.dedent(code)).strip("\n")


def _without_thoughts(text: str) -> str:
    """What a thought that is not finished leaves is nothing; one that only ends began in the prompt."""
    kept, place, inside = [], 0, False
    for tag in _THOUGHT.finditer(text):
        if not tag["end"] and not inside:
            kept.append(text[place : tag.start()])
            inside = True
        elif tag["end"]:
            kept = kept if inside else []
            place, inside = tag.end(), False
    return "".join(kept if inside else [*kept, text[place:]])


def _blocks(lines: Sequence[str]) -> list[_Block]:
    """Fenced blocks; the last one may lack its end."""
    found: list[_Block] = []
    marks, language, content = "", "", list[str]()
    for line in lines:
        fence = _FENCE.match(line)
        if not marks and fence:
            marks, language = fence["marks"], fence["language"].lower()
            content = [fence["rest"].strip()] if fence["rest"].strip() else []
            if language not in PYTHON and _FIRST.match(f"{language}{fence['rest']}"):  # ```def f(): without a language
                language, content = "", [f"{fence['language']}{fence['rest']}"]
        elif marks and fence and fence["marks"].startswith(marks) and not fence["language"]:
            found.append(_Block(language, "\n".join(content)))
            marks = ""
        elif marks:
            content.append(line)
    if marks:
        found.append(_Block(language, "\n".join(content)))
    return [block for block in found if block.text.strip()]


def _chosen(blocks: Sequence[_Block]) -> str:
    for wanted in (
        [block for block in blocks if block.is_python and block.defines],
        [block for block in blocks if block.defines],
        [block for block in blocks if block.is_python],
    ):
        if wanted:
            return wanted[-1].text
    return blocks[-1].text


def _without_prose(lines: Sequence[str]) -> str:
    """From the first line that can only be code to the last that goes on with it."""
    start = next((number for number, line in enumerate(lines) if _FIRST.match(line)), None)
    if start is None:
        return ""
    end = start
    for number in range(start, len(lines)):
        line = lines[number]
        if not line.strip():
            continue
        if not (line[0] in " \t" or _FIRST.match(line) or _GOES_ON.match(line)):
            break
        end = number
    code = "\n".join(lines[start : end + 1])
    return code if _DEFINITION.search(code) else ""


def _without_main(code: str) -> str:
    """Without what is run only where the code is a script."""
    kept, inside = [], False
    for line in code.split("\n"):
        if _MAIN.match(line):
            inside = True
        elif inside and line.strip() and line[0] not in " \t":
            inside = False
        if not inside:
            kept.append(line)
    return "\n".join(kept)
