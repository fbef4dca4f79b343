// The tables of the page: what each has as columns, what it is searched by, and what else filters it.

const numeric = (title, at, hint, shown = count) => ({
  title,
  hint,
  number: true,
  value: (row) => row[at],
  cell: (row) => shown(row[at]),
});
const textual = (title, at) => ({ title, value: (row) => row[at] ?? "", cell: (row) => row[at] ?? "" });
const joined = (numbers) => numbers.map((number) => NAMES[number]).join(" ");

function operatorsTable(host) {
  const rows = NAMES.map((name, number) => [number, ...(operatorRow(number) ?? ["", "", "", "", 0, 0, 0, [], "", []])]);
  const unused = tick("also those that no script uses", () => view.refresh(), true);
  const view = new TableView(host, {
    rows,
    what: "operators",
    total: rows.length,
    sorted: 4,
    controls: [unused.label],
    keeps: (row) => unused.box.checked || row[5] > 0,
    text: (row) => `${NAMES[row[0]]} ${row[2]} ${row[3]} ${row[9]} ${row[8].join(" ")}`,
    columns: [
      {
        title: "operator",
        value: (row) => NAMES[row[0]].toLowerCase(),
        style: "name",
        cell: (row) => element("span", {}, dot(row[0]), operatorLink(row[0])),
      },
      { title: "returns", value: (row) => row[3] || row[4], cell: (row) => row[3] || row[4] },
      { ...textual("kind", 2), style: "spare" },
      { title: "what it does", value: (row) => row[9], style: "told", cell: (row) => row[9].split(/(?<=\.)\s|\n/)[0] },
      numeric("uses", 5, "Places in scripts at which it is called"),
      numeric("scripts", 6, "Scripts that call it"),
    ],
  });
}

function patternsTable(host) {
  const order = choice(
    "Order",
    [
      ["all", "sets and sequences"],
      ["set", "sets"],
      ["sequence", "sequences"],
    ],
    () => view.refresh(),
  );
  const size = choice(
    "Size",
    [
      [1, "any size"],
      [2, "2 and more"],
      [3, "3 and more"],
      [4, "4 and more"],
      [5, "5 and more"],
    ],
    () => view.refresh(),
  );
  size.value = "2";
  const closed = tick("closed only", () => view.refresh());
  const maximal = tick("maximal only", () => view.refresh());
  closed.label.title = "No larger pattern is as frequent";
  maximal.label.title = "No larger pattern is frequent";
  const view = new TableView(host, {
    rows: DATA.patterns,
    what: "patterns",
    total: DATA.totals.patterns,
    sorted: 3,
    controls: [order, size, closed.label, maximal.label],
    keeps: ([operators, ordered, , , , isClosed, isMaximal]) =>
      (order.value === "all" || ordered === (order.value === "sequence")) &&
      operators.length >= Number(size.value) &&
      (!closed.box.checked || isClosed) &&
      (!maximal.box.checked || isMaximal),
    text: (row) => joined(row[0]),
    columns: [
      { title: "pattern", value: (row) => joined(row[0]), cell: (row) => operatorLine(row[0], row[1] ? " → " : " + ") },
      { title: "size", number: true, value: (row) => row[0].length, cell: (row) => row[0].length },
      numeric("callers", 2, "Callers (a script's top level, or a function in it) that have it"),
      numeric("support", 3, "Share of the callers that have it", share),
      numeric("lift", 4, "How much more often than by chance", decimal),
      {
        title: "",
        value: (row) => Number(row[5]) + Number(row[6]),
        style: "marks",
        cell: (row) => [row[5] && "closed", row[6] && "maximal"].filter(Boolean).join(", "),
      },
    ],
  });
}

function rulesTable(host) {
  new TableView(host, {
    rows: DATA.rules,
    what: "rules",
    total: DATA.totals.rules,
    sorted: 2,
    text: (row) => joined(row[0].concat(row[1])),
    columns: [
      { title: "who uses", value: (row) => joined(row[0]), cell: (row) => operatorLine(row[0], " + ") },
      { title: "uses too", value: (row) => joined(row[1]), cell: (row) => operatorLine(row[1], " + ") },
      numeric("support", 2, "Share of the callers that use both", share),
      numeric("confidence", 3, "Share of those who use the first that use the second too", share),
      numeric("lift", 4, "How much more often than by chance", decimal),
    ],
  });
}

