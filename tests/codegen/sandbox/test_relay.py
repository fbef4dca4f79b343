"""The relay, between clients that may send anything and a server that records what it is asked."""

import gzip
import http.client
import json
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from codegen.sandbox import relay as relay_module
from codegen.sandbox import sandbox as sandbox_module
from codegen.sandbox.errors import SandboxError
from codegen.sandbox.outcome import Limits
from codegen.sandbox.relay import Relay
from codegen.sandbox.requests import BadRequestError, parse_head
from codegen.sandbox.rules import Mode
from codegen.sandbox.upstream import Upstream, open_upstream
from ee_emulator.process import Emulator
from tests.codegen.sandbox.conftest import needs_bubblewrap
from tests.codegen.sandbox.hostile import everything

COMPUTE = "/v1/projects/local-ee/value:compute"
ASSET = "/v1/projects/local-ee/assets/image"
TOKEN = "token-that-no-program-may-see"


class Token:
    """Credentials in the form of `google.auth`, which have to be refreshed once."""

    def __init__(self) -> None:
        self.refreshed = 0

    @property
    def valid(self) -> bool:
        return self.refreshed > 0

    def refresh(self, request: Any) -> None:
        self.refreshed += 1

    def apply(self, headers: dict[str, str]) -> None:
        headers["authorization"] = f"Bearer {TOKEN}"


