// The middle of the page: what the current operation reads and makes, as heat maps laid out the way it computes.

let shownMaps = [];

/** The operation as a heading, a sentence, and its pictures. */
function stageView(step, operation, width) {
  shownMaps = [];
  if (!operation) return [el("p", {}, t("noOperations"))];
  const parts = [headingFor(step, operation), sentencesFor(step, operation)];
  for (const join of operation.joined ?? []) parts.push(joinBlock(step, operation, join, width));
  operation.outputs.forEach((output, place) => parts.push(outputBlock(step, operation, output, place, width)));
  if (operation.outputs.length === 0) parts.push(rowBlock(step, operation.inputs.map((id) => step.run.tensors[id]), [], width));
  return parts;
}

function headingFor(step, operation) {
  const forward = forwardOf(step, operation);
  const title = forward
    ? say("ruleTitle", { name: code(operation.name) })
    : [code(equationOf(step, operation))];
  return el("header", { class: "operation-title" },
    el("p", { class: `phase ${operation.phase}` }, t(operation.phase) + " · " + t("operationOf", { at: place.op + 1, of: step.operations.length }) + " · ", code(operation.name)),
    el("h2", { id: "operation", tabindex: "-1" }, title),
    operation.module ? el("p", { class: "quiet" }, say("inModule", { module: code(operation.module) })) : null);
}

/** What the operation does, in words. */
function sentencesFor(step, operation) {
  const sentences = [];
  const forward = forwardOf(step, operation);
  if (forward) {
    const line = forward.lines?.[0];
    const link = button(line ? t("forwardLine", { name: forward.name, line: line[1] }) : forward.name, jump(() => goToOperation(operation.of)), { class: "link" });
    sentences.push(el("p", {}, say("ruleSentence", { forward: link })));
  }
  // Told once, where the backward half begins
  if (step.operations.findIndex(({ phase }) => phase === "backward") === place.op) sentences.unshift(el("p", { class: "definition" }, t("gradientMeans")));
  if (operation.words) sentences.push(el("p", { class: "words" }, say("ruleWords", { words: el("q", {}, operation.words) })));
  if (!forward && operation.outputs[0]) sentences.push(el("p", {}, outputSentence(step, operation, operation.outputs[0])));
  const used = new Set(slotsOf(operation).map(([, id]) => id));
  for (const { id, name, expression } of shortNames(step)) {
    const isHere = [...used].some((each) => each === id || tensorNameHas(step, each, expression));
    if (expression && isHere) sentences.push(el("p", { class: "quiet" }, say("shortName", { name: code(name), expression: code(expression) })));
  }
  return el("div", { class: "sentences" }, sentences);
}

function tensorNameHas(step, id, expression) {
  return Boolean(expression) && (step.run.tensors[id].name ?? "").startsWith(`${expression}.`);
}

function operandName(step, { id, transposed }) {
  const name = nameOf(step, step.run.tensors[id]);
  return transposed ? transposedName(name) : name;
}

/** A sentence for one output: what was done to which shapes. */
function outputSentence(step, operation, output) {
  const { tensors } = step.run;
  const how = output.how ?? { kind: "unknown" };
  const name = (id) => code(nameOf(step, tensors[id]));
  const shape = (id) => shapeText(tensors[id].shape);
  const out = { out: name(output.tensor), shape: shape(output.tensor) };
  if (how.kind === "product") {
    const [a, b] = [tensors[how.a], tensors[how.b]];
    return say("productSentence", {
      ...out, a: code(how.ta ? transposedName(nameOf(step, a)) : nameOf(step, a)), b: code(how.tb ? transposedName(nameOf(step, b)) : nameOf(step, b)),
      aShape: shapeText(how.ta ? exchanged(a.shape) : a.shape), bShape: shapeText(how.tb ? exchanged(b.shape) : b.shape),
      count: a.shape[a.shape.length - (how.ta ? 2 : 1)],
    });
  }
  if (how.kind === "chain") return say("chainSentence", { ...out, gradient: name(how.gradient), local: name(how.local) });
  if (how.kind === "sum") return say(how.mean ? "meanSentence" : "sumSentence", { ...out, of: name(how.of), ofShape: shape(how.of) });
  if (how.kind === "spread") return say("spreadSentence", { ...out, of: name(how.of), ofShape: shape(how.of) });
  if (how.kind === "move") return say(how.permutation ? "transposeSentence" : "moveSentence", { ...out, of: name(how.of), ofShape: shape(how.of) });
  if (how.kind === "same") return say("sameSentence", { ...out, of: code(nameOf(step, tensors[how.of], place.op, true)) });
  if (how.kind === "update") return say("updateSentence", { ...out, formula: code(how.formula ?? how.name) });
  if (how.kind === "elementwise") {
    return [...say("elementwiseSentence", out), " ", doesText(how)];
  }
  if (how.kind === "grouped" && operation.isRule) return [...say("otherSentence", { ...out, name: code(operation.name) }), ` ${t(`grouped_${how.name}`)}`];
  const does = `does_${operation.name}`;
  return [...say("otherSentence", { ...out, name: code(operation.name) }), !operation.isRule && does in ENGLISH ? ` ${t(does)}` : ""];
}

