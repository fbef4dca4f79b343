// The page's data, and how parts of the page are made. Whatever comes out of scripts is only ever set as text.

const DATA = JSON.parse(document.getElementById("data").textContent);
const NAMES = DATA.names;
const NUMBERS = new Map(NAMES.map((name, number) => [name, number]));
const KINDS = ["sequential", "nested", "parallel"];
const CLASS_OF = new Map();
for (const [operator, , , , kind] of DATA.graph.nodes) CLASS_OF.set(operator, kind);

const share = (value) => (value === null ? "–" : (100 * value).toFixed(value < 0.1 ? 1 : 0) + " %");
const decimal = (value) => (value === null ? "–" : value >= 1000 ? count(Math.round(value)) : value.toPrecision(3));

/** The row of an operator in the syntax table; null where the table does not have it. */
const operatorRow = (number) => DATA.operators[number] ?? null;
const shortName = (number) => NAMES[number].slice(NAMES[number].lastIndexOf(".") + 1);
const plainName = (number) => NAMES[number].replace(/^ee\./, "");

/** An operator's name, which shows its card when it is clicked. */
function operatorLink(number, text = NAMES[number]) {
  const link = element("a", { class: "op", href: "#graph/" + encodeURIComponent(NAMES[number]) }, text);
  link.dataset.operator = number;
  return link;
}

/** Names of operators in one line, with a mark between them. */
function operatorLine(numbers, between) {
  const line = element("span", { class: "line" });
  numbers.forEach((number, at) => {
    if (at) line.append(element("i", {}, between));
    line.append(operatorLink(number, plainName(number)));
  });
  return line;
}

/** A chain as it is written, its operators as links. */
function chainLine(text) {
  const line = element("span", { class: "line chain" });
  for (const part of text.split(/(\s*->\s*|\s*\|\|\s*|\s\|\s|[{}()])/)) {
    const number = NUMBERS.get(part);
    if (number !== undefined) line.append(operatorLink(number, plainName(number)));
    else if (part) line.append(element("i", {}, part.replace("->", "→")));
  }
  return line;
}

/** A number with a bar as long as its share of the most. */
function barred(value, most) {
  const bar = element("span", { class: "bar" });
  bar.style.width = `${Math.max(2, Math.round((100 * value) / Math.max(most, 1)))}%`;
  return element("span", { class: "barred" }, bar);
}

/** What of an operator's colour there is: a dot. */
function dot(number) {
  const mark = element("span", { class: "dot", "aria-hidden": "true" });
  const kind = CLASS_OF.get(number);
  mark.style.background = kind === undefined ? "transparent" : DATA.graph.classes[kind][1];
  return mark;
}

/** A colour in which text can be read on white. */
const darker = (colour) =>
  "#" +
  [1, 3, 5]
    .map((at) =>
      Math.round(parseInt(colour.slice(at, at + 2), 16) * 0.75)
        .toString(16)
        .padStart(2, "0"),
    )
    .join("");

/** A choice of one of several: `[value, text]`. */
function choice(label, options, changed) {
  const select = element("select", { "aria-label": label, onchange: changed });
  for (const [value, text] of options) select.append(element("option", { value }, text));
  return select;
}

/** A box to tick, with its text. */
function tick(text, changed, checked = false) {
  const box = element("input", { type: "checkbox", onchange: changed });
  box.checked = checked;
  const label = element("label", { class: "tick" }, box, text);
  return { label, box };
}