class Server:
    """Stands in for Earth Engine: remembers requests, and answers with what it was asked."""

    def __init__(self) -> None:
        self.asked: list[dict[str, Any]] = []
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def answer(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length", 0)))
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.asked.append({"method": self.command, "path": self.path, "headers": headers, "body": body})
                self.send_response(200)
                self.send_header("Set-Cookie", "secret")
                if b"compressed" in body:
                    content = gzip.compress(b'"compressed"')
                    self.send_header("Content-Encoding", "gzip")
                    self.send_header("Transfer-Encoding", "chunked")
                    self.end_headers()
                    self.wfile.write(b"%x\r\n%b\r\n0\r\n\r\n" % (len(content), content))
                    return
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            do_GET = do_POST = do_DELETE = answer  # noqa: N815  # as the library calls them

            def log_message(self, *_: Any) -> None:
                """Says nothing."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._http.server_port}"
        threading.Thread(target=self._http.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self._http.shutdown()
        self._http.server_close()


@pytest.fixture
def server() -> Iterator[Server]:
    opened = Server()
    yield opened
    opened.close()


Open = Callable[..., int]


def open_relay(upstream: Upstream, mode: Mode = "read") -> tuple[Relay, int]:
    """A relay and its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    return Relay(listener, upstream, mode), int(listener.getsockname()[1])


@pytest.fixture
def relay(server: Server) -> Iterator[Open]:
    """Opens relays to the server; gives their ports."""
    opened = []

    def start(mode: Mode = "read", upstream: Upstream | None = None) -> int:
        one, port = open_relay(upstream or Upstream(server.url), mode)
        opened.append(one)
        return port

    yield start
    for one in opened:
        one.close()


def ask(port: int, method: str, path: str, body: bytes | None = None, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
    return connection.getresponse()


def raw(port: int, content: bytes) -> bytes:
    """What comes back until the relay ends the connection."""
    answer = b""
    with socket.create_connection(("127.0.0.1", port), timeout=10) as client:
        try:
            client.sendall(content)
            client.shutdown(socket.SHUT_WR)
            while part := client.recv(65536):
                answer += part
        except OSError:
            pass  # it is ended before all was sent
    return answer


def test_a_request_and_its_answer_pass(server: Server, relay: Open) -> None:
    answer = ask(relay(), "POST", COMPUTE, b'{"a": 1}', content_type="application/json")
    assert (answer.status, answer.read()) == (200, b'{"a": 1}')
    assert answer.getheader("Set-Cookie") is None
    (asked,) = server.asked
    assert (asked["method"], asked["path"], asked["body"]) == ("POST", COMPUTE, b'{"a": 1}')
    assert asked["headers"]["content-type"] == "application/json"


def test_a_large_body_and_a_compressed_answer_pass(server: Server, relay: Open) -> None:
    port = relay()
    large = bytes(9 * 2**20)
    assert ask(port, "POST", COMPUTE, large).read() == large
    answer = ask(port, "POST", COMPUTE, b"compressed", accept_encoding="gzip")
    assert gzip.decompress(answer.read()) == b'"compressed"'
    assert answer.getheader("Content-Encoding") == "gzip"


def test_one_connection_serves_many_requests(server: Server, relay: Open) -> None:
    connection = http.client.HTTPConnection("127.0.0.1", relay(), timeout=10)
    for number in range(3):
        connection.request("POST", COMPUTE, str(number).encode())
        assert connection.getresponse().read() == str(number).encode()
    connection.request("DELETE", ASSET, b"refused, and its body read")
    assert connection.getresponse().read().startswith(b'{"error"')
    connection.request("POST", COMPUTE, b"still in step")
    assert connection.getresponse().read() == b"still in step"
    assert len(server.asked) == 4


def test_credentials_are_added_and_those_of_programs_dropped(server: Server, relay: Open) -> None:
    token = Token()
    port = relay("read", Upstream(server.url, token, "my-project"))
    for _ in range(2):
        headers = {"authorization": "Bearer theirs", "x_goog_user_project": "theirs", "cookie": "c", "x_other": "o"}
        ask(port, "POST", COMPUTE, b"{}", **headers).read()
    for asked in server.asked:
        assert asked["headers"]["authorization"] == f"Bearer {TOKEN}"
        assert asked["headers"]["x-goog-user-project"] == "my-project"
        assert not {"cookie", "x-other"} & set(asked["headers"])
    assert token.refreshed == 1


def test_changes_are_refused_in_the_form_of_earth_engine(server: Server, relay: Open) -> None:
    answer = ask(relay("read"), "DELETE", ASSET)
    told = json.loads(answer.read())["error"]
    assert (answer.status, told["code"], told["status"]) == (403, 403, "PERMISSION_DENIED")
    assert server.asked == []
    assert ask(relay("all"), "DELETE", ASSET).status == 200
    assert [asked["method"] for asked in server.asked] == ["DELETE"]


def test_a_method_in_disguise_is_what_it_is(server: Server, relay: Open) -> None:
    port = relay("read")
    assert ask(port, "POST", ASSET, b"", x_http_method_override="DELETE").status == 403
    ask(port, "GET", f"{ASSET}?$httpMethod=DELETE", x_http_method_override="DELETE").read()
    (asked,) = server.asked
    assert (asked["method"], asked["path"]) == ("GET", ASSET)
    assert "x-http-method-override" not in asked["headers"]


SMUGGLED = b"DELETE %b HTTP/1.1\r\nHost: x\r\n\r\n" % ASSET.encode()


@pytest.mark.parametrize(
    "head",
    [
        b"Content-Length: 0\r\nContent-Length: 30",
        b"Content-Length: 5\r\nTransfer-Encoding: chunked",
        b"Transfer-Encoding : chunked",
        b"Transfer-Encoding: chunked",
        b"Content-Length: +5",
        b"Content-Length: 0x5",
        b"Content-Length: 5,5",
        b"Content-Length: ",
        b"Content-Length: -1",
        b"X-A: b\nContent-Length: 0",
        b"X-A: b\r\n folded",
        b"X-A: b\rTransfer-Encoding: chunked",
        b"X-A: b\x00c",
        b"X A: b",
        b": b",
        b"no colon",
        b"Host: x\r\nHost: y",
    ],
)
def test_what_could_be_read_in_two_ways_is_not_read(server: Server, relay: Open, head: bytes) -> None:
    answer = raw(relay("all"), b"POST %b HTTP/1.1\r\n%b\r\n\r\n%b" % (COMPUTE.encode(), head, SMUGGLED))
    assert answer.split(b" ")[1] in (b"400", b"411")
    assert b"Connection: close" in answer
    assert server.asked == []


@pytest.mark.parametrize(
    "first",
    [
        b"GET %b HTTP/1.1 extra",
        b"GET  %b HTTP/1.1",
        b"get %b HTTP/1.1",
        b"GET %b HTTP/2.0",
        b"GET %b",
        b"GET %b HTTP/1.1\r",
        b"GET\t%b HTTP/1.1",
        b"\r\nGET %b HTTP/1.1",
    ],
)
def test_a_first_line_that_is_none_ends_the_connection(server: Server, relay: Open, first: bytes) -> None:
    answer = raw(relay(), (first % ASSET.encode()) + b"\r\n\r\n" + SMUGGLED)
    assert answer.startswith(b"HTTP/1.1 400")
    assert server.asked == []


def test_what_is_too_large_is_refused(relay: Open) -> None:
    port = relay()
    assert raw(port, b"POST %b HTTP/1.1\r\nContent-Length: 99999999\r\n\r\n" % COMPUTE.encode()).split()[1] == b"413"
    many = b"".join(b"X-%d: %b\r\n" % (number, b"x" * 1000) for number in range(100))
    assert raw(port, b"GET %b HTTP/1.1\r\n%b\r\n" % (ASSET.encode(), many)).split()[1] == b"431"
    with pytest.raises(BadRequestError):
        parse_head(b"GET /%b HTTP/1.1" % (b"x" * 20_000))


def test_a_body_that_is_not_ended_reaches_nobody_whole(server: Server, relay: Open) -> None:
    assert raw(relay(), b"POST %b HTTP/1.1\r\nContent-Length: 100\r\n\r\nhalf" % COMPUTE.encode()) == b""
    assert server.asked == [] or server.asked[0]["body"] != b"half" * 25


def test_a_silent_client_is_left(relay: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_SILENT_SECONDS", 0.2)
    with socket.create_connection(("127.0.0.1", relay()), timeout=10) as client:
        client.sendall(b"GET /v1/proj")
        assert client.recv(100) == b""


def test_more_connections_than_may_be_are_closed(relay: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(relay_module, "_MOST_CONNECTIONS", 2)
    port = relay()
    held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(3)]
    assert held[2].recv(100) == b""
    held[0].sendall(b"GET /nothing HTTP/1.1\r\n\r\n")
    assert held[0].recv(100).startswith(b"HTTP/1.1 403")
    for one in held:
        one.close()


def test_an_earth_engine_that_is_not_there_is_told(server: Server, relay: Open) -> None:
    with socket.create_server(("127.0.0.1", 0)) as unused:
        port = unused.getsockname()[1]
    answer = ask(relay("read", Upstream(f"http://127.0.0.1:{port}")), "POST", COMPUTE, b"{}")
    told = json.loads(answer.read())["error"]
    assert (answer.status, told["status"]) == (503, "UNAVAILABLE")
    assert f"127.0.0.1:{port} could not be reached" in told["message"]


def test_what_a_program_still_waits_for_ends_with_it(relay: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Else a program could leave requests that take long, and the next one would find no connection free."""
    monkeypatch.setattr(relay_module, "_MOST_CONNECTIONS", 2)
    with socket.create_server(("127.0.0.1", 0)) as silent:
        opened, port = open_relay(Upstream(f"http://127.0.0.1:{silent.getsockname()[1]}"))
        held = [socket.create_connection(("127.0.0.1", port), timeout=10) for _ in range(2)]
        for one in held:
            one.sendall(b"POST %b HTTP/1.1\r\nContent-Length: 2\r\n\r\n{}" % COMPUTE.encode())
        asked = [silent.accept()[0] for _ in held]
        opened.close_connections()
        assert opened._clients == {}
        answer = ask(port, "GET", "/nothing")
        assert answer.status == 403
        for one in [*held, *asked]:
            one.close()
        opened.close()


def test_a_server_that_closed_its_connection_is_asked_by_a_new_one(server: Server, relay: Open) -> None:
    upstream = Upstream(server.url)
    port = relay("read", upstream)
    ask(port, "POST", COMPUTE, b"first").read()
    for connection in upstream._idle:
        connection.sock.shutdown(socket.SHUT_RDWR)
    assert ask(port, "POST", COMPUTE, b"second").read() == b"second"


@needs_bubblewrap
def test_programs_work_by_credentials_that_they_never_see(emulator: Emulator, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []

    class Watching(Upstream):
        def ask(self, *given: Any, **named: Any) -> Any:
            asked.append(self._authorization().get("authorization"))
            return super().ask(*given, **named)

    monkeypatch.setattr(sandbox_module, "open_upstream", lambda url, _: Watching(url, Token(), "local-ee"))
    script = """
import ee, gc, os
print(ee.Number(1).add(1).getInfo(), dict(os.environ), ee.data._get_state(), ee.data.getAssetRoots())
print([one for one in gc.get_objects() if isinstance(one, dict) and "authorization" in repr(one)[:2000].lower()])
"""
    with sandbox_module.open_sandbox(emulator.url, Limits(wall_seconds=60)) as opened:
        outcome = opened.run(script, "python")
    assert outcome.stdout.startswith("2 {")
    assert TOKEN not in everything(outcome)
    assert set(asked) == {f"Bearer {TOKEN}"}


@pytest.mark.parametrize(
    ("url", "why"),
    [("http://earthengine.googleapis.com", "https"), ("ftp://x", "address"), ("127.0.0.1:80", "address")],
)
def test_an_address_that_will_not_do_is_refused(url: str, why: str) -> None:
    with pytest.raises(SandboxError, match=why):
        open_upstream(url, "local-ee")


def test_googles_needs_credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    import google.auth
    from google.auth.exceptions import DefaultCredentialsError

    def none(**_: Any) -> None:
        raise DefaultCredentialsError("none")  # type: ignore[no-untyped-call]

    monkeypatch.setattr(google.auth, "default", none)
    with pytest.raises(SandboxError, match="GOOGLE_APPLICATION_CREDENTIALS"):
        open_upstream("https://earthengine.googleapis.com", "local-ee")
