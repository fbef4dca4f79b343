// The graph: operators as circles, relations as lines. Python told where everything stands.

const FRAME = { width: 1000, height: 640 };
const MOST_EDGES = 1500;
const COMFORTABLE_EDGES = 260;
const BEND = { sequential: 0.14, nested: -0.14, parallel: 0 };
const ZOOM = { least: 0.7, most: 9 };

class Graph {
  /** `shown(operator)` is told which operator is to be shown, null for none. */
  constructor(host, shown) {
    this.host = host;
    this.show = shown;
    this.kinds = new Set(KINDS);
    this.hidden = new Set();
    this.view = { k: 1, x: 0, y: 0 };
    this.selected = this.hovered = null;
    this.nodes = DATA.graph.nodes.map(([operator, x, y, base, kind]) => ({ operator, x, y, base, kind }));
    this.byOperator = new Map(this.nodes.map((node) => [node.operator, node]));
    this.edges = this.allEdges();
    this.most = Math.max(1, ...this.edges.map((edge) => edge.times));
    this.minimum = this.comfortableMinimum();
    this.build();
    new ResizeObserver(() => this.resize()).observe(host);
    this.filter();
  }

  allEdges() {
    const found = [];
    for (const [first, second, kind, times, scripts] of DATA.relationships) {
      const [a, b] = [this.byOperator.get(first), this.byOperator.get(second)];
      // A line goes where the result goes: what is nested in an argument goes into the operator that has the argument.
      if (a && b)
        found.push({
          from: kind === "nested" ? b : a,
          to: kind === "nested" ? a : b,
          first,
          second,
          kind,
          times,
          scripts,
        });
    }
    return found;
  }

  /** The least count with which the lines can be told apart. */
  comfortableMinimum() {
    const times = this.edges.map((edge) => edge.times).sort((a, b) => b - a);
    return times.length > COMFORTABLE_EDGES ? times[COMFORTABLE_EDGES] + 1 : 1;
  }

  build() {
    const marker = (kind) =>
      drawn(
        "marker",
        {
          id: `arrow-${kind}`,
          class: `arrow ${kind}`,
          viewBox: "0 0 8 8",
          refX: 7,
          refY: 4,
          markerWidth: 7,
          markerHeight: 7,
          markerUnits: "userSpaceOnUse",
          orient: "auto",
        },
        drawn("path", { d: "M0 0L8 4L0 8z" }),
      );
    this.lines = drawn("g");
    this.circles = drawn("g");
    this.labels = drawn("g", { class: "labels", "aria-hidden": "true" });
    this.svg = drawn(
      "svg",
      {
        role: "group",
        "aria-label":
          "Operators and their relations. Arrow keys go from one operator " +
          "to the next, Enter shows it, plus and minus zoom, zero shows all.",
      },
      drawn("defs", {}, ...KINDS.map(marker)),
      this.lines,
      this.circles,
      this.labels,
    );
    this.tip = element("div", { class: "tip", hidden: true, "aria-hidden": "true" });
    for (const node of this.nodes) this.buildNode(node);
    this.current = this.nodes[0];
    this.current?.element.setAttribute("tabindex", "0");
    this.host.append(this.svg, this.tip);
  }

  buildNode(node) {
    const [, , , , uses, scripts] = operatorRow(node.operator);
    const name = NAMES[node.operator];
    node.circle = drawn("circle", { fill: DATA.graph.classes[node.kind][1] });
    node.label = drawn("text", { fill: darker(DATA.graph.classes[node.kind][1]) });
    node.element = drawn(
      "g",
      {
        class: "node",
        role: "button",
        tabindex: "-1",
        "aria-label": `${name}, ${counted(uses, "use")} in ${counted(scripts, "script")}`,
        onclick: () => this.dragged || this.show(node.operator),
        onfocus: () => this.focusOn(node),
        onpointerenter: (event) => this.hover(node, event),
        onpointerleave: () => this.hover(null),
      },
      node.circle,
    );
    node.element.dataset.operator = name;
    node.told = [name, `${counted(uses, "use")} in ${counted(scripts, "script")}`];
    this.circles.append(node.element);
    this.labels.append(node.label);
  }

  /** Nodes and lines that the filters keep; lines are made anew. */
  filter() {
    for (const node of this.nodes) {
      node.visible = !this.hidden.has(node.kind);
      node.element.toggleAttribute("hidden", !node.visible);
    }
    const kept = this.edges.filter(
      (edge) => this.kinds.has(edge.kind) && edge.times >= this.minimum && edge.from.visible && edge.to.visible,
    );
    this.kept = kept.length;
    this.visible = kept.slice(0, MOST_EDGES);
    this.lines.replaceChildren(...this.visible.flatMap((edge) => this.buildEdge(edge)));
    this.paint();
    this.host.dispatchEvent(new Event("filtered"));
  }

  buildEdge(edge) {
    edge.line = drawn("path", {
      class: `edge ${edge.kind}`,
      "stroke-width": (0.7 + 3.2 * (Math.log(1 + edge.times) / Math.log(1 + this.most)) ** 2.5).toFixed(2),
    });
    const mark = edge.kind === "nested" ? " has inside " : edge.kind === "parallel" ? " beside " : " → ";
    const told = [
      NAMES[edge.first] + mark + NAMES[edge.second],
      `${edge.kind}: ${counted(edge.times, "place")} in ${counted(edge.scripts, "script")}`,
    ];
    edge.target = drawn("path", {
      class: "target",
      onpointerenter: (event) => this.tell(told, event),
      onpointerleave: () => this.tell(null),
    });
    return [edge.line, edge.target];
  }

