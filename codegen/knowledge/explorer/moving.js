// How the graph is moved: by wheel, by dragging, by buttons and by keys.

Object.assign(Graph.prototype, {
  /** Listens to the pointer and the keys. */
  listen() {
    this.svg.addEventListener(
      "wheel",
      (event) => {
        if (this.pageScrolls() && !event.ctrlKey) return;
        event.preventDefault();
        this.zoomBy(Math.exp(-Math.max(-200, Math.min(200, event.deltaY)) * 0.0018), this.pointer(event));
      },
      { passive: false },
    );
    this.svg.addEventListener("pointerdown", (event) => this.grab(event));
    this.svg.addEventListener("dblclick", (event) => this.zoomBy(1.6, this.pointer(event)));
    this.svg.addEventListener("keydown", (event) => this.key(event));
  },

  /** Whether the wheel has the page to scroll, as it has where there is little room. */
  pageScrolls: () => document.documentElement.scrollHeight > window.innerHeight + 4,

  pointer(event) {
    const { left, top } = this.host.getBoundingClientRect();
    return [event.clientX - left, event.clientY - top];
  },

  zoomBy(factor, [x, y] = [this.width / 2, this.height / 2]) {
    const k = Math.max(ZOOM.least, Math.min(ZOOM.most, this.view.k * factor));
    const real = k / this.view.k;
    this.view = { k, x: x - (x - this.view.x) * real, y: y - (y - this.view.y) * real };
    this.draw();
  },

  /** All of the graph. */
  reset() {
    this.view = { k: 1, x: 0, y: 0 };
    this.draw();
  },

  /** Drags until the button is let go; a press without a move on nothing selects nothing. */
  grab(event) {
    if (event.button) return;
    const onNode = event.target.closest(".node");
    const [start, before] = [[event.clientX, event.clientY], { ...this.view }];
    let moved = (this.dragged = false);
    const move = (next) => {
      const [dx, dy] = [next.clientX - start[0], next.clientY - start[1]];
      moved = this.dragged ||= Math.hypot(dx, dy) > 4;
      if (!moved) return;
      this.svg.classList.add("grabbed");
      Object.assign(this.view, { x: before.x + dx, y: before.y + dy });
      this.draw();
    };
    const end = () => {
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", end);
      window.removeEventListener("pointercancel", end);
      this.svg.classList.remove("grabbed");
      if (!moved && !onNode) this.show(null);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", end);
    window.addEventListener("pointercancel", end);
  },

  key(event) {
    const directions = { ArrowRight: [1, 0], ArrowLeft: [-1, 0], ArrowDown: [0, 1], ArrowUp: [0, -1] };
    const actions = {
      "+": () => this.zoomBy(1.4),
      "=": () => this.zoomBy(1.4),
      "-": () => this.zoomBy(1 / 1.4),
      0: () => this.reset(),
      Enter: () => this.show(this.current.operator),
      " ": () => this.show(this.current.operator),
      Escape: () => this.show(null),
    };
    if (event.ctrlKey || event.metaKey || event.altKey || !this.current) return;
    if (directions[event.key]) this.step(directions[event.key]);
    else if (actions[event.key]) actions[event.key]();
    else return;
    event.preventDefault();
  },

  /** Goes to the nearest operator in a direction. */
  step([dx, dy]) {
    const cost = (node) => {
      const [x, y] = [node.sx - this.current.sx, node.sy - this.current.sy];
      const ahead = x * dx + y * dy;
      return ahead > 1 ? ahead + 2.5 * Math.abs(x * dy - y * dx) : Infinity;
    };
    const others = this.nodes.filter((node) => node !== this.current && node.visible && cost(node) < Infinity);
    if (others.length) others.reduce((a, b) => (cost(b) < cost(a) ? b : a)).element.focus({ preventScroll: true });
  },

  focusOn(node) {
    this.makeCurrent(node);
    const outside = node.sx < 10 || node.sy < 10 || node.sx > this.width - 10 || node.sy > this.height - 10;
    if (outside) {
      this.view.x += this.width / 2 - node.sx;
      this.view.y += this.height / 2 - node.sy;
    }
    this.draw();
  },

  /** Moves what is selected to where a card that lies over the graph does not cover it. */
  uncover(card) {
    if (!this.selected || !this.width) return;
    const { left } = this.host.getBoundingClientRect();
    const free = card.left - left;
    [this.selected.sx] = this.screen(this.selected.x, this.selected.y);
    if (this.selected.sx > free - 60) this.view.x += Math.max(free / 2, 40) - this.selected.sx;
    this.draw();
  },

  /** The one operator that the tab key comes to. */
  makeCurrent(node) {
    this.current.element.setAttribute("tabindex", "-1");
    this.current = node;
    node.element.setAttribute("tabindex", "0");
  },
});
