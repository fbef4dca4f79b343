// What is shown, which the address tells: #tab?name=value&…, so that a link leads to the same.

const DEFAULTS = {
  tab: "board",
  section: "all",
  type: "all",
  difficulty: "all",
  model: "all",
  solver: "all",
  estimator: "unbiased",
  network: "counted",
  of: "failures",
  by: "type",
  k: "1",
  rate: "unbiased_1",
  against: "",
  verdict: "failed",
  words: "",
  system: "",
  case: "",
  epoch: "",
};
const state = { ...DEFAULTS };

/** The address of a state; what is as always is not told. */
function address(changes = {}) {
  const wanted = { ...state, ...changes };
  const told = new URLSearchParams();
  for (const [name, value] of Object.entries(wanted))
    if (name !== "tab" && value !== DEFAULTS[name]) told.set(name, value);
  const query = told.toString();
  return `#${wanted.tab}${query ? "?" + query : ""}`;
}

/** Goes somewhere; `back` leaves a step to go back to. */
function go(changes, back = true) {
  const hash = address(changes);
  if (hash !== location.hash) history[back ? "pushState" : "replaceState"](null, "", hash);
  Object.assign(state, changes);
  show();
}

function readAddress() {
  const [tab, query] = location.hash.slice(1).split("?");
  Object.assign(state, DEFAULTS);
  for (const [name, value] of new URLSearchParams(query ?? ""))
    if (name in DEFAULTS && name !== "tab") state[name] = value;
  if (document.getElementById(`tab-${tab}`)) state.tab = tab;
  for (const name of ["section", "type", "difficulty", "model", "solver"])
    if (state[name] !== "all" && !DATA.choices[name].includes(state[name])) state[name] = "all";
  show();
}

const passesFilters = (system) =>
  (state.model === "all" || DATA.systems[system][0] === state.model) &&
  (state.solver === "all" || DATA.systems[system][1] === state.solver);

/** Rows of the chosen cell, of the systems that the filters keep. */
const chosenRows = (changes = {}) => {
  const { section, type, difficulty } = { ...state, ...changes };
  return rowsOf(section, type, difficulty).filter((row) => passesFilters(DATA.cells.system[row]));
};

/** A figure of a row, with failures of the network or without them, as chosen. */
const rateName = (name) => (state.network === "left_out" && DATA.hasNetwork ? `judged_${name}` : name);
const figure = (row, name) => DATA.cells[name][row];
const rate = (row, name) => figure(row, rateName(name));

const SECTION_HINT = "unit, boundary (edge cases of unit tasks), combination, theme";
const FILTERS = [
  ["section", "section", SECTION_HINT],
  ["type", "type", "Earth Engine type that a task is about"],
  ["difficulty", "difficulty", "of a task"],
  ["model", "model", ""],
  ["solver", "solver", "how the model was asked"],
];

/** The row of filters, which all tabs share. */
function drawFilters() {
  const apply = state.tab === "differences" ? ["model", "solver"] : FILTERS.map(([name]) => name);
  const offered = FILTERS.filter(([name]) => apply.includes(name) && DATA.choices[name].length > 1);
  const made = offered.map(([name, label]) =>
    choice(label, [["all", "all"], ...DATA.choices[name].map((value) => [value, value])], state[name], (value) =>
      go({ [name]: value }, false),
    ),
  );
  const changed = offered.some(([name]) => state[name] !== "all");
  const clear = element(
    "button",
    {
      type: "button",
      class: "plain",
      hidden: !changed,
      onclick: () => go(Object.fromEntries(offered.map(([name]) => [name, "all"])), false),
    },
    "show all",
  );
  const host = document.getElementById("filters");
  const focused = document.activeElement?.getAttribute?.("aria-label");
  const wasInside = host.contains(document.activeElement);
  host.replaceChildren(...made, clear);
  if (wasInside) host.querySelector(`[aria-label="${CSS.escape(focused ?? "")}"]`)?.focus();
}
