// Who is better than whom: differences of pass@k, paired by case, each with its interval.

function drawDifferences(host) {
  if (!DATA.differences.length) {
    host.replaceChildren(element("p", { class: "quiet" }, "There are no two systems to compare."));
    return;
  }
  const compared = [...new Set(DATA.differences.flatMap(([, a, b]) => [a, b]))].sort((a, b) => a - b);
  const named = compared.find((system) => systemText(system) === state.against);
  const against = named ?? compared[0];
  const rows = DATA.differences.map((row) => oriented(row, against)).filter((row) => row && passesFilters(row.system));
  const extent = Math.max(
    0.05,
    ...rows.flatMap((row) => [row.low, row.high, row.difference].map((value) => Math.abs(value ?? 0))),
  );
  const names = compared.map((system) => [systemText(system), systemText(system)]);
  const controls = element(
    "div",
    { class: "controls" },
    choice("against", names, systemText(against), (value) => go({ against: value }, false)),
    switches(
      "Rate",
      [
        ["unbiased_1", "pass@1, unbiased"],
        ["first_5", "pass@5, any of the first"],
      ],
      state.rate,
      (value) => go({ rate: value }, false),
    ),
  );
  const list = element("div", { class: "forest" }, forestHead(extent), ...rows.map((row) => forestRow(row, extent)));
  host.replaceChildren(
    controls,
    element("div", { class: "wide" }, list),
    element(
      "p",
      { class: "quiet note" },
      "Points of pass@k that a system is above the chosen one, over the cases that both met, whatever the filters of section, type and difficulty; ",
      "95 % intervals by a bootstrap of tasks. p is two-sided, adjusted by Holm for all pairs on this page. “Seen from”: the smallest difference that such a study would have found in 80 of 100 times.",
    ),
  );
}

/** A difference as the other system's above the chosen one; null where the chosen one is not in it. */
function oriented([rate, a, b, cases, tasks, difference, low, high, p, adjusted, detectable], against) {
  if (rate !== state.rate || (a !== against && b !== against)) return null;
  const told = { cases, tasks, p, adjusted, detectable };
  const turned = (value) => (value === null ? null : -value);
  return a === against
    ? { system: b, difference, low, high, ...told }
    : { system: a, difference: turned(difference), low: turned(high), high: turned(low), ...told };
}

const forestPlace = (value, extent) => `${50 + (48 * value) / extent}%`;

function forestHead(extent) {
  const axis = element("span", { class: "axis", "aria-hidden": "true" });
  for (const value of [-extent, 0, extent])
    axis.append(styled(element("i", {}, points(value)), { left: forestPlace(value, extent) }));
  return element(
    "div",
    { class: "forest-row head" },
    element("span", {}, "system"),
    axis,
    ...["points", "interval", "p (Holm)", "seen from", "cases"].map((text) => element("span", { class: "n" }, text)),
  );
}

/** A p-value; that of the first in Holm's order cannot be below what the draws can tell, times the pairs. */
function adjustedText(p) {
  const least = DATA.differences.length / COMPARED_RATES / (DATA.draws + 1);
  return p !== null && p >= 0.001 && p <= least + 1e-5 ? `≤ ${pText(p)}` : pText(p);
}

const COMPARED_RATES = 2;

function forestRow({ system, difference, low, high, adjusted, detectable, cases }, extent) {
  const clear = adjusted !== null && adjusted < 0.05;
  const axis = element(
    "span",
    { class: `axis${clear ? " clear" : ""}`, "aria-hidden": "true" },
    styled(element("u"), { left: "50%" }),
  );
  if (low !== null) {
    const span = styled(element("b"), { left: forestPlace(low, extent), width: `${(48 * (high - low)) / extent}%` });
    axis.append(span, styled(element("s"), { left: forestPlace(difference, extent) }));
  }
  return element(
    "div",
    { class: "forest-row" },
    systemLink(system),
    axis,
    element("span", { class: "n" }, element("b", {}, points(difference))),
    element("span", { class: "n" }, low === null ? "–" : `${points(low)} to ${points(high)}`),
    element("span", { class: `n${clear ? " clear" : ""}` }, adjustedText(adjusted)),
    element("span", { class: "n" }, percent(detectable)),
    element("span", { class: "n" }, count(cases)),
  );
}
