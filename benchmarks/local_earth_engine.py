"""The local Earth Engine against the same work written by hand, and how fast its server answers.

Rasters of a million pixels lie in a temporary folder and are read from it by both sides: the engine as catalogue
assets, the other side with rasterio, NumPy and SciPy. Each side runs in a process of its own, so that its peak memory
is its own: what the process grew by, results included (Linux). The best round of each counts.

Usage: python benchmarks/local_earth_engine.py [--rounds 5] [--only NAME]
"""

import argparse
import io
import multiprocessing
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import httpx
import numpy as np

SIDE = 1_000
SCENES = 30
MOST_RATIO = 1.5
MOST_P50, MOST_P99, MOST_STARTUP = 1.5, 8.0, 1.0  # milliseconds, milliseconds, seconds
ORIGIN = (500_000.0, 3_400_000.0)
IMAGE, STACK = "projects/local-ee/assets/image", "projects/local-ee/assets/stack"
Side = Callable[[Path], Any]


# Inputs ------------------------------------------------------------------------------------------------------------


def write_rasters(folder: Path) -> None:
    """An image of two bands with gaps, thirty scenes of one band, and the catalogue that names them."""
    import rasterio

    random = np.random.default_rng(0)
    profile: dict[str, Any] = {"driver": "GTiff", "width": SIDE, "height": SIDE, "tiled": True, "dtype": "uint16"}
    profile |= {"crs": "EPSG:32650", "transform": rasterio.Affine(10, 0, ORIGIN[0], 0, -10, ORIGIN[1])}
    bands = random.integers(1, 10_000, (2, SIDE, SIDE), dtype="uint16")
    bands[:, :50, :70] = 0
    with rasterio.open(folder / "image.tif", "w", **profile, count=2, nodata=0) as raster:
        raster.write(bands)
    for day in range(SCENES):
        with rasterio.open(folder / f"scene_202006{day + 1:02}.tif", "w", **profile, count=1) as raster:
            raster.write(random.integers(1, 10_000, (1, SIDE, SIDE), dtype="uint16"))
    (folder / "catalog.yaml").write_text(
        f"""assets:
  - {{id: {IMAGE}, image: image.tif, bands: [B4, B8], start: 2020-06-01}}
  - {{id: {STACK}, images: "scene_*.tif", date: '(\\d{{8}})', bands: [B4]}}
"""
    )


# By the engine -----------------------------------------------------------------------------------------------------


def call(name: str, /, **arguments: Any) -> dict[str, Any]:
    """A node that calls an algorithm; plain values become constants."""
    nodes = {k: v if isinstance(v, dict) else {"constantValue": v} for k, v in arguments.items()}
    return {"functionInvocationValue": {"functionName": name, "arguments": nodes}}


def band(name: str) -> dict[str, Any]:
    """One band of the image, which `request` loads once, as clients do."""
    return call("Image.select", input={"valueReference": "image"}, bandSelectors=[name])


def request(node: dict[str, Any]) -> dict[str, Any]:
    """The expression of a node."""
    return {"result": "0", "values": {"0": node, "image": call("Image.load", id=IMAGE)}}


def grid(crs: str, scale: float, x: float, y: float, width: int, height: int) -> dict[str, Any]:
    """A `PixelGrid` of the REST interface."""
    transform = {"scaleX": scale, "translateX": x, "scaleY": -scale, "translateY": y}
    return {"crsCode": crs, "affineTransform": transform, "dimensions": {"width": width, "height": height}}


NATIVE = grid("EPSG:32650", 10, *ORIGIN, SIDE, SIDE)
MERCATOR = grid("EPSG:3857", 11, 13_024_400, 3_597_000, SIDE, SIDE)


