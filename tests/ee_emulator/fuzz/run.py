"""Sends graphs to a server, in this process or elsewhere, and counts what comes back."""

from __future__ import annotations

import asyncio
import json
import logging
import re
import time
import traceback
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import numpy as np

from ee_emulator.catalog.folder import FolderCatalog
from ee_emulator.server import create_app
from tests.ee_emulator.fuzz.graphs import COLLECTION, IMAGE, TABLE, Graph

SECONDS = 5.0
"""What a request may take here; the server's own grace comes on top."""


@dataclass
class Report:
    """What became of the graphs.

    Attributes:
        values: How many were evaluated.
        errors: How many were refused, by message without names and numbers.
        bugs: Answers that no server should give, by where they come from: how often, and one graph.
        slowest: Seconds and graph.
    """

    values: int = 0
    errors: Counter[str] = field(default_factory=Counter)
    bugs: dict[str, tuple[int, Graph]] = field(default_factory=dict)
    slowest: list[tuple[float, Graph]] = field(default_factory=list)

    @property
    def graphs(self) -> int:
        """All of them."""
        return self.values + self.errors.total() + sum(count for count, _ in self.bugs.values())

    def bug(self, where: str, graph: Graph) -> None:
        """Notes an answer that should not be."""
        count, example = self.bugs.get(where, (0, graph))
        self.bugs[where] = (count + 1, min(example, graph, key=lambda g: len(json.dumps(g))))

    def took(self, seconds: float, graph: Graph) -> None:
        """Keeps the ten slowest."""
        self.slowest = sorted([*self.slowest, (seconds, graph)], key=lambda pair: -pair[0])[:10]

    def text(self) -> str:
        """For people."""
        lines = [f"{self.graphs} graphs: {self.values} values, {self.errors.total()} errors, {len(self.bugs)} bugs"]
        lines += [f"{count:7} {kind}" for kind, count in self.errors.most_common(20)]
        lines += ["slowest:", *(f"{s:7.2f} s {json.dumps(g)[:300]}" for s, g in self.slowest)]
        for where, (count, graph) in sorted(self.bugs.items(), key=lambda item: -item[1][0]):
            lines += [f"BUG {count} times: {where}", f"    {json.dumps(graph)[:1500]}"]
        return "\n".join(lines)


class _Tracebacks(logging.Handler):
    """Where the last exception that the server logged came from."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.where = ""

    def emit(self, record: logging.LogRecord) -> None:
        error = record.exc_info[1] if record.exc_info else None
        if error is not None:
            ours = [f for f in traceback.extract_tb(error.__traceback__) if "/ee_emulator/" in f.filename]
            last = (
                f"{ours[-1].filename.rpartition('/ee_emulator/')[2]}:{ours[-1].lineno} {ours[-1].name}" if ours else ""
            )
            self.where = f"{last} {type(error).__name__}: {error}"[:300]


@asynccontextmanager
async def in_process(folder: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A client of the application over a small catalogue, without a network in between."""
    write_catalog(folder)
    app = create_app(FolderCatalog(folder), threads=2, seconds=SECONDS)
    transport = httpx.ASGITransport(app, raise_app_exceptions=False)
    async with httpx.AsyncClient(transport=transport, base_url="http://emulator", timeout=None) as client:
        yield client


async def send(client: httpx.AsyncClient, graphs: Callable[[int], Graph], numbers: range, report: Report) -> None:
    """Sends graphs one after the other."""
    tracebacks = _Tracebacks()
    logger = logging.getLogger("ee_emulator")
    logger.addHandler(tracebacks)
    logger.propagate = False
    try:
        for number in numbers:
            graph = graphs(number)
            tracebacks.where = ""
            started = time.perf_counter()
            body = json.dumps({"expression": graph}).encode()  # with `Infinity`, which is no JSON, as well
            response = await client.post("/v1/projects/local-ee/value:compute", content=body)
            seconds = time.perf_counter() - started
            report.took(seconds, graph)
            _judge(response, graph, report, tracebacks.where)
            if seconds > SECONDS + 10:
                report.bug("took too long", graph)
    finally:
        logger.removeHandler(tracebacks)
        logger.propagate = True


def _judge(response: httpx.Response, graph: Graph, report: Report, where: str) -> None:
    try:
        answer = response.json()
    except json.JSONDecodeError:
        report.bug(f"no JSON: {response.text[:200]}", graph)
        return
    if response.status_code == 200 and "result" in answer:
        report.values += 1
    elif response.status_code in (400, 404, 413, 429) and answer.get("error", {}).get("message"):
        report.errors[_kind(answer["error"]["message"])] += 1
    else:
        report.bug(where or f"{response.status_code}: {str(answer)[:200]}", graph)


def _kind(message: str) -> str:
    """A message without what differs from one to the next."""
    message = re.sub(r"^[A-Za-z0-9.]+: ", "", message)
    return re.sub(r"\s+", " ", re.sub(r"'[^']*'|\[.*\]|\{.*\}|-?\d[\d.e+-]*|Actual.*", "…", message))[:80]


def write_catalog(folder: Path) -> None:
    """An image, a collection of two and a table, tiny."""
    import rasterio

    bands = np.stack([np.arange(1024).reshape(32, 32) % 251, np.arange(1024).reshape(32, 32) // 5]).astype("uint8")
    profile: dict[str, Any] = {"driver": "GTiff", "width": 32, "height": 32, "count": 2, "dtype": "uint8", "nodata": 7}
    profile |= {"crs": "EPSG:32650", "transform": rasterio.Affine(10, 0, 210_500, 0, -10, 3_322_500)}
    for name in ("image", "scene_2020", "scene_2021"):
        with rasterio.open(folder / f"{name}.tif", "w", **profile) as raster:
            raster.write(bands)
    rows = [f"{114 + k / 5000},{30 - k / 5000},{k % 3},{k * 1.5},name{k}" for k in range(12)]
    (folder / "table.csv").write_text("\n".join(["lon,lat,class,a,b", *rows]))
    (folder / "catalog.yaml").write_text(
        f"""assets:
  - {{id: {IMAGE}, image: image.tif, bands: [B1, B2], start: 2020-01-01}}
  - {{id: {COLLECTION}, images: "scene_*.tif", date: '(\\d{{4}})', bands: [B1, B2]}}
  - {{id: {TABLE}, table: table.csv, coordinates: [lon, lat]}}
"""
    )


async def fuzz(sources: list[Callable[[int], Graph]], numbers: range, folder: Path, url: str | None) -> Report:
    """Graphs of all sources in turn, to this process or to a server elsewhere."""
    report = Report()
    if url is None:
        async with in_process(folder) as client:
            for source in sources:
                await send(client, source, numbers, report)
    else:
        async with httpx.AsyncClient(base_url=url, timeout=60) as client:
            for source in sources:
                await send(client, source, numbers, report)
    return report


def run(sources: list[Callable[[int], Graph]], numbers: range, folder: Path, url: str | None = None) -> Report:
    """`fuzz`, waited for."""
    return asyncio.run(fuzz(sources, numbers, folder, url))
