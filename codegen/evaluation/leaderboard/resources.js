// What systems cost: tokens, seconds and lines, and how much is passed for them.

let resources = null;
const PLOT_HEIGHT = 280;
const MARGIN = { left: 46, right: 24, top: 16, bottom: 38 };

function drawResources(host) {
  if (!resources) {
    const table = element("div", { class: "host" });
    const plot = element("figure", { class: "plot" });
    host.append(plot, table);
    resources = { plot, table: new Table(table, { label: "Resources", columns: resourceColumns() }) };
  }
  const rows = chosenRows();
  resources.plot.replaceChildren(...scatter(rows, Math.max(340, Math.min(1200, resources.plot.clientWidth - 26))));
  resources.table.show(rows);
}

function resourceColumns() {
  const of = (name) => (row) => figure(row, name);
  return [
    {
      title: "system",
      style: "name",
      value: (row) => systemText(figure(row, "system")),
      cell: (row) => systemLink(figure(row, "system")),
    },
    figures("prompt tokens", "Mean of a program, all calls of the model for it", of("prompt_tokens"), 0, true),
    figures("completion tokens", "Mean of a program", of("completion_tokens"), 0, true),
    figures("model s", "Seconds in which the model answered, mean of a program", of("model_seconds"), 2, true),
    figures("run s", "Seconds in which a case was run and judged, mean", of("run_seconds"), 3, true),
    figures("lines", "Of code, without blank ones and comments, mean of a program", of("lines"), 1, true),
    figures("tokens a right case", "All tokens over verdicts that passed", of("tokens_per_right"), 0, true),
    figures("s a right case", "All seconds of the model over verdicts that passed", of("seconds_per_right"), 2, true),
    figures("per 1,000 tokens", "Points of pass@5 (any of the first five) in percent", of("token_efficiency"), 1),
    figures("per s", "Points of pass@5 in percent, per second of the model", of("time_efficiency"), 1),
    figures("per line", "Points of pass@5 in percent, per line of a program", of("line_efficiency"), 1),
    figures("tokens in all", "Prompts and completions", of("total_tokens"), 0, true),
  ];
}

/** pass@1 over tokens, on a logarithmic axis. */
function scatter(rows, width) {
  const name = `${state.estimator}_1`;
  const spots = rows
    .map((row) => ({
      system: figure(row, "system"),
      tokens: (figure(row, "prompt_tokens") ?? 0) + (figure(row, "completion_tokens") ?? 0),
      value: rate(row, name),
      low: rate(row, `${name}_low`),
      high: rate(row, `${name}_high`),
    }))
    .filter((spot) => spot.tokens > 0 && spot.value !== null);
  if (!spots.length) return [element("p", { class: "quiet" }, "No tokens are told.")];
  const [least, most] = [Math.min, Math.max].map((end) => Math.log10(end(...spots.map((spot) => spot.tokens))));
  const [from, to] = most - least < 0.1 ? [least - 0.1, most + 0.1] : [least - 0.05, most + 0.05];
  const x = (tokens) =>
    MARGIN.left + ((Math.log10(tokens) - from) / (to - from)) * (width - MARGIN.left - MARGIN.right);
  const y = (value) => PLOT_HEIGHT - MARGIN.bottom - value * (PLOT_HEIGHT - MARGIN.top - MARGIN.bottom);
  const picture = drawn("svg", {
    viewBox: `0 0 ${width} ${PLOT_HEIGHT}`,
    role: "img",
    "aria-label": "pass@1 over tokens a program; the table below has the figures",
  });
  picture.append(
    ...axes(x, y, 10 ** from, 10 ** to, width),
    ...spots.map((spot) => mark(spot, x, y)),
    ...spotLabels(spots, x, y, width),
  );
  return [element("figcaption", {}, "pass@1 and its interval, over tokens a program"), picture];
}

function axes(x, y, from, to, width) {
  const made = [0, 0.25, 0.5, 0.75, 1].flatMap((value) => [
    drawn("line", { class: "grid", x1: MARGIN.left, x2: width - MARGIN.right, y1: y(value), y2: y(value) }),
    drawn("text", { x: MARGIN.left - 8, y: y(value) + 4, "text-anchor": "end" }, `${100 * value} %`),
  ]);
  let before = -Infinity;
  for (let power = Math.floor(Math.log10(from)); power <= Math.log10(to); power++)
    for (const digit of [1, 1.5, 2, 2.5, 3, 4, 5, 6, 7, 8, 9]) {
      const tokens = digit * 10 ** power;
      if (tokens < from || tokens > to || x(tokens) - before < 44) continue;
      before = x(tokens);
      made.push(
        drawn(
          "text",
          { x: x(tokens), y: PLOT_HEIGHT - MARGIN.bottom + 16, "text-anchor": "middle" },
          count(Math.round(tokens)),
        ),
      );
      made.push(drawn("line", { class: "grid", x1: x(tokens), x2: x(tokens), y1: y(0), y2: y(0) + 4 }));
    }
  made.push(
    drawn(
      "text",
      { x: (MARGIN.left + width - MARGIN.right) / 2, y: PLOT_HEIGHT - 4, "text-anchor": "middle" },
      "prompt and completion tokens, logarithmic",
    ),
  );
  return made;
}

function mark({ system, tokens, value, low, high }, x, y) {
  const told = drawn("title", {}, `${systemText(system)}: ${percent(value)} %, ${count(Math.round(tokens))} tokens`);
  return drawn(
    "g",
    { class: "spot" },
    drawn("line", { x1: x(tokens), x2: x(tokens), y1: y(low), y2: y(high) }),
    drawn("circle", { cx: x(tokens), cy: y(value), r: 5 }),
    told,
  );
}

/** Names of the spots that have room for one, the best first: to the right, to the left, above or below. */
function spotLabels(spots, x, y, width) {
  const circles = spots.map((spot) => ({ x: x(spot.tokens) - 6, y: y(spot.value) - 6, width: 12, height: 12 }));
  const taken = [];
  const meets = (a, b) => a.x < b.x + b.width && b.x < a.x + a.width && a.y < b.y + b.height && b.y < a.y + a.height;
  const made = [];
  for (const spot of [...spots].sort((a, b) => b.value - a.value)) {
    const whole = systemText(spot.system);
    const text = whole.length > 40 ? whole.slice(0, 39) + "…" : whole;
    const size = { width: text.length * 7.1, height: 14 };
    const [left, top] = [x(spot.tokens), y(spot.value)];
    const places = [
      [left + 9, top - 7],
      [left - 9 - size.width, top - 7],
      [left - size.width / 2, top - 22],
      [left - size.width / 2, top + 8],
    ];
    const boxes = places.map(([boxX, boxY]) => ({ x: boxX, y: boxY, ...size }));
    const box = boxes.find(
      (one) =>
        one.x > MARGIN.left && one.x + one.width < width && ![...taken, ...circles].some((other) => meets(one, other)),
    );
    if (!box) continue;
    taken.push(box);
    made.push(drawn("text", { class: "name", x: box.x, y: box.y + 11 }, text));
  }
  return made;
}
