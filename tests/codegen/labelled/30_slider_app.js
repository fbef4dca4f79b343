var collection = ee.ImageCollection('NOAA/VIIRS/001/VNP13A1').select('NDVI');
var state = {image: null};
function redraw(year) {
  var image = collection.filterDate(ee.Date.fromYMD(year, 1, 1), ee.Date.fromYMD(year + 1, 1, 1)).mean();
  state.image = image;
  Map.layers().set(0, ui.Map.Layer(image, {min: 0, max: 9000}, 'NDVI'));
  return image;
}
var slider = ui.Slider({min: 2012, max: 2023, value: 2020, step: 1, onChange: redraw});
var select = ui.Select({items: ['mean', 'max'], onChange: function(value) {
  Map.addLayer(collection.reduce(value === 'max' ? ee.Reducer.max() : ee.Reducer.mean()));
}});
var box = new ui.Checkbox('grid', false);
box.onChange(function(checked) { if (checked) Map.addLayer(ee.Image.pixelLonLat()); });
redraw(2020);
var chart = ui.Chart.image.histogram({image: state.image, region: ee.Geometry.Point([0, 45]).buffer(1e4), scale: 500});
ui.root.add(ui.Panel({widgets: [slider, select, box, chart], style: {width: '300px'}}));
