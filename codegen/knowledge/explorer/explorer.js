// Puts the page together: tabs, search, the graph's filters, and the address, which tells what is shown.

const TABLES = {
  operators: operatorsTable,
  patterns: patternsTable,
  rules: rulesTable,
  chains: chainsTable,
  datasets: dataSetsTable,
  functions: functionsTable,
};
const SIDE = document.getElementById("side");
const state = { tab: "graph", operator: null };
let graph = null;

/** Goes to a tab, an operator or both, and leaves it in the address. */
function go(to) {
  Object.assign(state, to);
  const name = state.operator === null ? "" : "/" + encodeURIComponent(NAMES[state.operator]);
  const hash = `#${state.tab}${name}`;
  if (location.hash !== hash) history.pushState(null, "", hash);
  show();
}

function readAddress() {
  const [tab, name] = location.hash.slice(1).split("/");
  let plain = "";
  try {
    plain = decodeURIComponent(name ?? "");
  } catch {
    /* an address that somebody typed */
  }
  state.tab = TABS.some((one) => one.dataset.tab === tab) ? tab : "graph";
  state.operator = NUMBERS.get(plain) ?? null;
  show();
}

function show() {
  for (const tab of TABS) {
    const chosen = tab.dataset.tab === state.tab;
    tab.setAttribute("aria-selected", chosen);
    tab.tabIndex = chosen ? 0 : -1;
    document.getElementById(tab.getAttribute("aria-controls")).hidden = !chosen;
  }
  const host = document.querySelector(`#panel-${state.tab} .host`);
  if (host && !host.hasChildNodes()) TABLES[state.tab](host);
  if (SIDE.dataset.shown !== String(state.operator)) showCard();
  graph.select(state.operator);
  if (getComputedStyle(SIDE).position === "fixed") graph.uncover(SIDE.getBoundingClientRect());
}

function showCard() {
  const { operator } = state;
  SIDE.dataset.shown = String(operator);
  SIDE.classList.toggle("open", operator !== null);
  const close = element(
    "button",
    { type: "button", class: "close", "aria-label": "Close the card", onclick: () => go({ operator: null }) },
    "×",
  );
  const card = operator === null ? welcome() : operatorCard(operator, graph.byOperator.has(operator));
  SIDE.replaceChildren(...(operator === null ? [] : [close]), card);
  SIDE.scrollTop = 0;
}

/** Kinds, classes and the least count, above and below the graph. */
function buildFilters() {
  const kinds = KINDS.map((kind) => {
    const { label, box } = tick(
      kind,
      () => {
        box.checked ? graph.kinds.add(kind) : graph.kinds.delete(kind);
        graph.filter();
      },
      true,
    );
    label.classList.add("kind", kind);
    return label;
  });
  const full = tick("full names", () => {
    graph.fullNames = full.box.checked;
    graph.draw();
  });
  const status = element("output", { class: "status" });
  const tellStatus = () => {
    const cut = graph.kept > MOST_EDGES ? `, the ${count(MOST_EDGES)} most frequent drawn` : "";
    status.textContent = `${counted(graph.nodes.filter((node) => node.visible).length, "operator")}, ${count(graph.kept)} of ${counted(graph.edges.length, "relation")}${cut}`;
  };
  document.getElementById("graph").addEventListener("filtered", tellStatus);
  tellStatus();
  document.getElementById("graph-controls").append(...kinds, leastCount(), full.label, status);
  document.getElementById("classes").append(...DATA.graph.classes.map(classButton));
}

/** A slider over counts, finer where they are small. */
function leastCount() {
  const steps = [
    ...new Set([graph.minimum, ...Array.from({ length: 41 }, (_, at) => Math.round(graph.most ** (at / 40)))]),
  ].sort((a, b) => a - b);
  const told = element("output", {}, `≥ ${count(graph.minimum)}`);
  const slider = element("input", {
    type: "range",
    min: 0,
    max: steps.length - 1,
    step: 1,
    "aria-label": "Least number of places of a relation",
    oninput: () => {
      graph.minimum = steps[slider.valueAsNumber];
      told.textContent = `≥ ${count(graph.minimum)}`;
      slider.setAttribute("aria-valuetext", `${graph.minimum} places`);
      graph.filter();
    },
  });
  slider.value = steps.indexOf(graph.minimum);
  return element("label", { class: "tick" }, "places", slider, told);
}

