"""OGC styles: colour maps, channels, contrast, and documents that cannot be read."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from ee_emulator.errors import EarthEngineError
from ee_emulator.raster.picture import rgba
from tests.ee_emulator.raster.arrays import CONTEXT, call, image, native

ENTRIES = """
  <ColorMapEntry color="#ff0000" quantity="10" label="low"/>
  <ColorMapEntry color="#00ff00" quantity="20" opacity="{opacity}"/>
  <ColorMapEntry color="#0000ff" quantity="30"/>
"""


def styled(values: Any, body: str) -> list[list[int]]:
    """The first row's RGBA."""
    source = values if hasattr(values, "bands") else image(np.array([values]))
    band = next(iter(source.bands.values()))
    assert band.dimensions is not None
    made = call("Image.sldStyle", input=source, sldXml=f"<RasterSymbolizer>{body}</RasterSymbolizer>")
    rows: list[list[int]] = rgba(made, native(*band.dimensions), CONTEXT)[0].tolist()
    return rows


def colour_map(kind: str, opacity: float = 1.0) -> str:
    return f'<ColorMap type="{kind}">{ENTRIES.format(opacity=opacity)}</ColorMap>'


RED, GREEN, BLUE, NOTHING = [255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255], [0, 0, 0, 0]


def test_intervals_end_below_their_quantity() -> None:
    assert styled([-5.0, 9.9, 10.0, 29.0, 30.0], colour_map("intervals")) == [RED, RED, GREEN, BLUE, NOTHING]


def test_values_are_exact() -> None:
    assert styled([10, 11, 30], colour_map("values")) == [RED, NOTHING, BLUE]


def test_a_ramp_runs_from_entry_to_entry_and_stays_at_its_ends() -> None:
    assert styled([0.0, 15.0, 25.0, 99.0], colour_map("ramp")) == [RED, [128, 128, 0, 255], [0, 128, 128, 255], BLUE]


def test_an_opacity_of_nothing_hides_and_any_other_does_not() -> None:
    assert styled([10, 20], colour_map("values", 0.0)) == [RED, NOTHING]
    assert styled([10, 20], colour_map("values", 0.3)) == [RED, GREEN]
    assert styled([10], colour_map("values") + "<Opacity>0</Opacity>") == [NOTHING]


def test_channels_are_bands_by_name_or_number() -> None:
    source = image({"a": np.array([[10]], np.uint8), "b": np.array([[20]], np.uint8), "c": np.array([[30]], np.uint8)})
    channels = "".join(
        f"<{name}><SourceChannelName>{band}</SourceChannelName></{name}>"
        for name, band in (("RedChannel", "c"), ("GreenChannel", "2"), ("BlueChannel", "a"))
    )
    assert styled(source, f"<ChannelSelection>{channels}</ChannelSelection>") == [[30, 20, 10, 255]]


def test_grey_is_the_same_in_all_colours() -> None:
    grey = "<ChannelSelection><GrayChannel><SourceChannelName>1</SourceChannelName></GrayChannel></ChannelSelection>"
    assert styled(image(np.array([[77]], np.uint8)), grey) == [[77, 77, 77, 255]]


def test_normalising_stretches_from_the_least_to_the_greatest() -> None:
    got = styled([100.0, 150.0, 200.0], "<ContrastEnhancement><Normalize/></ContrastEnhancement>")
    assert [shade[0] for shade in got] == [0, 128, 255]
    brighter = styled(
        [100.0, 150.0, 200.0], "<ContrastEnhancement><Normalize/><GammaValue>2</GammaValue></ContrastEnhancement>"
    )
    assert [shade[0] for shade in brighter] == [0, 180, 255]


def test_equalising_gives_each_shade_as_many_pixels() -> None:
    values = np.concatenate([np.linspace(0, 1, 90), np.linspace(1, 100, 10)])
    got = styled(values.tolist(), "<ContrastEnhancement><Histogram/></ContrastEnhancement>")
    assert got[50][0] > 100
    source = image(values[None, :])
    sld = "<RasterSymbolizer><ContrastEnhancement><Histogram/></ContrastEnhancement></RasterSymbolizer>"
    histogram = call("Image.sldStyle", input=source, sldXml=sld).properties["histogram_b"]
    assert sum(count for _, count in histogram) == 100


def test_complete_documents_and_the_newer_encoding_are_read() -> None:
    sld = """<?xml version="1.0" encoding="UTF-8"?>
    <sld:StyledLayerDescriptor version="1.1.0" xmlns:sld="s" xmlns:se="x" xsi:schemaLocation="y">
      <sld:UserStyle><se:RasterSymbolizer><se:ColorMap>
        <se:Categorize fallbackValue="#78c818"><se:LookupValue>Rasterdata</se:LookupValue>
          <se:Value>#ff0000</se:Value><se:Threshold>10</se:Threshold><se:Value>#0000ff</se:Value>
        </se:Categorize></se:ColorMap></se:RasterSymbolizer></sld:UserStyle>
    </sld:StyledLayerDescriptor>"""
    made = call("Image.sldStyle", input=image(np.array([[5, 10]])), sldXml=sld)
    assert rgba(made, native(2, 1), CONTEXT)[0].tolist() == [RED, BLUE]


@pytest.mark.parametrize(
    ("sld", "message"),
    [
        ("<RasterSymbolizer>", "not well-formed"),
        ("<PointSymbolizer/>", "Exactly one RasterSymbolizer is required, found 0"),
        ("<!DOCTYPE x [<!ENTITY a 'b'>]><RasterSymbolizer/>", "must not have a document type"),
        ("<RasterSymbolizer><ColorMap type='rainbow'/></RasterSymbolizer>", "Unknown type of ColorMap 'rainbow'"),
        ("<RasterSymbolizer><ColorMap/></RasterSymbolizer>", "at least one entry"),
        (
            "<RasterSymbolizer><ColorMap><ColorMapEntry color='red' quantity='x'/></ColorMap></RasterSymbolizer>",
            "quantity must be a number",
        ),
        (
            "<RasterSymbolizer><ChannelSelection><GrayChannel><SourceChannelName>z</SourceChannelName></GrayChannel>"
            "</ChannelSelection></RasterSymbolizer>",
            "No band named 'z'",
        ),
    ],
)
def test_what_cannot_be_read_is_refused(sld: str, message: str) -> None:
    with pytest.raises(EarthEngineError, match=message):
        call("Image.sldStyle", input=image([[1]]), sldXml=sld)
