"""Which operators of Earth Engine a script really calls: what a static extractor is measured against.

These rules were fixed before any extractor was tuned to them.

**What is an operator, and its name.** A function of the client or of the Code Editor, named as it is written there:

- Constructors and casts by their class: `ee.Image`, `ee.List`, `ee.Number`. `new ee.Image(…)` is `ee.Image` as well.
- Functions by their path: `ee.Filter.eq`, `ee.Reducer.mean`, `ee.Geometry.Point`,
  `ee.Algorithms.Landsat.simpleComposite`. An alias does not change the path: after `var F = ee.Filter`, `F.eq(…)` is
  `ee.Filter.eq`.
- Methods by the class of the object that they are called on, as the client knows it at run time:
  `ee.Image.select`, also where a parent class defines the method. An object whose type the client does not know is an
  `ee.ComputedObject`. In JavaScript `ee.Geometry.Point(…)` makes an `ee.Geometry.Point`, so that what follows is
  `ee.Geometry.Point.buffer`; in Python it makes an `ee.Geometry`, and what follows is `ee.Geometry.buffer`.
- Functions of the Code Editor by their path from the globals `print`, `Map`, `Export`, `ui` and `Chart`:
  `Map.addLayer`, `Export.image.toDrive`, `ui.Chart.image.series`, `ui.Panel`, `ui.root.add`. Methods of what these
  return are not recorded: neither `panel.add(…)` nor `chart.setOptions(…)`, nor `map.addLayer(…)` of a `ui.Map` that
  the script made. `console.log` is not recorded.
- In Python names are those of the Python client (`ee.Filter.And`, `ee.batch.Export.image.toDrive`). Recorded are the
  classes of `ee`, `ee.Terrain`, `ee.Algorithms`, `ee.call`, `ee.apply` and `ee.batch.Export`; not `ee.data`, tasks
  (`task.start()`), `print`, nor anything of geemap. A function that a class inherits, and that needs no object, has the
  name of the class that defines it.
- Not recorded: reading an operator without calling it, and `toString`, which `'' + image` calls though nobody
  wrote it.

**What is a call.** One that the script's own code makes, whether it succeeds or throws. What the client calls within
its own functions does not count: `filterDate` is not also `ee.Filter.date`, and `ee.Image(5).add(3)` is one `ee.Image`.
Functions that the script hands to the client (`map`, `iterate`) are the script's own code. An operator that is itself
handed over, `numbers.map(ee.Number)`, is called, in the place where it was handed over (in JavaScript once the client
does so; in Python at once).

**Count.** How often a place made the call. The client runs a mapped function three times to find its graph: counts only
inform, operators and places are what is compared.

**Place.** Line and column, both from 1: of the name after the last dot (`select` in `image.select(…)`, `Image` in
`ee.Image(…)`), of a name without a dot (`print(…)`), of the word `new`. Of `ee.Filter.eq.apply(null, …)` it is that of
`apply`. Columns count UTF-16 units in JavaScript and characters in Python; where Python does not know the column it is
None.

**Graphs.** Of each object that the script prints, puts on the map, charts or hands to a widget, or exports: the names
of the algorithms in its graph. In Python: of each that it asks the server for, exports, or gives to a geemap map.
Objects that only make sense within a mapped function have none.

**What does not run.** Callbacks that wait for a user or the server are not run: `onClick`, `onChange`, `evaluate` and
all others that would come after the script's end. Nor are branches that are not taken. What did not run is told as
`unreached`, stretches from a line and column up to another: in JavaScript exactly, in Python as whole lines. A call of
the static extractor in such a stretch is neither confirmed nor refuted.

**Outcome.** The error that ended a script, if one did; what it called before counts.

A script runs in a context (JavaScript) or a process (Python) of its own; the Code Editor's widgets and geemap's maps
are stand-ins that do nothing. Values that a script asks the server for come from the local Earth Engine: where they
decide what is called next, the trace may be another than on the real one. Scripts are not confined: trace only what
you would run by hand.
"""
