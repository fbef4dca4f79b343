'use strict';
// What a script prints, in the order in which it printed it, whenever the values arrive.

/** Text as the Code Editor shows it: strings bare, everything else as JSON. */
function shown(value) {
  if (typeof value === 'string') return value;
  if (value === undefined || typeof value === 'function' || (value && value.isWidget)) return String(value);
  const text = JSON.stringify(value, null, 2);
  return text === undefined ? String(value) : text;
}

/** Lines, some of which are still to come; the first error is told to `fail`. */
function output(ee, write, fail) {
  const lines = [];

  function flush() {
    while (lines.length && lines[0].text !== undefined) write(lines.shift().text + '\n');
  }

  function later(what, start) {
    const line = {text: undefined};
    const place = new Error().stack.replace(/.*\n/, ''); // where it was asked for, should it fail
    lines.push(line);
    start((value, error) => {
      line.text = error === undefined ? shown(value) : `${what}: ${error}`;
      if (error !== undefined) fail(Object.assign(new Error(error), {stack: `Error: ${error}\n${place}`}));
      flush();
    });
  }

  return {
    later,
    line(text) {
      lines.push({text});
      flush();
    },
    print(value) {
      if (value instanceof ee.ComputedObject) {
        later('print', (done) => value.evaluate(done));
      } else {
        this.line(shown(value));
      }
    },
  };
}

module.exports = {output};