function classButton([name, colour], kind) {
  const mark = element("span", { class: "dot" });
  mark.style.background = colour;
  const number = graph.nodes.filter((node) => node.kind === kind).length;
  const button = element(
    "button",
    {
      type: "button",
      class: "class",
      "aria-pressed": "true",
      title: "Click: show or hide. Double click: only this class",
      onclick: () => toggle([kind]),
      ondblclick: () => only(kind),
    },
    mark,
    name,
    element("small", {}, number),
  );
  const pressed = () =>
    [...button.parentElement.children].forEach((one, at) => one.setAttribute("aria-pressed", !graph.hidden.has(at)));
  const toggle = (kinds) => {
    for (const one of kinds) graph.hidden.has(one) ? graph.hidden.delete(one) : graph.hidden.add(one);
    graph.filter();
    pressed();
  };
  const only = (wanted) => {
    const others = DATA.graph.classes.map((_, at) => at).filter((at) => at !== wanted);
    const alone = others.every((at) => graph.hidden.has(at)) && !graph.hidden.has(wanted);
    graph.hidden = new Set(alone ? [] : others);
    graph.filter();
    pressed();
  };
  return button;
}

/** Operators whose name has all words; a name that begins with the text, or ends in it, comes first. */
function searched(text) {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  if (!words.length) return [];
  const rank = (name) =>
    name === words[0] || name.endsWith("." + words[0]) ? 0 : name.split(".").at(-1).startsWith(words[0]) ? 1 : 2;
  return NAMES.map((name, number) => [number, name.toLowerCase()])
    .filter(([, name]) => words.every((word) => name.includes(word)))
    .sort((a, b) => rank(a[1]) - rank(b[1]) || a[0] - b[0])
    .slice(0, 12)
    .map(([number]) => number);
}

function listenToSearch() {
  const input = document.getElementById("search");
  const list = document.getElementById("found");
  let [found, at] = [[], -1];
  const close = () => {
    list.hidden = true;
    input.setAttribute("aria-expanded", "false");
  };
  const choose = (number) => {
    input.value = NAMES[number];
    close();
    go({ operator: number });
  };
  const mark = (next) => {
    at = next;
    [...list.children].forEach((item, place) => item.setAttribute("aria-selected", place === at));
    input.setAttribute("aria-activedescendant", at < 0 ? "" : `found-${at}`);
  };
  const option = (number, place) =>
    element(
      "li",
      {
        id: `found-${place}`,
        role: "option",
        onpointerdown: (event) => {
          event.preventDefault();
          choose(number);
        },
      },
      dot(number),
      NAMES[number],
      element("small", {}, counted(operatorRow(number)?.[4] ?? 0, "use")),
    );
  input.addEventListener("input", () => {
    found = searched(input.value);
    list.replaceChildren(
      ...(found.length ? found.map(option) : [element("li", { class: "quiet" }, "No operator has this name.")]),
    );
    list.hidden = !input.value.trim();
    input.setAttribute("aria-expanded", String(!list.hidden));
    mark(found.length ? 0 : -1);
  });
  input.addEventListener("keydown", (event) => {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (step && found.length) {
      mark((at + step + found.length) % found.length);
      event.preventDefault();
    }
    if (event.key === "Enter" && found[at] !== undefined) choose(found[at]);
    if (event.key === "Escape") close();
  });
  input.addEventListener("focus", () => input.select());
  input.addEventListener("blur", close);
}

graph = new Graph(document.getElementById("graph"), (operator) => go({ operator }));
graph.listen();
buildFilters();
listenToTabs();
listenToSearch();
for (const [id, act] of [
  ["zoom-in", () => graph.zoomBy(1.4)],
  ["zoom-out", () => graph.zoomBy(1 / 1.4)],
  ["zoom-all", () => graph.reset()],
])
  document.getElementById(id).addEventListener("click", act);
document.addEventListener("click", (event) => {
  const link = event.target.closest?.("a.op");
  if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
  event.preventDefault();
  go({ operator: Number(link.dataset.operator) });
});
window.addEventListener("popstate", readAddress);
readAddress();
