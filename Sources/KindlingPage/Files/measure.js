// A check on a gradient: one weight is moved a little, and the forward half computed again here.

const MOVED = 0.01;
const MOST_PRODUCTS = 1e6;

/**
 * How the loss changes with one element of a parameter: { from, to, lossFrom, lossTo, slope }. Null where the page cannot
 * compute the forward half again, or where its answer would mislead: at a kink no slope is the gradient.
 */
function measured(step, facts) {
  const { maker, index, value } = facts;
  const found = maker ? parameterOf(step, step.operations[maker.place], maker.output) : null;
  const loss = step.operations.filter(({ phase }) => phase === "forward").pop()?.outputs[0]?.tensor;
  if (!found || loss === undefined || countOf(step.run.tensors[loss].shape) !== 1 || !Number.isFinite(value)) return null;
  const weight = step.run.tensors[found.id];
  const at = found.transposed ? exchanged(index) : index;
  if (weight.shape.length !== at.length || !at.every((i, d) => i < weight.shape[d]) || !isWhole(weight)) return null;
  const from = valueAt(weight, at);
  const lossAt = (to) => {
    const moved = partOf(weight, "kept").slice();
    moved[offsetOf(weight.shape, at)] = to;
    return computedAgain(step, weight, moved, loss);
  };
  const [lossFrom, lossTo, near] = [from, from + MOVED, from + MOVED / 1000].map(lossAt);
  const own = valueAt(step.run.tensors[loss], step.run.tensors[loss].shape.map(() => 0));
  if (![lossFrom, lossTo, near].every(Number.isFinite) || Math.abs(lossFrom - own) > 1e-4 * Math.abs(own)) return null;
  const slope = (lossTo - lossFrom) / MOVED;
  const limit = (near - lossFrom) / (MOVED / 1000);
  // A change that the printed digits hardly show explains nothing
  if (lossTo !== lossFrom && Math.abs(lossTo - lossFrom) < 1e-5 * Math.abs(lossFrom)) return null;
  if (Math.abs(limit - value) > 1e-2 * Math.abs(value) + 1e-6 || Math.abs(limit - value) > Math.abs(slope - value) + 1e-4 * Math.abs(value)) return null;
  return { weight, at, from, to: from + MOVED, lossFrom, lossTo, slope };
}

/** The loss with other numbers in a tensor: whatever depends on it is computed again in float64, the rest is the run's. */
function computedAgain(step, tensor, numbers, loss) {
  const { tensors } = step.run;
  const changed = new Map([[tensor.id, numbers]]);
  const get = (id) => changed.get(id) ?? (isWhole(tensors[id]) ? partOf(tensors[id], "kept") : null);
  for (const { phase, outputs, inputs } of step.operations) {
    if (phase !== "forward") break;
    for (const output of outputs) {
      if (![...inputs, ...operandsOf(output.how).map(([, id]) => id)].some((id) => changed.has(id))) continue;
      const made = (AGAIN[output.how?.kind] ?? (() => null))(step, output.how, tensors[output.tensor], get);
      if (!made) return null;
      changed.set(output.tensor, made);
    }
  }
  return changed.get(loss)?.[0] ?? null;
}

const AGAIN = {
  __proto__: null, product: productAgain, elementwise: elementwiseAgain, sum: sumAgain,
  move: (step, how, out, get) => gathered(step, how, out, get), same: (step, how, out, get) => get(how.of),
};

function productAgain(step, how, out, get) {
  const [a, b] = [how.a, how.b].map((id) => step.run.tensors[id]);
  const [x, y] = [get(how.a), get(how.b)];
  const [n, m] = out.shape;
  const inner = a.shape[how.ta ? 0 : 1];
  if (!x || !y || [a, b, out].some(({ shape }) => shape.length !== 2) || n * m * inner > MOST_PRODUCTS) return null;
  const made = new Float64Array(n * m);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < m; j++) {
      for (let k = 0; k < inner; k++) made[i * m + j] += x[how.ta ? k * n + i : i * inner + k] * y[how.tb ? j * inner + k : k * m + j];
    }
  }
  return made;
}

function elementwiseAgain(step, how, out, get) {
  const compute = FUNCTIONS[plainName(how)];
  const operands = how.of.map((id) => [step.run.tensors[id], get(id)]);
  if (!compute || operands.some(([, numbers]) => !numbers)) return null;
  // On which side a number stood the run's largest element tells: 1 - x, x - 1
  const { isTurned } = explainElementwise(step, how, elementAt(out, completeIndex(out, out.shape.map(() => null))));
  const made = new Float64Array(countOf(out.shape));
  for (let at = 0; at < made.length; at++) {
    const index = indexOf(out.shape, at);
    const values = operands.map(([{ shape }, numbers]) => numbers[offsetOf(shape, broadcastIndex(shape, index))]);
    made[at] = compute(values, how.numbers ?? [], Boolean(isTurned));
  }
  return made;
}

function elementAt(tensor, index) {
  return { tensor, index, value: valueAt(tensor, index) };
}

function sumAgain(step, how, out, get) {
  const [of, numbers] = [step.run.tensors[how.of], get(how.of)];
  if (!numbers) return null;
  const pairs = keptDims(out.shape, of.shape, how.dims);
  const made = new Float64Array(countOf(out.shape));
  numbers.forEach((number, at) => {
    const [index, to] = [indexOf(of.shape, at), out.shape.map(() => 0)];
    pairs.forEach(([small, large]) => { to[small] = index[large]; });
    made[offsetOf(out.shape, to)] += number * (how.mean ? made.length / numbers.length : 1);
  });
  return made;
}

function gathered(step, how, out, get) {
  const [of, numbers] = [step.run.tensors[how.of], get(how.of)];
  if (!numbers || !how.permutation) return numbers;
  return Float64Array.from({ length: numbers.length }, (_, at) => {
    const [index, from] = [indexOf(out.shape, at), of.shape.map(() => 0)];
    how.permutation.forEach((d, place) => { from[d] = index[place]; });
    return numbers[offsetOf(of.shape, from)];
  });
}

/** In the panel: the check, where it can be made. */
function measureView(step, facts) {
  const found = measured(step, facts);
  if (!found) return null;
  const { weight, at, from, to, lossFrom, lossTo, slope } = found;
  const digits = Math.abs(lossTo - lossFrom) < 1e-3 * Math.abs(lossFrom) ? 8 : 6;
  return el("div", { class: "measure", data: { measure: String(slope) } },
    el("h3", {}, t("measureTitle")),
    el("p", {}, say("measured", { weight: code(nameOf(step, weight) + indexText(at)), from: num(from), to: num(to), lossFrom: num(lossFrom, digits), lossTo: num(lossTo, digits), slope: num(slope, 4) })),
    slope === facts.value ? null : el("p", { class: "quiet small" }, t("measuredNote", { gradient: num(facts.value) })));
}
