'use strict';
// node evaluate.cjs URL: what Google's JavaScript client gets from a server, as JSON.

const {connect, ee, evaluate} = require('./client.cjs');

async function main(url) {
  await connect(url);
  const columns = ee.Image.pixelCoordinates('EPSG:3857').select('x').divide(1000).floor();
  const point = ee.Geometry.Point([114.3, 30.6]);
  const shops = ee.FeatureCollection([ee.Feature(point, {name: 'noodles', seats: 12}), ee.Feature(null, {name: 'tea'})]);
  return {
    number: await evaluate(ee.Number(7).divide(2)),
    mapped: await evaluate(ee.List.sequence(1, 4).map((n) => ee.Number(n).pow(2))),
    date: await evaluate(ee.Date('2020-02-28').advance(1, 'month').format('YYYY-MM-dd')),
    reduced: await evaluate(columns.reduceRegion(ee.Reducer.first(), point, 30, 'EPSG:3857')),
    features: await evaluate(shops.filter(ee.Filter.gt('seats', 10))),
    refused: await evaluate(ee.Number.parse('no number')).catch((error) => error.message),
  };
}

main(process.argv[2]).then(
  (answer) => process.stdout.write(JSON.stringify(answer), () => process.exit(0)),
  (error) => {
    console.error(error);
    process.exit(1);
  },
);
