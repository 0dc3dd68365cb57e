// The panel for each way in which an element can come about.

function productPanel(facts) {
  const { step, how, tensor, index, a, b, count, terms } = facts;
  const [i, j] = index.slice(-2);
  const batch = index.slice(0, -2).map((each) => `${each}, `).join("");
  const [nameA, nameB] = [nameOf(step, a), nameOf(step, b)];
  const pair = (first, second, turned) => (turned ? `${second}, ${first}` : `${first}, ${second}`);
  const formula = `${nameOf(step, tensor)}[${batch}${i}, ${j}] = Σₖ ${nameA}[${batch}${pair(i, "k", how.ta)}] · ${nameB}[${batch}${pair("k", j, how.tb)}]`;
  const meets = say("meets", {
    first: [t(how.ta ? "column" : "row"), " ", i, " "].join(""), a: code(nameA),
    second: [t(how.tb ? "row" : "column"), " ", j, " "].join(""), b: code(nameB), count,
  });
  if (terms.length === 0) return [el("p", { class: "formula" }, code(formula)), el("p", {}, meets), el("p", { class: "quiet" }, t("termsMissing")), totalsView(facts, tensor)];
  return [
    el("p", { class: "formula", data: { formula } }, code(formula)), el("p", {}, meets),
    stripsView(facts, `${nameA}[${batch}${pair(i, "k", how.ta)}]`, `${nameB}[${batch}${pair("k", j, how.tb)}]`),
    termsView(facts), totalsView(facts, tensor),
  ];
}

