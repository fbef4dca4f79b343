"""The pool: saved after every answer, read, resumed after a kill, and replayed."""

import asyncio
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from codegen.chain.effects import ReplayError
from codegen.chain.generate import generate, replay, resume
from codegen.chain.pool import Pool, Setting, read_pool
from lake.errors import BadInputError
from tests.codegen.chain import kill_me
from tests.codegen.chain.support import Scripted, StandIn, chain_answers

ROOT = Path(__file__).parents[3]
QUESTIONS = len(kill_me.MARKS)


def run(pool: Path, log: Path, last: int) -> int:
    """The chain in a process of its own; its exit status."""
    command = [sys.executable, "-m", "tests.codegen.chain.kill_me", str(pool), str(last), str(log)]
    return subprocess.run(command, cwd=ROOT, check=False, timeout=120).returncode


@pytest.mark.parametrize("last", [0, 3, 5])
def test_after_a_kill_no_question_that_was_answered_is_asked_again(tmp_path: Path, last: int) -> None:
    pool, log = tmp_path / "pool.json", tmp_path / "log"
    assert run(pool, log, last) == -signal.SIGKILL
    assert len(read_pool(pool).record.calls) == last
    found = asyncio.run(kill_me.chain(pool, -1, log))
    asked = [int(number) for number in log.read_text().split()]
    assert asked == [*range(last + 1), *range(last, QUESTIONS)]  # the one that was being answered, again
    assert isinstance(found, Pool)
    assert found.ran
    assert found == asyncio.run(kill_me.chain(tmp_path / "other.json", -1, tmp_path / "other"))


def test_a_chain_that_came_to_its_end_asks_nothing_more(tmp_path: Path) -> None:
    path = tmp_path / "pool.json"
    first = asyncio.run(kill_me.chain(path, -1, tmp_path / "log"))
    content = path.read_bytes()
    (tmp_path / "log").write_text("")
    assert asyncio.run(kill_me.chain(path, -1, tmp_path / "log")) == first
    assert (tmp_path / "log").read_text() == ""
    assert path.read_bytes() == content


def test_what_is_saved_is_read_and_replayed_without_a_model(tmp_path: Path) -> None:
    path = tmp_path / "pool.json"
    made = asyncio.run(generate("mean elevation", Scripted(chain_answers()), pool_path=path, sandbox=StandIn()))
    read = read_pool(path)
    assert read == made
    assert asyncio.run(replay(read)) == made


def test_a_replay_says_what_the_record_lacks() -> None:
    made = asyncio.run(generate("mean elevation", Scripted(chain_answers()), sandbox=StandIn()))
    del made.record.calls[2:]
    with pytest.raises(ReplayError, match="load_region"):
        asyncio.run(replay(made))


def test_resuming_goes_on_with_the_settings_of_the_pool(tmp_path: Path) -> None:
    path = tmp_path / "pool.json"
    made = asyncio.run(
        generate("mean elevation", Scripted(chain_answers()), pool_path=path, sandbox=StandIn(), seed=5, rounds=1)
    )
    model = Scripted([])
    assert asyncio.run(resume(path, model, sandbox=StandIn())) == made
    assert model.asked == []
    with pytest.raises(BadInputError, match="begun with the model scripted"):
        asyncio.run(resume(path, Scripted([], name="another"), sandbox=StandIn()))


def test_the_pool_of_another_request_is_left_alone(tmp_path: Path) -> None:
    path = tmp_path / "pool.json"
    asyncio.run(generate("mean elevation", Scripted(chain_answers()), pool_path=path, sandbox=StandIn()))
    content = path.read_bytes()
    with pytest.raises(BadInputError, match="another request"):
        asyncio.run(generate("slope", Scripted([]), pool_path=path, sandbox=StandIn()))
    assert path.read_bytes() == content


@pytest.mark.parametrize("content", [b"", b"{}", b'{"format": 99, "setting": {"request": "x"}}', b"\xff\xfe"])
def test_what_is_no_pool_is_refused(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "pool.json"
    path.write_bytes(content)
    with pytest.raises(BadInputError, match=r"pool\.json is no pool"):
        read_pool(path)
    with pytest.raises(BadInputError, match="There is no pool"):
        read_pool(tmp_path / "none.json")


def test_a_pool_with_odd_characters_is_kept_as_it_is(tmp_path: Path) -> None:
    pool = Pool(setting=Setting(request="武汉 \u202e \x00 '\"\\ \n 😀"))
    pool.save(tmp_path / "pool.json")
    assert read_pool(tmp_path / "pool.json") == pool
