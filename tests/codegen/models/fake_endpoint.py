"""A real OpenAI-compatible server on loopback whose answers are scripted: text, faults, slow replies.

    with fake_endpoint([Fault(500), "hello"]) as endpoint:  # the first request fails, all later ones get `hello`
        endpoint.set(monkeypatch)  # FAKE_BASE_URL and FAKE_API_KEY
        model = open_model("openai-api/fake/any-name")
        ...
        assert endpoint.count == 2 and endpoint.bodies[0]["seed"] == 1

A script is a list of steps, one a request (the last one repeats), or a function of `Asked` that gives a step; where
requests come at a time the function should look at the conversation or the seed, as their order is not set.
A step is a text, a `Reply` (text, delay, token counts, why it ended) or a `Fault` (status, dropped connection, bad
JSON).
A function that raises makes the request fail with status 500, and its error is raised again when the block ends.
"""

from __future__ import annotations

import asyncio
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

KEY = "sk-fake-0123456789abcdef"


@dataclass(frozen=True)
class Asked:
    """A request.

    Attributes:
        number: From 1, over all requests of the server.
        body: As sent: `messages`, `seed`, `temperature`, `max_tokens`, `stop`, ….
        headers: As sent, names in lower case.
    """

    number: int
    body: dict[str, Any]
    headers: Mapping[str, str]

    @property
    def messages(self) -> list[dict[str, Any]]:
        """The conversation."""
        return list(self.body["messages"])

    @property
    def prompt(self) -> str:
        """What was said last."""
        return str(self.messages[-1]["content"])

    @property
    def seed(self) -> int | None:
        """The seed, if any."""
        return self.body.get("seed")


@dataclass(frozen=True)
class Reply:
    """An answer. Tokens are words unless told."""

    text: str
    delay: float = 0.0
    finish_reason: str = "stop"
    prompt_tokens: int | None = None
    completion_tokens: int | None = None


@dataclass(frozen=True)
class Fault:
    """A failure: a status (message, code, headers), a connection that drops, or an answer that is not JSON."""

    status: int = 500
    message: str = "scripted fault"
    code: str | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    delay: float = 0.0
    dropped: bool = False
    malformed: bool = False


Step = str | Reply | Fault
Script = Sequence[Step] | Callable[[Asked], Step]


class FakeEndpoint:
    """What a test sees of the server: its address and what it was asked."""

    def __init__(self, script: Script, url: str) -> None:
        self.script = script
        self.url = url
        self.asked: list[Asked] = []
        self.errors: list[Exception] = []
        self._lock = threading.Lock()

    @property
    def count(self) -> int:
        """Requests so far."""
        return len(self.asked)

    @property
    def bodies(self) -> list[dict[str, Any]]:
        """Bodies of the requests so far."""
        return [asked.body for asked in self.asked]

    def set(self, monkeypatch: pytest.MonkeyPatch, service: str = "fake", key: str | None = KEY) -> None:
        """Points the service's environment variables here; key None: there is none."""
        monkeypatch.setenv(f"{service.upper()}_BASE_URL", self.url)
        if key is None:
            monkeypatch.delenv(f"{service.upper()}_API_KEY", raising=False)
        else:
            monkeypatch.setenv(f"{service.upper()}_API_KEY", key)

    def step(self, body: dict[str, Any], headers: Mapping[str, str]) -> Step:
        """Counts a request and tells what to do with it."""
        with self._lock:
            asked = Asked(len(self.asked) + 1, body, headers)
            self.asked.append(asked)
        if not callable(self.script):
            return self.script[min(asked.number, len(self.script)) - 1]
        try:
            return self.script(asked)
        except Exception as error:
            self.errors.append(error)
            return Fault(500, f"the script of the fake endpoint raised {error!r}")


@contextmanager
def fake_endpoint(script: Script) -> Iterator[FakeEndpoint]:
    """Serves the script from a thread; `url` ends in `/v1`, as clients want it."""
    listener = socket.create_server(("127.0.0.1", 0))
    endpoint = FakeEndpoint(script, f"http://127.0.0.1:{listener.getsockname()[1]}/v1")
    config = uvicorn.Config(_app(endpoint), log_level="critical", lifespan="off", timeout_graceful_shutdown=1)
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([listener],), daemon=True)
    thread.start()
    try:
        _wait(server)
        yield endpoint
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()
    if endpoint.errors:
        raise endpoint.errors[0]


def _wait(server: uvicorn.Server) -> None:
    deadline = time.monotonic() + 10
    while not server.started:
        if time.monotonic() > deadline:
            raise RuntimeError("The fake endpoint did not start.")
        time.sleep(0.01)


def _app(endpoint: FakeEndpoint) -> Starlette:
    async def chat(request: Request) -> Response:
        body = await request.json()
        step = endpoint.step(body, dict(request.headers))
        reply = Reply(step) if isinstance(step, str) else step
        await asyncio.sleep(reply.delay)
        return _failure(reply) if isinstance(reply, Fault) else JSONResponse(_completion(body, reply))

    async def models(request: Request) -> Response:
        return JSONResponse({"object": "list", "data": [{"id": "fake", "object": "model"}]})

    return Starlette(routes=[Route("/v1/chat/completions", chat, methods=["POST"]), Route("/v1/models", models)])


def _completion(body: dict[str, Any], reply: Reply) -> dict[str, Any]:
    said = sum(len(str(message["content"]).split()) for message in body["messages"])
    prompt_tokens = said if reply.prompt_tokens is None else reply.prompt_tokens
    words = len(reply.text.split())
    completion_tokens = words if reply.completion_tokens is None else reply.completion_tokens
    choice = {
        "index": 0,
        "message": {"role": "assistant", "content": reply.text},
        "finish_reason": reply.finish_reason,
    }
    usage = {
        "prompt_tokens": prompt_tokens,
        "completion_tokens": completion_tokens,
        "total_tokens": prompt_tokens + completion_tokens,
    }
    return {
        "id": "chatcmpl-fake",
        "object": "chat.completion",
        "created": 0,
        "model": body["model"],
        "choices": [choice],
        "usage": usage,
    }


def _failure(fault: Fault) -> Response:
    if fault.dropped:
        return _Dropped()
    if fault.malformed:
        return Response('{"choices": [', media_type="application/json")
    content = json.dumps({"error": {"message": fault.message, "type": "fake", "code": fault.code}})
    return Response(content, fault.status, {"content-type": "application/json", **fault.headers})


class _Dropped(Response):
    """Promises more than it sends, upon which the server closes the connection."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        headers = [(b"content-type", b"application/json"), (b"content-length", b"100")]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"{"})
