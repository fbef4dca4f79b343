"""Requests against a server that fails in every way that servers do."""

import json
import threading
import time
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from codegen.evaluation.judging.errors import EvaluationError
from codegen.evaluation.judging.service import ATTEMPTS, Service

Answer = tuple[int, bytes] | str
GOOD: Answer = (200, json.dumps({"result": 7}).encode())


def failure(status: int, message: str) -> Answer:
    return status, json.dumps({"error": {"code": status, "message": message}}).encode()


class Fake(ThreadingHTTPServer):
    """Gives the scripted answers one after the other; the last one for ever."""

    daemon_threads = True

    def __init__(self, answers: list[Answer]) -> None:
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers, self.asked = answers, 0
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_address[1]}"


Serve = Callable[..., Fake]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        server = self.server
        assert isinstance(server, Fake)
        self.rfile.read(int(self.headers["Content-Length"]))
        answer = server.answers[min(server.asked, len(server.answers) - 1)]
        server.asked += 1
        if answer == "hang up":
            self.close_connection = True
            return
        if answer == "say nothing":
            server.over.wait(30)
            return
        assert not isinstance(answer, str)
        self.send_response(answer[0])
        self.send_header("Content-Length", str(len(answer[1])))
        self.end_headers()
        self.wfile.write(answer[1])

    def log_message(self, *_: object) -> None:
        """Says nothing."""


@pytest.fixture
def serve() -> Iterator[Serve]:
    opened: list[Fake] = []

    def start(*answers: Answer) -> Fake:
        server = Fake(list(answers))
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        opened.append(server)
        return server

    yield start
    for server in opened:
        server.over.set()
        server.shutdown()
        server.server_close()


def ask(server: Fake, seconds: float = 30) -> object:
    return Service(server.url, pause=0.01).value({"values": {}, "result": "0"}, time.monotonic() + seconds)


@pytest.mark.parametrize(
    "bad", [failure(429, "Too many requests"), failure(500, "x"), failure(503, "x"), (502, b"<html>"), "hang up"]
)
def test_what_passes_is_tried_again(bad: Answer, serve: Serve) -> None:
    server = serve(bad, bad, GOOD)
    assert ask(server) == 7
    assert server.asked == 3


@pytest.mark.parametrize(
    "bad",
    [
        failure(429, "Too many requests"),
        failure(500, "Internal error"),
        failure(401, "who"),
        failure(403, "no"),
        "hang up",
        (200, b"no JSON"),
        (200, b"{}"),
    ],
)
def test_what_stays_is_the_networks_fault(bad: Answer, serve: Serve) -> None:
    server = serve(bad)
    with pytest.raises(EvaluationError) as raised:
        ask(server)
    assert raised.value.error == "network"
    assert server.asked in (1, ATTEMPTS)


@pytest.mark.parametrize(
    ("message", "error"),
    [
        ("Image.select: Band pattern 'x' did not match any bands.", "parameter"),
        ("Computation timed out.", "runtime"),
        ("User memory limit exceeded.", "runtime"),
        ("Collection query aborted after accumulating over 5000 elements.", "runtime"),
        ("Expression nesting is too deep.", "runtime"),
    ],
)
def test_what_earth_engine_refuses_is_not_tried_again(message: str, error: str, serve: Serve) -> None:
    server = serve(failure(400, message))
    with pytest.raises(EvaluationError, match=message[:20]) as raised:
        ask(server)
    assert raised.value.error == error
    assert server.asked == 1


def test_silence_ends_with_the_time(serve: Serve) -> None:
    server = serve("say nothing")
    with pytest.raises(EvaluationError) as raised:
        ask(server, seconds=0.3)
    assert raised.value.error == "runtime"


def test_an_answer_without_end_is_cut_off(serve: Serve, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("codegen.evaluation.judging.service.MAX_ANSWER_BYTES", 100_000)
    with pytest.raises(EvaluationError, match="larger than") as raised:
        ask(serve((200, b" " * 1_000_000)))
    assert raised.value.error == "runtime"
