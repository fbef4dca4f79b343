'use strict';
// The globals that a script finds in the Earth Engine Code Editor, as far as it needs them to run to its end: what it
// puts on the map, prints, charts or exports is recorded; widgets are there and do nothing.

/** Something that can be called, constructed and asked for any member, for ever; it keeps the value that it is given. */
function widget(given) {
  const target = function () {};
  const state = {value: given && typeof given === 'object' ? given.value : undefined};
  return new Proxy(target, {
    get(_, name) {
      if (name === Symbol.toPrimitive) return () => '';
      if (name === 'then') return undefined; // not a promise
      if (name === 'length') return 0;
      if (name === 'getValue') return () => state.value;
      if (name === 'setValue') return (value) => void (state.value = value);
      return widget();
    },
    set: () => true,
    apply: (_, __, given) => widget(given[0]),
    construct: (_, given) => widget(given[0]),
  });
}

/** The map: layers and where it looks. */
function codeEditorMap(ee, recorded) {
  const view = {lon: -98, lat: 38, zoom: 4, object: null}; // where the Code Editor opens
  const map = {
    addLayer(object, parameters, name) {
      recorded.push({kind: 'layer', object, parameters: parameters || {}, name, view});
      return widget();
    },
    setCenter(lon, lat, zoom) {
      Object.assign(view, {lon, lat, zoom: zoom === undefined ? view.zoom : zoom, object: null});
    },
    centerObject(object, zoom) {
      Object.assign(view, {object, zoom: zoom === undefined ? 8 : zoom});
    },
    getBounds: (asGeoJson) => (asGeoJson ? ee.Geometry.Rectangle([-110, 30, -86, 46]) : [-110, 30, -86, 46]),
    getCenter: () => ee.Geometry.Point([view.lon, view.lat]),
    getZoom: () => view.zoom,
    getScale: () => 156543.034 / 2 ** view.zoom,
  };
  const fallback = widget();
  return new Proxy(map, {get: (own, name) => (name in own ? own[name] : fallback[name])});
}

/** `Export.image.toDrive(…)`, its relations and the old `Export.image(…)`: what is exported, with its parameters. */
function exporter(recorded) {
  const record = (given, ...rest) => {
    const parameters = given && (given.image || given.collection) ? given : {image: given, rest};
    recorded.push({kind: 'export', object: parameters.image || parameters.collection, parameters});
  };
  const kind = () => new Proxy(record, {get: () => record});
  return {image: kind(), table: kind(), video: kind(), map: kind()};
}

/** The globals for one script, and the list in which they record. */
function codeEditor(ee) {
  const recorded = [];
  const computed = (object) => object instanceof ee.ComputedObject;
  const print = (...values) => {
    for (const object of values.filter(computed)) recorded.push({kind: 'print', object});
  };
  const globals = {
    ee,
    Map: codeEditorMap(ee, recorded),
    print,
    Export: exporter(recorded),
    Chart: widget(),
    ui: widget(),
    require: (path) => {
      throw new Error(`module ${path} lies in somebody's Code Editor repository`);
    },
    console: {log: print},
  };
  return {globals, recorded};
}

module.exports = {codeEditor};
