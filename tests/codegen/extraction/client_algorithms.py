"""Which algorithms the JavaScript client makes of an operator, where it is not the one of the operator's own name.

From the client's sources (`@google/earthengine` 1.7: image.js, imagecollection.js, collection.js, filter.js,
feature.js, featurecollection.js, element.js).
"""

PROMOTIONS = {
    "Array", "Collection", "Date", "DateRange", "ErrorMargin", "Feature", "Image.constant", "Image.load", "Projection",
    "String",
}  # fmt: skip
"""What the client makes of a plain argument where an object is wanted."""

_COLLECTION = ("ImageCollection.load", "ImageCollection.fromImages", "Collection.loadTable", "Collection")
_DATES = ("Collection.filter", "Filter.dateRangeContains", "DateRange")
BRINGS: dict[str, tuple[str, ...]] = {
    "ee.Image": ("Image.load", "Image.constant", "Image.addBands", "Image.mask", "Image.select"),
    "ee.Image.cat": ("Image.addBands",),
    "ee.Image.rgb": ("Image.addBands",),
    "ee.Image.rename": ("Image.select",),
    "ee.Image.expression": ("Image.parseExpression",),
    "ee.Image.clip": ("Image.clip", "Collection.geometry"),
    "ee.ImageCollection": _COLLECTION,
    "ee.ImageCollection.select": ("Collection.map", "Image.select"),
    "ee.ImageCollection.filterDate": _DATES,
    "ee.ImageCollection.filterBounds": ("Collection.filter", "Filter.intersects"),
    "ee.ImageCollection.filterMetadata": ("Collection.filter", "Filter.equals"),
    "ee.ImageCollection.sort": ("Collection.limit",),
    "ee.FeatureCollection": _COLLECTION,
    "ee.FeatureCollection.filterBounds": ("Collection.filter", "Filter.intersects"),
    "ee.FeatureCollection.filterMetadata": ("Collection.filter", "Filter.equals"),
    "ee.FeatureCollection.select": ("Collection.map", "Feature.select"),
    "ee.FeatureCollection.sort": ("Collection.limit",),
    "ee.Filter.date": ("Filter.dateRangeContains", "DateRange"),
    "ee.Filter.bounds": ("Filter.intersects",),
    "ee.Filter.eq": ("Filter.equals",),
    "ee.Filter.neq": ("Filter.equals", "Filter.not"),
    "ee.Filter.lt": ("Filter.lessThan",),
    "ee.Filter.gte": ("Filter.lessThan", "Filter.not"),
    "ee.Filter.gt": ("Filter.greaterThan",),
    "ee.Filter.lte": ("Filter.greaterThan", "Filter.not"),
    "ee.Geometry": ("GeometryConstructors.Polygon",),
    "ee.Geometry.Rectangle": ("GeometryConstructors.Polygon", "GeometryConstructors.Rectangle"),
    "ui.Chart.image.seriesByRegion": ("Reducer.mean",),
}