function chainsTable(host) {
  const length = choice(
    "Length",
    [
      [1, "any length"],
      [2, "2 and more operators"],
      [4, "4 and more"],
      [8, "8 and more"],
    ],
    () => view.refresh(),
  );
  length.value = "2";
  const view = new TableView(host, {
    rows: DATA.chains,
    what: "chains",
    total: DATA.totals.chains,
    sorted: 3,
    controls: [length],
    keeps: (row) => row[1].length >= Number(length.value),
    text: (row) => row[0] + " " + joined(row[1]) + " " + (row[4] ?? ""),
    columns: [
      { title: "chain", value: (row) => row[0], cell: (row) => chainLine(row[0]) },
      { title: "operators", number: true, value: (row) => row[1].length, cell: (row) => row[1].length },
      numeric("places", 2, "How often it is written"),
      numeric("scripts", 3, "Scripts that have it"),
      {
        title: "example",
        hint: "Id of a script that has it",
        value: (row) => row[4] ?? "",
        style: "short",
        cell: (row) => element("code", { title: row[4] ?? "" }, (row[4] ?? "").slice(0, 10)),
      },
    ],
  });
}

function dataSetsTable(host) {
  const operators = DATA.datasets.map(() => []);
  for (const [at, operator] of DATA.dataset_operators) operators[at].push(operator);
  const rows = DATA.datasets.map((row, at) => [...row, operators[at]]);
  new TableView(host, {
    rows,
    what: "data sets",
    total: DATA.totals.datasets,
    sorted: 4,
    text: (row) => `${row.slice(0, 4).join(" ")} ${joined(row[7])}`,
    columns: [
      {
        title: "data set",
        value: (row) => row[0].toLowerCase(),
        style: "told",
        cell: (row) =>
          element("span", {}, element("code", {}, row[0]), element("small", {}, row[1] || "not in the catalogue")),
      },
      { ...textual("provider", 2), style: "narrow" },
      { ...textual("from", 4), style: "short" },
      {
        title: "operators that load it or work on what it gives",
        hint: "The most frequent first",
        value: (row) => row[7].length,
        style: "many",
        cell: (row) => manyOperators(row[7]),
      },
      numeric("scripts", 6, "Scripts that load it"),
    ],
  });
}

function manyOperators(numbers) {
  const line = operatorLine(numbers.slice(0, 10), " · ");
  if (numbers.length > 10) line.append(element("i", {}, ` and ${numbers.length - 10} more`));
  return line;
}

function functionsTable(host) {
  const combinations = new Map(DATA.functions.map((row) => [row[0], []]));
  for (const [operators, , served] of DATA.combinations)
    if (served.length) combinations.get(served[0][0])?.push(operators);
  const rows = DATA.functions.map((row) => [...row, combinations.get(row[0])]);
  const lines = (found) => element("span", {}, ...found.map((one) => element("div", {}, operatorLine(one, " → "))));
  new TableView(host, {
    rows,
    what: "functions",
    total: DATA.totals.functions,
    sorted: 3,
    text: (row) =>
      `${row.slice(0, 3).join(" ")} ${(row[3] ?? []).join(" ")} ${row[4]} ${joined(row[6])} ${joined(row[7].flat())}`,
    columns: [
      {
        title: "function",
        value: (row) => row[2] ?? row[0],
        style: "told",
        cell: (row) =>
          element(
            "span",
            {},
            element("b", {}, row[2] ?? row[0]),
            element("small", {}, row[1] ?? ""),
            element("small", {}, row[4] ?? ""),
            element("small", {}, `Words: ${(row[3] ?? []).slice(0, 8).join(", ")}`),
          ),
      },
      { title: "operators that tell it", value: (row) => row[6].length, cell: (row) => manyOperators(row[6]) },
      {
        title: "combinations that serve it most",
        hint: "Operators that follow one another in many callers; the most frequent first",
        value: (row) => row[7].length,
        style: "many",
        cell: (row) => lines(row[7].slice(0, 5)),
      },
      numeric("scripts", 5, "Scripts that do it"),
    ],
  });
}