  /** Marks what is selected or pointed at, and what it is related to. */
  paint() {
    const centre = this.hovered ?? this.selected;
    const near = new Set(centre ? [centre] : []);
    for (const edge of this.visible) {
      const lit = centre !== null && (edge.from === centre || edge.to === centre);
      if (lit) near.add(edge.from).add(edge.to);
      edge.line.classList.toggle("lit", lit);
      edge.line.classList.toggle("dim", centre !== null && !lit);
      if (lit && edge.kind !== "parallel") edge.line.setAttribute("marker-end", `url(#arrow-${edge.kind})`);
      else edge.line.removeAttribute("marker-end");
    }
    for (const node of this.nodes) {
      node.near = near.has(node);
      node.element.classList.toggle("selected", node === this.selected);
      node.element.classList.toggle("dim", centre !== null && !node.near);
    }
    this.draw();
  }

  resize() {
    const { width, height } = this.host.getBoundingClientRect();
    if (!width || !height) return;
    Object.assign(this, { width, height });
    this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
    this.draw();
  }

  /** Where a place of the frame stands on the screen. */
  screen(x, y) {
    const across = 34 + (x / FRAME.width) * (this.width - 68);
    const down = 26 + (y / FRAME.height) * (this.height - 52);
    return [across * this.view.k + this.view.x, down * this.view.k + this.view.y];
  }

  /** Draws with the next frame, however often it is asked for. */
  draw() {
    this.waiting ??= requestAnimationFrame(() => {
      this.waiting = undefined;
      if (this.width) this.drawNow();
    });
  }

  drawNow() {
    const room = Math.min(1, Math.sqrt((this.width * this.height) / (940 * 620)));
    for (const node of this.nodes) {
      [node.sx, node.sy] = this.screen(node.x, node.y);
      node.radius = node.base * room * Math.pow(this.view.k, 0.35);
      node.element.setAttribute("transform", `translate(${node.sx.toFixed(1)} ${node.sy.toFixed(1)})`);
      node.circle.setAttribute("r", node.radius.toFixed(1));
    }
    for (const edge of this.visible) {
      const path = edgePath(edge);
      edge.line.setAttribute("d", path);
      edge.target.setAttribute("d", path);
    }
    this.drawLabels();
  }

  drawLabels() {
    for (const node of this.nodes) {
      node.always = node === this.hovered || node === this.selected;
      node.text = node.always || this.fullNames ? plainName(node.operator) : shortName(node.operator);
    }
    const rank = (node) => (node.always ? 0 : node.near ? 1 : 2);
    const wanted = this.nodes
      .filter((node) => node.visible && (!this.selected || node.near || node.always))
      .sort((a, b) => rank(a) - rank(b));
    const places = placeLabels(wanted, this.width, this.height, [
      { left: this.width - 46, top: 0, right: this.width, bottom: 102 },
    ]);
    for (const node of this.nodes) {
      const box = places.get(node);
      node.label.toggleAttribute("hidden", !box);
      if (!box) continue;
      node.label.textContent = node.text;
      node.label.setAttribute("x", box.left.toFixed(1));
      node.label.setAttribute("y", (box.top + 11).toFixed(1));
      node.label.classList.toggle("strong", node.always);
      node.label.classList.toggle("faint", this.hovered !== null && !node.near);
    }
  }

  select(operator) {
    this.selected = this.byOperator.get(operator) ?? null;
    if (this.selected) this.makeCurrent(this.selected);
    this.paint();
  }

  hover(node, event) {
    this.hovered = node;
    this.tell(node?.told ?? null, event);
    this.paint();
  }

  /** Shows lines of text beside the pointer. */
  tell(lines, event) {
    this.tip.hidden = lines === null;
    if (lines === null) return;
    this.tip.replaceChildren(element("b", {}, lines[0]), element("span", {}, lines[1]));
    const { left, top } = this.host.getBoundingClientRect();
    const [x, y] = [event.clientX - left, event.clientY - top];
    this.tip.style.left = `${Math.max(4, Math.min(x + 14, this.width - this.tip.offsetWidth - 6))}px`;
    this.tip.style.top = `${y + 18 + this.tip.offsetHeight > this.height ? y - this.tip.offsetHeight - 10 : y + 18}px`;
  }
}

/** From rim to rim, bent by its kind, so that several between the same two can be told apart. */
function edgePath({ from, to, kind }) {
  if (from === to) {
    const r = from.radius;
    return `M${from.sx - r * 0.6} ${from.sy - r * 0.8}a${r * 0.8 + 3} ${r * 0.8 + 3} 0 1 1 ${r * 1.2} 0`;
  }
  const [dx, dy] = [to.sx - from.sx, to.sy - from.sy];
  const [mx, my] = [(from.sx + to.sx) / 2 - dy * BEND[kind], (from.sy + to.sy) / 2 + dx * BEND[kind]];
  const rim = (node, gap) => {
    const length = Math.hypot(mx - node.sx, my - node.sy) || 1;
    return [
      node.sx + ((mx - node.sx) / length) * (node.radius + gap),
      node.sy + ((my - node.sy) / length) * (node.radius + gap),
    ];
  };
  const [start, end] = [rim(from, 0), rim(to, 1.5)];
  return `M${start[0].toFixed(1)} ${start[1].toFixed(1)}Q${mx.toFixed(1)} ${my.toFixed(1)} ${end[0].toFixed(1)} ${end[1].toFixed(1)}`;
}