def engine(folder: Path) -> Any:
    """Evaluates nodes over the folder's catalogue, as a request would."""
    from ee_emulator import algorithms
    from ee_emulator.catalog.folder import FolderCatalog
    from ee_emulator.graph import evaluate
    from ee_emulator.registry import Context

    algorithms.load()
    catalog = FolderCatalog(folder)

    def run(node: dict[str, Any]) -> tuple[Any, Context]:
        context = Context(catalog)
        return evaluate(request(node), context), context

    return run


def rendered(node: dict[str, Any], over: dict[str, Any]) -> Side:
    """An image as an NPY file."""

    def prepare(folder: Path) -> Callable[[], Any]:
        from ee_emulator.rest.pixels import compute_pixels

        run = engine(folder)

        def work() -> Any:
            image, context = run(node)
            return compute_pixels(image, {"grid": over, "fileFormat": "NPY"}, context)

        return work

    return prepare


def value(node: dict[str, Any]) -> Side:
    """A value."""

    def prepare(folder: Path) -> Callable[[], Any]:
        run = engine(folder)
        return lambda: run(node)[0]

    return prepare


# By hand -----------------------------------------------------------------------------------------------------------


def npy(values: np.ndarray, mask: np.ndarray) -> bytes:
    """An NPY file with zeros where there is nothing."""
    file = io.BytesIO()
    np.save(file, np.where(mask, values, 0))
    return file.getvalue()


def read(folder: Path, number: int) -> tuple[np.ndarray, np.ndarray]:
    """A band of the image and where it is valid."""
    import rasterio

    with rasterio.open(folder / "image.tif") as raster:
        return raster.read(number), raster.read_masks(number) > 0


def arithmetic_by_hand(folder: Path) -> bytes:
    """(B8 − B4) / (B8 + B4)."""
    (red, red_ok), (near, near_ok) = read(folder, 1), read(folder, 2)
    red, near = red.astype("float64"), near.astype("float64")
    with np.errstate(all="ignore"):
        return npy((near - red) / (near + red), red_ok & near_ok)


def focal_by_hand(folder: Path) -> bytes:
    """Mean of the valid pixels in a window of 5 × 5."""
    from scipy import ndimage

    values, ok = read(folder, 1)
    total = ndimage.uniform_filter(np.where(ok, values, 0).astype("float64"), 5, mode="constant")
    share = ndimage.uniform_filter(ok.astype("float64"), 5, mode="constant")
    with np.errstate(all="ignore"):
        return npy(total / share, ok)


def median_by_hand(folder: Path) -> bytes:
    """Median of thirty scenes that have no gaps."""
    import rasterio

    layers = []
    for path in sorted(folder.glob("scene_*.tif")):
        with rasterio.open(path) as raster:
            layers.append(raster.read(1))
    values = np.median(np.stack(layers), axis=0)
    return npy(values, np.ones(values.shape, bool))


CIRCLE = [
    [[ORIGIN[0] + 5_000 + 4_990 * np.cos(a), ORIGIN[1] - 5_000 + 4_990 * np.sin(a)] for a in np.linspace(0, 6.2831, 65)]
]


def region_by_hand(folder: Path) -> float:
    """Mean of the pixels of a polygon of 65 corners, those on its edge by their share in it."""
    import rasterio
    import shapely
    from rasterio.features import rasterize

    shape = shapely.Polygon(CIRCLE[0])
    with rasterio.open(folder / "image.tif") as raster:
        values, ok, t = raster.read(1), raster.read_masks(1) > 0, raster.transform
    options = {"out_shape": values.shape, "transform": t, "dtype": "uint8", "all_touched": True}
    weights = rasterize([shape], **options).astype("float64")
    rows, columns = np.nonzero(rasterize([shape.boundary], **options))
    x, y = t.c + 10 * columns, t.f - 10 * rows
    weights[rows, columns] = shapely.area(shapely.intersection(shape, shapely.box(x, y - 10, x + 10, y))) / 100
    return float(np.average(values, weights=weights * ok))


