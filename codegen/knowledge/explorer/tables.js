// Tables that are filtered by text and sorted by a click; only the first rows are made, more when they are asked for.

const ROWS_AT_ONCE = 100;

/**
 * A table with what filters it above.
 *
 * - `columns`: `{title, hint, number, value(row), cell(row)}`; `value` is what is sorted by, `cell` what is shown.
 * - `text(row)`: what a search looks in; `keeps(row)`: what the caller's own `controls` keep.
 * - `total`: rows that there are, with those that are not on the page; `what`: their name.
 */
class TableView {
  constructor(host, { columns, rows, text, what, total, sorted, keeps = () => true, controls = [] }) {
    Object.assign(this, { columns, rows, text, what, total, keeps });
    this.sorted = { column: sorted, down: true };
    this.texts = new Array(rows.length);
    this.shown = ROWS_AT_ONCE;
    this.input = element("input", {
      type: "search",
      placeholder: `Filter ${what}: words, in any order`,
      "aria-label": `Filter ${what}`,
      oninput: () => this.refresh(),
    });
    this.status = element("output", { class: "status", "aria-live": "polite" });
    this.body = element("tbody");
    this.more = element("button", { class: "more", type: "button", onclick: () => this.showMore() });
    this.heads = columns.map((column, at) => this.head(column, at));
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...this.heads)), this.body);
    this.scroll = element(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": what },
      table,
      this.more,
    );
    host.append(element("div", { class: "controls" }, this.input, ...controls, this.status), this.scroll);
    this.refresh();
  }

  head(column, at) {
    const button = element(
      "button",
      { type: "button", title: column.hint ?? null, onclick: () => this.sortBy(at) },
      column.title,
    );
    return element("th", { scope: "col", class: column.number ? "n" : (column.style ?? null) }, button);
  }

  sortBy(at) {
    const again = this.sorted.column === at;
    this.sorted = { column: at, down: again ? !this.sorted.down : Boolean(this.columns[at].number) };
    this.refresh();
  }

  /** Filters and sorts anew, from the first row on. */
  refresh() {
    this.shown = ROWS_AT_ONCE;
    this.order = this.sort(this.found());
    this.heads.forEach((head, at) => {
      const sorts = at === this.sorted.column;
      head.setAttribute("aria-sort", sorts ? (this.sorted.down ? "descending" : "ascending") : "none");
    });
    this.scroll.scrollTop = 0;
    this.draw();
  }

  /** Places of the rows that all filters keep. */
  found() {
    const words = this.input.value.toLowerCase().split(/\s+/).filter(Boolean);
    const kept = [];
    this.rows.forEach((row, at) => {
      if (!this.keeps(row)) return;
      const text = words.length ? (this.texts[at] ??= this.text(row).toLowerCase()) : "";
      if (words.every((word) => text.includes(word))) kept.push(at);
    });
    return kept;
  }

  sort(places) {
    const { column, down } = this.sorted;
    const { value, number } = this.columns[column];
    const values = new Map(places.map((at) => [at, value(this.rows[at])]));
    const compare = number
      ? (a, b) => (a ?? -Infinity) - (b ?? -Infinity) || 0
      : (a, b) => (a < b ? -1 : a > b ? 1 : 0);
    const sign = down ? -1 : 1;
    return places.sort((a, b) => sign * compare(values.get(a), values.get(b)) || a - b);
  }

  showMore() {
    this.shown += ROWS_AT_ONCE;
    this.draw();
  }

  draw() {
    const made = this.order.slice(0, this.shown).map((at) => {
      const cells = this.columns.map((column) =>
        element("td", { class: column.number ? "n" : (column.style ?? null) }, column.cell(this.rows[at])),
      );
      return element("tr", {}, ...cells);
    });
    this.body.replaceChildren(...made);
    const left = this.order.length - this.shown;
    this.more.hidden = left <= 0;
    this.more.textContent = `Show ${Math.min(left, ROWS_AT_ONCE)} more`;
    const all = this.total > this.rows.length ? `; ${count(this.total)} in the knowledge base` : "";
    this.status.textContent = `${count(this.order.length)} of ${count(this.rows.length)} ${this.what}${all}`;
  }
}
