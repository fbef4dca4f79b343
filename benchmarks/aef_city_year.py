"""Speed and memory of the local Earth Engine, through the unmodified client and its REST interface.

Two computations over a city's 100 m grid by a server that has computed nothing before: *aef*, AlphaEarth embeddings
averaged from 10 m (64 bands), and *composite*, nine indices of the cloud-free median of all Landsat 8 and 9 scenes of
the year, averaged from 30 m. Peak memory is the server's (Linux, `VmHWM`). The data are simulated.

Usage: python benchmarks/aef_city_year.py [--city wuhan] [--year 2020] [--pixels 50000]
"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import ee

from ee_emulator.client import initialise
from ee_emulator.process import Emulator, start_emulator
from lake.grid import CORE_PIXELS, CityGrid, GridWindow, city_grid

LIMITS = {"aef": 20.0, "composite": 60.0}
"""Seconds that a city-year of 50,000 pixels may take."""
MEMORY_LIMIT_GIB = 1.5
INDICES = {
    "ndvi": ("SR_B5", "SR_B4"),
    "ndwi": ("SR_B3", "SR_B5"),
    "mndwi": ("SR_B3", "SR_B6"),
    "ndbi": ("SR_B6", "SR_B5"),
    "nbr": ("SR_B5", "SR_B7"),
}
EXPRESSIONS = {
    "evi": "2.5 * (b('SR_B5') - b('SR_B4')) / (b('SR_B5') + 6 * b('SR_B4') - 7.5 * b('SR_B2') + 1)",
    "savi": "1.5 * (b('SR_B5') - b('SR_B4')) / (b('SR_B5') + b('SR_B4') + 0.5)",
    "bsi": "(b('SR_B6') + b('SR_B4') - b('SR_B5') - b('SR_B2')) / (b('SR_B6') + b('SR_B4') + b('SR_B5') + b('SR_B2'))",
    "lst": "b('ST_B10')",
}


def of_year(collection: ee.ImageCollection, window: GridWindow, year: int) -> ee.ImageCollection:
    """Images of the year that meet the window."""
    region = ee.Geometry.Rectangle(list(window.bounds_wgs84), "EPSG:4326", False)
    return collection.filterDate(f"{year}-01-01", f"{year + 1}-01-01").filterBounds(region)


def to_grid(image: ee.Image, window: GridWindow, scale: float) -> ee.Image:
    """Means of the pixels of `scale` metres under each pixel of the window."""
    t = window.transform
    native = image.setDefaultProjection(window.crs, [scale, 0, t.c, 0, -scale, t.f])
    return native.reduceResolution(ee.Reducer.mean(), False, 1024).reproject(window.crs, list(t)[:6]).toFloat()


def aef(window: GridWindow, year: int) -> ee.Image:
    """AlphaEarth embeddings."""
    tiles = of_year(ee.ImageCollection("GOOGLE/SATELLITE_EMBEDDING/V1/ANNUAL"), window, year)
    return to_grid(tiles.mosaic(), window, 10)


def clear(scene: ee.Image) -> ee.Image:
    """Reflectance and degrees Celsius where there is neither cloud nor shadow."""
    reflectance = scene.select("SR_B.").multiply(0.0000275).add(-0.2)
    celsius = scene.select("ST_B10").multiply(0.00341802).add(149 - 273.15)
    return reflectance.addBands(celsius).updateMask(scene.select("QA_PIXEL").bitwiseAnd(0b11110).eq(0))


def composite(window: GridWindow, year: int) -> ee.Image:
    """Nine indices of the year's median."""
    scenes = ee.ImageCollection("LANDSAT/LC08/C02/T1_L2").merge(ee.ImageCollection("LANDSAT/LC09/C02/T1_L2"))
    median = of_year(scenes, window, year).map(clear).median()
    indices = [median.normalizedDifference(list(bands)).rename(name) for name, bands in INDICES.items()]
    indices += [median.expression(formula).rename(name) for name, formula in EXPRESSIONS.items()]
    return to_grid(ee.Image.cat(indices), window, 30)


def seconds(image: ee.Image, window: GridWindow) -> float:
    """Time of one request for all pixels of the window."""
    t = window.transform
    affine = {"scaleX": t.a, "shearX": t.b, "translateX": t.c, "shearY": t.d, "scaleY": t.e, "translateY": t.f}
    dimensions = {"width": window.width, "height": window.height}
    grid = {"dimensions": dimensions, "affineTransform": affine, "crsCode": window.crs}
    request: dict[str, Any] = {"expression": image, "fileFormat": "NUMPY_NDARRAY", "grid": grid}
    start = time.perf_counter()
    ee.data.computePixels(request)
    return time.perf_counter() - start


def peak_gib(server: Emulator) -> float:
    """Greatest resident memory of the server so far."""
    status = Path(f"/proc/{server.process.pid}/status").read_text()
    (kilobytes,) = (line.split()[1] for line in status.splitlines() if line.startswith("VmHWM"))
    return int(kilobytes) / 2**20


def measure(name: str, image_of: Callable[[GridWindow, int], ee.Image], grid: CityGrid, year: int, bands: int) -> None:
    """Prints one line."""
    taken = seconds(image_of(grid.window, year), grid.window)
    claim = f" (at most {LIMITS[name]:g} s wanted)" if len(grid.pixel) == CORE_PIXELS else ""
    print(f"{name:10}{taken:>8.1f} s{claim}{len(grid.pixel) * bands / taken:>14,.0f} pixels·bands/s", flush=True)


def main() -> None:
    """Prints both measurements and the server's peak memory."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--city", default="wuhan", help="(default: %(default)s)")
    parser.add_argument("--year", type=int, default=2020, help="(default: %(default)s)")
    parser.add_argument("--pixels", type=int, default=CORE_PIXELS, help="pixels of 100 m (default: %(default)s)")
    options = parser.parse_args()
    grid = city_grid(options.city, options.pixels)
    with start_emulator() as server:
        initialise(server.url)
        print(f"{options.city} {options.year}, {options.pixels:,} pixels of 100 m (simulated planet)")
        measure("aef", aef, grid, options.year, 64)
        measure("composite", composite, grid, options.year, len(INDICES) + len(EXPRESSIONS))
        print(f"peak memory of the server {peak_gib(server):.2f} GiB (at most {MEMORY_LIMIT_GIB:g} GiB wanted)")


if __name__ == "__main__":
    main()
