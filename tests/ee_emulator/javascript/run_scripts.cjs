'use strict';
// Runs Code Editor scripts against a server: node run_scripts.cjs URL [--build-only] < scripts.json > results.jsonl
// A script is {name, code}. A result says whether the script ran to its end, and for each thing that it puts on the map,
// prints or exports either its graph (--build-only) or whether it came out (a layer: one tile where the map looks).

const vm = require('node:vm');
const {connect, ee, evaluate} = require('./client.cjs');
const {codeEditor} = require('./code_editor.cjs');

const SCRIPT_MS = 20_000;
const SCRIPTS_AT_ONCE = 4;
const TILE_SIZE = 256;

// A script's own callback may stumble over an answer long after the script ran; in the Code Editor that stops nothing.
process.on('uncaughtException', (error) => console.error(String(error)));

function build(script) {
  const {globals, recorded} = codeEditor(ee);
  try {
    vm.runInNewContext(script.code, globals, {timeout: SCRIPT_MS});
    return {recorded, error: null};
  } catch (error) {
    return {recorded, error: String(error && error.message || error)};
  }
}

async function tile(layer) {
  const image = layer.object;
  const map = await new Promise((resolve, reject) => {
    image.getMap(layer.parameters, (id, error) => (error ? reject(new Error(error)) : resolve(id)));
  });
  let {lon, lat} = layer.view;
  if (layer.view.object) [lon, lat] = await centre(layer.view.object);
  const zoom = Math.max(0, Math.round(layer.view.zoom));
  const side = 2 ** zoom;
  const x = Math.min(side - 1, Math.max(0, Math.floor(((lon + 180) / 360) * side)));
  const radians = (Math.max(-85, Math.min(85, lat)) * Math.PI) / 180;
  const y = Math.floor(((1 - Math.asinh(Math.tan(radians)) / Math.PI) / 2) * side);
  const answer = await fetch(map.formatTileUrl(x, y, zoom));
  if (!answer.ok) throw new Error((await answer.json()).error.message);
  const png = Buffer.from(await answer.arrayBuffer());
  if (png.readUInt32BE(16) !== TILE_SIZE) throw new Error('the tile is no picture of 256 pixels');
}

async function centre(object) {
  const shape = object instanceof ee.Geometry ? object : object.geometry();
  return evaluate(shape.centroid(1000).coordinates());
}

async function comesOut(thing) {
  try {
    if (thing.kind === 'layer' && thing.object.getMap) await tile(thing);
    else if (thing.kind === 'layer') await evaluate(thing.object);
    else if (thing.kind === 'print') await evaluate(thing.object);
    return {kind: thing.kind, error: null};
  } catch (error) {
    return {kind: thing.kind, error: String(error && error.message || error)};
  }
}

async function run(script, buildOnly) {
  const {recorded, error} = build(script);
  const things = recorded.filter((thing) => thing.object instanceof ee.ComputedObject);
  if (buildOnly) {
    const built = things.map(({kind, object, parameters}) => {
      const graph = JSON.parse(ee.Serializer.toCloudApiJSON(object));
      return {kind, graph, parameters: kind === 'layer' ? parameters : {}};
    });
    return {name: script.name, error, things: built};
  }
  return {name: script.name, error, outcomes: await Promise.all(things.map(comesOut))};
}

async function main([url, mode]) {
  await connect(url);
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  const waiting = JSON.parse(text);
  const worker = async () => {
    for (let script = waiting.shift(); script; script = waiting.shift()) {
      process.stdout.write(`${JSON.stringify(await run(script, mode === '--build-only'))}\n`);
    }
  };
  await Promise.all(Array.from({length: SCRIPTS_AT_ONCE}, worker));
}

// What was written reaches a pipe before the end; the client's own timers would keep the process alive.
main(process.argv.slice(2)).then(() => process.stdout.write('', () => process.exit(0)), (error) => {
  console.error(error);
  process.exit(1);
});
