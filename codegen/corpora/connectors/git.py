"""Scripts in a git repository, read from its objects: no working tree, so no links, filters or hooks of strangers."""

import hashlib
import os
import re
import shutil
import signal
import subprocess
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path, PurePosixPath
from urllib.parse import urlsplit

from codegen.corpora.connectors.files import is_candidate, is_licence, taken
from codegen.corpora.licences import licence_of_text
from codegen.corpora.reasons import MAX_BYTES
from codegen.corpora.script import UNKNOWN_LICENCE, Dropped, Found
from lake.errors import BadInputError

SCHEMES = ("https", "ssh", "file", "git")
CLONE_S = 600.0
"""A clone that takes longer is given up."""

_ASK_S = 60.0
_GIT = ("git", "-c", "core.hooksPath=/dev/null", "-c", "protocol.ext.allow=never")
_FILE_MODES = frozenset({"100644", "100755"})


def git_url(url: str, cache: Path, timeout: float = CLONE_S) -> Iterator[Found | Dropped]:
    """The files of a repository's default branch, as `folder` takes them; origins are `url@commit:path`.

    The newest commit is cloned, without its history, into a folder of the cache; the next call takes it from there, or
    clones anew where the branch has moved on. Where the repository cannot be reached, what is in the cache is taken.

    Args:
        url: Of the schemes https, ssh, file or git; a user or password in it is not written to any origin.
        cache: Folder of the clones.
        timeout: Of a clone, in seconds.

    Raises:
        BadInputError: The URL is not one to clone from, or cannot be reached and is not in the cache.
    """
    _refuse(url)
    clone = cache / _folder_name(url)
    if not (clone.is_dir() and _is_current(url, clone)):
        with _taking_the_place_of(clone) as fresh:
            options = ["--bare", "--quiet", "--depth=1", "--no-tags", "--template="]
            _git(["clone", *options, "--", url, str(fresh)], url, timeout)
    commit = _commit(url, clone)
    listing = _git(["--git-dir", str(clone), "ls-tree", "-r", "-l", "-z", "--full-tree", commit], url)
    return _found_in(clone, f"{_public(url)}@{commit}", _files(listing))


@dataclass(frozen=True, slots=True)
class _File:
    path: PurePosixPath
    object_id: str
    size: int


def _found_in(clone: Path, origin: str, files: list[_File]) -> Iterator[Found | Dropped]:
    with _reader(clone) as read:
        licence = _licence(files, read)
        for file in files:
            if is_candidate(file.path):
                yield taken(f"{origin}:{file.path}", file.path, file.size, partial(read, file), licence)


def _files(listing: bytes) -> list[_File]:
    """Of a tree, in git's order; links and submodules are none."""
    files = []
    for line in listing.decode("utf-8", "backslashreplace").split("\0"):
        facts, _, path = line.partition("\t")
        if path and facts.split()[0] in _FILE_MODES:
            _, _, object_id, size = facts.split()
            files.append(_File(PurePosixPath(path), object_id, int(size)))
    return files


def _licence(files: list[_File], read: Callable[[_File], bytes]) -> str:
    for file in files:
        if len(file.path.parts) == 1 and is_licence(file.path) and file.size <= MAX_BYTES:
            return licence_of_text(read(file).decode("utf-8", "replace"))
    return UNKNOWN_LICENCE


# Addresses ------------------------------------------------------------------------------------------------------------


def _refuse(url: str) -> None:
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        raise BadInputError(f"{_public(url)!r} is not a URL.") from None
    if parts.scheme not in SCHEMES or host.startswith("-") or any(letter <= " " for letter in url):
        raise BadInputError(
            f"{_public(url)!r} is not a URL that is cloned from: give one that begins with "
            f"{', '.join(f'{scheme}://' for scheme in SCHEMES)} (ssh://git@host/path for git@host:path)."
        )


def _public(url: str) -> str:
    """The URL without user and password."""
    return re.sub(r"//[^/]*@", "//", url, count=1)


def _folder_name(url: str) -> str:
    words = re.sub(r"[^A-Za-z0-9]+", "-", _public(url)).strip("-")
    return f"{words[-60:]}-{hashlib.sha256(url.encode()).hexdigest()[:12]}.git"


# Git ------------------------------------------------------------------------------------------------------------------


def _is_current(url: str, clone: Path) -> bool:
    """Whether a clone has the newest commit; also where the repository cannot be asked for it."""
    try:
        newest = _git(["ls-remote", "--", url, "HEAD"], url).decode().split("\t")[0]
    except BadInputError:
        return True
    return newest == _commit(url, clone)


def _commit(url: str, clone: Path) -> str:
    return _git(["--git-dir", str(clone), "rev-parse", "--verify", "HEAD^{commit}"], url).decode().strip()


@contextmanager
def _taking_the_place_of(clone: Path) -> Iterator[Path]:
    """A folder beside the clone that takes its place at the end; after an error it is removed."""
    clone.parent.mkdir(parents=True, exist_ok=True)
    fresh, old = (clone.with_name(f".{clone.name}.{uuid.uuid4().hex}.{what}") for what in ("new", "old"))
    try:
        yield fresh
        if clone.is_dir():
            clone.rename(old)
        fresh.rename(clone)
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
        shutil.rmtree(old, ignore_errors=True)


@contextmanager
def _reader(clone: Path) -> Iterator[Callable[[_File], bytes]]:
    """Reads files of a clone, all through one process."""
    command = [*_GIT, "--git-dir", str(clone), "cat-file", "--batch"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=subprocess.DEVNULL, env=_environment()) as process:
        assert process.stdin
        assert process.stdout
        questions, answers = process.stdin, process.stdout

        def read(file: _File) -> bytes:
            questions.write(f"{file.object_id}\n".encode())
            questions.flush()
            header = answers.readline().split()
            if len(header) != 3:
                raise OSError(f"git has no object {file.object_id}")
            content = answers.read(int(header[2]))
            answers.read(1)
            return content

        yield read


def _git(arguments: list[str], url: str, timeout: float = _ASK_S) -> bytes:
    """What git prints.

    Raises:
        BadInputError: It failed or took too long.
    """
    pipe = subprocess.PIPE
    # git's helpers, which hold the pipes open, are ended with it where they are of its session
    with subprocess.Popen(
        [*_GIT, *arguments],
        stdin=subprocess.DEVNULL,
        stdout=pipe,
        stderr=pipe,
        env=_environment(),
        start_new_session=True,
    ) as process:
        try:
            printed, complaint = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            raise BadInputError(f"Git took over {timeout:g} s for {_public(url)}: can it be reached?") from None
    if process.returncode:
        told = complaint.decode("utf-8", "replace").replace(url, _public(url)).strip()[-500:]
        raise BadInputError(f"Git could not read {_public(url)}: check the URL and the network. Git says: {told}")
    return printed


def _environment() -> dict[str, str]:
    """The process's, but for what points git to another repository, as within a hook, or lets it ask or run things."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    ours = {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ALLOW_PROTOCOL": ":".join(SCHEMES),
        "GIT_SSH_COMMAND": "ssh -oBatchMode=yes",
        "LC_ALL": "C",
    }
    return {**inherited, **ours}
