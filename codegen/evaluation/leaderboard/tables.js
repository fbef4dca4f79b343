// Tables that are sorted by a click; only the first rows are made, more when they are asked for.

const ROWS_AT_ONCE = 100;

/**
 * A table.
 *
 * `columns`: `{title, hint, number, style, value(row), cell(row)}`; `value` is what is sorted by (null comes last),
 * `cell` what is shown; a column with `low` is best where it is low, and sorts so first.
 */
class Table {
  constructor(host, { label, columns, sorted = null, what = "row", rowMade = () => {} }) {
    Object.assign(this, { columns, sorted, what, rowMade, rows: [], shown: ROWS_AT_ONCE });
    this.heads = columns.map((column, at) => this.head(column, at));
    this.body = element("tbody");
    this.more = element("button", { class: "more", type: "button", onclick: () => this.showMore() });
    const table = element("table", {}, element("thead", {}, element("tr", {}, ...this.heads)), this.body);
    this.scroll = element(
      "div",
      { class: "wide", tabindex: "0", role: "region", "aria-label": label },
      table,
      this.more,
    );
    host.append(this.scroll);
  }

  head(column, at) {
    const attributes = { scope: "col", class: column.number ? "n" : (column.style ?? null) };
    if (!column.value) return element("th", attributes, element("span", { class: "title" }, column.title));
    const button = element(
      "button",
      { type: "button", title: column.hint, onclick: () => this.sortBy(at) },
      column.title,
    );
    return element("th", attributes, button);
  }

  sortBy(at) {
    const { number, low } = this.columns[at];
    const again = this.sorted?.column === at;
    this.sorted = { column: at, down: again ? !this.sorted.down : Boolean(number) && !low };
    this.show(this.rows);
  }

  /** Shows rows, in their order or in that which was chosen by a click. */
  show(rows) {
    this.rows = rows;
    this.shown = ROWS_AT_ONCE;
    this.order = this.inOrder();
    this.heads.forEach((head, at) => {
      if (!this.columns[at].value) return;
      const state = this.sorted?.column === at ? (this.sorted.down ? "descending" : "ascending") : "none";
      head.setAttribute("aria-sort", state);
    });
    this.scroll.scrollTop = 0;
    this.body.replaceChildren();
    this.draw(0);
  }

  inOrder() {
    if (!this.sorted) return [...this.rows];
    const { value } = this.columns[this.sorted.column];
    const sign = this.sorted.down ? -1 : 1;
    const compare = ([a], [b]) => {
      if (a === null || b === null) return (a === null) - (b === null);
      return sign * (a < b ? -1 : a > b ? 1 : 0);
    };
    return this.rows
      .map((row) => [value(row) ?? null, row])
      .sort(compare)
      .map(([, row]) => row);
  }

  showMore() {
    const from = this.shown;
    this.shown += ROWS_AT_ONCE;
    this.draw(from);
  }

  draw(from) {
    const made = this.order.slice(from, this.shown).map((row) => {
      const cells = this.columns.map((column) =>
        element("td", { class: column.number ? "n" : (column.style ?? null) }, column.cell(row)),
      );
      const line = element("tr", {}, ...cells);
      this.rowMade(line, row);
      return line;
    });
    this.body.append(...made);
    const left = this.order.length - this.shown;
    this.more.hidden = left <= 0;
    this.more.textContent = `Show ${Math.min(left, ROWS_AT_ONCE)} more of ${count(left)}`;
  }
}

/** A column of figures, shown with so many decimals. */
const figures = (title, hint, value, places, low = false) => ({
  title,
  hint,
  number: true,
  low,
  value,
  cell: (row) => decimal(value(row), places),
});
