"""The only way out of the sandbox: an HTTP server that passes what is allowed on to one Earth Engine.

It runs on the host, on a listening socket that was made within the sandbox and handed out: so there is no network in
the sandbox but this, and nothing between that a program could get hold of.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import threading
import time
from collections.abc import Callable

from codegen.sandbox.requests import PART_BYTES, BadRequestError, Connection, GoneError, Request
from codegen.sandbox.rules import Mode, Refusal, judge
from codegen.sandbox.upstream import Upstream

_SILENT_SECONDS = 30.0
_IDLE_SECONDS = 300.0
_PARTING_SECONDS = 5.0
_RETRY_SECONDS = 0.05
_MOST_CONNECTIONS = 32
_MOST_ANSWER_BYTES = 256 * 2**20
_PASSED_ON = ("content-type", "accept", "accept-encoding")
_PASSED_BACK = ("content-type", "content-encoding", "content-disposition", "retry-after")


class Relay:
    """Answers on one listening socket until it is closed."""

    def __init__(self, listener: socket.socket, upstream: Upstream, mode: Mode) -> None:
        """Starts at once, in threads of its own."""
        self._listener = listener
        self._upstream = upstream
        self._mode: Mode = mode
        self._clients: dict[socket.socket, http.client.HTTPConnection | None] = {}
        self._parting: set[socket.socket] = set()
        self._changed = threading.Condition()
        self._closed = False
        threading.Thread(target=self._accept, name="relay", daemon=True).start()

    def close_connections(self) -> None:
        """Ends every connection, and what is still being waited for: the program that asked is gone."""
        with self._changed:
            self._parting.update(self._clients)
            for client, upstream in self._clients.items():
                _shut(client)
                if upstream is not None and upstream.sock is not None:
                    _shut(upstream.sock)
            self._changed.wait_for(lambda: not self._clients, _PARTING_SECONDS)

    def close(self) -> None:
        """Stops answering."""
        self._closed = True
        _shut(self._listener)
        self._listener.close()
        self.close_connections()

    def _accept(self) -> None:
        while not self._closed:
            try:
                client, _ = self._listener.accept()
            except OSError:  # it is closed, or there are no descriptors left for a while
                time.sleep(_RETRY_SECONDS)
                continue
            with self._changed:
                if len(self._clients) >= _MOST_CONNECTIONS:
                    client.close()
                    continue
                self._clients[client] = None
            try:
                threading.Thread(target=self._serve, args=(client,), name="relay", daemon=True).start()
            except RuntimeError:  # there are no threads left for a while
                self._forget(client)

    def _serve(self, client: socket.socket) -> None:
        connection = Connection(client, _SILENT_SECONDS)
        try:
            client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            while self._serve_one(client, connection):
                pass
        except (GoneError, OSError):
            return
        finally:
            self._forget(client)

    def _forget(self, client: socket.socket) -> None:
        with self._changed:
            client.close()
            del self._clients[client]
            self._parting.discard(client)
            self._changed.notify_all()

    def _waits_for(self, client: socket.socket, upstream: http.client.HTTPConnection | None) -> None:
        with self._changed:
            if client in self._parting:
                raise GoneError
            self._clients[client] = upstream

    def _serve_one(self, client: socket.socket, connection: Connection) -> bool:
        """Answers a request; whether another may follow."""
        try:
            request = connection.head(_IDLE_SECONDS)
        except BadRequestError as error:
            connection.send(_error(Refusal(error.status, "INVALID_ARGUMENT", str(error)), stays=False))
            return False
        if request is None:
            return False
        target = judge(request.method, request.target, self._mode)
        if isinstance(target, Refusal):
            for _ in connection.body(request.length):
                pass
            connection.send(_error(target, request.stays))
            return request.stays
        try:
            return self._pass_on(connection, request, target, lambda upstream: self._waits_for(client, upstream))
        finally:
            self._waits_for(client, None)

    def _pass_on(
        self,
        connection: Connection,
        request: Request,
        target: str,
        asking: Callable[[http.client.HTTPConnection], None],
    ) -> bool:
        headers = {name: value for name, value in request.headers.items() if name in _PASSED_ON}
        body = connection.body(request.length) if request.length or request.method != "GET" else None
        try:
            upstream, answer = self._upstream.ask(request.method, target, headers, body, request.length, asking)
        except (OSError, http.client.HTTPException) as error:
            message = f"Earth Engine at {self._upstream.url} could not be reached: {error}"
            connection.send(_error(Refusal(503, "UNAVAILABLE", message), stays=False))
            return False
        done = False
        try:
            done = _pass_back(connection, answer, request)
        finally:
            answer.close()
            if done and not answer.will_close:
                self._upstream.give_back(upstream)
            else:
                upstream.close()
        return done and request.stays


def _shut(one: socket.socket) -> None:
    with contextlib.suppress(OSError):  # the other side may have been faster
        one.shutdown(socket.SHUT_RDWR)


def _pass_back(connection: Connection, answer: http.client.HTTPResponse, request: Request) -> bool:
    """Sends an answer on; whether all of it was."""
    length = answer.getheader("Content-Length")
    headers = [(name, value) for name, value in answer.getheaders() if name.lower() in _PASSED_BACK]
    headers.append(("Transfer-Encoding", "chunked") if length is None else ("Content-Length", length))
    connection.send(_head(answer.status, headers, request.stays))
    left = _MOST_ANSWER_BYTES
    try:
        while part := answer.read1(PART_BYTES):
            left -= len(part)
            if left < 0:
                return False
            connection.send(part if length is not None else b"%x\r\n%b\r\n" % (len(part), part))
    except (OSError, http.client.HTTPException):
        return False  # the client sees an answer that breaks off
    if length is None:
        connection.send(b"0\r\n\r\n")
    return True


def _error(refusal: Refusal, stays: bool) -> bytes:
    """In the form of Earth Engine, so that its clients tell the message."""
    told = {"error": {"code": refusal.status, "message": refusal.message, "status": refusal.name}}
    content = json.dumps(told).encode()
    headers = [("Content-Type", "application/json; charset=UTF-8"), ("Content-Length", str(len(content)))]
    return _head(refusal.status, headers, stays) + content


def _head(status: int, headers: list[tuple[str, str]], stays: bool) -> bytes:
    lines = [f"HTTP/1.1 {status} {http.client.responses.get(status, 'Status')}"]
    lines += [f"{name}: {value}" for name, value in headers]
    lines += [] if stays else ["Connection: close"]
    return ("\r\n".join([*lines, "", ""])).encode("latin-1")
