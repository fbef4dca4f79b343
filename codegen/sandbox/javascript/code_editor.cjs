'use strict';
// What a script of the Earth Engine Code Editor finds there, as far as a terminal can be one: values are printed when
// they have been computed, layers are asked for as a map would, exports are told but not started (there as here, that is
// the user's to do), charts and widgets can be built and are not drawn.

/** Something that can be called, constructed and asked for any member; it keeps the value that it is given. */
function widget(name, given) {
  const state = {value: given && typeof given === 'object' ? given.value : undefined};
  const described = `[${name}: not drawn here]`;
  return new Proxy(function () {}, {
    get(_, member) {
      if (member === Symbol.toPrimitive || member === 'toString') return () => described;
      if (member === 'then' || member === Symbol.iterator) return undefined; // neither a promise nor a list
      if (member === 'isWidget') return true;
      if (member === 'getValue') return () => state.value;
      if (member === 'setValue') return (value) => void (state.value = value);
      return widget(typeof member === 'string' ? `${name}.${member}` : name);
    },
    set: () => true,
    apply: (_, __, args) => widget(name, args[0]),
    construct: (_, args) => widget(name, args[0]),
  });
}

/** The map: where it looks, and its layers, each of which is asked for. */
function mapOf(ee, console) {
  const view = {lon: -98, lat: 38, zoom: 4}; // where the Code Editor opens
  const known = {
    addLayer(object, style, name) {
      const title = name === undefined ? 'Layer' : name;
      if (object && typeof object.getMapId === 'function') {
        console.later(`[map layer: ${title}]`, (done) =>
          object.getMapId(style || {}, (id, error) => done(error === undefined ? `[map layer: ${title}]` : null, error)),
        );
      } else if (!(object && object.isWidget)) {
        throw new Error(`Map.addLayer: ${object} cannot be drawn.`);
      }
      return widget('ui.Map.Layer');
    },
    setCenter: (lon, lat, zoom) => void Object.assign(view, {lon, lat, zoom: zoom === undefined ? view.zoom : zoom}),
    centerObject: (_, zoom) => void Object.assign(view, {zoom: zoom === undefined ? view.zoom : zoom}),
    setZoom: (zoom) => void Object.assign(view, {zoom}),
    getBounds(asGeoJson) {
      const [west, south, east, north] = [view.lon - 12, view.lat - 8, view.lon + 12, view.lat + 8];
      return asGeoJson ? ee.Geometry.Rectangle([west, south, east, north]) : [west, south, east, north];
    },
    getCenter: () => ee.Geometry.Point([view.lon, view.lat]),
    getZoom: () => view.zoom,
    getScale: () => 156543.034 / 2 ** view.zoom,
  };
  const rest = widget('Map');
  return new Proxy(known, {get: (own, member) => (member in own ? own[member] : rest[member])});
}

/** `Export.image.toDrive({…})` and its relations. */
function exporter(console) {
  const tell = (kind) =>
    new Proxy(function () {}, {
      get: (_, destination) => (given, description) => {
        const told = given && typeof given === 'object' && given.description ? given.description : description;
        const object = given && (given.image || given.collection || given.classifier || given);
        if (!object || typeof object.serialize !== 'function') {
          throw new Error(`Export.${kind}.${destination}: there is nothing to export.`);
        }
        object.serialize(); // what cannot be sent is told now, as it would be when the task is started
        console.line(`[export ${kind}.${destination}: ${told || 'without a description'}; not started]`);
      },
    });
  return {image: tell('image'), table: tell('table'), video: tell('video'), map: tell('map'), classifier: tell('classifier')};
}

/** The globals of a script. */
function codeEditor(ee, console) {
  return {
    ee,
    print: (...values) => values.forEach((value) => console.print(value)),
    Map: mapOf(ee, console),
    Export: exporter(console),
    Chart: widget('Chart'),
    ui: widget('ui'),
  };
}

module.exports = {codeEditor};