/** What an elementwise operation does, in a sentence; "" if there are no words for it. */
function doesText(how) {
  const name = plainName(how);
  const number = (how.numbers ?? []).find((each) => Number.isFinite(each));
  const count = how.of.length === 1 ? "1" : how.of.length === 2 && number !== undefined ? "2" : "";
  const key = `does${count}_${name}` in ENGLISH ? `does${count}_${name}` : `does_${name}`;
  return key in ENGLISH ? t(key, { number: num(number ?? 0) }) : "";
}

/** The operation as an equation of names: gradW2 = hReluᵀ · gradYPred. */
function equationOf(step, { name, inputs, outputs }) {
  const { tensors } = step.run;
  const how = outputs[0]?.how ?? { kind: "unknown" };
  const called = (id, turned) => (turned ? transposedName(nameOf(step, tensors[id])) : nameOf(step, tensors[id]));
  const arguments_ = () => inputs.map((id) => called(id)).concat((how.numbers instanceof Array ? how.numbers : []).filter(Number.isFinite).map((each) => num(each))).join(", ");
  if (outputs.length === 0) return `${name}(${arguments_()})`;
  const short = shortNames(step).find(({ id, expression }) => expression && id === outputs[0].tensor);
  if (short) return `${short.name} = ${short.expression}`;
  const out = called(outputs[0].tensor);
  if (how.kind === "product") return `${out} = ${grouped(called(how.a, how.ta))} · ${grouped(called(how.b, how.tb))}`;
  if (how.kind === "sum") return `${out} = ${how.mean ? "mean" : "Σ"} ${called(how.of)}`;
  if (how.kind === "update") return `${out} ← ${called(how.before)} + ${t("stepTaken")}`;
  const plain = how.kind === "elementwise" ? plainName(how) : "";
  const sign = SIGNS[plain];
  const becomes = name.endsWith("_") || (how.kind === "elementwise" && how.of.length && called(how.of[0]) === out) ? "←" : "=";
  if (sign && how.of.length === 2) return `${out} ${becomes} ${called(how.of[0])} ${sign} ${times(how.numbers)}${called(how.of[1])}`;
  if (plain === "masked_fill" && how.of.length === 2 && Number.isFinite(how.numbers?.[0])) return `${out}[${called(how.of[1])}] ← ${num(how.numbers[0])}`;
  if (plain === "fill") return `${out} ← ${num(how.numbers[0])}`;
  if (plain === "pow" && how.of.length === 1) return `${out} = ${grouped(called(how.of[0]))}^${num(how.numbers[0])}`;
  if (plain === "mul" && how.of.length === 1) return `${out} = ${num(how.numbers[0])} · ${grouped(called(how.of[0]))}`;
  if (how.kind === "same") return `${out} = ${name}(${called(how.of)})`;
  return `${out} = ${name}(${arguments_()})`;
}

/** A name with brackets around it where it is an expression that an operator beside it would take apart. */
function grouped(name) {
  let depth = 0;
  for (const letter of name) {
    depth += letter === "(" ? 1 : letter === ")" ? -1 : 0;
    if (letter === " " && depth === 0) return `(${name})`;
  }
  return name;
}

/** The factor of the second operand, as a text to stand before it. */
function times(numbers) {
  return Number.isFinite(numbers?.[0]) && numbers[0] !== 1 ? `${num(numbers[0])} · ` : "";
}

