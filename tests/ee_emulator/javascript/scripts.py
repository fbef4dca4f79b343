"""The Code Editor scripts that geemap ships, run in Node by Google's JavaScript client against a local Earth Engine."""

from __future__ import annotations

import json
import re
import subprocess
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from importlib import resources
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
SECONDS = 1_500


def distinct_scripts() -> list[dict[str, str]]:
    """Name and code of each script; of those with the same code the first."""
    document = json.loads(resources.files("geemap").joinpath("data/gee_f.json").read_text(encoding="utf-8"))
    codes: dict[str, str] = {}
    for example in document["examples"]:
        for name, code in _scripts(example, ""):
            codes.setdefault(code, name)
    return [{"name": name, "code": code} for code, name in codes.items()]


def _scripts(folder: Mapping[str, Any], path: str) -> Iterator[tuple[str, str]]:
    name = f"{path}/{folder.get('name', '')}"
    if "code" in folder:
        yield name, folder["code"]
    for child in folder.get("contents", ()):
        yield from _scripts(child, name)


def run_in_node(url: str, scripts: Sequence[Mapping[str, str]], *options: str) -> list[dict[str, Any]]:
    """What each script did; see `run_scripts.cjs`."""
    done = subprocess.run(
        ["node", str(HERE / "run_scripts.cjs"), url, *options],
        input=json.dumps(scripts),
        capture_output=True,
        text=True,
        timeout=SECONDS,
        check=False,
    )
    if done.returncode:
        raise RuntimeError(f"node ended with {done.returncode}: {done.stderr[-2000:]}")
    return [json.loads(line) for line in done.stdout.split("\n") if line]


REASONS = (
    ("missing algorithm", r"not supported by the emulator: [A-Z]\w+(\.\w+)*$"),
    ("not supported", r"not supported by the emulator"),
    ("missing data set", r"not found \(does not exist"),
    ("missing band or property in the stand-in", r"did not match any bands|Available bands|has no property"),
    ("over a limit", r"[Tt]oo many|[Tt]imed out|memory|too large"),
)


def reason(message: str) -> str:
    """The family of a failure."""
    return next((name for name, pattern in REASONS if re.search(pattern, message)), "other")


def outcomes(results: Sequence[Mapping[str, Any]]) -> tuple[int, Counter[str]]:
    """How many scripts came out whole, and why the others did not: each script by its first failure."""
    whole, why = 0, Counter[str]()
    for result in results:
        failures = [o["error"] for o in result["outcomes"] if o["error"]]
        if result["error"]:
            why["does not build"] += 1
        elif failures:
            why[reason(failures[0])] += 1
        else:
            whole += 1
    return whole, why
