"""Cloud Optimised GeoTIFFs of quantised embeddings: north up, in the city's UTM zone, int8 with nodata −128.

GDAL's own overviews would average codes, which is no average of embeddings. Ours are given to its COG driver as the
overviews of a virtual raster, so that GDAL lays out the file and we compute its pixels. Readers need GDAL 3.7
(2023) for int8; an older one reads bytes and says PIXELTYPE=SIGNEDBYTE.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from xml.sax.saxutils import escape, quoteattr

import numpy as np
import rasterio
import rasterio.io
import rasterio.shutil
from affine import Affine
from numpy.typing import NDArray

from lake.grid import GridWindow
from lake.streams import AEF_NODATA
from ml.release.pyramid import coarsen, level_shapes

# Every TIFF reader knows deflate; zstd, at its best, made files 3 % smaller. Whole vectors are read at a time, hence
# pixel interleaving (the driver's way); a tile of 256 pixels holds a whole core at the first overview.
_OPTIONS = {"compress": "deflate", "level": 6, "predictor": "yes", "blocksize": 256, "bigtiff": "if_safer"}


def encode(codes: NDArray[np.int8], window: GridWindow, bands: Sequence[str], tags: Mapping[str, str]) -> bytes:
    """The bytes of a COG; equal input gives equal bytes.

    Args:
        codes: Quantised embeddings over the window; int8 (height, width, bands), nodata −128.
        window: Where they lie.
        bands: Name of each band.
        tags: Metadata of the file; no wall-clock value belongs here.
    """
    levels = [codes, *(coarsen(codes, *shape) for shape in level_shapes(window.height, window.width))]
    with contextlib.ExitStack() as stack:
        sources = [stack.enter_context(_plain_tiff(level, window)) for level in levels]
        virtual = stack.enter_context(rasterio.open(_virtual_raster(sources, window, bands, tags)))
        target = stack.enter_context(rasterio.io.MemoryFile())
        overviews = "force_use_existing" if len(levels) > 1 else "none"
        rasterio.shutil.copy(virtual, target.name, driver="COG", overviews=overviews, **_OPTIONS)
        return bytes(target.read())


@contextlib.contextmanager
def _plain_tiff(codes: NDArray[np.int8], window: GridWindow) -> Iterator[str]:
    """An uncompressed GeoTIFF in memory; its name."""
    height, width, count = codes.shape
    transform = window.transform @ Affine.scale(window.width / width, window.height / height)
    with rasterio.io.MemoryFile() as file:
        with file.open(
            driver="GTiff",
            dtype="int8",
            width=width,
            height=height,
            count=count,
            crs=window.crs,
            transform=transform,
            nodata=AEF_NODATA,
            interleave="pixel",
        ) as raster:
            raster.write(np.moveaxis(codes, -1, 0))
        yield file.name


def _virtual_raster(sources: Sequence[str], window: GridWindow, bands: Sequence[str], tags: Mapping[str, str]) -> str:
    """A GDAL virtual raster over the first source, with the others as its overviews; XML."""
    full, *overviews = sources
    items = "".join(f"<MDI key={quoteattr(key)}>{escape(value)}</MDI>" for key, value in tags.items())
    geotransform = ", ".join(repr(float(value)) for value in window.transform.to_gdal())
    content = "".join(_virtual_band(number, name, full, overviews) for number, name in enumerate(bands, start=1))
    return (
        f'<VRTDataset rasterXSize="{window.width}" rasterYSize="{window.height}"><SRS>{window.crs}</SRS>'
        f"<GeoTransform>{geotransform}</GeoTransform><Metadata>{items}</Metadata>{content}</VRTDataset>"
    )


def _virtual_band(number: int, name: str, full: str, overviews: Sequence[str]) -> str:
    def source(file: str) -> str:
        return f"<SourceFilename>{file}</SourceFilename><SourceBand>{number}</SourceBand>"

    reduced = "".join(f"<Overview>{source(file)}</Overview>" for file in overviews)
    return (
        f'<VRTRasterBand dataType="Int8" band="{number}"><Description>{escape(name)}</Description>'
        f"<NoDataValue>{AEF_NODATA}</NoDataValue><SimpleSource>{source(full)}</SimpleSource>{reduced}</VRTRasterBand>"
    )
