// Code with simple colours and numbered lines: comments, texts, numbers, words of the language, names of Earth Engine.

const WORDS = new Set(
  (
    "and as assert async await break case catch class const continue def del do elif else except false False finally for " +
    "from function global if import in is lambda let new None nonlocal not null of or pass raise return this throw true " +
    "True try typeof undefined var void while with yield"
  ).split(" "),
);
const TOKENS = new RegExp(
  [
    /(?<comment>#[^\n]*|\/\/[^\n]*|\/\*[\s\S]*?(?:\*\/|$))/,
    /(?<string>[rbfuRBFU]{0,2}(?:"""[\s\S]*?(?:"""|$)|'''[\s\S]*?(?:'''|$)|"(?:\\.|[^"\\\n])*"?|'(?:\\.|[^'\\\n])*'?|`(?:\\[\s\S]|[^`\\])*`?))/,
    /(?<number>\b\d[\w.]*)/,
    /(?<earth>\bee(?:\.[A-Za-z_]\w*)+|\bee\b)/,
    /(?<word>[A-Za-z_$][\w$]*)/,
  ]
    .map((part) => part.source)
    .join("|"),
  "g",
);

/** Code as numbered lines. */
function coloured(code) {
  const lines = [element("span", { class: "line" })];
  const add = (text, kind) =>
    text.split("\n").forEach((part, at) => {
      if (at) lines.push(element("span", { class: "line" }));
      if (part) lines.at(-1).append(kind ? element("span", { class: kind }, part) : part);
    });
  let end = 0;
  for (const found of code.matchAll(TOKENS)) {
    add(code.slice(end, found.index), null);
    add(found[0], kindOf(found, code));
    end = found.index + found[0].length;
  }
  add(code.slice(end), null);
  while (lines.length > 1 && !lines.at(-1).hasChildNodes()) lines.pop();
  return element(
    "pre",
    { class: "code", tabindex: "0" },
    element("code", {}, ...lines.flatMap((line) => [line, "\n"])),
  );
}

function kindOf({ 0: text, index, groups }, code) {
  if (groups.word === undefined) return Object.keys(groups).find((name) => groups[name] !== undefined);
  if (WORDS.has(text)) return "keyword";
  return code[index + text.length] === "(" ? (code[index - 1] === "." ? "method" : "called") : null;
}
