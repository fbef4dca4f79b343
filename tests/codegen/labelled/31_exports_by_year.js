const YEARS = [2019, 2020, 2021];
const REGION = ee.Geometry.Rectangle([34, -1, 35, 0]);
const assets = {};
for (const year of YEARS) {
  const id = `projects/sat-io/open-datasets/landcover/${year}`;
  const image = ee.Image(id).clip(REGION);
  assets[`y${year}`] = image;
  Export.image.toDrive({
    image,
    description: `cover_${year}`,
    region: REGION,
    scale: 30
  });
}
const {y2019, y2021: last} = assets;
const changed = y2019.neq(last).selfMask();
const label = `changed ${YEARS[0]}-${YEARS[YEARS.length - 1]}`;
Map.addLayer(changed, {palette: 'red'}, label);
print(`${label}:`, changed.reduceRegion(ee.Reducer.sum(), REGION, 300));
