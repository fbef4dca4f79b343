// The card of an operator: what it is, and what it is used with.

const AT_FIRST = 7;

/** Everything that an operator stands in, looked up once. */
const INDEX = (() => {
  const index = NAMES.map(() => ({
    relations: [],
    chains: [],
    patterns: [],
    rules: [],
    dataSets: [],
    combinations: [],
  }));
  for (const row of DATA.relationships) {
    index[row[0]].relations.push(row);
    if (row[1] !== row[0]) index[row[1]].relations.push(row);
  }
  const enter = (rows, name, operators) => {
    for (const row of rows) for (const operator of new Set(operators(row))) index[operator][name].push(row);
  };
  enter(DATA.chains, "chains", (row) => row[1]);
  enter(
    DATA.patterns.filter((row) => row[0].length > 1),
    "patterns",
    (row) => row[0],
  );
  enter(DATA.rules, "rules", (row) => row[0]);
  enter(DATA.dataset_operators, "dataSets", (row) => [row[1]]);
  enter(DATA.combinations, "combinations", (row) => row[0]);
  return index;
})();

/** The card, as one element. */
function operatorCard(number, inGraph) {
  const row = operatorRow(number);
  const found = INDEX[number];
  return element(
    "article",
    { class: "operator", "data-operator": NAMES[number] },
    element("h2", { tabindex: "-1" }, dot(number), NAMES[number]),
    row ? facts(row) : element("p", { class: "quiet" }, "Not in the syntax table."),
    row ? signature(number, row) : null,
    row?.[8] ? element("p", { class: "description" }, row[8]) : null,
    row?.[9].length ? parameters(row[9]) : null,
    inGraph
      ? null
      : element("p", { class: "quiet" }, `Not among the ${DATA.graph.nodes.length} operators of the graph.`),
    ...relatedSections(number, found.relations),
    listed("Chains with it", found.chains, (chain) => [chainLine(chain[0]), chain[3]], "scripts"),
    listed(
      "Patterns with it",
      found.patterns,
      (p) => [operatorLine(p[0], p[1] ? " → " : " + "), p[2], share(p[3])],
      "callers, support",
    ),
    listed("Who uses it uses too", found.rules, (r) => [ruleLine(number, r), null, share(r[3])], "confidence"),
    listed(
      "Data sets that it loads or works on",
      found.dataSets,
      (d) => [element("code", {}, DATA.datasets[d[0]][0]), d[2]],
      "scripts",
    ),
    listed("Functions that it serves", functionsOf(found.combinations), (f) => [f[0], f[1]], "combinations"),
  );
}

function facts([owner, kind, , , uses, scripts, waiting, marks]) {
  const chip = (text, style = "") => element("span", { class: `chip ${style}` }, text);
  const numbers = [
    [uses, uses === 1 ? "use" : "uses", "Places at which it is called when a script runs"],
    [scripts, scripts === 1 ? "script" : "scripts", "Scripts that call it"],
    [waiting, "waiting", "Places in functions that nothing calls, or that wait for a click"],
  ];
  return element(
    "div",
    { class: "facts" },
    element(
      "p",
      {},
      owner ? chip(owner) : null,
      kind ? chip(kind) : null,
      ...marks.map((mark) => chip(mark, "warned")),
    ),
    element(
      "dl",
      {},
      ...numbers.map(([value, what, hint]) =>
        element("div", { title: hint }, element("dd", { "data-count": what }, count(value)), element("dt", {}, what)),
      ),
    ),
  );
}

function signature(number, [, , returns, documented, , , , , , parameters]) {
  const names = parameters.map(([name, , optional]) => (optional ? `${name}?` : name)).join(", ");
  const result = returns || documented;
  const told = documented && returns && documented !== returns ? ` (documented: ${documented})` : "";
  return element(
    "p",
    { class: "signature" },
    element("code", {}, `${shortName(number)}(${names})${result ? ` → ${result}` : ""}`),
    told,
  );
}

function parameters(rows) {
  const list = element(
    "dl",
    {},
    ...rows.flatMap(([name, type, optional, told]) => [
      element("dt", {}, element("code", {}, name), ` ${type}`, optional ? element("i", {}, " optional") : null),
      element("dd", {}, told),
    ]),
  );
  return element("details", {}, element("summary", {}, counted(rows.length, "parameter")), list);
}

