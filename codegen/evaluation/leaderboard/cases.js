// The cases: a row a system and case with its epochs, filtered by verdict and words.

let list = null;
const VERDICT_CHOICES = () => [
  ["any", "any verdict"],
  ["failed", "failed in an epoch"],
  ["never", "failed in all epochs"],
  ["unstable", "failed and passed"],
  ["passed", "passed in all epochs"],
  ...DATA.verdicts.slice(1).map((name, number) => [name, `failed: ${verdictTitle(number + 1)}`]),
];

function drawCases(host) {
  if (!list) makeCases(host);
  if (list.words.value !== state.words) list.words.value = state.words;
  list.verdict.querySelector("select").value = state.verdict;
  const key = JSON.stringify([...FILTERS.map(([name]) => state[name]), state.verdict, state.words]);
  if (list.key !== key) {
    list.key = key;
    list.found = foundItems();
    list.table.show(list.found);
    list.status.textContent = `${count(list.found.length)} of ${count(DATA.items.length)}, each a case of one system`;
  }
  host.classList.toggle("reading", state.case !== "");
  markRow();
}

function makeCases(host) {
  const words = element("input", {
    type: "search",
    placeholder: "Search function, case, reason: words, in any order",
    "aria-label": "Search cases",
    oninput: () => go({ words: words.value }, false),
  });
  const verdict = choice("verdict", VERDICT_CHOICES(), state.verdict, (value) => go({ verdict: value }, false));
  const status = element("output", { class: "status", "aria-live": "polite" });
  const table = element("div", { class: "host" });
  host.append(element("div", { class: "controls" }, words, verdict, status), table);
  list = { words, verdict, status, found: [], key: null };
  list.table = new Table(table, { label: "Cases", columns: caseColumns(), rowMade });
}

function rowMade(line, item) {
  line.dataset.item = item.number;
  line.addEventListener("click", (event) => {
    if (event.target.closest("a, button") || event.ctrlKey || event.metaKey || getSelection().toString()) return;
    openItem(item);
  });
}

function caseColumns() {
  const about = (item) => DATA.cases[item.case];
  const task = (item) => DATA.tasks[about(item)[0]];
  return [
    {
      title: "case",
      style: "name",
      value: (item) => about(item)[1].toLowerCase(),
      cell: (item) => element("a", { href: itemAddress(item), title: about(item)[1] }, ...brokenId(about(item)[1])),
    },
    { title: "system", style: "who", value: (item) => item.system, cell: (item) => systemName(item.system) },
    { title: "section", style: "spare", value: (item) => about(item)[2], cell: (item) => about(item)[2] },
    { title: "type", style: "spare", value: (item) => task(item)[1], cell: (item) => task(item)[1] },
    { title: "difficulty", style: "spare", value: (item) => task(item)[2], cell: (item) => task(item)[2] },
    {
      title: "epochs",
      hint: "A mark an epoch; sorted by the share that passed",
      style: "epochs",
      value: (item) => item.right / (item.to - item.from),
      cell: epochMarks,
    },
    {
      title: "first failure",
      style: "reason",
      value: (item) => (item.failure < 0 ? null : DATA.records.verdict[item.failure]),
      cell: (item) =>
        item.failure < 0
          ? element("span", { class: "quiet" }, "none")
          : element(
              "span",
              {},
              element(
                "span",
                { class: `class verdict-${DATA.verdicts[DATA.records.verdict[item.failure]]}` },
                verdictTitle(DATA.records.verdict[item.failure]),
              ),
              " ",
              DATA.records.reasons[DATA.records.reason[item.failure]],
            ),
    },
  ];
}

/** An id that may be broken where its words meet. */
const brokenId = (id) => id.split(/(?=[A-Z_])/).flatMap((word, at) => (at ? [element("wbr"), word] : [word]));

const itemAddress = (item, epoch = "") => address({ tab: "cases", ...itemState(item, epoch) });
const itemState = (item, epoch = "") => ({
  system: systemText(item.system),
  case: DATA.cases[item.case][1],
  epoch: String(epoch),
});
const openItem = (item, epoch = "") => go({ tab: "cases", ...itemState(item, epoch) });

/** A mark an epoch, each with its verdict's colour and letter. */
function epochMarks(item) {
  const marks = element("span", { class: "epochs" });
  const told = [];
  for (let at = item.from; at < item.to; at++) {
    const name = DATA.verdicts[DATA.records.verdict[at]];
    marks.append(element("i", { class: `verdict-${name}`, "aria-hidden": "true" }, VERDICT_MARKS[name]));
    told.push(`${epochOf(at)}: ${verdictTitle(DATA.records.verdict[at])}`);
  }
  marks.title = told.join("\n");
  marks.append(element("span", { class: "unseen" }, `${item.right} of ${item.to - item.from} passed`));
  return marks;
}

const epochOf = (record) => DATA.programs.epoch[DATA.records.program[record]];

function foundItems() {
  const kept = DATA.cases.map(([task, , section]) =>
    [
      ["section", section],
      ["type", DATA.tasks[task][1]],
      ["difficulty", DATA.tasks[task][2]],
    ].every(([name, value]) => state[name] === "all" || state[name] === value),
  );
  const systems = DATA.systems.map((_, number) => passesFilters(number));
  const wanted = verdictFilter();
  const words = wordFilter();
  return DATA.items.filter((item) => kept[item.case] && systems[item.system] && wanted(item) && words(item));
}

function verdictFilter() {
  const wanted = DATA.verdicts.indexOf(state.verdict);
  const size = (item) => item.to - item.from;
  const named = {
    any: () => true,
    failed: (item) => item.failure >= 0,
    never: (item) => item.right === 0,
    unstable: (item) => item.right > 0 && item.right < size(item),
    passed: (item) => item.right === size(item),
  };
  if (state.verdict in named) return named[state.verdict];
  return (item) => {
    for (let at = item.from; at < item.to; at++) if (DATA.records.verdict[at] === wanted) return true;
    return false;
  };
}

/** Each word must be in the case's names, the system's, or a reason; looked for once in each of these, not in each item. */
function wordFilter() {
  const words = state.words.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return () => true;
  const among = (texts) => words.map((word) => texts.map((text) => text.toLowerCase().includes(word)));
  const inCases = among(
    DATA.cases.map(([task, id, section, result]) => [id, section, result, ...DATA.tasks[task]].join(" ")),
  );
  const inSystems = among(DATA.systems.map((names) => names.join(" ")));
  const inReasons = among(DATA.records.reasons);
  return (item) =>
    words.every((_, at) => {
      if (inCases[at][item.case] || inSystems[at][item.system]) return true;
      for (let record = item.from; record < item.to; record++)
        if (inReasons[at][DATA.records.reason[record]]) return true;
      return false;
    });
}

/** Marks the row of the case that is read. */
function markRow() {
  const item = chosenItem();
  for (const line of list.table.body.children) {
    const chosen = item !== null && Number(line.dataset.item) === item.number;
    line.classList.toggle("chosen", chosen);
    if (chosen) line.setAttribute("aria-current", "true");
    else line.removeAttribute("aria-current");
  }
}

/** The case that the address names; null where there is none. */
function chosenItem() {
  if (!state.case) return null;
  const number = DATA.caseNumbers.get(state.case);
  return DATA.items.find((item) => item.case === number && systemText(item.system) === state.system) ?? null;
}
