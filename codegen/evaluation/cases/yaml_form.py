"""The YAML of the published cases: plain values, and `!python` scalars, which are read and never run."""

from __future__ import annotations

import datetime
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import yaml

from codegen.evaluation.cases.case import PythonSource
from lake.errors import BadInputError

TAG = "!python"

# libyaml reads ten times as fast; where PyYAML was built without it, its own parser does.
_Loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_Dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)


class _CaseLoader(_Loader):  # type: ignore[misc]
    """Plain values and `!python`; any other tag is an error."""


class _CaseDumper(_Dumper):  # type: ignore[misc]
    """The same, written."""

    def ignore_aliases(self, data: Any) -> bool:
        """A value that stands in two places is written twice: the published files know no anchors."""
        return True


def _source(loader: Any, node: yaml.Node) -> PythonSource:
    if not isinstance(node, yaml.ScalarNode):
        raise yaml.constructor.ConstructorError(None, None, f"{TAG} wants a text", node.start_mark)
    return PythonSource(str(loader.construct_scalar(node)))


def _date(loader: Any, node: yaml.ScalarNode) -> PythonSource:
    """A bare `2020-02-29` is a date in YAML; JSON has none, so it becomes the source that makes it."""
    value: datetime.date = loader.construct_yaml_timestamp(node)
    return PythonSource(f"def value():\n    import datetime\n    return {value!r}\n")


def _refuse(_: Any, node: yaml.Node) -> Any:
    message = f"the tag {node.tag} is not known: plain values and {TAG} are"
    raise yaml.constructor.ConstructorError(None, None, message, node.start_mark)


_CaseLoader.add_constructor(TAG, _source)
_CaseLoader.add_constructor("tag:yaml.org,2002:timestamp", _date)
for _kind in ("binary", "omap", "pairs", "set"):
    _CaseLoader.add_constructor(f"tag:yaml.org,2002:{_kind}", _refuse)
_CaseLoader.add_constructor(None, _refuse)


def _represent(dumper: Any, source: PythonSource) -> Any:
    return dumper.represent_scalar(TAG, source.text, style="|")


_CaseDumper.add_representer(PythonSource, _represent)


def load(path: Path) -> Any:
    """What a file of cases or of tasks says.

    Raises:
        BadInputError: It is no YAML of the published form; says where.
    """
    try:
        text = path.read_bytes().decode("utf-8-sig")
        return yaml.load(text, Loader=_CaseLoader)  # noqa: S506  a SafeLoader that refuses unknown tags
    except UnicodeDecodeError as error:
        raise BadInputError(f"{path} is not UTF-8: {error.reason} at byte {error.start}. Save it as UTF-8.") from error
    except RecursionError as error:
        raise BadInputError(f"{path} is nested too deeply to be a file of cases.") from error
    except yaml.YAMLError as error:
        raise BadInputError(_told(path, error)) from error


def dump(value: Mapping[str, Any]) -> str:
    """A mapping in the published form: block style, keys in the order given, sources as `!python |`."""
    text: str = yaml.dump(value, Dumper=_CaseDumper, sort_keys=False, allow_unicode=True, width=120)
    return text


def _told(path: Path, error: yaml.YAMLError) -> str:
    mark = getattr(error, "problem_mark", None)
    problem = getattr(error, "problem", None) or str(error)
    place = f"{path}, line {mark.line + 1}" if mark is not None else str(path)
    return f"{place}: {problem}. A file of cases is `function: [{{params, expected_answer, out_type}}]` in YAML."
