"""Scripts are found in folders and in lines of JSON, in an order that does not change; no link leads elsewhere."""

import json
import os
from pathlib import Path

import pytest

from codegen.corpora.connectors import folder, jsonl
from codegen.corpora.connectors import jsonl as jsonl_function
from codegen.corpora.reasons import MAX_BYTES
from codegen.corpora.script import Dropped, Found
from lake.errors import BadInputError
from tests.codegen.corpora.test_licences import MIT
from tests.codegen.corpora.test_notebooks import notebook


def write(top: Path, **files: bytes) -> None:
    for name, content in files.items():
        path = top / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)


def test_candidates_of_a_folder_are_found_in_order(tmp_path: Path) -> None:
    names = ["b.js", "a.py", "c.TXT", "Makefile", "z/a.ipynb", "m/x.js", "notes.md", "data.csv", "z/node_modules/a.js"]
    names += [".git/a.js", ".venv/a.py", "m/__pycache__/a.py", ".hidden.js"]
    write(tmp_path, **{name: notebook("x = 1") if name.endswith("ipynb") else b"ee" for name in names})
    found = list(folder(tmp_path))
    assert [one.origin for one in found] == ["Makefile", "a.py", "b.js", "c.TXT", "m/x.js", "z/a.ipynb"]
    languages = [one.language for one in found if isinstance(one, Found)]
    assert languages == [None, "python", "javascript", None, "javascript", "python"]
    assert found[-1] == Found("z/a.ipynb", b"x = 1", "unknown", "python")


def test_folders_are_looked_into_in_the_order_of_their_names(tmp_path: Path) -> None:
    names = [f"{letter}/a.js" for letter in "qzbkxamwcd"]
    write(tmp_path, **dict.fromkeys(names, b"ee"))
    assert [one.origin for one in folder(tmp_path)] == sorted(names)


def test_the_licence_of_the_folder_holds_for_files_that_state_none(tmp_path: Path) -> None:
    write(tmp_path, **{"LICENSE.md": MIT.encode(), "a.js": b"ee", "b.js": b"// SPDX-License-Identifier: CC0-1.0"})
    assert [one.licence for one in folder(tmp_path) if isinstance(one, Found)] == ["MIT", "CC0-1.0"]


def test_links_and_pipes_are_not_followed(tmp_path: Path) -> None:
    top, outside = tmp_path / "top", tmp_path / "outside"
    write(outside, **{"secret.js": b"secret", "LICENSE": MIT.encode()})
    write(top, **{"a.js": b"ee"})
    (top / "link.js").symlink_to(outside / "secret.js")
    (top / "folder").symlink_to(outside)
    (top / "LICENSE").symlink_to(outside / "LICENSE")
    (top / "loop").symlink_to(top)
    os.mkfifo(top / "pipe.js")
    assert list(folder(top)) == [Found("a.js", b"ee", "unknown", "javascript")]


def test_what_cannot_be_taken_is_told(tmp_path: Path) -> None:
    write(tmp_path, **{"large.js": b"e" * (MAX_BYTES + 1), "broken.ipynb": b"{"})
    assert [(one.origin, one.reason) for one in folder(tmp_path) if isinstance(one, Dropped)] == [
        ("broken.ipynb", "unreadable"),
        ("large.js", "too large"),
    ]


def test_a_name_that_is_not_utf8_is_written_out(tmp_path: Path) -> None:
    Path(os.fsdecode(os.fsencode(tmp_path) + b"/a\xff.js")).write_bytes(b"ee")
    (found,) = folder(tmp_path)
    assert found.origin == "a\\xff.js"


def test_a_folder_or_file_that_is_not_there_is_told_at_once(tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="no folder"):
        folder(tmp_path / "none")
    with pytest.raises(BadInputError, match="no file"):
        jsonl(tmp_path)


def test_lines_of_json_are_found_and_broken_ones_told(tmp_path: Path) -> None:
    path = tmp_path / "corpus.jsonl"
    records: list[object] = [
        {"code": "a", "language": "JavaScript", "license": "mit"},
        {"text": "b", "path": "x/b.py", "licence": "ask me"},
        {"content": notebook("c").decode(), "name": "c.ipynb"},
        {"code": 1, "content": "d", "language": "Cobol"},
        {"other": "e"},
        ["f"],
        {"code": "g\ud800", "license": "\ud800"},
    ]
    lines = [json.dumps(record).encode() for record in records]
    lines += [b"{broken", b"", b"[" * 100_000, b'{"code": "\xff"}']
    path.write_bytes(b"\n".join(lines))
    found = list(jsonl(path))
    assert found[:4] == [
        Found("corpus.jsonl:1", b"a", "MIT", "javascript"),
        Found("corpus.jsonl:2", b"b", "unknown", "python"),
        Found("corpus.jsonl:3", b"c", "unknown", "python"),
        Found("corpus.jsonl:4", b"d", "unknown", None),
    ]
    assert found[6] == Found("corpus.jsonl:7", b"g\xed\xa0\x80", "unknown", None)
    told = [(one.origin, one.reason) for one in found if isinstance(one, Dropped)]
    assert told == [(f"corpus.jsonl:{line}", "unreadable") for line in (5, 6, 8, 10, 11)]


def test_a_line_without_end_is_passed_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    module = __import__(jsonl_function.__module__, fromlist=["_MAX_LINE"])
    monkeypatch.setattr(module, "_MAX_LINE", 100)
    path = tmp_path / "a.jsonl"
    path.write_bytes(b'{"code": "' + b"a" * 1_000 + b'"}\n{"code": "b"}\n' + b"c" * 101 + b'\n{"code": "d"}')
    found = [(one.origin, getattr(one, "reason", "kept")) for one in jsonl(path)]
    assert found == [
        ("a.jsonl:1", "too large"),
        ("a.jsonl:2", "kept"),
        ("a.jsonl:3", "too large"),
        ("a.jsonl:4", "kept"),
    ]
