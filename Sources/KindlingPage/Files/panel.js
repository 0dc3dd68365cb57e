// The panel: how one element came about, with its numbers.

function panelView(now) {
  if (!now) return [];
  const step = currentStep();
  const { tensor, index, maker } = now;
  if (countOf(tensor.shape) === 0) return [];
  const facts = explain(step, tensor, index, maker);
  const name = nameOf(step, tensor) + indexText(index);
  const parts = [
    el("h2", { id: "element" }, t("oneNumber")), outputSwitch(step, currentOperation(), tensor),
    el("p", { class: "element" }, code(name), " = ", el("strong", {
      data: { value: String(facts.value), element: name, printed: valueText(tensor, facts.value) },
    }, valueText(tensor, facts.value, 8))),
    nudges(tensor, index),
  ];
  if (facts.value !== undefined && !Number.isFinite(facts.value)) parts.push(el("p", { class: "loud" }, t("thisIsBad")));
  parts.push(...storyView(facts));
  parts.push(...(PANELS[facts.kind] ?? PANELS.unknown)(facts), measureView(step, facts));
  if (maker && maker.place !== place.op) parts.push(...usesView(step, tensor, index));
  if (maker && maker.place !== place.op) {
    parts.push(el("p", {}, say("madeElsewhere", { link: button(operationName(step, maker.place), jump(() => goToTensor(tensor.id, index)), { class: "link" }) })));
  }
  parts.push(el("div", { id: "twins", data: { twins: "" } }));
  return [el("div", { class: "facts", data: { kind: facts.kind } }, parts)];
}

/** Of an operation that makes more than one tensor: which one the panel is about, a parameter's gradient first. */
function outputSwitch(step, operation, tensor) {
  const outputs = operation?.outputs ?? [];
  if (outputs.length < 2) return null;
  const first = firstToTell(step, operation);
  const sorted = [first, ...outputs.filter((output) => output !== first)];
  return el("div", { class: "switch", role: "group", "aria-label": t("whichOutput") }, sorted.map((output) => {
    const made = step.run.tensors[output.tensor];
    const input = forwardOf(step, operation)?.inputs[output.to ?? 0];
    const label = Number.isInteger(input) ? say("gradientSwitch", { name: code(nameOf(step, step.run.tensors[input])) }) : code(nameOf(step, made));
    const tell = () => markHere(made.id, completeIndex(made, markedIndex(step, place.marks, made)));
    return button(label, tell, { "aria-pressed": String(made.id === tensor.id), data: { nudge: `output${made.id}` } });
  }));
}

function operationName(step, at) {
  const operation = step.operations[at];
  return t("operationName", { number: at + 1, name: operation.name, phase: t(operation.phase) });
}

/** Four buttons that move the mark, for fingers on small cells. */
function nudges(tensor, index) {
  const rank = tensor.shape.length;
  if (rank === 0) return null;
  const move = (dim, by) => {
    const shown = shownOf(tensor.run, tensor.shape[dim]);
    const at = index.slice();
    at[dim] = shown[clamp(shown.indexOf(index[dim]) + by, 0, shown.length - 1)];
    markHere(tensor.id, at);
  };
  const entry = (label, dim, by, key) => button(label, () => move(dim, by), { "aria-label": t(key), data: { nudge: key } });
  return el("p", { class: "nudges" },
    entry("←", rank - 1, -1, "moveLeft"), rank > 1 && entry("↑", rank - 2, -1, "moveUp"),
    rank > 1 && entry("↓", rank - 2, 1, "moveDown"), entry("→", rank - 1, 1, "moveRight"),
    el("span", { class: "quiet" }, t("orClick")));
}

/** A link to an element of a tensor, with its value. */
function elementLink(step, { tensor, index, value }, withValue = false, readAt = null) {
  const name = (readAt === null ? nameOf(step, tensor) : nameOf(step, tensor, readAt, true)) + indexText(index);
  const isShown = index.every((i, d) => keptPlace(tensor.run, tensor.shape[d], i) >= 0);
  const text = withValue ? `${name} = ${valueText(tensor, value)}` : name;
  if (!isShown) return code(text);
  return button(text, jump(() => goToTensor(tensor.id, index)), { class: "link code" });
}