/** What comes before, after, inside and beside, each with its counts. */
function relatedSections(number, relations) {
  const of = (kind, mine) => relations.filter((row) => row[2] === kind && mine(row));
  const other = (row) => (row[0] === number ? row[1] : row[0]);
  const section = (title, hint, rows, pick) =>
    related(
      title,
      hint,
      rows.map((row) => [pick(row), row[3], row[4]]),
    );
  return [
    section(
      "Before it",
      "called on the result of",
      of("sequential", (row) => row[1] === number),
      (row) => row[0],
    ),
    section(
      "After it",
      "what is called on its result",
      of("sequential", (row) => row[0] === number),
      (row) => row[1],
    ),
    section(
      "Inside it",
      "results that enter its arguments",
      of("nested", (row) => row[0] === number),
      (row) => row[1],
    ),
    section(
      "It stands inside",
      "what its result is an argument of",
      of("nested", (row) => row[1] === number),
      (row) => row[0],
    ),
    section(
      "Beside it",
      "enters the same call by another way",
      of("parallel", () => true),
      other,
    ),
  ];
}

function related(title, hint, rows) {
  const most = Math.max(...rows.map((row) => row[1]));
  const line = ([operator, times, scripts]) =>
    element(
      "li",
      {},
      barred(times, most),
      operatorLink(operator, plainName(operator)),
      element(
        "span",
        { class: "count", title: `${counted(times, "place")} in ${counted(scripts, "script")}` },
        `${count(times)} / ${count(scripts)}`,
      ),
    );
  return foldedList(title, `${hint}: places / scripts`, rows, line);
}

function listed(title, rows, parts, unit) {
  return foldedList(title, unit, rows, (row) => {
    const [shown, ...numbers] = parts(row);
    const told = numbers
      .filter((value) => value !== null)
      .map((value) => (typeof value === "number" ? count(value) : value));
    return element("li", {}, element("span", {}, shown), element("span", { class: "count" }, told.join(", ")));
  });
}

/** A titled list of which the first lines are shown, and more when they are asked for; nothing where it is empty. */
function foldedList(title, unit, rows, line) {
  if (!rows.length) return null;
  const list = element("ul", {}, ...rows.slice(0, AT_FIRST).map(line));
  const more = element("button", {
    type: "button",
    class: "more",
    onclick: () => {
      list.append(...rows.slice(list.children.length, list.children.length + 40).map(line));
      tellMore();
    },
  });
  const tellMore = () => {
    const left = rows.length - list.children.length;
    more.hidden = left <= 0;
    more.textContent = `${count(left)} more`;
  };
  tellMore();
  return element("section", {}, element("h3", {}, title, element("small", {}, unit)), list, more);
}

function ruleLine(number, [antecedent, consequent]) {
  const line = operatorLine(consequent, " + ");
  const others = antecedent.filter((operator) => operator !== number);
  if (others.length) line.append(element("i", {}, " with "), operatorLine(others, " + "));
  return line;
}

/** Name of each function, and the number of combinations with the operator that serve it most. */
function functionsOf(combinations) {
  const names = new Map(DATA.functions.map((row) => [row[0], row[2] ?? row[0]]));
  const times = new Map();
  for (const [, , served] of combinations) {
    if (!served.length) continue;
    const name = names.get(served[0][0]) ?? served[0][0];
    times.set(name, (times.get(name) ?? 0) + 1);
  }
  return [...times].sort((a, b) => b[1] - a[1]);
}

/** What stands in the card's place while no operator is chosen. */
function welcome() {
  const used = DATA.operators.map((row, number) => [number, row[4], row[5]]).filter((row) => row[1]);
  return element(
    "article",
    { class: "operator" },
    element("h2", { tabindex: "-1" }, "Choose an operator"),
    element(
      "p",
      {},
      "Click a circle or any operator's name, or search, to see what it is and what scripts use it with.",
    ),
    element(
      "p",
      { class: "quiet" },
      "A circle is an operator: its area grows with its uses, its colour is its class. A line is a " +
        "relation of two: sequential, one is called on the other's result; nested, the result is in an argument; parallel, both " +
        "results enter the same call. Arrows show where a result goes.",
    ),
    related("Used most", "operators", used),
  );
}
