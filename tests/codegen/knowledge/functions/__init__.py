"""What code is for, labelled by hand, without sight of the program that it judges.

`labels.yaml`: 240 of geemap's distinct scripts, `random.Random(20261126).sample` of their sorted names, each read
whole, with every function of `codegen/knowledge/functions/taxonomy.yaml` that the script serves.
`combinations.yaml`: 120 combinations of operators, at least three for each function, most from those that
`candidates` counts, with the function that each serves best and those that are as right or nearly.
`second_labels.yaml`: 60 of the 240 (`random.Random(7).sample` of the 240 in order) read again, in another order,
without their names, from the taxonomy's words and not from the rules below. The same reader read both, one after
the other, so that the agreement between the two is an upper bound of what two readers would reach.

How the definitions were read, where the words left it open:

- load_images: by id. A constant image (`ee.Image(1)`, an empty one to paint on) is not loaded. load_vectors: a table
  by id, a `FeatureViewLayer`'s too, and any point, box or polygon written out, if only to filter with.
- filter_time: whatever says it, a property `year` as well. filter_place: `filterBounds` and its like, and clipping.
  filter_property: also the best by a property (`sort('CLOUD_COVER').first()`), `pathRowLimit`, and the join of two
  image collections on their index. `first` alone filters nothing and composes nothing. A filter whose result the
  script throws away is not served: three Landsat scripts name the data set twice, the second time without the filter.
- select_bands: the script says `select`, `rename`, `addBands`, `cat` or casts a band. Bands named only in a layer's
  parameters are show_map; so is the cast in `ee.Image().byte().paint(…)`.
- mask: comparisons and bit tests that serve only to build a mask (or an opacity) are the mask; band_arithmetic is
  where the value itself goes on. rgbToHsv and back is band_arithmetic.
- spectral_index and terrain: computed here. A ready NDVI, a DEM or a landform index that is only shown is neither. A
  contour of an elevation model is terrain.
- dates_and_lists: objects of the server made or worked through in their own right (`ee.Date`, `ee.List`, `ee.Number`,
  `ee.String`), not a lone `get` or one division. `aggregate_array` that is only printed or asked for is chart.
- composite: any reduction of a collection to one image, `sum` as well; a trend (`linearFit`) is time_series alone.
- zonal_statistics: a reduction that is written out; a chart that reduces inside itself is chart alone.
- geometry: computing with shapes, joins of tables, vectors from rasters; painting in order to show is show_map.
- arrays: arithmetic on array images is arrays, not band_arithmetic too.
- chart: `print` and `evaluate` as well. export_and_app: exports, widgets, panels; a map's own layers are not widgets.
"""
