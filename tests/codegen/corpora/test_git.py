"""Scripts are found in repositories, without a working tree; addresses that are not to be cloned from are refused."""

import subprocess
from pathlib import Path

import pytest

from codegen.corpora.connectors import git_url
from codegen.corpora.connectors.git import _public
from codegen.corpora.reasons import MAX_BYTES
from codegen.corpora.script import Dropped, Found
from lake.errors import BadInputError
from tests.codegen.corpora.test_licences import MIT
from tests.codegen.corpora.test_notebooks import notebook


def git(where: Path, *arguments: str) -> str:
    who = ["-c", "user.name=A", "-c", "user.email=a@example.com", "-c", "init.defaultBranch=main"]
    done = subprocess.run(["git", "-C", str(where), *who, *arguments], check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(repository: Path) -> str:
    git(repository, "add", "-A")
    git(repository, "commit", "-q", "-m", "A change")
    return git(repository, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    path = tmp_path / "repository"
    (path / "examples").mkdir(parents=True)
    git(path, "init", "-q")
    (path / "LICENSE").write_text(MIT)
    (path / "examples" / "b.js").write_text("print(ee.Image(1));")
    (path / "examples" / "水.py").write_text("import ee")
    (path / "a.ipynb").write_bytes(notebook("import ee"))
    (path / "notes.md").write_text("# Notes")
    (path / "large.js").write_bytes(b"e" * (MAX_BYTES + 1))
    (path / "link.js").symlink_to("/etc/passwd")
    commit(path)
    return path


def test_the_files_of_a_repository_are_found(repository: Path, tmp_path: Path) -> None:
    url = f"file://{repository}"
    found = list(git_url(url, tmp_path / "cache"))
    origin = f"{url}@{git(repository, 'rev-parse', 'HEAD')}"
    assert found == [
        Found(f"{origin}:a.ipynb", b"import ee", "MIT", "python"),
        Found(f"{origin}:examples/b.js", b"print(ee.Image(1));", "MIT", "javascript"),
        Found(f"{origin}:examples/水.py", b"import ee", "MIT", "python"),
        Dropped(f"{origin}:large.js", "too large", f"{MAX_BYTES + 1:,} bytes, of {MAX_BYTES:,} at most"),
    ]


def test_a_clone_is_used_again_until_the_branch_moves_on(repository: Path, tmp_path: Path) -> None:
    url, cache = f"file://{repository}", tmp_path / "cache"
    first = list(git_url(url, cache))
    (clone,) = cache.iterdir()
    was = clone.stat().st_ino
    assert list(git_url(url, cache)) == first
    assert clone.stat().st_ino == was
    (repository / "new.js").write_text("ee")
    moved = commit(repository)
    assert f"{url}@{moved}:new.js" in [one.origin for one in git_url(url, cache)]
    assert list(cache.iterdir()) == [clone]


def test_a_repository_that_is_gone_is_taken_from_the_cache(repository: Path, tmp_path: Path) -> None:
    url, cache = f"file://{repository}", tmp_path / "cache"
    first = list(git_url(url, cache))
    repository.rename(tmp_path / "elsewhere")
    assert list(git_url(url, cache)) == first


def test_a_repository_that_cannot_be_reached_is_told_and_leaves_nothing(tmp_path: Path) -> None:
    cache = tmp_path / "cache"
    with pytest.raises(BadInputError, match="check the URL and the network"):
        git_url(f"file://{tmp_path}/none", cache)
    assert not list(cache.iterdir())


def test_a_repository_without_a_commit_is_told(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q", "bare")
    with pytest.raises(BadInputError, match="Git could not read"):
        git_url(f"file://{tmp_path}/bare", tmp_path / "cache")


@pytest.mark.parametrize(
    "url",
    [
        "--upload-pack=touch /tmp/x",
        "ext::sh -c touch% /tmp/x",
        "http://example.com/a",
        "git@example.com:a/b",
        "/etc",
        "ssh://-oProxyCommand=x/a",
        "https://[",
        "https://a/\nb",
        "",
    ],
)
def test_addresses_that_are_not_cloned_from_are_refused(url: str, tmp_path: Path) -> None:
    with pytest.raises(BadInputError, match="not a URL"):
        git_url(url, tmp_path / "cache")
    assert not (tmp_path / "cache").exists()


def test_variables_by_which_a_caller_points_git_elsewhere_change_nothing(
    repository: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first = list(git_url(f"file://{repository}", tmp_path / "cache"))
    for name in ("GIT_DIR", "GIT_OBJECT_DIRECTORY", "GIT_ALLOW_PROTOCOL"):
        monkeypatch.setenv(name, str(tmp_path / "another"))
    assert list(git_url(f"file://{repository}", tmp_path / "cache")) == first


def test_a_password_is_not_written_anywhere() -> None:
    assert _public("https://me:secret@example.com/a@b") == "https://example.com/a@b"
