"""Worked values of Projection's and PixelType's algorithms."""

from tests.ee_emulator.worked import Worked

PAGE = "documentation: developers.google.com/earth-engine/apidocs/ee-projection"
MERCATOR = "EPSG:3857"

_PROJECTIONS = [
    Worked(
        "Projection",
        lambda ee: ee.Projection(MERCATOR),
        {"type": "Projection", "crs": MERCATOR, "transform": [1, 0, 0, 0, 1, 0]},
        "earth engine: developers.google.com/earth-engine/apidocs/ee-projection",
    ),
    Worked(
        "Projection",
        lambda ee: ee.Projection(MERCATOR, [30, 0, 5, 0, -30, 7]),
        {"transform": [30, 0, 5, 0, -30, 7]},
        PAGE,
    ),
    Worked(
        "Proj",
        lambda ee: ee.apply("Proj", {"crs": MERCATOR}),
        {"crs": MERCATOR},
        "documentation: the older name of Projection",
    ),
    Worked(
        "Projection.atScale",
        lambda ee: ee.Projection("EPSG:5070").atScale(100),
        {"type": "Projection", "crs": "EPSG:5070", "transform": [100, 0, 0, 0, 100, 0]},
        "earth engine: aazuspan/eerepr tests/data/test_regression_objects_projection_.yml",
    ),
    Worked("Projection.crs", lambda ee: ee.Projection("EPSG:32650").crs(), "EPSG:32650", f"{PAGE}-crs"),
    Worked(
        "Projection.crs",
        lambda ee: ee.Projection(ee.Projection("EPSG:27572").wkt()).crs(),
        "EPSG:27572",
        f"{PAGE}: a WKT that a database knows has its code",
    ),
    Worked(
        "Projection.nominalScale",
        lambda ee: ee.Projection("EPSG:4326").nominalScale(),
        111_319.49079327357,
        "reference: 6378137 m · π / 180",
    ),
    Worked(
        "Projection.scale",
        lambda ee: ee.Projection(MERCATOR, [30, 0, 5, 0, -30, 7]).scale(2, 3),
        {"transform": [60, 0, 5, 0, -90, 7]},
        "reference: product of affine matrices",
    ),
    Worked(
        "Projection.transform",
        lambda ee: ee.Projection(MERCATOR, [30, 0, 5, 0, -30, 7]).transform().match('elt_0_2", *[0-9.]+'),
        ['elt_0_2", 5.0'],
        "reference: OGC 01-009, PARAM_MT of an affine transform",
    ),
    Worked(
        "Projection.translate",
        lambda ee: ee.Projection(MERCATOR, [30, 0, 5, 0, -30, 7]).translate(1, 2),
        {"transform": [30, 0, 35, 0, -30, -53]},
        "reference: product of affine matrices",
    ),
    Worked(
        "Projection.wkt",
        lambda ee: ee.Projection("EPSG:4326").wkt().slice(0, 16),
        'GEOGCS["WGS 84",',
        "reference: OGC 01-009",
    ),
]

_RANGES = {
    "int8": (-128, 127),
    "uint8": (0, 255),
    "int16": (-32_768, 32_767),
    "uint16": (0, 65_535),
    "int32": (-2_147_483_648, 2_147_483_647),
    "uint32": (0, 4_294_967_295),
    "int64": (-9_223_372_036_854_775_808, 9_223_372_036_854_775_807),
}
_TYPES = [
    *(
        Worked(
            f"PixelType.{name}",
            lambda ee, name=name: ee.apply(f"PixelType.{name}", {}),
            {"type": "PixelType", "precision": "int", "min": low, "max": high},
            "reference: two's complement and unsigned ranges",
        )
        for name, (low, high) in _RANGES.items()
    ),
    *(
        Worked(
            f"PixelType.{name}",
            lambda ee, name=name: ee.apply(f"PixelType.{name}", {}),
            {"type": "PixelType", "precision": name},
            "documentation: apidocs/ee-pixeltype: no limits",
        )
        for name in ("float", "double")
    ),
    Worked(
        "PixelType",
        lambda ee: ee.PixelType("int", 0, 10),
        {"type": "PixelType", "precision": "int", "min": 0, "max": 10},
        "documentation: apidocs/ee-pixeltype",
    ),
    Worked(
        "PixelType.dimensions",
        lambda ee: ee.PixelType("float", None, None, 2).dimensions(),
        2,
        "documentation: apidocs/ee-pixeltype-dimensions",
    ),
    Worked(
        "PixelType.maxValue",
        lambda ee: ee.PixelType.int8().maxValue(),
        127,
        "documentation: apidocs/ee-pixeltype-maxvalue",
    ),
    Worked(
        "PixelType.minValue",
        lambda ee: ee.PixelType.int8().minValue(),
        -128,
        "documentation: apidocs/ee-pixeltype-minvalue",
    ),
    Worked(
        "PixelType.precision",
        lambda ee: ee.PixelType.double().precision(),
        "double",
        "documentation: apidocs/ee-pixeltype-precision",
    ),
]

WORKED = [*_PROJECTIONS, *_TYPES]
