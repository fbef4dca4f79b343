// Which names stand in the graph, and on which side of their circle: none over another.

const LABEL_HEIGHT = 14;
const MEASURE = document.createElement("canvas").getContext("2d");
MEASURE.font = "600 11.5px system-ui, -apple-system, 'Segoe UI', sans-serif";
const WIDTHS = new Map();

function textWidth(text) {
  if (!WIDTHS.has(text)) WIDTHS.set(text, MEASURE.measureText(text).width);
  return WIDTHS.get(text);
}

const overlaps = (a, b) => a.left < b.right && b.left < a.right && a.top < b.bottom && b.top < a.bottom;

/** Where the name of a circle could stand: right, left, below, above, and between these. */
function labelBoxes({ sx, sy, radius }, width) {
  const gap = radius + 3;
  const half = LABEL_HEIGHT / 2;
  const slant = radius * 0.75 + 2;
  const box = (left, top) => ({ left, top, right: left + width, bottom: top + LABEL_HEIGHT });
  return [
    box(sx + gap, sy - half),
    box(sx - gap - width, sy - half),
    box(sx - width / 2, sy + radius + 1),
    box(sx - width / 2, sy - radius - 1 - LABEL_HEIGHT),
    box(sx + slant, sy + slant - 3),
    box(sx + slant, sy - slant + 3 - LABEL_HEIGHT),
    box(sx - slant - width, sy + slant - 3),
    box(sx - slant - width, sy - slant + 3 - LABEL_HEIGHT),
  ];
}

/**
 * Places names, the first nodes first.
 *
 * - `nodes`: with `sx`, `sy`, `radius`, `text`, and `always` for one whose name has to stand.
 * - `taken`: boxes in which no name may stand.
 * - Returns a Map from node to box; a node without a box stays without its name.
 */
function placeLabels(nodes, width, height, taken) {
  const circles = nodes.map((node) => ({
    node,
    left: node.sx - node.radius,
    right: node.sx + node.radius,
    top: node.sy - node.radius,
    bottom: node.sy + node.radius,
  }));
  const places = new Map();
  for (const node of nodes) {
    const boxes = labelBoxes(node, textWidth(node.text));
    const isFree = (box) =>
      box.left >= 2 &&
      box.right <= width - 2 &&
      box.top >= 2 &&
      box.bottom <= height - 2 &&
      !taken.some((other) => overlaps(box, other)) &&
      !circles.some((circle) => circle.node !== node && overlaps(box, circle));
    const box =
      boxes.find(isFree) ?? (node.always ? (boxes.find((b) => !taken.some((t) => overlaps(b, t))) ?? boxes[0]) : null);
    if (!box) continue;
    taken.push(box);
    places.set(node, box);
  }
  return places;
}
