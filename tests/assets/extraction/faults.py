"""A server in front of the local Earth Engine that fails on demand, over real HTTP."""

import asyncio
import threading
import time
from collections import deque
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse
from starlette.routing import Route

Fault = int | str
"""An HTTP status; `hang`, which answers too late; `break`, which ends in the middle of an answer; or the words of a
refusal with status 400."""
HANG_SECONDS = 1.5


@dataclass
class Proxy:
    """A running proxy.

    Attributes:
        url: Where it listens.
        faults: What becomes of the next computations, in order; those after it are passed on.
        computations: How many were asked for.
        most_at_once: The most that were under way at one time.
        delay: Seconds that each computation is held up.
        authorised: The header `Authorization` of each request that was passed on.
        under_way: Computations that are not answered yet.
    """

    url: str = ""
    faults: deque[Fault] = field(default_factory=deque)
    computations: int = 0
    most_at_once: int = 0
    delay: float = 0.0
    authorised: list[str] = field(default_factory=list)
    under_way: int = 0


@contextmanager
def faulty(target: str) -> Iterator[Proxy]:
    """A proxy to `target` in a thread of its own."""
    proxy = Proxy()
    client = httpx.AsyncClient(base_url=target, timeout=60)

    async def forward(request: Request) -> Response:
        if not request.url.path.endswith((":computePixels", ":computeFeatures", "value:compute")):
            return await passed_on(request)
        proxy.computations += 1
        proxy.under_way += 1
        proxy.most_at_once = max(proxy.most_at_once, proxy.under_way)
        try:
            await asyncio.sleep(proxy.delay)
            if proxy.faults:
                return await failed(proxy.faults.popleft())
            return await passed_on(request)
        finally:
            proxy.under_way -= 1

    async def passed_on(request: Request) -> Response:
        # The host header stays ours: the emulator tells clients to come back to it.
        headers = {k: v for k, v in request.headers.items() if k in ("host", "content-type")}
        proxy.authorised.append(request.headers.get("authorization", ""))
        url = str(request.url.path) + (f"?{request.url.query}" if request.url.query else "")
        answer = await client.request(request.method, url, content=await request.body(), headers=headers)
        return Response(answer.content, answer.status_code, media_type=answer.headers.get("content-type"))

    async def token(_: Request) -> Response:
        return JSONResponse({"access_token": "from-the-key-file", "expires_in": 3600, "token_type": "Bearer"})

    app = Starlette(
        routes=[
            Route("/token", token, methods=["POST"]),
            Route("/{path:path}", forward, methods=["GET", "POST"]),
        ]
    )
    server = uvicorn.Server(uvicorn.Config(app, port=0, log_level="critical"))
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        time.sleep(0.01)
    proxy.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield proxy
    finally:
        server.should_exit = True
        thread.join(10)


async def failed(fault: Fault) -> Response:
    """A failure as Earth Engine or the network shows it."""
    if isinstance(fault, int):
        return error(fault, "Quota exceeded." if fault == 429 else "Internal.")
    if fault == "hang":
        await asyncio.sleep(HANG_SECONDS)
        return error(503, "too late for anyone to read")
    if fault == "break":

        async def half() -> AsyncIterator[bytes]:
            yield b"half an answer"

        return StreamingResponse(half(), headers={"content-length": "1000"})
    return error(400, fault)


def error(status: int, words: str) -> Response:
    """Earth Engine's JSON of an error."""
    content = {"error": {"code": status, "message": words, "status": "INVALID_ARGUMENT"}}
    return Response(orjson.dumps(content), status, media_type="application/json")
