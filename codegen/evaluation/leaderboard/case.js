// The panel of one case: verdict, code, output, what was expected, the prompt, and how others did.

const SIDE = document.getElementById("side");
let drawing = 0;

async function drawCase() {
  const item = state.tab === "cases" ? chosenItem() : null;
  SIDE.hidden = !(state.tab === "cases" && state.case !== "");
  if (SIDE.hidden) return;
  const turn = ++drawing;
  if (item === null) {
    SIDE.replaceChildren(
      closeButton(),
      element("p", { class: "quiet" }, "There is no such case here: the link may be of another page."),
    );
    return;
  }
  const record = recordOf(item);
  const parts = await caseParts(item, record);
  if (turn !== drawing) return; // another one was chosen meanwhile
  const focused = SIDE.contains(document.activeElement) ? document.activeElement.dataset.key : null;
  SIDE.replaceChildren(...parts);
  if (focused) SIDE.querySelector(`[data-key="${CSS.escape(focused)}"]`)?.focus();
  if (SIDE.dataset.item !== String(item.number)) SIDE.scrollTop = 0;
  SIDE.dataset.item = item.number;
}

/** The epoch that the address names, or the first that failed, or the first. */
function recordOf(item) {
  for (let at = item.from; at < item.to; at++) if (String(epochOf(at)) === state.epoch) return at;
  return item.failure >= 0 ? item.failure : item.from;
}

async function caseParts(item, record) {
  const program = DATA.records.program[record];
  const [task, id, section, result, expected] = DATA.cases[item.case];
  const [code, output, answer, prompt] = await Promise.all(
    [DATA.programs.code[program], DATA.records.output[record], expected, DATA.programs.prompt[program]].map(longText),
  );
  return [
    element("div", { class: "steps" }, stepButton(-1), stepButton(1), closeButton()),
    element("h2", {}, ...brokenId(id)),
    element(
      "p",
      { class: "chips" },
      ...[section, DATA.tasks[task][1], DATA.tasks[task][2], `gives ${result}`].map((text) =>
        element("span", { class: "chip" }, text),
      ),
    ),
    element("p", {}, systemName(item.system)),
    epochButtons(item, record),
    verdictLine(record),
    costs(record, program),
    part("Code", code, (text) => coloured(text), "The model wrote nothing."),
    part("Output", output, plainText, "Nothing."),
    expected < 0 ? null : part("Asked and expected", answer, plainText, ""),
    element("details", {}, element("summary", {}, "Prompt"), body(prompt, plainText, "Not told.")),
    others(item),
  ].filter(Boolean);
}

function closeButton() {
  const close = () => {
    const line = list.table.body.querySelector("tr.chosen a");
    go({ case: "", system: "", epoch: "" });
    line?.focus();
  };
  return element(
    "button",
    { type: "button", class: "close", "data-key": "close", "aria-label": "Close the case", onclick: close },
    "×",
  );
}

/** To the case before or after this one, in the list as it is filtered and sorted. */
function stepButton(step) {
  const text = step < 0 ? "‹ before" : "next ›";
  return element(
    "button",
    {
      type: "button",
      class: "plain",
      "data-key": text,
      title: `Key ${step < 0 ? "k" : "j"}`,
      disabled: neighbour(step) === null,
      onclick: () => stepTo(step),
    },
    text,
  );
}

function neighbour(step) {
  const order = list.table.order;
  const at = order.indexOf(chosenItem());
  return at < 0 ? null : (order[at + step] ?? null);
}

function stepTo(step) {
  const next = neighbour(step);
  if (next) openItem(next);
}

function epochButtons(item, record) {
  const made = [];
  for (let at = item.from; at < item.to; at++) {
    const verdict = DATA.records.verdict[at];
    const name = DATA.verdicts[verdict];
    made.push(
      element(
        "button",
        {
          type: "button",
          class: `epoch verdict-${name}`,
          "data-key": `epoch ${at - item.from}`,
          "aria-pressed": String(at === record),
          title: verdictTitle(verdict),
          onclick: () => go({ epoch: String(epochOf(at)) }, false),
        },
        element("i", { "aria-hidden": "true" }, VERDICT_MARKS[name]),
        ` epoch ${epochOf(at)}`,
        element("span", { class: "unseen" }, `: ${verdictTitle(verdict)}`),
      ),
    );
  }
  return element("div", { class: "epoch-buttons", role: "group", "aria-label": "Epoch" }, ...made);
}

function verdictLine(record) {
  const verdict = DATA.records.verdict[record];
  const name = DATA.verdicts[verdict];
  const reason = DATA.records.reasons[DATA.records.reason[record]];
  return element(
    "p",
    { class: "verdict" },
    element(
      "span",
      { class: `class verdict-${name}` },
      name === "passed" ? "passed" : `failed: ${verdictTitle(verdict)}`,
    ),
    " ",
    element("span", { class: "why" }, reason),
  );
}

function costs(record, program) {
  const { prompt_tokens, completion_tokens, seconds, lines, operators, unknown } = DATA.programs;
  const told = [
    [`${count(prompt_tokens[program])} + ${count(completion_tokens[program])}`, "tokens, prompt + completion"],
    [decimal(seconds[program], 2), "s of the model"],
    [decimal(DATA.records.seconds[record], 3), "s to run and judge"],
    [count(lines[program]), "lines"],
    [`${count(operators[program])}${unknown[program] ? `, ${count(unknown[program])} unknown` : ""}`, "operators"],
  ];
  return element(
    "dl",
    { class: "costs" },
    ...told.map(([value, what]) => element("div", {}, element("dd", {}, value), element("dt", {}, what))),
  );
}

const plainText = (text) => element("pre", { class: "plain-text", tabindex: "0" }, text);

const part = (title, text, shown, nothing) =>
  element("section", {}, element("h3", {}, title), body(text, shown, nothing));

function body(text, shown, nothing) {
  if (text === null)
    return element("p", { class: "quiet left-out" }, "Left out, to keep this page small; the records have it.");
  return text === "" ? element("p", { class: "quiet" }, nothing) : shown(text);
}

/** How the other systems did on this case. */
function others(item) {
  const rows = DATA.items.filter((other) => other.case === item.case && other !== item);
  if (!rows.length) return null;
  return element(
    "section",
    {},
    element("h3", {}, "Other systems on this case"),
    element(
      "ul",
      { class: "others" },
      ...rows.map((other) =>
        element("li", {}, element("a", { href: itemAddress(other) }, systemName(other.system)), epochMarks(other)),
      ),
    ),
  );
}