/** The part of the stage for one output. */
function outputBlock(step, operation, output, order, width) {
  const { tensors } = step.run;
  const tensor = tensors[output.tensor];
  const heading = operation.isRule ? ruleHeading(step, operation, output) : null;
  const how = output.how ?? { kind: "unknown", of: operation.inputs };
  const get = (id) => tensors[id];
  let pictures;
  if (how.kind === "product" && [how.a, how.b].every((id) => get(id).shape.length >= 2) && tensor.shape.length >= 2) {
    pictures = productBlock(step, how, tensor, width, turnOf(step, operation, output));
  } else if (how.kind === "update") {
    pictures = updateBlock(step, how, tensor, width);
  } else {
    const [inputs, signs] = rowParts(how, get, operation);
    pictures = rowBlock(step, [...inputs, tensor], signs, width);
  }
  const turn = how.kind === "product" ? turnOf(step, operation, output) : null;
  return el("section", { class: "output", data: { output: String(order), told: String(output.tensor) } }, heading,
    turn ? el("p", { class: "runs-over" }, turn.sentence) : null, pictures);
}

function ruleHeading(step, operation, output) {
  const forward = forwardOf(step, operation);
  const input = forward?.inputs[output.to ?? 0];
  const name = Number.isInteger(input) ? nameOf(step, step.run.tensors[input]) : "?";
  return [
    el("h3", {}, say("gradientOf", { name: code(name) })),
    el("p", {}, outputSentence(step, operation, output)),
  ];
}

function joinBlock(step, operation, join, width) {
  const { tensors } = step.run;
  const parts = join.parts.map((id) => tensors[id]);
  const sum = tensors[join.sum];
  return el("section", { class: "output joined", data: { joined: String(join.sum) } },
    el("h3", {}, t("joinedTitle")), el("p", {}, say("joinedSentence", { count: parts.length, out: code(nameOf(step, sum)) })),
    rowBlock(step, [...parts, sum], [...parts.slice(1).map(() => "+"), "="], width));
}

const SIGNS = { __proto__: null, sub: MINUS, add: "+", mul: "·", div: "÷", lt: "<", le: "≤", gt: ">", ge: "≥", eq: "=", ne: "≠", pow: "^" };

/** What stands before the result in a row of heat maps, and the signs between. */
function rowParts(how, get, operation) {
  if (how.kind === "chain") return [[get(how.gradient), get(how.local)], ["·", "="]];
  if (how.kind === "elementwise") {
    const inputs = how.of.map(get);
    const name = plainName(how);
    if (inputs.length === 0) return [[], []];
    if (inputs.length === 1) return [inputs, [wordFor(name, how.numbers ?? [])]];
    return [inputs, [...inputs.slice(1).map(() => (SIGNS[name] ? `${SIGNS[name]} ${times(how.numbers)}`.trim() : ",")), SIGNS[name] ? "=" : "→"]];
  }
  if (how.kind === "sum") return [[get(how.of)], [how.mean ? "mean →" : "Σ →"]];
  if (Number.isInteger(how.of)) return [[get(how.of)], ["→"]];
  const inputs = (Array.isArray(how.of) && how.of.length ? how.of : operation.inputs).map(get);
  return [inputs, [...inputs.slice(1).map(() => ","), "→"]];
}

function wordFor(name, numbers) {
  const number = numbers.length && Number.isFinite(numbers[0]) ? ` ${num(numbers[0])}` : "";
  if (name === "clamp") return [Number.isFinite(numbers[0]) ? `max(·, ${num(numbers[0])})` : "", Number.isFinite(numbers[1]) ? `min(·, ${num(numbers[1])})` : ""].filter(Boolean).join(" ") + " →";
  if (name === "pow") return `^${number.trim()} →`;
  return SIGNS[name] && number ? `${SIGNS[name]}${number} →` : "→";
}

// Sizes of cells

function sizesOf(tensor, transposed) {
  const rank = tensor.shape.length;
  const shown = (size) => keptOf(tensor.run, size)?.length ?? size;
  const [rows, cols] = [rank < 2 ? 1 : shown(tensor.shape[rank - 2]), rank === 0 ? 1 : shown(tensor.shape[rank - 1])];
  return transposed ? { rows: cols, cols: rows } : { rows, cols };
}

const CELL = { least: 2, most: 58, tallest: 34 };

/** Cells no larger than the room, and not too far from square. */
function cellFor(width, height, cols, rows) {
  let w = Math.min(CELL.most, width / cols);
  let h = Math.min(CELL.tallest, height / rows);
  w = Math.min(w, Math.max(4 * h, 8));
  h = Math.min(h, Math.max(2.5 * w, 8));
  const whole = (size) => (size >= 3 ? Math.floor(size) : Math.max(1, Math.floor(size * 2) / 2));
  return { width: whole(Math.max(w, 1)), height: whole(Math.max(h, CELL.least)) };
}

