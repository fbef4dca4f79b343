// The page's data: unpacked once; long texts only when they are looked at.

const DATA = {};
const PACKED = { chunks: [], starts: [0], waiting: new Map() };
const VERDICT_TITLES = {
  passed: "passed",
  syntax: "syntax",
  parameter: "parameter or attribute",
  output_type: "output type",
  wrong_answer: "wrong answer",
  runtime: "runtime",
  network: "network",
  unclassed: "without a class",
};
const VERDICT_MARKS = {
  passed: "✓",
  syntax: "S",
  parameter: "P",
  output_type: "T",
  wrong_answer: "A",
  runtime: "R",
  network: "N",
  unclassed: "?",
};
const verdictTitle = (verdict) => VERDICT_TITLES[DATA.verdicts[verdict]];

async function unpacked(text) {
  const letters = atob(text);
  const bytes = new Uint8Array(letters.length);
  for (let at = 0; at < letters.length; at++) bytes[at] = letters.charCodeAt(at);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("deflate"));
  return JSON.parse(await new Response(stream).text());
}

/** Reads everything but the long texts. */
async function readData() {
  const chunks = document.getElementById("chunks");
  for (const size of (chunks.dataset.sizes || "").split(",").filter(Boolean))
    PACKED.starts.push(PACKED.starts.at(-1) + Number(size));
  PACKED.chunks = [...chunks.children];
  Object.assign(DATA, await unpacked(document.getElementById("core").textContent));
  for (const name of Object.keys(DATA.records))
    if (name !== "reasons" && name !== "seconds") DATA.records[name] = Int32Array.from(DATA.records[name]);
  DATA.hasNetwork = "judged_first_1" in DATA.cells;
  readCells();
  readItems();
}

/** Sections and difficulties, which are not told in alphabetical order. */
const IN_ORDER = ["unit", "boundary", "combination", "theme", "easy", "medium", "hard"];

/** Rows of the cube by section, type and difficulty. */
function readCells() {
  const { section, type, difficulty } = DATA.cells;
  DATA.rowsOf = new Map();
  section.forEach((_, row) => {
    const key = `${section[row]}\n${type[row]}\n${difficulty[row]}`;
    if (!DATA.rowsOf.has(key)) DATA.rowsOf.set(key, []);
    DATA.rowsOf.get(key).push(row);
  });
  for (const rows of DATA.rowsOf.values()) rows.sort((a, b) => DATA.cells.system[a] - DATA.cells.system[b]);
  const place = (value) => (IN_ORDER.includes(value) ? IN_ORDER.indexOf(value) : IN_ORDER.length);
  const compare = (a, b) => place(a) - place(b) || (a < b ? -1 : a > b ? 1 : 0);
  const named = (values) => [...new Set(values)].filter((value) => value !== "all").sort(compare);
  DATA.choices = {
    section: named(section),
    type: named(type),
    difficulty: named(difficulty),
    model: [...new Set(DATA.systems.map(([model]) => model))].sort(),
    solver: [...new Set(DATA.systems.map(([, solver]) => solver))].sort(),
  };
}

/** A system's case with all its epochs: verdicts `from` up to `to`, which lie one after the other. */
function readItems() {
  const { program, case: cases } = DATA.records;
  const { system } = DATA.programs;
  DATA.items = [];
  let item = null;
  for (let at = 0; at < program.length; at++) {
    const who = system[program[at]];
    if (item === null || item.case !== cases[at] || item.system !== who)
      DATA.items.push(
        (item = { number: DATA.items.length, system: who, case: cases[at], from: at, to: at, right: 0, failure: -1 }),
      );
    item.to = at + 1;
    if (DATA.records.verdict[at] === 0) item.right += 1;
    else if (item.failure < 0) item.failure = at;
  }
  DATA.items.sort((a, b) => a.case - b.case || a.system - b.system);
  DATA.caseNumbers = new Map(DATA.cases.map(([, id], number) => [id, number]));
}

const rowsOf = (section, type, difficulty) => DATA.rowsOf.get(`${section}\n${type}\n${difficulty}`) ?? [];

/** A long text by its number; null where the page was too small for it. */
async function longText(number) {
  if (number < 0) return "";
  if (number >= PACKED.starts.at(-1)) return null;
  let chunk = 0;
  let beyond = PACKED.chunks.length;
  while (beyond - chunk > 1) {
    const middle = (chunk + beyond) >> 1;
    if (PACKED.starts[middle] <= number) chunk = middle;
    else beyond = middle;
  }
  if (!PACKED.waiting.has(chunk)) PACKED.waiting.set(chunk, unpacked(PACKED.chunks[chunk].textContent));
  return (await PACKED.waiting.get(chunk))[number - PACKED.starts[chunk]];
}