def reprojected_by_hand(folder: Path) -> bytes:
    """Bilinear, to Web Mercator."""
    import rasterio
    from rasterio.warp import Resampling, reproject

    values, ok = np.zeros((SIDE, SIDE)), np.zeros((SIDE, SIDE), "uint8")
    t = MERCATOR["affineTransform"]
    transform = rasterio.Affine(t["scaleX"], 0, t["translateX"], 0, t["scaleY"], t["translateY"])
    with rasterio.open(folder / "image.tif") as raster:
        given = {"src_transform": raster.transform, "src_crs": raster.crs, "dst_crs": "EPSG:3857"}
        given |= {"dst_transform": transform}
        source = raster.read(1).astype("float64")
        reproject(source, values, src_nodata=0, resampling=Resampling.bilinear, **given)
        reproject(raster.read_masks(1), ok, resampling=Resampling.nearest, **given)
    return npy(values, ok > 0)


def by_hand(function: Callable[[Path], Any]) -> Side:
    """A side that only needs the folder."""
    return lambda folder: lambda: function(folder)


_KERNEL = call("Kernel.square", radius=2, units="pixels", normalize=True, magnitude=1)
_SUM = call("Image.add", image1=band("B8"), image2=band("B4"))
_DIFFERENCE = call("Image.subtract", image1=band("B8"), image2=band("B4"))
_REGION = call("GeometryConstructors.Polygon", coordinates=CIRCLE, crs=call("Projection", crs="EPSG:32650"))
_FOCAL = call("Image.reduceNeighborhood", image=band("B4"), reducer=call("Reducer.mean"), kernel=_KERNEL)
_SCENES = call("ImageCollection.load", id=STACK)
_MEAN = call("Image.reduceRegion", image=band("B4"), reducer=call("Reducer.mean"), geometry=_REGION, scale=10)

TASKS: dict[str, tuple[Side, Side]] = {
    "band arithmetic": (
        rendered(call("Image.divide", image1=_DIFFERENCE, image2=_SUM), NATIVE),
        by_hand(arithmetic_by_hand),
    ),
    "focal mean": (rendered(_FOCAL, NATIVE), by_hand(focal_by_hand)),
    "median of 30 scenes": (
        rendered(call("ImageCollection.reduce", collection=_SCENES, reducer=call("Reducer.median")), NATIVE),
        by_hand(median_by_hand),
    ),
    "reduceRegion": (value(_MEAN), by_hand(region_by_hand)),
    "reprojection": (
        rendered(call("Image.resample", image=band("B4"), mode="bilinear"), MERCATOR),
        by_hand(reprojected_by_hand),
    ),
}


def resident() -> int:
    """Bytes that this process has in memory."""
    return int(Path("/proc/self/statm").read_text().split()[1]) * 4096


class Peak:
    """The most that the process grew while it was watched, MiB."""

    def __enter__(self) -> "Peak":
        self._before = self._most = resident()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def _watch(self) -> None:
        while not self._ended.wait(0.002):
            self._most = max(self._most, resident())

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self.mib = (self._most - self._before) / 2**20


def mean_of(answer: Any) -> float:
    """Mean of the pixels of an answer, or its only number: both sides have to agree on it."""
    if isinstance(answer, float):
        return answer
    if isinstance(answer, dict):
        return float(next(iter(answer.values())))
    values = np.load(io.BytesIO(answer if isinstance(answer, bytes) else answer.content))
    return float((values[values.dtype.names[0]] if values.dtype.names else values).mean())


def measured(name: str, side: int, folder: str, rounds: int) -> tuple[float, float, float]:
    """Best seconds, MiB at the peak and `mean_of`; the first round, which imports and opens, is not counted."""
    work = TASKS[name][side](Path(folder))
    mean = mean_of(work())
    best = float("inf")
    for _ in range(rounds):
        started = time.perf_counter()
        work()
        best = min(best, time.perf_counter() - started)
    with Peak() as peak:
        work()
    return best, peak.mib, mean


