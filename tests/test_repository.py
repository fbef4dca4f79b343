"""The house itself: walls between rooms, files that can be read in one sitting, links that lead somewhere."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from lake.settings import REPOSITORY

MAX_LINES = 450
"""Design: files under about 400 lines."""


def _tracked(*patterns: str) -> list[Path]:
    listed = subprocess.run(["git", "ls-files", *patterns], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [REPOSITORY / line for line in listed.stdout.splitlines() if (REPOSITORY / line).exists()]


def test_import_contracts_hold() -> None:
    lint = Path(sys.executable).parent / "lint-imports"
    result = subprocess.run([str(lint), "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_no_python_file_is_too_long_to_read() -> None:
    long = {
        str(f.relative_to(REPOSITORY)): n
        for f in _tracked("*.py")
        if (n := len(f.read_text().splitlines())) > MAX_LINES
    }
    assert not long


def test_every_link_in_the_docs_leads_somewhere() -> None:
    broken = []
    for page in _tracked("*.md"):
        for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
            if "://" not in target and not target.startswith("mailto:") and not (page.parent / target).exists():
                broken.append(f"{page.relative_to(REPOSITORY)}: {target}")
    assert not broken


def test_every_make_target_named_in_the_docs_exists() -> None:
    targets = set(re.findall(r"^([a-z]+):", (REPOSITORY / "Makefile").read_text(), re.MULTILINE))
    for page in _tracked("*.md"):
        named = set(re.findall(r"`make ([a-z]+)`", page.read_text(encoding="utf-8")))
        assert named <= targets, f"{page.name} names {named - targets}"
