// An element that all of its group had a part in, of a softmax or a layer norm: computed again from the group, stage by stage.

/** The numbers of the group along dims that the element at index is in, in order; null where the page does not have them all. */
function groupOf(of, index, dims) {
  const at = broadcastIndex(of.shape, index).map((i, d) => (dims.includes(d) ? null : i));
  return termsAlong(of, at, dims)?.map(({ value }) => value) ?? null;
}

const total = (list) => list.reduce((sum, value) => sum + value, 0);
const meanOf = (list) => total(list) / list.length;
const sizeOf = (list) => total(list.map(Math.abs));

/** μ, 1 / √(σ² + ε), the z of every element of a group, and by how much rounding in the run may have moved a z. */
function normalized(x, eps, unit) {
  const mean = meanOf(x);
  const variance = meanOf(x.map((each) => (each - mean) ** 2));
  const s = 1 / Math.sqrt(variance + eps);
  const z = x.map((each) => (each - mean) * s);
  const blur = unit * Math.max(...x.map((each, i) => (Math.abs(each) + Math.abs(mean)) * s + 4 * Math.abs(z[i])));
  return { mean, variance, s, z, blur };
}

/**
 * The formulas, by the name that the library gives them. Of the groups that the element at `at` is in, one of each operand, they
 * make { value, error, rows: [[formula, number]] }, where unit is the rounding of the run's numbers.
 */
const GROUPED = {
  __proto__: null,
  softmax: ([x], at, _, unit) => {
    const shares = sharesOf(x, at);
    const value = shares.e / shares.sum;
    return { value, error: unit * value * (4 + shares.max - x[at]), rows: [...shares.rows, ["eˣ⁻ᵐ / Σ eˣ⁻ᵐ", value]] };
  },
  logSoftmax: ([x], at, _, unit) => {
    const shares = sharesOf(x, at);
    const value = x[at] - shares.max - Math.log(shares.sum);
    return { value, error: unit * (2 + shares.max - x[at] + Math.log(shares.sum)), rows: [...shares.rows, ["x − m − ln Σ eˣ⁻ᵐ", value]] };
  },
  softmaxGradient: ([dy, y], at, _, unit) => {
    const products = dy.map((each, i) => each * y[i]);
    const sum = total(products);
    const value = y[at] * (dy[at] - sum);
    return { value, error: 2 * unit * y[at] * (Math.abs(dy[at]) + sizeOf(products)), rows: [["Σ dy · y", sum], ["y · (dy − Σ dy · y)", value]] };
  },
  logSoftmaxGradient: ([dy, y], at, _, unit) => {
    const [sum, share] = [total(dy), Math.exp(y[at])];
    const value = dy[at] - share * sum;
    return {
      value, error: unit * (Math.abs(dy[at]) + share * sizeOf(dy) * (2 + Math.abs(y[at]))),
      rows: [["Σ dy", sum], ["eʸ", share], ["dy − eʸ · Σ dy", value]],
    };
  },
  layerNorm: ([x, w, b], at, eps, unit) => {
    const { mean, variance, z, blur } = normalized(x, eps, unit);
    const [weight, bias] = [w?.[at] ?? 1, b?.[at] ?? 0];
    const value = z[at] * weight + bias;
    const rows = [["μ", mean], ["σ²", variance], ["z = (x − μ) / √(σ² + ε)", z[at]]];
    if (w) rows.push([b ? "z · w + b" : "z · w", value]);
    return { value, error: blur * Math.abs(weight) + 2 * unit * (Math.abs(z[at] * weight) + Math.abs(bias)), rows };
  },
  layerNormGradient: ([dy, x, w], at, eps, unit) => {
    const { mean, variance, s, z, blur } = normalized(x, eps, unit);
    const g = dy.map((each, i) => each * (w?.[i] ?? 1));
    const products = g.map((each, i) => each * z[i]);
    const [push, stretch, count] = [meanOf(g), meanOf(products), g.length];
    const value = s * (g[at] - push - z[at] * stretch);
    const sizes = Math.abs(g[at]) + sizeOf(g) / count + Math.abs(z[at]) * sizeOf(products) / count;
    return {
      value, error: s * (8 * unit * sizes + blur * (sizeOf(products) / count + Math.abs(z[at]) * sizeOf(g) / count)),
      rows: [["μ", mean], ["σ²", variance], ["z = (x − μ) / √(σ² + ε)", z[at]], [w ? "g = dy · w" : "g = dy", g[at]], ["Σ g / n", push],
        ["Σ g · z / n", stretch], ["(g − Σ g / n − z · Σ g · z / n) / √(σ² + ε)", value]],
    };
  },
};

