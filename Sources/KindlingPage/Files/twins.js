// The same tensor in other runs: what lesson 1 calls gradW1 is w1.grad in lesson 3.

const CLOSE = 1e-3;

/** The tensors of other runs, at the same training step, that hold the same numbers, perhaps transposed. */
function twinsOf(step, tensor) {
  tensor.twins ??= runs.filter((run) => run !== step.run).map((run) => {
    const other = run.steps.find((candidate) => candidate.step === step.step);
    return other ? twinIn(other, tensor) : null;
  }).filter(Boolean);
  return tensor.twins;
}

function twinIn(step, tensor) {
  if (!(tensor.norm > 0) || tensor.bad > 0) return null;
  const seen = new Set();
  let best = null;
  step.operations.forEach((operation, place) => {
    for (const [slot, id] of slotsOf(operation)) {
      if (seen.has(id)) continue;
      seen.add(id);
      const other = step.run.tensors[id];
      const transposed = matches(tensor, other);
      if (transposed === null) continue;
      const rank = (other.name ? 4 : 0) + (transposed ? 0 : 2) + (slot.startsWith("o") ? 1 : 0);
      if (!best || rank > best.rank) best = { step, tensor: other, transposed, rank, place };
    }
  });
  return best;
}

/** False if the numbers agree, true if they do with rows and columns exchanged, null if they do not. */
function matches(tensor, other) {
  if (!(Math.abs(other.norm - tensor.norm) <= 0.01 * tensor.norm) || other.bad > 0) return null;
  if (tensor.dtype === "bool" || other.dtype === "bool") return null;
  if (shapeText(tensor.shape) === shapeText(other.shape) && agrees(tensor, other, false)) return false;
  if (tensor.shape.length === 2 && shapeText(exchanged(tensor.shape)) === shapeText(other.shape) && agrees(tensor, other, true)) return true;
  return null;
}

function agrees(tensor, other, transposed) {
  const bound = CLOSE * Math.max(Math.abs(tensor.min ?? 0), Math.abs(tensor.max ?? 0));
  const lists = tensor.shape.map((size) => shownOf(tensor.run, size));
  let compared = 0;
  const visit = (place, index) => {
    if (place === lists.length) {
      const theirs = valueAt(other, transposed ? [index[1], index[0]] : index);
      if (theirs === undefined) return true;
      compared += 1;
      return Math.abs(theirs - valueAt(tensor, index)) <= bound;
    }
    return lists[place].every((i) => {
      index[place] = i;
      return visit(place + 1, index);
    });
  };
  return visit(0, []) && compared > 0;
}

/** Offers to go to the same tensor in the other runs. Looked for after the page has been drawn. */
function showTwins(step, { tensor, index }) {
  const box = document.getElementById("twins");
  if (!box || runs.length < 2) return;
  const twins = twinsOf(step, tensor);
  if (twins.length === 0) return;
  const here = nameOf(step, tensor);
  box.replaceChildren(el("h3", {}, t("twinsTitle")), el("ul", { class: "twins" }, twins.map((twin) => {
    const { run } = twin.step;
    const there = nameOf(twin.step, twin.tensor);
    const label = say(twin.transposed ? "twinTransposed" : "twin", { here: code(here), there: code(there), run: run.title });
    return el("li", {}, el("button", { type: "button", class: "twin", data: { twin: there, run: String(run.place) }, onclick: jump(() => goToTwin(twin, index)) }, label));
  })));
}

function goToTwin(twin, index) {
  place.run = twin.step.run.place;
  place.step = twin.step.position;
  place.op = twin.place;
  place.marks = new Map();
  const at = twin.transposed ? [index[1], index[0]] : index;
  place.focus = { tensor: twin.tensor.id, index: at };
  if (fits(twin.tensor, at)) markElement(twin.step, place.marks, twin.tensor, at);
  else place.focus = null;
  settle();
}