/** The run's value and the same recomputed here, in as many digits as rounding lets agree. */
function totalsView(facts, tensor) {
  if (facts.recomputed === null || facts.recomputed === undefined) {
    return el("p", { class: "quiet", data: { total: String(facts.value) } }, t("notRecomputed"));
  }
  const shown = agree(facts.value, facts.recomputed, facts.error, facts.count || 1);
  const isBool = tensor.dtype === "bool";
  const text = isBool ? { value: num(facts.value !== 0), recomputed: num(facts.recomputed !== 0) } : shown;
  return el("div", { class: "totals" }, el("dl", {},
    el("dt", {}, t("fromHere")), el("dd", { data: { recomputed: String(facts.recomputed), printed: text.recomputed } }, text.recomputed),
    el("dt", {}, t("fromRun")), el("dd", { data: { total: String(facts.value), printed: text.value, differs: String(shown.differs) } }, text.value)),
  shown.differs ? el("p", { class: "loud" }, t("differs")) : el("p", { class: "quiet small" }, t(facts.count > 1 ? "digitsSum" : "digits")));
}

const LARGEST = 6;

/** The terms of a sum: the largest with their numbers, the rest summed, the total. */
function termsView(facts) {
  const { step, terms, count } = facts;
  // What is not finite comes first: it decides the sum
  const size = ({ value }) => (Number.isFinite(value) ? Math.abs(value) : Infinity);
  const sorted = terms.slice().sort((a, b) => (size(a) === size(b) ? 0 : size(b) - size(a)));
  const isShort = count <= LARGEST + 2;
  const shown = isShort ? terms : sorted.slice(0, LARGEST);
  const total = facts.isPartial ? facts.total : terms.reduce((sum, term) => sum + term.value, 0);
  const rest = total - shown.reduce((sum, term) => sum + term.value, 0);
  const widest = Math.max(...shown.map(size).concat(isShort ? [] : Math.abs(rest)).filter(Number.isFinite), 0) || 1;
  const rows = shown.map((term) => el("tr", { data: { term: String(term.value), k: String(term.k ?? "") } },
    el("td", {}, term.factors.map((each, i) => [i > 0 ? el("span", { class: "times" }, " · ") : "", elementLink(step, each)]),
      term.factors.length > 1 ? el("div", { class: "worth" }, term.factors.map(({ tensor, value }) => bracketed(valueText(tensor, value))).join(" · ")) : null),
    el("td", { class: "value" }, num(term.value), barFor(term.value, widest))));
  if (count > shown.length) {
    rows.push(el("tr", { class: "rest", data: { rest: String(rest), restcount: String(count - shown.length) } },
      el("td", {}, t("theRest", { count: count - shown.length })), el("td", { class: "value" }, num(rest), barFor(rest, widest))));
  }
  return el("table", { class: "terms" }, el("caption", {}, t(count > shown.length ? "largestTerms" : count === 1 ? "onlyTerm" : "allTerms", { count })), el("tbody", {}, rows));
}

function bracketed(text) {
  return text.startsWith(MINUS) ? `(${text})` : text;
}

function barFor(value, widest) {
  const bar = el("span", { class: `signed ${value < 0 ? "negative" : "positive"}`, "aria-hidden": "true" });
  bar.style.width = `${Math.min(100, (Math.abs(value) / widest) * 100)}%`;
  return el("span", { class: "barline", "aria-hidden": "true" }, bar);
}

const PANELS = {
  given: (facts) => [
    el("p", {}, say("given", { name: code(nameOf(facts.step, facts.tensor)) })), usesView(facts.step, facts.tensor, facts.index),
  ],
  unknown: (facts) => [
    el("p", {}, t("unknown")),
    el("p", {}, (facts.ids ?? []).map((id, i) => [i ? ", " : "", code(nameOf(facts.step, facts.step.run.tensors[id]))])),
    totalsView(facts, facts.tensor),
  ],
  product: productPanel, elementwise: elementwisePanel, chain: chainPanel, sum: sumPanel, spread: spreadPanel,
  move: movePanel, same: movePanel, grouped: groupedPanel, update: updatePanel,
};
