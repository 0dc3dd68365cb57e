// The program's source: the loop, with the line that runs now.

const SWIFT = new RegExp([
  "(?<comment>//.*|/\\*.*?\\*/)", "(?<string>\"(?:\\\\.|[^\"\\\\])*\")",
  "(?<keyword>\\b(?:actor|as|async|await|break|case|catch|class|continue|default|defer|do|else|enum|extension|final|for|func|guard|if|import|in|init|inout|is|lazy|let|nil|override|private|protocol|public|return|self|some|static|struct|super|switch|throw|throws|true|false|try|typealias|var|where|while)\\b)",
  "(?<attribute>@\\w+)", "(?<type>\\b[A-Z]\\w*)", "(?<number>\\b\\d[\\d_.]*(?:[eE][-+]?\\d+)?\\b)",
].join("|"), "g");

/** A line of Swift as texts and coloured spans. */
function highlighted(line) {
  const pieces = [];
  let end = 0;
  for (const match of line.matchAll(SWIFT)) {
    const kind = Object.keys(match.groups).find((name) => match.groups[name] !== undefined);
    if (match.index > end) pieces.push(line.slice(end, match.index));
    pieces.push(el("span", { class: `s-${kind}` }, match[0]));
    end = match.index + match[0].length;
  }
  pieces.push(line.slice(end));
  return pieces;
}

/** The parts of the sources that are worth showing now: the loop, and what the current lines lie in elsewhere. */
function excerpts(run, lines) {
  const { loop, files } = run;
  const parts = [];
  if (loop && files[loop.file]) parts.push({ file: loop.file, first: loop.first, last: loop.last, isLoop: true });
  for (const [file, line] of lines) {
    if (!files[file] || parts.some((part) => part.file === file && line >= part.first && line <= part.last)) continue;
    const count = files[file].text.split("\n").length;
    parts.unshift({ file, first: Math.max(1, line - 4), last: Math.min(count, line + 4), isLoop: false });
  }
  return parts;
}

/** The source with the current lines highlighted. A line that ran an operation leads to it. */
function sourceView(step, operation) {
  const { run } = step;
  const lines = operation?.lines ?? [];
  const forward = operation && forwardOf(step, operation);
  const forwardLines = forward?.lines ?? [];
  const marks = new Map();
  forwardLines.forEach(([file, line], depth) => marks.set(`${file}:${line}`, depth === 0 ? "forward-line" : "outer"));
  lines.forEach(([file, line], depth) => marks.set(`${file}:${line}`, depth === 0 ? "now" : "outer"));
  const parts = excerpts(run, [...lines, ...forwardLines]);
  const view = parts.map((part, i) => excerptView(step, part, marks, operation, parts.findIndex(({ file }) => file === part.file) === i));
  if (parts.length === 0) view.push(el("p", { class: "quiet" }, t("noSource")));
  if (lines.length === 0 && parts.length > 0) view.push(el("p", { class: "quiet" }, t("noLine")));
  return view;
}

/** A warning for each file shown that is no longer the one the program was built from. */
function staleWarnings(step, operation) {
  const shown = new Set(excerpts(step.run, operation?.lines ?? []).map(({ file }) => file));
  return [...shown].map((file) => step.run.files[file]).filter(({ isStale }) => isStale)
    .map(({ name }) => el("p", { class: "warning", data: { stale: name } }, t("stale", { file: name })));
}

function excerptView(step, part, marks, operation, isFirst) {
  const file = step.run.files[part.file];
  const texts = file.text.split("\n").slice(part.first - 1, part.last);
  const indent = Math.min(...texts.filter((text) => text.trim() !== "").map((text) => text.search(/\S/)));
  const first = firstOperations(step, part.file);
  const rows = texts.map((text, i) => {
    const line = part.first + i;
    const mark = marks.get(`${part.file}:${line}`) ?? "";
    const leads = first.get(line);
    const number = leads === undefined
      ? el("span", { class: "number" }, String(line))
      : button(String(line), jump(() => goToOperation(leads)), { class: `number ${step.operations[leads].phase}`, "aria-label": t("goToLine", { line, name: step.operations[leads].name }) });
    return el("div", { class: `line ${mark} ${mark === "now" ? operation.phase : ""}`, data: { line } }, number,
      el("span", { class: "text" }, highlighted(text.slice(Number.isFinite(indent) ? indent : 0))),
      mark === "now" && el("span", { class: "unseen" }, t("runsNow")));
  });
  return el("div", { class: "excerpt" }, isFirst ? el("p", { class: "file" }, code(file.name)) : null, el("div", { class: "lines" }, rows));
}

/** For each line of a file the first operation that it ran. */
function firstOperations(step, file) {
  const first = new Map();
  step.operations.forEach((operation, place) => {
    const line = operation.lines?.[0];
    if (line && line[0] === file && !first.has(line[1])) first.set(line[1], place);
  });
  return first;
}
