// A name that changes its class within a branch; a function that calls itself; callbacks that return lists.
var value = ee.FeatureCollection('users/someone/plots');
if (value) {
  value = value.filter(ee.Filter.gt('height', 2)).reduceColumns(ee.Reducer.toList(), ['height']);
  value = ee.List(value.get('list'));
} else {
  value = ee.List.sequence(1, 5);
}
var pairs = value.map(function(height) {
  var h = ee.Number(height);
  return [h, h.multiply(2)];
});
value = ee.Array(pairs);
function halve(array, times) {
  return times > 0 ? halve(array.divide(2), times - 1) : array;
}
value = halve(value, 2);
var step = 0;
do {
  value = value.add(step);
  step++;
} while (step < 3);
var described = ee.List([1, 2]).map(function(n) {
  return {n: ee.Number(n), text: ee.Number(n).format()};
});
print(value.length(), described);
