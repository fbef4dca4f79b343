// What went wrong: the error mix as stacked bars, and operators that do not exist.

let failures = null;
const CLASSES = () =>
  DATA.verdicts.map((name, number) => [name, number]).filter(([name]) => name !== "passed" && name !== "unclassed");

function drawFailures(host) {
  if (!failures) {
    const controls = element("div", { class: "controls" });
    const bars = element("div", { class: "bars" });
    const validity = element("div", { class: "host" });
    host.append(controls, bars, element("h2", {}, "Operators that do not exist"), validity);
    failures = { controls, bars, table: new Table(validity, { label: "Static validity", columns: validityColumns() }) };
  }
  const legend = element(
    "ul",
    { class: "legend" },
    ...CLASSES().map(([name, number]) =>
      element("li", { class: `verdict-${name}` }, element("i"), verdictTitle(number)),
    ),
  );
  const scale = switches(
    "Length of the bars",
    [
      ["failures", "of failures", "Each bar is all failures of a system"],
      ["verdicts", "of all verdicts", "Each bar is as long as the share that failed"],
    ],
    state.of,
    (value) => go({ of: value }, false),
  );
  failures.controls.replaceChildren(scale, legend);
  const rows = chosenRows();
  failures.bars.replaceChildren(
    ...(rows.length ? rows.map(failureBar) : [element("p", { class: "quiet" }, "No system has cases like these.")]),
  );
  failures.table.show(rows);
}

function failureBar(row) {
  const [total, verdicts, system] = ["failures", "verdicts", "system"].map((name) => figure(row, name));
  const length = state.of === "verdicts" ? total / verdicts : total ? 1 : 0;
  const bar = element("div", { class: "stack" });
  for (const [name, number] of CLASSES()) {
    const share = figure(row, `error_${name}`);
    if (share) bar.append(failureSegment(system, name, number, share, length, total / verdicts));
  }
  return element(
    "div",
    { class: "bar-row" },
    systemLink(system),
    bar,
    element(
      "span",
      { class: "n" },
      `${count(total)} `,
      element("small", {}, `of ${count(verdicts)}, ${percent(total / verdicts)} %`),
    ),
  );
}

function failureSegment(system, name, number, share, length, failed) {
  const [model, solver] = DATA.systems[system];
  const told = `${verdictTitle(number)}: ${percent(share)} % of the failures, ${percent(share * failed)} % of the verdicts of ${systemText(system)}`;
  const link = element(
    "a",
    {
      class: `verdict-${name}`,
      title: told,
      "aria-label": told,
      href: address({ tab: "cases", model, solver, verdict: name, case: "" }),
    },
    share * length > 0.04 ? percent(state.of === "verdicts" ? share * failed : share, 0) : "",
  );
  return styled(link, { width: `${100 * share * length}%` });
}

function validityColumns() {
  const share = (title, hint, name, low = true) => ({
    title,
    hint,
    number: true,
    low,
    value: (row) => figure(row, name),
    cell: (row) => percent(figure(row, name)),
  });
  return [
    {
      title: "system",
      style: "name",
      value: (row) => systemText(figure(row, "system")),
      cell: (row) => systemLink(figure(row, "system")),
    },
    figures("programs", "One a task and epoch", (row) => figure(row, "programs"), 0),
    figures("operators", "Calls of Earth Engine a program", (row) => figure(row, "operators"), 2),
    figures(
      "unknown ones",
      "Of these, calls of operators that do not exist, a program",
      (row) => figure(row, "unknown_operators"),
      3,
      true,
    ),
    share("% of calls", "Share of all calls that name an operator which does not exist", "hallucinated"),
    {
      title: "programs without unknown ones, %",
      number: true,
      value: (row) => figure(row, "valid"),
      cell: (row) => rateBar(...["valid", "valid_low", "valid_high"].map((name) => figure(row, name))),
    },
    share("call nothing, %", "Programs that call nothing of Earth Engine, and so nothing unknown", "without_calls"),
  ];
}
