// Where systems are strong: a map of pass@k by type, difficulty, section or type of the result.

const GROUPS = [
  ["type", "type", "Earth Engine type that a task is about"],
  ["difficulty", "difficulty", "of a task"],
  ["section", "section", "unit, boundary, combination, theme"],
  ["out_type", "result", "Type of what a case has to give"],
];

function drawGroups(host) {
  const controls = element(
    "div",
    { class: "controls" },
    switches("Groups", GROUPS, state.by, (value) => go({ by: value }, false)),
    switches(
      "k of pass@k",
      [
        ["1", "pass@1"],
        ["3", "pass@3"],
        ["5", "pass@5"],
      ],
      state.k,
      (value) => go({ k: value }, false),
    ),
    element("span", { class: "heat-legend", "aria-hidden": "true" }, "0 %", element("i"), "100 %"),
  );
  const groups = groupRows();
  const systems = DATA.systems.map((_, number) => number).filter(passesFilters);
  const head = element(
    "tr",
    {},
    element("th", { scope: "col" }, GROUPS.find(([name]) => name === state.by)[1]),
    element("th", { scope: "col", class: "n" }, "cases"),
    ...systems.map((system) =>
      element(
        "th",
        { scope: "col", class: "upright", title: systemText(system) },
        element("span", {}, systemText(system)),
      ),
    ),
  );
  const rows = [...groups].map(([group, cells]) => heatRow(group, cells, systems));
  if (groups.size > 1 && state.by !== "out_type") rows.unshift(wholeRow(systems));
  const told = state.by === "out_type" && ["section", "type", "difficulty"].some((name) => state[name] !== "all");
  const table = element("table", { class: "heat" }, element("thead", {}, head), element("tbody", {}, ...rows));
  host.replaceChildren(
    controls,
    element("div", { class: "wide", tabindex: "0", role: "region", "aria-label": "Map of pass@k" }, table),
    element(
      "p",
      { class: "quiet note" },
      told ? "By result, figures are of all sections, types and difficulties. " : "",
      "Figures in italics are of fewer than five tasks. A click shows the cases.",
    ),
  );
}

/** For each group, rows of its cells by system. */
function groupRows() {
  const made = new Map();
  const add = (group, row, table) => {
    if (!made.has(group)) made.set(group, new Map());
    made.get(group).set(table.system[row], (name) => table[name][row]);
  };
  if (state.by === "out_type") DATA.results.out_type.forEach((group, row) => add(group, row, DATA.results));
  else
    for (const group of DATA.choices[state.by])
      if (state[state.by] === "all" || state[state.by] === group)
        for (const row of rowsOf(
          ...["section", "type", "difficulty"].map((name) => (name === state.by ? group : state[name])),
        ))
          add(group, row, DATA.cells);
  return made;
}

/** All groups together. */
function wholeRow(systems) {
  const rows = rowsOf(...["section", "type", "difficulty"].map((name) => (name === state.by ? "all" : state[name])));
  const line = heatRow(
    "all",
    new Map(rows.map((row) => [figure(row, "system"), (name) => figure(row, name)])),
    systems,
  );
  line.classList.add("whole");
  return line;
}

function heatRow(group, cells, systems) {
  const name = rateName(`${state.estimator}_${state.k}`);
  const most = Math.max(...[...cells.values()].map((cell) => cell("cases")));
  return element(
    "tr",
    {},
    element("th", { scope: "row" }, group),
    element("td", { class: "n" }, count(most)),
    ...systems.map((system) => {
      const cell = cells.get(system);
      const value = cell?.(name) ?? null;
      if (value === null) return element("td", { class: "cell" }, "–");
      const told = `${systemText(system)}, ${group}: ${percent(value)} % (${percent(cell(`${name}_low`))} to ${percent(cell(`${name}_high`))}), ${counted(cell("cases"), "case")} of ${counted(cell("tasks"), "task")}`;
      const [model, solver] = DATA.systems[system];
      const chosen = state.by === "out_type" ? { words: group } : { [state.by]: group };
      const link = element(
        "a",
        { title: told, href: address({ tab: "cases", model, solver, verdict: "any", case: "", ...chosen }) },
        percent(value, 0),
      );
      return styled(element("td", { class: cell("tasks") < 5 ? "cell few" : "cell" }, link), {
        "--heat": `${Math.round(100 * value)}%`,
      });
    }),
  );
}