def compare(folder: Path, rounds: int, only: str) -> None:
    """Both sides of every task, one after the other."""
    print(f"{'':21}{'engine':>10}{'by hand':>10}{'ratio':>7}{'engine':>11}{'by hand':>11}")
    processes = multiprocessing.get_context("spawn")
    for name in TASKS:
        if only not in name:
            continue
        found = []
        for side in (0, 1):
            with processes.Pool(1) as pool:
                found.append(pool.apply(measured, (name, side, str(folder), rounds)))
        (ours, our_peak, our_mean), (theirs, their_peak, their_mean) = found
        assert abs(our_mean - their_mean) <= 1e-3 * abs(their_mean), f"{name}: {our_mean} is not {their_mean}"
        verdict = "held" if ours <= MOST_RATIO * theirs else "MISSED"
        print(
            f"{name:21}{ours:8.3f} s{theirs:8.3f} s{ours / theirs:7.2f}{our_peak:7.0f} MiB{their_peak:7.0f} MiB "
            f" (at most {MOST_RATIO}: {verdict})"
        )


# The server --------------------------------------------------------------------------------------------------------

_POINT = call("GeometryConstructors.Point", coordinates=[117.01, 30.7])
MIXED = [
    call("Number.add", left=1, right=2),
    call("List.sort", list=[3, 1, 2]),
    call("Date.format", date=call("Date", value="2020-02-29"), format="YYYY-MM-dd"),
    call("Geometry.area", geometry=call("Geometry.buffer", geometry=_POINT, distance=100)),
    call("Dictionary.keys", dictionary={"constantValue": {"b": 1, "a": 2}}),
    call("Image.reduceRegion", image=band("B4"), reducer=call("Reducer.mean"), geometry=_POINT, scale=10),
    call("Collection.size", collection=_SCENES),
]


def ask(client: httpx.Client, node: dict[str, Any]) -> bool:
    """Whether the server computed a value."""
    body = {"expression": request(node)}
    return client.post("/v1/projects/local-ee/value:compute", json=body).status_code == 200


def serve(folder: Path) -> None:
    """Start-up, single calls and calls from eight threads."""
    from ee_emulator.process import start_emulator

    # As where it is installed: modules are compiled once.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    os.environ["PYTHONPYCACHEPREFIX"] = str(folder / "bytecode")
    starts = []
    for _ in range(5):
        started = time.perf_counter()
        with start_emulator(catalog=str(folder)):
            starts.append(time.perf_counter() - started)
    verdict = "held" if min(starts) <= MOST_STARTUP else "MISSED"
    print(f"start-up {min(starts):.2f} s (at most {MOST_STARTUP:g}: {verdict})")
    with start_emulator(catalog=str(folder)) as server, httpx.Client(base_url=server.url, timeout=60) as client:
        assert all(ask(client, node) for node in MIXED)  # imports and opens
        times = []
        for _ in range(2_000):
            started = time.perf_counter()
            ask(client, MIXED[0])
            times.append(1e3 * (time.perf_counter() - started))
        p50, p99 = statistics.median(times), statistics.quantiles(times, n=100)[98]
        verdict = "held" if p50 <= MOST_P50 and p99 <= MOST_P99 else "MISSED"
        print(f"a scalar call: p50 {p50:.2f} ms, p99 {p99:.2f} ms (at most {MOST_P50} and {MOST_P99:g}: {verdict})")
        started = time.perf_counter()
        with ThreadPoolExecutor(8) as threads:
            answers = list(threads.map(lambda k: ask(client, MIXED[k % len(MIXED)]), range(1_000)))
        seconds = time.perf_counter() - started
        verdict = "held" if all(answers) else "MISSED"
        print(f"1,000 mixed calls from 8 threads: {seconds:.2f} s, {answers.count(False)} failed (none: {verdict})")


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", default="", help="part of a task's name")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        write_rasters(Path(folder))
        compare(Path(folder), options.rounds, options.only)
        if not options.only:
            serve(Path(folder))


if __name__ == "__main__":
    main()
