'use strict';
// node trace.cjs URL < scripts > traces.jsonl: which operators of Earth Engine each script really calls.
// Scripts are {name, code}, as one JSON list or one a line. What counts as a call, and under which name, is said in
// __init__.py beside this file. A script's trace is {name, error, calls: [{operator, line, column, count}], graphs,
// unreached}; one that fails half way keeps what it called before.

const inspector = require('node:inspector');
const vm = require('node:vm');
const {connect, ee} = require('../../ee_emulator/javascript/client.cjs');
const {codeEditor} = require('../../ee_emulator/javascript/code_editor.cjs');

const SCRIPT_MS = 20_000;
const FRAMES = 50; // between an operator that was handed over as a callback and the script lie some of the client's
const GLOBALS = ['Map', 'print', 'Export', 'ui', 'Chart'];

/** What is noted of the script that runs; null between scripts. */
let running = null;

// Clients' functions below which we are: 0 while the script's own code runs, its callbacks included.
let depth = 0;

/** Line and column (from 1) at which the script is: of a method's name, of `new`, of a plain function's name. */
function place() {
  const {prepareStackTrace, stackTraceLimit} = Error;
  Error.prepareStackTrace = (_, sites) => sites.find((site) => site.getFileName() === running.file);
  Error.stackTraceLimit = FRAMES;
  const holder = {};
  Error.captureStackTrace(holder, place);
  const site = holder.stack;
  Object.assign(Error, {prepareStackTrace, stackTraceLimit});
  return site ? {line: site.getLineNumber(), column: site.getColumnNumber()} : {line: null, column: null};
}

/** Notes a call that the script's own code makes. */
function note(operator) {
  const {line, column} = place();
  const key = `${operator} ${line} ${column}`;
  const call = running.calls.get(key) || {operator, line, column, count: 0};
  call.count += 1;
  running.calls.set(key, call);
}

const ofScript = () => running !== null && depth === 0;

/** Runs one of the client's functions: what it calls in turn is not the script's doing. */
function below(work) {
  depth += 1;
  try {
    return work();
  } finally {
    depth -= 1;
  }
}

/** A script's function that the client may call: the script's own code again, which does not run after its end. */
function callback(body) {
  const owner = running;
  return new Proxy(body, {
    apply(target, self, given) {
      if (running !== owner) return undefined;
      const outer = depth;
      depth = 0;
      try {
        return Reflect.apply(target, self, given);
      } finally {
        depth = outer;
      }
    },
  });
}

const isFunction = (value) => typeof value === 'function';

/** Whether it was written as {…}, in whichever context. */
function isPlain(value) {
  const prototype = value && typeof value === 'object' ? Object.getPrototypeOf(value) : null;
  return prototype !== null && Object.getPrototypeOf(prototype) === null;
}

/** Arguments as the client gets them: functions among them, also those with a name, are callbacks. */
function handedOver(given) {
  return given.map((value) => {
    if (isFunction(value)) return callback(value);
    if (!isPlain(value) || !Object.values(value).some(isFunction)) return value;
    const entries = Object.entries(value);
    return Object.fromEntries(entries.map(([key, held]) => [key, isFunction(held) ? callback(held) : held]));
  });
}

/** What the script sees of `ee`, or of a part of it: calls are noted under their path. The client keeps its own. */
function watched(part, path, seen = new Map()) {
  if (seen.has(part)) return seen.get(part);
  const own = new Map(); // what the script sets, gone with it
  const proxy = new Proxy(part, {
    get(target, key) {
      if (own.has(key)) return own.get(key);
      const value = target[key];
      const isPart = isFunction(value) ? value !== Function.prototype[key] : isPlain(value);
      if (typeof key === 'symbol' || !isPart || ['prototype', 'signature'].includes(key)) return value;
      return watched(value, `${path}.${key}`, seen);
    },
    set: (_, key, value) => Boolean(own.set(key, value)),
    apply(target, self, given) {
      if (!ofScript()) return Reflect.apply(target, self, given);
      note(path);
      return below(() => Reflect.apply(target, self, handedOver(given)));
    },
    construct(target, given, newTarget) {
      const made = newTarget === proxy ? target : newTarget;
      if (!ofScript()) return Reflect.construct(target, given, made);
      note(path);
      return below(() => Reflect.construct(target, handedOver(given), made));
    },
  });
  seen.set(part, proxy);
  return proxy;
}

/** Names of the client's classes by prototype. The functions' own names do not do: generated classes share one. */
function classNames() {
  const names = new Map();
  const visit = (holder, path) => {
    for (const [key, value] of Object.entries(holder)) {
      const isClass = value === ee.ComputedObject || value?.prototype instanceof ee.ComputedObject;
      if (!isClass || names.has(value.prototype)) continue;
      names.set(value.prototype, `${path}.${key}`);
      visit(value, `${path}.${key}`); // ee.Geometry.Point
    }
  };
  visit(ee, 'ee');
  return names;
}

/** The name of an object's class. */
function classOf(object, names) {
  let prototype = Object.getPrototypeOf(object);
  while (prototype && !names.has(prototype)) prototype = Object.getPrototypeOf(prototype);
  return names.get(prototype) || 'ee.ComputedObject';
}

