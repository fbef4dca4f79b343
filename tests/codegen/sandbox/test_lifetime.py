"""Workers die with whoever started them, come again when they die, and are refused where they cannot be enclosed."""

import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from codegen.sandbox import sandbox as sandbox_module
from codegen.sandbox.errors import SandboxError, SandboxMissingError
from codegen.sandbox.inside.watching import descendants
from codegen.sandbox.outcome import Limits, Outcome
from codegen.sandbox.sandbox import open_sandbox
from ee_emulator.process import Emulator
from tests.codegen.sandbox.conftest import needs_bubblewrap
from tests.codegen.sandbox.hostile import Machine, everything, programs

REPOSITORY = Path(__file__).parents[3]
SLEEP = "print('began', flush=True)\nimport time\ntime.sleep(1000)"


def workers(of: int) -> list[int]:
    """Processes below one that belong to a sandbox: bubblewrap, workers, and programs."""
    found = []
    for one in descendants(of):
        try:
            if b"inside.zygote" in Path(f"/proc/{one}/cmdline").read_bytes():
                found.append(one)
        except OSError:
            continue  # it has ended meanwhile
    return found


def eventually(true: Callable[[], object], seconds: float = 30) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return False


def gone(process: int) -> bool:
    try:
        return Path(f"/proc/{process}/stat").read_text().rpartition(")")[2].split()[0] in "ZX"
    except OSError:
        return True


@needs_bubblewrap
def test_everything_ends_with_a_parent_that_is_killed(emulator: Emulator, tmp_path: Path) -> None:
    script = f"""
import sys
from codegen.sandbox.sandbox import open_sandbox
with open_sandbox({emulator.url!r}) as opened:
    print("open", flush=True)
    opened.run({SLEEP!r}, "python")
"""
    parent = subprocess.Popen([sys.executable, "-c", script], cwd=REPOSITORY, stdout=subprocess.PIPE)
    try:
        assert parent.stdout is not None
        assert parent.stdout.readline() == b"open\n"
        assert eventually(lambda: len(workers(parent.pid)) >= 5)  # bubblewrap, the worker, and the program
        started = workers(parent.pid)
    finally:
        parent.kill()
        parent.wait()
    assert eventually(lambda: all(gone(process) for process in started))


@needs_bubblewrap
def test_a_worker_that_dies_is_told_and_replaced(emulator: Emulator) -> None:
    others = set(workers(os.getpid()))
    with open_sandbox(emulator.url, Limits(wall_seconds=60)) as opened:
        before = [one for one in workers(os.getpid()) if one not in others]
        ended: list[Outcome] = []
        thread = threading.Thread(target=lambda: ended.append(opened.run(SLEEP, "python")))
        thread.start()
        assert eventually(lambda: len(workers(os.getpid())) > len(before) + len(others))
        os.kill(before[-1], signal.SIGKILL)  # the worker itself; the others are bubblewrap's
        thread.join(30)
        assert [outcome.status for outcome in ended] == ["killed"]
        assert opened.run("print(1)", "python").stdout == "1\n"
        assert not set(workers(os.getpid())) & set(before)
    assert eventually(lambda: set(workers(os.getpid())) == others)


@needs_bubblewrap
def test_an_interrupted_run_leaves_a_sandbox_that_works(emulator: Emulator) -> None:
    def interrupt(*_: object) -> None:
        raise KeyboardInterrupt

    with open_sandbox(emulator.url, Limits(wall_seconds=60)) as opened:
        former = signal.signal(signal.SIGALRM, interrupt)
        signal.setitimer(signal.ITIMER_REAL, 0.5)
        try:
            with pytest.raises(KeyboardInterrupt):
                opened.run(SLEEP, "python")
        finally:
            signal.signal(signal.SIGALRM, former)
        assert opened.run("print(1)", "python").stdout == "1\n"


@needs_bubblewrap
def test_an_earth_engine_that_goes_away_is_an_error_of_the_program() -> None:
    from ee_emulator.process import start_emulator

    with start_emulator() as server, open_sandbox(server.url, Limits(wall_seconds=60)) as opened:
        server.process.kill()
        server.process.wait()
        outcome = opened.run("import ee\nprint(ee.Number(1).getInfo())", "python")
        assert outcome.error is not None
        assert outcome.error.kind == "EEException"
        assert "could not be reached" in outcome.error.message


def test_no_earth_engine_is_told_before_anything_runs() -> None:
    with pytest.raises(SandboxError, match="could not be reached"), open_sandbox("http://127.0.0.1:9"):
        pass