function mapOf(step, tensor, scales, cell, more = {}) {
  const map = heatMap({
    step, tensor, scale: scales.get(tensor), width: cell.width, height: cell.height, index: () => markedIn(tensor),
    mark: (index) => markHere((tensor.like ?? tensor).id, index), ...more,
  });
  shownMaps.push(map);
  return map.figure;
}

/** Heat maps side by side, with signs between them. */
function rowBlock(step, tensors, signs, width) {
  const scales = rangesFor(tensors, place.isCommonScale);
  const sizes = tensors.map((tensor) => sizesOf(tensor, false));
  const total = sizes.reduce((sum, { cols }) => sum + cols, 0);
  const gaps = tensors.slice(1).reduce((sum, _, i) => sum + 44 + 10 * (signs[i] ?? "").length, 0);
  const widest = Math.max(...sizes.map(({ cols }) => cols));
  const tallest = Math.max(...sizes.map(({ rows }) => rows));
  // Two pictures of few columns stand side by side though their captions are wider
  const narrow = sizes.filter(({ cols }) => cols * 5 < NARROWEST).length;
  const rest = total - sizes.filter(({ cols }) => cols * 5 < NARROWEST).reduce((sum, { cols }) => sum + cols, 0);
  const beside = Math.min((width - gaps) / total, rest > 0 ? (width - gaps - narrow * NARROWEST) / rest : Infinity);
  const isBeside = beside >= Math.min(5, width / widest) && gaps + tensors.reduce((sum, tensor) => sum + narrowest(tensor), 0) <= width;
  // Below one another they share the height, so that all of them can be seen at once
  const height = isBeside ? 380 : Math.max(170, 700 / tensors.length);
  const cell = cellFor(isBeside ? beside : width / widest, height, 1, tallest);
  cell.width = Math.max(1, Math.min(cell.width, Math.floor(2 * width / widest) / 2));
  const last = tensors.length - 1;
  const names = tensors.map((tensor, i) => nameOf(step, tensor, place.op, i < last));
  // Where each picture has a line of its own the sign stands above it, so that their columns stay in line
  const isStacked = !isBeside && 2 * Math.max(widest * cell.width, NARROWEST) + gaps > width;
  return el("div", { class: isStacked ? "row stacked" : "row" }, tensors.map((tensor, i) => el("div", { class: "pair" },
    i > 0 ? el("span", { class: "sign", "aria-hidden": "true" }, signs[i - 1] ?? "") : null,
    mapOf(step, tensor, scales, cell, { title: titleAmong(names, i), name: names[i] }))));
}

/** A name; where what an operation changes has the same name before and after, that is told. */
function titleAmong(names, place) {
  const last = names.length - 1;
  const isChanged = last > 0 && names[0] === names[last] && (place === 0 || place === last);
  return [code(names[place]), isChanged ? ` ${t(place === 0 ? "before" : "after")}` : ""];
}

