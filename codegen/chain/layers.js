(function () {
  const fs = require('fs');
  const layers = [];
  const add = Map.addLayer;
  Map.addLayer = function (object, style, name) {
    const layer = add.apply(Map, arguments);
    try {
      if (object && object.serialize && layers.length < 20) {
        const shown = style && typeof style === 'object' ? style : {};
        layers.push({name: String(name || 'layer'), type: object.name(), style: shown, expression: object.serialize()});
        fs.writeFileSync('layers.json', JSON.stringify(layers));
      }
    } catch (error) { }
    return layer;
  };
})();
