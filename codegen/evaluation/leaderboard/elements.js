// How parts of the page are made. Whatever comes out of models and records is only ever set as text.

const percent = (value, places = 1) => (value === null || value === undefined ? "–" : (100 * value).toFixed(places));
const points = (value) =>
  value === null ? "–" : (value > 0 ? "+" : value < 0 ? "−" : "") + Math.abs(100 * value).toFixed(1);
const decimal = (value, places) =>
  value === null || value === undefined
    ? "–"
    : value.toLocaleString("en-US", { minimumFractionDigits: places, maximumFractionDigits: places });
const pText = (p) => (p === null ? "–" : p < 0.001 ? "< 0.001" : p.toFixed(3));

/** An element whose style has these values; names are those of CSS variables or properties. */
function styled(made, values) {
  for (const [name, value] of Object.entries(values)) made.style.setProperty(name, value);
  return made;
}

/** A choice of one of several: `[value, text]`. */
function choice(label, options, chosen, changed) {
  const select = element("select", { "aria-label": label, onchange: () => changed(select.value) });
  for (const [value, text] of options) select.append(element("option", { value, selected: value === chosen }, text));
  select.value = chosen;
  return element("label", { class: "choice" }, element("span", {}, label), select);
}

/** Two or three buttons, one of which is pressed: `[value, text, hint]`. */
function switches(label, options, chosen, changed) {
  const buttons = options.map(([value, text, hint]) =>
    element(
      "button",
      { type: "button", "aria-pressed": String(value === chosen), title: hint, onclick: () => changed(value) },
      text,
    ),
  );
  return element("div", { class: "switches", role: "group", "aria-label": label }, ...buttons);
}

/** A rate as a bar with its interval and its figures. */
function rateBar(value, low, high) {
  if (value === null || value === undefined) return element("span", { class: "quiet" }, "–");
  const told = `${percent(value)} %, 95 % interval ${percent(low)} to ${percent(high)} %`;
  const track = element(
    "span",
    { class: "track", "aria-hidden": "true" },
    element("i", { class: "fill" }),
    element("i", { class: "whisker" }),
  );
  styled(track, { "--value": value, "--low": low, "--high": high });
  return element(
    "span",
    { class: "rate", title: told },
    element("b", {}, percent(value)),
    element("small", {}, `${percent(low, 0)}–${percent(high, 0)}`),
    track,
  );
}

/** A system's name: the model, and how it was asked. */
function systemName(number) {
  const [model, solver] = DATA.systems[number];
  return element("span", { class: "system" }, element("b", {}, model), element("span", { class: "chip" }, solver));
}

const systemText = (number) => DATA.systems[number].join(", ");