/** Replaces the methods of the client's classes by such as are noted; objects share them with the client. */
function watchMethods(names) {
  for (const prototype of names.keys()) {
    for (const [name, method] of Object.entries(prototype)) {
      if (!isFunction(method) || name === 'constructor') continue;
      const isImplied = name === 'toString'; // `'' + image` calls it, though nobody wrote it
      prototype[name] = new Proxy(method, {
        // The client looks up its own functions by their text.
        get: (target, key) => (key === 'toString' ? () => target.toString() : target[key]),
        apply(target, self, given) {
          if (!ofScript()) return Reflect.apply(target, self, given);
          if (!isImplied) note(`${classOf(self, names)}.${name}`);
          return below(() => Reflect.apply(target, self, handedOver(given)));
        },
      });
    }
  }
}

/** A function that undoes what scripts do to the prototypes. */
function restorer(names) {
  const before = [...names.keys()].map((prototype) => [prototype, {...prototype}]);
  return () => {
    for (const [prototype, members] of before) {
      for (const key of Object.keys(prototype)) if (!(key in members)) delete prototype[key];
      for (const key of Object.keys(members)) if (prototype[key] !== members[key]) prototype[key] = members[key];
    }
  };
}

/** Earth Engine's objects among arguments, with or without a name. */
function computedIn(given) {
  const values = given.flatMap((value) => (isPlain(value) ? Object.values(value) : [value])).flat();
  return values.filter((value) => value instanceof ee.ComputedObject);
}

/** A global of the Code Editor: calls are noted under their path; what they return is as it was. */
function watchedGlobal(part, path) {
  const noted = (given, work) => {
    if (!ofScript()) return work();
    note(path);
    if (/^(ui|Chart)\b/.test(path)) running.shown.push(...computedIn(given));
    return below(work);
  };
  return new Proxy(part, {
    get(target, key) {
      const value = target[key];
      const isPart = isFunction(value) ? value !== Function.prototype[key] : isPlain(value);
      return typeof key === 'symbol' || !isPart ? value : watchedGlobal(value, `${path}.${key}`);
    },
    apply: (target, self, given) => noted(given, () => Reflect.apply(target, self, given)),
    construct: (target, given) => noted(given, () => Reflect.construct(target, given)),
  });
}

/** Names of the algorithms in an object's graph, sorted; null of an object that only makes sense within a callback. */
function algorithmsOf(object) {
  let text;
  try {
    text = ee.Serializer.toCloudApiJSON(object);
  } catch {
    return null;
  }
  const names = new Set();
  JSON.parse(text, (key, value) => {
    if (key === 'functionName') names.add(value.replace(/^algorithms\//, ''));
    return value;
  });
  return [...names].sort();
}

/** V8's own count of what ran. */
function startCoverage() {
  const session = new inspector.Session();
  session.connect();
  session.post('Profiler.enable');
  session.post('Profiler.startPreciseCoverage', {callCount: true, detailed: true});
  return session;
}

/** Stretches of a script that did not run, each as line and column of its begin and of its end. */
function unreached(session, file, code) {
  let functions = [];
  session.post('Profiler.takePreciseCoverage', (_, answer) => {
    functions = answer.result.find((script) => script.url === file)?.functions ?? [];
  });
  const ranges = functions.flatMap((covered) => covered.ranges);
  ranges.sort((a, b) => a.startOffset - b.startOffset || b.endOffset - a.endOffset); // the inner ones last: they decide
  // V8 has no functions of a script that does not parse: nothing of it runs.
  const ran = new Uint8Array(code.length).fill(functions.length ? 1 : 0);
  for (const {startOffset, endOffset, count} of ranges) ran.fill(count ? 1 : 0, startOffset, endOffset);
  const stretches = [];
  let line = 1;
  let begin = 0; // of the line
  let open = null;
  for (let at = 0; at <= code.length; at += 1) {
    const runs = at === code.length || ran[at];
    if (!runs && !open) open = [line, at - begin + 1];
    if (runs && open) {
      stretches.push([...open, line, at - begin + 1]);
      open = null;
    }
    if (code[at] === '\n') {
      line += 1;
      begin = at + 1;
    }
  }
  return stretches;
}

/** One script's trace; the number is that of the script. */
function trace(script, number, session) {
  const {globals, recorded} = codeEditor(ee);
  globals.ee = watched(ee, 'ee');
  for (const name of GLOBALS) globals[name] = watchedGlobal(globals[name], name);
  // The name under which V8 reports the script's own lines.
  const file = `script-${number}.js`;
  running = {file, calls: new Map(), shown: []};
  depth = 0;
  let error = null;
  try {
    vm.runInNewContext(script.code, globals, {timeout: SCRIPT_MS, filename: file});
  } catch (thrown) {
    error = String((thrown && thrown.message) || thrown);
  }
  const {calls, shown} = running;
  running = null;
  const objects = [...recorded.map((thing) => thing.object), ...shown];
  const graphs = objects.filter((object) => object instanceof ee.ComputedObject).map(algorithmsOf);
  return {
    name: script.name,
    error,
    calls: [...calls.values()],
    graphs: graphs.filter(Boolean),
    unreached: unreached(session, file, script.code),
  };
}

async function main(url) {
  await connect(url);
  const names = classNames();
  watchMethods(names);
  const restore = restorer(names);
  let text = '';
  for await (const chunk of process.stdin) text += chunk;
  const lines = text.split('\n').filter(Boolean);
  const scripts = text.trimStart().startsWith('[') ? JSON.parse(text) : lines.map((line) => JSON.parse(line));
  const session = startCoverage();
  for (const [number, script] of scripts.entries()) {
    process.stdout.write(`${JSON.stringify(trace(script, number, session))}\n`);
    restore();
  }
}

// What was written reaches a pipe before the end; the client's own timers would keep the process alive.
main(process.argv[2]).then(() => process.stdout.write('', () => process.exit(0)), (error) => {
  console.error(error);
  process.exit(1);
});
