'use strict';
// Google's JavaScript client, unmodified, pointed at a local Earth Engine.

// The client paces its requests at one in 350 ms, for the sake of the real service; a local one needs no pacing.
const PACE_MS = 350;
const wait = globalThis.setTimeout;
globalThis.setTimeout = (callback, ms, ...rest) => wait(callback, ms === PACE_MS ? 0 : ms, ...rest);

const ee = require('@google/earthengine');

/** Initialises the client against a server's address; the promise fails with what the server said. */
function connect(url) {
  return new Promise((resolve, reject) => {
    ee.initialize(url, url, () => resolve(ee), (error) => reject(new Error(error)), null, 'local-ee');
  });
}

/** The value of a computed object, through the client's own `evaluate`. */
function evaluate(object) {
  return new Promise((resolve, reject) => {
    object.evaluate((value, error) => (error === undefined ? resolve(value) : reject(new Error(error))));
  });
}

module.exports = {connect, ee, evaluate};
