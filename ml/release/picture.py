"""Pictures of embeddings: a map of a city-year, a thumbnail of it, and all of them side by side.

Drawn by matplotlib's own canvas, without its global state, so that several runs of one process may draw at once.
"""

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes as Plot
from matplotlib.figure import Figure
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from lake.cities import city as find_city
from lake.grid import CityGrid
from ml.release.axes import Axes

_NO_METADATA: Mapping[str, None] = {"Software": None}  # the same bytes under every version that draws the same
_THUMBNAIL_SIDE = 192
_THUMBNAIL_PIXELS = 96
_STRIP = 16  # pixels: the line under a thumbnail that says `Simulated data`
_CAPTION = "Colours: first three principal axes of the embeddings,\nthe same in all cities and years"
_WIDEST = 10  # cities side by side: a page wide
_SIMULATED = "Simulated data"


@dataclass(frozen=True)
class Panel:
    """One city-year as an image.

    Attributes:
        city: City id.
        year: Calendar year.
        image: Colours, uint8 (height, width, 4), north up, transparent where nothing is.
        extent: West, east, south, north in kilometres from the south-west corner.
        simulated: True where the embeddings are.
    """

    city: str
    year: int
    image: NDArray[np.uint8]
    extent: tuple[float, float, float, float]
    simulated: bool

    @property
    def title(self) -> str:
        """Such as `Wuhan 2020 · Simulated data`."""
        name = f"{find_city(self.city).name_en} {self.year}"
        return f"{name} · {_SIMULATED}" if self.simulated else name


def panel(axes: Axes, grid: CityGrid, year: int, embeddings: NDArray[np.float32], simulated: bool) -> Panel:
    """The image of one city-year; embeddings of the grid's pixels, float32 (pixels, width)."""
    west, south, east, north = grid.window.bounds
    image = grid.scatter(axes.colours(embeddings), 0)
    return Panel(grid.city, year, image, (0.0, (east - west) / 1e3, 0.0, (north - south) / 1e3), simulated)


def picture(shown: Panel) -> bytes:
    """A map of one city-year with kilometres on its axes; PNG."""
    figure = Figure(figsize=(6.4, 6.6), dpi=110, layout="constrained")
    plot = figure.add_subplot()
    _draw(plot, shown)
    plot.set_title(f"AEF-Econ embeddings · {shown.title}", fontsize=11)
    plot.set_xlabel("km east")
    plot.set_ylabel("km north")
    plot.annotate(
        "N", xy=(0.96, 0.985), xytext=(0.96, 0.895), xycoords="axes fraction", ha="center", va="center",
        arrowprops={"arrowstyle": "->", "color": "0.2"},
    )  # fmt: skip
    figure.supxlabel(_CAPTION, fontsize=8, color="0.35")
    return _png(figure)


def thumbnail(shown: Panel) -> bytes:
    """A small image of one city-year for a materialisation's metadata; PNG of at most about 20 kB."""
    image = Image.fromarray(shown.image, "RGBA")
    image.thumbnail((_THUMBNAIL_PIXELS, _THUMBNAIL_PIXELS), Image.Resampling.BOX)
    factor = max(1, _THUMBNAIL_SIDE // max(image.size))
    image = image.resize((image.width * factor, image.height * factor), Image.Resampling.NEAREST)
    canvas = Image.new("RGBA", (image.width, image.height + _STRIP), "white")
    canvas.paste(image, mask=image)
    if shown.simulated:
        middle = (image.width / 2, image.height + _STRIP / 2)
        ImageDraw.Draw(canvas).text(middle, _SIMULATED, "black", ImageFont.load_default(11), anchor="mm")
    buffer = io.BytesIO()
    canvas.convert("RGB").save(buffer, "PNG", optimize=True)
    return buffer.getvalue()


def overview(panels: Sequence[Panel]) -> bytes:
    """All city-years as small multiples, a year a row and a city a column; of many cities the other way round. PNG.

    Every panel has the same scale on the ground as the largest.
    """
    cities = list(dict.fromkeys(shown.city for shown in panels))
    years = sorted({shown.year for shown in panels})
    across = len(cities) <= _WIDEST
    rows, columns = (len(years), len(cities)) if across else (len(cities), len(years))
    figure = Figure(figsize=(max(4.6, 0.6 + 1.7 * columns), 0.8 + 1.7 * rows), dpi=90, layout="constrained")
    grid = figure.subplots(rows, columns, squeeze=False)
    side = max(max(shown.extent[1], shown.extent[3]) for shown in panels)
    for plot in grid.flat:
        plot.set_axis_off()
    for shown in panels:
        row, column = years.index(shown.year), cities.index(shown.city)
        plot = grid[row, column] if across else grid[column, row]
        _draw(plot, shown)
        _, east, _, north = shown.extent
        plot.set_xlim(east / 2 - side / 2, east / 2 + side / 2)
        plot.set_ylim(north / 2 - side / 2, north / 2 + side / 2)
        plot.set_title(f"{find_city(shown.city).name_en} {shown.year}", fontsize=9)
    simulated = f" · {_SIMULATED}" if any(shown.simulated for shown in panels) else ""
    figure.suptitle(f"AEF-Econ embeddings{simulated}", fontsize=12)
    figure.supxlabel(_CAPTION, fontsize=7, color="0.35")
    return _png(figure)


def _draw(plot: Plot, shown: Panel) -> None:
    plot.imshow(shown.image, extent=shown.extent, interpolation="nearest", aspect="equal")


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    figure.savefig(buffer, format="png", metadata=_NO_METADATA)
    return buffer.getvalue()