def test_without_bubblewrap_nothing_runs(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    with pytest.raises(SandboxMissingError, match="apt-get install bubblewrap"), open_sandbox(emulator.url):
        pass


def test_a_machine_that_forbids_it_is_told(emulator: Emulator, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    fake = tmp_path / "bwrap"
    fake.write_text("#!/bin/sh\necho 'bwrap: No permissions to create new namespace' >&2\nexit 1\n", encoding="ascii")
    fake.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    with pytest.raises(SandboxMissingError, match=r"No permissions.*sysctl"), open_sandbox(emulator.url):
        pass


def test_unsafe_local_warns_runs_and_cleans_up(emulator: Emulator, capsys: pytest.CaptureFixture[str]) -> None:
    leaves = "import os, subprocess\nprint(os.getcwd(), flush=True)\nopen('left', 'w').write('x')\n"
    leaves += "subprocess.Popen(['/bin/sh', '-c', 'trap \"\" TERM; sleep 1000'], start_new_session=True)\n"
    others = set(descendants(os.getpid()))
    with open_sandbox(emulator.url, Limits(wall_seconds=60), unsafe_local=True) as opened:
        assert "WITHOUT a sandbox" in capsys.readouterr().err
        (worker,) = set(descendants(os.getpid())) - others
        outcome = opened.run(leaves, "python")
        assert outcome.files == {"left": b"x"}
        assert not Path(outcome.stdout.strip()).exists()
        assert descendants(worker) == []
        called = opened.call("import ee\ndef f(a): return ee.Number(a).getInfo()", "f", {"a": 2})
        assert called.returned is not None
        assert called.returned.value == 2
        stopped = opened.run("import os\nos.fork()\nwhile True: pass", "python", Limits(wall_seconds=0.5))
        assert stopped.status == "wall_time"
        assert descendants(worker) == []


NAMES = ("reads a secret by its path", "connects to the host's loopback", "connects to sockets of the host")


@pytest.mark.parametrize("program", [one for one in programs() if one.name in NAMES], ids=lambda one: one.name)
def test_hostile_programs_do_harm_where_there_is_no_sandbox(program, emulator: Emulator, tmp_path: Path) -> None:  # type: ignore[no-untyped-def]
    """So that their failure within one says something."""
    machine = Machine(tmp_path, 1)
    with machine.laid_out() as places, open_sandbox(emulator.url, unsafe_local=True) as opened:
        said = everything(program.run(opened, places))
    assert "ESCAPED" in said
    assert machine.secret in said or eventually(lambda: machine.contacts)


AS_USER = """
import json, sys
sys.path[:0] = {paths!r}
from codegen.sandbox.sandbox import open_sandbox
from tests.codegen.sandbox.hostile import everything, programs
told = {{}}
with open_sandbox({url!r}) as opened:
    for program in programs():
        if program.kind in ("files", "kernel") or "privileges" in program.name:
            outcome = program.run(opened, {places!r})
            told[program.name] = [outcome.status in program.ends, program.says in outcome.stdout, everything(outcome)]
    code = "import ee, os\\ndef f(): return [ee.Number(1).getInfo(), os.getuid(), os.listdir('/tmp')]"
    outcome = opened.call(code, "f", {{}})
    told["well-behaved"] = outcome.returned.value
json.dump(told, sys.stdout)
"""


@needs_bubblewrap
@pytest.mark.skipif(os.getuid() != 0, reason="the other tests run as an ordinary user already")
def test_the_sandbox_holds_for_an_ordinary_user(emulator: Emulator) -> None:
    """Root encloses by its own privileges, others by user namespaces: another way to the same shell."""
    import json

    python = shutil.which("python3.11", path="/usr/bin:/usr/local/bin")
    if python is None or shutil.which("setpriv") is None:
        pytest.skip("no Python 3.11 that other users may run")
    folder = Path("/var/tmp") / f"eecode-user-{os.getpid()}"
    machine = Machine(folder, 8085)
    folder.chmod(0o755)
    try:
        with machine.laid_out() as places:
            given = {name: str(value) for name, value in places.items()} | {"worker_process": 1}
            paths = [str(REPOSITORY), *sandbox_module.bubblewrap.site_folders()]
            script = AS_USER.format(paths=paths, url=emulator.url, places=given)
            command = ["setpriv", "--reuid", "12345", "--regid", "12345", "--clear-groups", python, "-c", script]
            done = subprocess.run(command, capture_output=True, text=True, cwd="/", timeout=120)
        if "PermissionError" in done.stderr:
            pytest.skip(f"another user cannot read {REPOSITORY}")
        told = json.loads(done.stdout)
        assert told.pop("well-behaved") == [1, 1000, ["work"]]
        assert len(told) > 25
        for name, (ended, tried, said) in told.items():
            assert ended, (name, said)
            assert tried, (name, said)
            assert "ESCAPED" not in said, (name, said)
            assert machine.secret not in said
        assert list(machine.marks.iterdir()) == []
        assert machine.contacts == []
    finally:
        shutil.rmtree(folder)