/** The row and the column that met, as two strips over the same k, and below them their products as bars. */
function stripsView(facts, nameA, nameB) {
  const canvas = el("canvas", { class: "strips", tabindex: "0", role: "application", "aria-roledescription": t("stripsRole"), "aria-label": t("stripsLabel", { a: nameA, b: nameB, count: facts.count }) });
  const chart = { facts, canvas, at: -1 };
  requestAnimationFrame(() => drawStrips(chart));
  const say = (k, x, y) => {
    chart.at = k;
    drawStrips(chart);
    const [left, right] = facts.terms[k].factors.map(({ value }) => num(value));
    const text = `k = ${k}: ${bracketed(left)} · ${bracketed(right)} = ${num(facts.terms[k].value)}`;
    showReadout(text, x, y);
    return text;
  };
  const leave = () => { chart.at = -1; hideReadout(); drawStrips(chart); };
  canvas.addEventListener("pointermove", (event) => {
    const box = canvas.getBoundingClientRect();
    say(clamp(Math.floor(((event.clientX - box.left) / box.width) * facts.count), 0, facts.count - 1), event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("blur", leave);
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    const box = canvas.getBoundingClientRect();
    const k = clamp(chart.at + moves[event.key], 0, facts.count - 1);
    speak(say(k, box.left + ((k + 0.5) / facts.count) * box.width, box.top));
  });
  return el("figure", { class: "strips-figure" }, el("figcaption", { class: "unseen" }, t("stripsLabel", { a: nameA, b: nameB, count: facts.count })),
    el("div", { class: "strip-names", "aria-hidden": "true" }, el("span", {}, nameA), el("span", {}, nameB), el("span", {}, t("products"))), canvas);
}

const STRIP = { high: 18, gap: 22, bars: 74 };

function drawStrips({ facts, canvas, at }) {
  const width = canvas.clientWidth;
  if (width === 0) return;
  const height = 2 * (STRIP.high + STRIP.gap) + STRIP.bars + 4;
  const ratio = window.devicePixelRatio || 1;
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  canvas.style.height = `${height}px`;
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  const style = getComputedStyle(document.documentElement);
  const [negative, positive, line, ink] = ["--negative", "--positive", "--line", "--ink"].map((name) => style.getPropertyValue(name));
  const count = facts.terms.length;
  const step = width / count;
  const cell = step >= 4 ? step - 1 : Math.max(step, 1);
  // Where there is room the numbers stand in the cells and at the bars
  const write = (text, k, y, colour) => {
    if (context.measureText(text).width > step - 4) return;
    context.fillStyle = colour;
    context.fillText(text, k * step + cell / 2, y);
  };
  context.font = "12px ui-monospace, monospace";
  [context.textAlign, context.textBaseline] = ["center", "middle"];
  [0, 1].forEach((which) => {
    const tensor = facts.terms[0].factors[which].tensor;
    const { range } = rangeOf(tensor);
    facts.terms.forEach((term, k) => {
      const { value } = term.factors[which];
      const [colour, y] = [colourOf(tensor, value, range), STRIP.gap - 4 + which * (STRIP.high + STRIP.gap)];
      context.fillStyle = css(colour);
      context.fillRect(k * step, y, cell, STRIP.high);
      if (step >= 24) write(num(value, 4), k, y + STRIP.high / 2, inkOn(colour));
    });
  });
  const top = 2 * (STRIP.high + STRIP.gap) + 18;
  const middle = top + (STRIP.bars - 18) / 2;
  const largest = Math.max(...facts.terms.map((term) => (Number.isFinite(term.value) ? Math.abs(term.value) : 0))) || 1;
  facts.terms.forEach((term, k) => {
    const high = (Math.abs(term.value) / largest) * (STRIP.bars - 18) / 2;
    context.fillStyle = term.value < 0 ? negative : positive;
    if (Number.isFinite(high)) context.fillRect(k * step, term.value < 0 ? middle : middle - high, cell, Math.max(high, term.value === 0 ? 0 : 0.5));
  });
  context.fillStyle = line;
  context.fillRect(0, middle - 0.5, width, 1);
  // On the free side of the middle, where no bar is
  if (step >= 24) facts.terms.forEach((term, k) => write(num(term.value, 4), k, middle + (term.value < 0 ? -10 : 10), ink));
  if (at >= 0) outline(context, at * step, STRIP.gap - 6, Math.max(cell, 2), height - STRIP.gap + 2, 1);
}

function operandsList(facts) {
  return el("ul", { class: "operands" }, facts.factors.map((each) => el("li", { data: { operand: String(each.value) } }, elementLink(facts.step, each, true))));
}

const INFIX = { __proto__: null, add: "+", sub: MINUS, mul: "·", div: "÷", lt: "<", le: "≤", gt: ">", ge: "≥", eq: "=", ne: "≠" };

/** The operation written out with its numbers: 3.5 − 1.25, clamp(−2, min 0). */
function writtenOut(how, factors, isTurned) {
  const name = plainName(how);
  const values = factors.map(({ tensor, value }) => valueText(tensor, value));
  const numbers = how.numbers ?? [];
  if (name === "clamp") return `clamp(${values[0]}, ${[Number.isFinite(numbers[0]) ? `min ${num(numbers[0])}` : "", Number.isFinite(numbers[1]) ? `max ${num(numbers[1])}` : ""].filter(Boolean).join(", ")})`;
  if (name === "pow") return `${bracketed(values[0])}^${values[1] ?? num(numbers[0])}`;
  if (name === "masked_fill") return t(factors[1]?.value !== 0 ? "maskIsTrue" : "maskIsFalse", { number: num(numbers[0] ?? 0), value: values[0] });
  if (INFIX[name] && values.length === 2 && Number.isFinite(numbers[0])) return `${values[0]} ${INFIX[name]} ${num(numbers[0])} · ${bracketed(values[1])}`;
  if (INFIX[name]) {
    const all = values.concat(values.length === 1 ? numbers.slice(0, 1).map((number) => num(number)) : []);
    if (isTurned) all.reverse();
    return all.map((text, i) => (i ? bracketed(text) : text)).join(` ${INFIX[name]} `);
  }
  return `${how.name}(${values.concat(numbers.filter(Number.isFinite).map((number) => num(number))).join(", ")})`;
}

function elementwisePanel(facts) {
  const { how, tensor, factors } = facts;
  return [
    el("p", {}, how.isJoin ? t("joinPanel") : factors.length ? t("samePlace") : "", " ", how.isJoin ? "" : doesText(how)),
    factors.length ? el("p", { class: "formula" }, code(writtenOut(how, factors, facts.isTurned))) : null,
    operandsList(facts), totalsView(facts, tensor),
  ];
}

function chainPanel(facts) {
  const [gradient, local] = facts.factors;
  return [
    el("p", {}, say("chainPanel", { gradient: elementLink(facts.step, gradient), local: elementLink(facts.step, local) })),
    el("p", { class: "formula" }, code(`${bracketed(num(gradient.value))} · ${bracketed(num(local.value))}`)),
    operandsList(facts), totalsView(facts, facts.tensor),
  ];
}

function sumPanel(facts) {
  const { count, how } = facts;
  return [
    el("p", {}, say(how.mean ? "meanPanel" : "sumPanel", { count, of: code(nameOf(facts.step, facts.of)) })),
    facts.terms.length ? termsView(facts) : el("p", { class: "quiet" }, t("termsMissing")),
    how.mean ? el("p", {}, t("divided", { count })) : null, totalsView(facts, facts.tensor),
  ];
}

function spreadPanel(facts) {
  const key = facts.scale === 1 ? "spreadPanel" : "spreadScaled";
  return [el("p", {}, say(key, { of: elementLink(facts.step, facts.factors[0], true), factor: num(facts.scale) })), totalsView(facts, facts.tensor)];
}

function movePanel(facts) {
  const key = facts.kind === "same" ? "samePanel" : "movePanel";
  return [el("p", {}, say(key, { of: elementLink(facts.step, facts.factors[0], true, facts.maker.place) })), totalsView(facts, facts.tensor)];
}