/** What a softmax has of a group: the largest number, e to the power of the one at `at` less that, and the sum of these. */
function sharesOf(x, at) {
  const max = Math.max(...x);
  const [e, sum] = [Math.exp(x[at] - max), total(x.map((each) => Math.exp(each - max)))];
  return { max, e, sum, rows: [["m = max x", max], ["eˣ⁻ᵐ", e], ["Σ eˣ⁻ᵐ", sum]] };
}

function explainGrouped(step, how, { tensor, index }) {
  const of = how.of.map((id) => step.run.tensors[id]);
  if (how.name === "layerNormWeightGradient") return explainWeight(of, how, index, tensor.dtype);
  const factors = how.of.map((id) => factor(step, id, broadcastIndex(step.run.tensors[id].shape, index)));
  // A weight has the dimensions of a group alone
  const groups = of.map((each) => groupOf(each, index, how.dims.map((d) => d - tensor.shape.length + each.shape.length)));
  const count = how.dims.reduce((product, d) => product * tensor.shape[d], 1);
  const known = groups.every((group) => group?.every(Number.isFinite));
  if (!known || !(how.name in GROUPED)) return { factors, members: count };
  const at = how.dims.reduce((place, d) => place * tensor.shape[d] + index[d], 0);
  const { value, error, rows } = GROUPED[how.name](groups, at, how.numbers?.["ε"] ?? 0, epsilon(tensor.dtype));
  // Below the smallest normal number of its type the run may have rounded to 0
  return { factors, rows, members: count, recomputed: value, error: error + (tensor.dtype === "float32" ? 2 ** -126 : 0) };
}

/** The gradient of a layer norm's weight: dy · z, added up over all groups. */
function explainWeight([dy, x], how, index, dtype) {
  const others = dy.shape.map((_, d) => d).filter((d) => !how.dims.includes(d));
  const here = (lead) => [...lead, ...index];
  const at = how.dims.reduce((place, d, i) => place * dy.shape[d] + index[i], 0);
  let [sum, error, count] = [0, 0, 0];
  for (const { index: lead } of everyIndex(others.map((d) => dy.shape[d]), others.map(() => null))) {
    const [group, gradient] = [groupOf(x, here(lead), how.dims), valueAt(dy, here(lead))];
    if (!group || ![...group, gradient].every(Number.isFinite)) return { factors: [] };
    const { z, blur } = normalized(group, how.numbers?.["ε"] ?? 0, epsilon(dtype));
    sum += gradient * z[at];
    error += Math.abs(gradient) * blur + 2 * epsilon(dtype) * Math.abs(gradient * z[at]);
    count += 1;
  }
  return { factors: [], rows: [["Σ dy · z", sum]], members: count, recomputed: sum, error };
}

function groupedPanel(facts) {
  const { how, tensor, factors, rows } = facts;
  return [
    el("p", {}, t(`grouped_${how.name}`)), how.numbers?.["ε"] ? el("p", { class: "quiet" }, `ε = ${num(how.numbers["ε"])}`) : null,
    factors.length ? operandsList(facts) : null,
    rows ? el("dl", { class: "change" }, rows.map(([formula, number]) => [el("dt", {}, code(formula)), el("dd", { data: { stage: String(number) } }, num(number))])) : null,
    totalsView(facts, tensor),
  ];
}
