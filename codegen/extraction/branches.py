"""Variables that are set on some ways through a script and not on others."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from codegen.extraction.values import Scope, Value, joined

_Key = tuple[int, str]


class Variables:
    """Sets variables, and takes back what a way set before the next one is taken."""

    def __init__(self) -> None:
        self._journals: list[dict[_Key, tuple[Scope, str, Value | None]]] = []

    @property
    def is_branching(self) -> bool:
        """Whether what happens now may not happen."""
        return bool(self._journals)

    def write(self, scope: Scope, name: str, value: Value) -> None:
        """Sets a variable of a scope."""
        if self._journals:
            self._journals[-1].setdefault((id(scope), name), (scope, name, scope.variables.get(name)))
        scope.variables[name] = value

    def either(self, ways: Iterable[Callable[[], bool]], exhaustive: bool) -> bool:
        """Takes each way from the same state, and joins what those that go on leave.

        Args:
            ways: Each follows statements, and says whether it ends there (by a return, say).
            exhaustive: Whether one of them is taken for certain.

        Returns:
            Whether all end.
        """
        outcomes = [self._taken(way) for way in ways]
        if not exhaustive:
            outcomes.append((False, {}))
        going = [left for ends, left in outcomes if not ends]
        for key, (scope, name, _) in {key: at for left in going for key, at in left.items()}.items():
            before = scope.variables.get(name)
            values = [left[key][2] if key in left else before for left in going]
            self.write(scope, name, joined(value for value in values if value is not None))
        return not going

    def _taken(self, way: Callable[[], bool]) -> tuple[bool, dict[_Key, tuple[Scope, str, Value]]]:
        """Whether a way ends, and what it set; all of that is taken back."""
        journal: dict[_Key, tuple[Scope, str, Value | None]] = {}
        self._journals.append(journal)
        try:
            ends = way()
        finally:
            self._journals.pop()
        left = {key: (scope, name, scope.variables[name]) for key, (scope, name, _) in journal.items()}
        for scope, name, before in journal.values():
            if before is None:
                del scope.variables[name]
            else:
                scope.variables[name] = before
        return ends, left
