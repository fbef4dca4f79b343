"""Answers as a person reads them in a terminal."""

from collections.abc import Iterator

from codegen.retrieval.questions import (
    AmbiguousAnswer,
    Answer,
    CompletionAnswer,
    DataSetAnswer,
    OperatorAnswer,
    TextAnswer,
)
from codegen.retrieval.relations import Counted, Group

_WIDTH = 110


def printed(answer: Answer) -> str:
    """An answer as text, a line each."""
    return "\n".join(_lines(answer)) or "Nothing was found."


def _lines(answer: Answer) -> Iterator[str]:
    if isinstance(answer, TextAnswer):
        for number, hit in enumerate(answer.hits, 1):
            yield f"{number:3}. {hit.document.kind:<13} {_cut(hit.document.title)}"
            if hit.document.text != hit.document.title:
                yield f"     {_cut(hit.document.text)}"
    elif isinstance(answer, OperatorAnswer):
        yield from _of_operator(answer)
    elif isinstance(answer, AmbiguousAnswer):
        yield f"Several operators are called {answer.name}; ask for one of them:"
        yield from (f"  {name}" for name in answer.operators)
    elif isinstance(answer, DataSetAnswer):
        yield f"{answer.dataset}: {answer.title} ({answer.scripts:,} scripts)"
        yield from _counted(answer.operators)
    elif isinstance(answer, CompletionAnswer):
        inside = f", inside {answer.inside}" if answer.inside else ""
        yield f"{' -> '.join(answer.chain) or 'nothing yet'}{inside}, then:"
        yield from (f"  {one.operator:<44} {one.count:>6,}" for one in answer.suggestions)


def _of_operator(answer: OperatorAnswer) -> Iterator[str]:
    yield answer.signature or answer.operator
    if answer.description:
        yield _cut(answer.description)
    for side, found in answer.sides.items():
        if found:
            yield f"{side}:"
            yield from _counted(found)
    for name, groups in (("patterns", answer.patterns), ("chains", answer.chains)):
        if groups:
            yield f"{name}:"
            yield from _groups(groups)


def _counted(found: tuple[Counted, ...]) -> Iterator[str]:
    return (f"  {one.operator:<44} {one.count:>6,} places, {one.scripts:,} scripts" for one in found)


def _groups(groups: tuple[Group, ...]) -> Iterator[str]:
    return (f"  {one.count:>6,}  {_cut((' -> ' if one.ordered else ' + ').join(one.operators))}" for one in groups)


def _cut(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[:_WIDTH]}…"