/** A product as one lays it out on paper: the first below left, the second above right, the result where they cross. */
function productBlock(step, how, out, width, turn = null) {
  const [a, b] = [step.run.tensors[how.a], step.run.tensors[how.b]];
  const scales = rangesFor([a, b, out], place.isCommonScale);
  const [sizeA, sizeB] = [sizesOf(a, how.ta), sizesOf(b, how.tb)];
  const [I, K, J] = [sizeA.rows, sizeA.cols, sizeB.cols];
  const [tall, most] = [480, 34];
  // The captions and legends may be wider than the pictures below them
  const captions = [a, Math.max(captionWidth(step, b), captionWidth(step, out))].map((each) => (typeof each === "number" ? each : captionWidth(step, each)));
  const gap = 20;
  const even = Math.min((width - gap) / (K + J), Math.max(tall / (K + I), 2.5));
  const inner = snap(Math.min(even, most, Math.max(2, (width - gap - captions[1]) / K)));
  const room = width - gap - Math.max(K * inner, captions[0]);
  const wide = snap(Math.min(room / J, Math.max(inner * 2.6, 10), CELL.most));
  const high = snap(Math.min(Math.max((tall - K * inner) / I, Math.min(inner, 4)), Math.max(inner * 2, 8), CELL.tallest));
  const large = inner >= 30 ? { inner: Math.min(CELL.most, snap((width - gap) / (K + J))) } : null;
  const [k, j] = large ? [large.inner, large.inner] : [inner, wide];
  const kHigh = large ? Math.min(CELL.tallest, k) : inner;
  // What was clicked decides what is framed: the row and the column that meet, or an operand's number, what it meets and makes
  const focused = () => (a.id === b.id ? -1 : [a.id, b.id].indexOf(place.focus?.tensor));
  const framed = (result, first, second) => () => [result, first, second][focused() + 1];
  const bandsA = framed("row", "cell", "column");
  return el("div", { class: "meeting" },
    turn ? turnView(step, turn, scales.get(a), { width: snap(Math.min(k, Math.max(K * k, captions[0]) / sizesOf(turn.of, turn.isStored).cols)), height: kHigh }, bandsA)
      : el("div", { class: "corner", "aria-hidden": "true" }, el("span", {}, t("meet"))),
    el("div", { class: "second" }, mapOf(step, b, scales, { width: j, height: kHigh }, { transposed: how.tb, bands: framed("column", "row", "cell"), title: code(how.tb ? transposedName(nameOf(step, b)) : nameOf(step, b)) })),
    el("div", { class: "first" }, mapOf(step, a, scales, { width: k, height: large ? kHigh : high }, { transposed: how.ta, bands: bandsA, edges: turn?.edges && exchanged(turn.edges), title: code(how.ta ? transposedName(nameOf(step, a)) : nameOf(step, a)) })),
    el("div", { class: "result" }, mapOf(step, out, scales, { width: j, height: large ? kHigh : high }, { bands: framed("both", "row", "column") })));
}

/**
 * For the gradient of a weight: the first operand as it stood in the forward product, which is read transposed here.
 * { of, isStored, edges, sentence }; null for other products.
 */
function turnOf(step, operation, output) {
  const story = storyOf(step, operation, output);
  if (story?.kind !== "second" || story.isTurned) return null;
  const of = step.run.tensors[story.x.id];
  if (of.shape.length !== 2) return null;
  const meaning = meaningOf(step, story.place);
  const made = step.run.tensors[output.tensor];
  const words = { inner: meaning && t(meaning.inner), cols: meaning && t(meaning.cols), w: code(operandName(step, story.w)), shape: shapeText(made.shape), x: code(operandName(step, story.x)), dz: code(nameOf(step, story.dz)) };
  return { of, isStored: story.x.transposed, edges: meaning ? [t(meaning.rows), t(meaning.inner)] : null, sentence: say(meaning ? "sumOverSamples" : "sumOverRows", words) };
}

/** The operand upright, its column framed that becomes a row below. */
function turnView(step, turn, scale, cell, bandsBelow) {
  const upright = () => ({ row: "column", column: "row", cell: "cell" })[bandsBelow()];
  const title = code(operandName(step, { id: turn.of.id, transposed: turn.isStored }));
  return el("div", { class: "corner turn" },
    mapOf(step, turn.of, new Map([[turn.of, scale]]), cell, { transposed: turn.isStored, bands: upright, edges: turn.edges, title }),
    el("p", { class: "turn-word" }, t("columnBecomesRow"), el("span", { "aria-hidden": "true" }, "\u00a0↓"), el("br"), el("span", {}, t("meet"))));
}

/** About how wide a heat map's caption is at least: the name in bold, the shape beside or below it. */
function captionWidth(step, tensor) {
  return Math.max(NARROWEST, 8.6 * Math.max(nameOf(step, tensor).length, shapeText(tensor.shape).length));
}

function snap(size) {
  return size >= 4 ? Math.floor(size) : Math.max(1, Math.floor(size * 2) / 2);
}

/** A weight before and after, and the step between. */
function updateBlock(step, how, after, width) {
  const before = step.run.tensors[how.before];
  const change = difference(after, before, t("stepTaken"));
  const gradients = (how.of ?? []).slice(0, 1).map((id) => step.run.tensors[id]);
  return [
    el("p", { class: "formula" }, code((how.formula ?? "").split(/;\s+/).join("\n")), " ", Object.entries(how.numbers ?? {}).map(([name, value]) => el("span", { class: "constant" }, `${name} = ${num(value)}`))),
    rowBlock(step, [before, change, after], ["+", "="], width),
    gradients.length ? rowBlock(step, gradients, [], width) : null,
  ];
}
