// The leaderboard: a row a system, with bars, intervals, stability and ranks.

let board = null;

const RANKS = [
  ["p_rank", "P", "Rank by pass@5 (or the largest k that all systems have), any of the first k epochs"],
  ["s_rank", "S", "Rank by SA"],
  ["e_rank", "E", "Rank by efficiency: the mean of the ranks by pass@k per 1,000 tokens, per second, per line"],
  ["total_rank", "total", "Rank by the mean of the ranks P, S and E"],
];

function boardColumns() {
  const first = () => state.estimator === "first";
  const stable = (name) => (row) => rate(row, first() ? name : `${name}_unbiased`);
  const passing = [1, 3, 5].map((k) => ({
    title: `pass@${k}, %`,
    hint: `Share of cases passed in ${k === 1 ? "one epoch" : `at least one of ${k} epochs`}, with its 95 % interval`,
    number: true,
    value: (row) => rate(row, `${state.estimator}_${k}`),
    cell: (row) => rateBar(...["", "_low", "_high"].map((end) => rate(row, `${state.estimator}_${k}${end}`))),
  }));
  const ranks = RANKS.map(([name, title, hint]) => figures(title, hint, (row) => figure(row, name), 0, true));
  return [
    {
      title: "system",
      style: "name",
      value: (row) => systemText(figure(row, "system")).toLowerCase(),
      cell: (row) => systemLink(figure(row, "system")),
    },
    ...passing,
    figures(
      "CV",
      "Standard deviation of pass@1, 3 and 5 over their mean: the lower, the stabler",
      stable("cv"),
      3,
      true,
    ),
    {
      title: "SA, %",
      hint: "Stability-adjusted: pass@5 / (1 + CV)",
      number: true,
      value: stable("sa"),
      cell: (row) => percent(stable("sa")(row)),
    },
    ...ranks,
    {
      title: "coverage, %",
      hint: "Share of verdicts that the network did not prevent",
      number: true,
      value: (row) => figure(row, "coverage"),
      cell: (row) => {
        const covered = figure(row, "coverage");
        return element("span", { class: covered < 0.99 ? "warned" : null }, percent(covered));
      },
    },
    figures("cases", "Cases, each tried in several epochs", (row) => figure(row, "cases"), 0),
  ];
}

/** A system's name, which leads to its failures. */
const systemLink = (number) => {
  const [model, solver] = DATA.systems[number];
  return element(
    "a",
    { href: address({ tab: "cases", model, solver, verdict: "failed", case: "" }) },
    systemName(number),
  );
};

function drawBoard(host) {
  if (!board) {
    const table = element("div", { class: "host" });
    const controls = element("div", { class: "controls" });
    const note = element("p", { class: "quiet note", "aria-live": "polite" });
    host.append(controls, table, note);
    board = {
      controls,
      note,
      table: new Table(table, { label: "Leaderboard", columns: boardColumns(), sorted: { column: 1, down: true } }),
    };
  }
  board.controls.replaceChildren(estimatorSwitch(), ...networkSwitch());
  const rows = chosenRows();
  board.table.show(rows);
  board.note.textContent = boardNote(rows);
}

const estimatorSwitch = () =>
  switches(
    "Estimator of pass@k",
    [
      ["unbiased", "unbiased", "1 − C(n − c, k) / C(n, k), for n epochs of which c passed"],
      ["first", "any of the first k", "Whether any of the first k epochs passed, as AutoGEEval's figures are made"],
    ],
    state.estimator,
    (value) => go({ estimator: value }, false),
  );

const networkSwitch = () =>
  DATA.hasNetwork
    ? [
        switches(
          "Failures of the network",
          [
            ["counted", "network failures count", "As failures, which AutoGEEval does too"],
            ["left_out", "left out", "As epochs that there were not: a case with fewer than k others does not count"],
          ],
          state.network,
          (value) => go({ network: value }, false),
        ),
      ]
    : [];

function boardNote(rows) {
  if (!rows.length) return "No system has cases like these.";
  const tasks = Math.max(...rows.map((row) => figure(row, "tasks")));
  const few = tasks < 5 ? ` Of so few tasks little can be said: the intervals show it.` : "";
  const k = figure(rows[0], "rank_k");
  const ranked = k === 5 || k === null ? "" : ` Ranks are by pass@${k}, as not all systems have five epochs.`;
  return (
    `${counted(rows.length, "system")}, ${counted(tasks, "task")}. Bars are means over cases, whiskers 95 % intervals by ` +
    `tasks drawn with all their cases. Ranks are among the systems of the chosen section, type and difficulty, network ` +
    `failures counted; the reference is not ranked.${ranked}${few}`
  );
}
