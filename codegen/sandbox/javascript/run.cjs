'use strict';
// node run.cjs URL PROJECT FILE: runs a script of the Code Editor, or one that loads Google's client itself, and writes
// what went wrong on descriptor 3.

const fs = require('fs');
const {createRequire} = require('module');
const vm = require('vm');

const NAME = 'program.js';
const OTHERS = [__dirname, 'node:', '/@google/earthengine/']; // whose frames say nothing to the writer of a script
const [url, project, file] = process.argv.slice(2);

let failed = null;

/** Keeps the first error, and tells it as `codegen.sandbox.outcome.ProgramError`. */
function fail(error, stage = 'run') {
  if (failed) return;
  const known = error instanceof Error;
  const stack = known ? String(error.stack) : String(error);
  const own = stack.split('\n').filter((line) => !OTHERS.some((name) => line.includes(name)));
  const place = stack.match(/program\.js:(\d+)/);
  failed = {
    stage,
    kind: known ? error.name : typeof error,
    message: known ? error.message : String(error),
    line: place ? Number(place[1]) : null,
    traceback: own.join('\n'),
  };
  process.exitCode = 1;
  process.stderr.write(`${failed.traceback}\n`);
}

process.on('uncaughtException', (error) => fail(error));
process.on('exit', () => fs.writeSync(3, JSON.stringify({error: failed})));

// The client sends one request in 350 ms, out of regard for Google's servers; the relay is nearer.
const wait = globalThis.setTimeout;
globalThis.setTimeout = (callback, ms, ...rest) => wait(callback, ms === 350 ? 0 : ms, ...rest);

// The client loads Google's library of all its services, for signing in, which nobody does here: nine tenths of its start.
const unused = require.resolve('googleapis');
require.cache[unused] = {id: unused, filename: unused, loaded: true, exports: {google: {auth: {}}}};

const ee = require('@google/earthengine');
const {codeEditor} = require('./code_editor.cjs');
const {output} = require('./output.cjs');

/** Scripts that start a session of their own find the one that there is. */
function redirect() {
  const succeed = (...given) => {
    const callback = given.find((one) => typeof one === 'function');
    if (callback) setImmediate(callback);
  };
  ee.initialize = succeed;
  for (const name of Object.keys(ee.data)) {
    if (name.startsWith('authenticate')) ee.data[name] = succeed;
  }
}

/** `require` of a script: Google's client is the one that runs; modules of the Code Editor are not here. */
function requireFor(own) {
  return (name) => {
    if (name === '@google/earthengine') return ee;
    if (name.startsWith('users/') || (name.includes(':') && !name.startsWith('node:'))) {
      throw new Error(`The module ${name} lies in a repository of the Code Editor, which cannot be reached from here.`);
    }
    return own(name);
  };
}

function run() {
  redirect();
  const code = fs.readFileSync(file, 'utf8');
  const out = output(ee, (text) => process.stdout.write(text), fail);
  const globals = {...codeEditor(ee, out), require: requireFor(createRequire(`${process.cwd()}/${NAME}`))};
  let script;
  try {
    script = vm.compileFunction(code, [], {filename: NAME, contextExtensions: [globals]});
  } catch (error) {
    fail(error, 'compile');
    return;
  }
  script.call(globalThis);
}

ee.initialize(url, url, () => setImmediate(run), (message) => fail(new Error(message)), null, project);
