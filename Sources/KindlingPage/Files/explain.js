// How one element came about: the terms that made it, recomputed here in float64 from the numbers in the page.

/**
 * What is known about one element of a tensor:
 *   value        what the run computed
 *   recomputed   the same from the terms in float64, or null if a term is not in the page
 *   error        how far rounding can part the two
 *   kind         which of the parts below there are
 *   terms        [{ factors: [{ tensor, index, value }], value, k }], all of a sum or the known ones
 *   count        how many terms the sum has
 */
function explain(step, tensor, index, maker) {
  const value = valueAt(tensor, index);
  const base = { step, tensor, index, value, maker, recomputed: null, error: 0, terms: [], count: 0, kind: "given" };
  if (!maker) return base;
  const { how } = maker.output;
  const explained = (EXPLANATIONS[how?.kind] ?? explainUnknown)(step, how, base);
  return { ...base, kind: how?.kind ?? "unknown", how, ...explained };
}

const EXPLANATIONS = {
  product: explainProduct, elementwise: explainElementwise, chain: explainChain, sum: explainSum,
  spread: explainSpread, move: explainMove, same: explainMove, grouped: explainGrouped, update: explainUpdate, unknown: explainUnknown,
};

function factor(step, id, index) {
  const tensor = step.run.tensors[id];
  return { tensor, index, value: valueAt(tensor, index) };
}

function isKnown(factors) {
  return factors.every(({ value }) => value !== undefined);
}

/** The index of the element of a (or b) that meets at k, for an element of the product. */
function productIndex(shape, transposed, outer, k, out, isFirst) {
  const rank = shape.length;
  const batch = broadcastIndex(shape.slice(0, rank - 2), out.slice(0, out.length - 2));
  const pair = isFirst === transposed ? [k, outer] : [outer, k];
  return [...batch, ...pair];
}

function explainProduct(step, how, { tensor, index }) {
  const { tensors } = step.run;
  const [a, b] = [tensors[how.a], tensors[how.b]];
  const [i, j] = index.slice(-2);
  const count = a.shape[a.shape.length - (how.ta ? 2 : 1)];
  const terms = [];
  for (let k = 0; k < count; k++) {
    const factors = [
      factor(step, how.a, productIndex(a.shape, how.ta, i, k, index, true)),
      factor(step, how.b, productIndex(b.shape, how.tb, j, k, index, false)),
    ];
    if (!isKnown(factors)) return { a, b, count, terms: [] };
    terms.push({ k, factors, value: factors[0].value * factors[1].value });
  }
  return { a, b, count, terms, ...summed(terms, tensor.dtype) };
}

function summed(terms, dtype, scale = 1) {
  let [total, sizes] = [0, 0];
  for (const { value } of terms) {
    total += value;
    sizes += Math.abs(value);
  }
  return { recomputed: total * scale, error: epsilon(dtype) * sizes * scale };
}

/** What NumPy, and with it lesson 1, calls operations that have another name in PyTorch. */
const NUMPY_NAMES = { __proto__: null, subtract: "sub", multiply: "mul", divide: "div", power: "pow", less: "lt", greater: "gt", assign: "masked_fill" };

/** PyTorch's name of an elementwise operation, without the _ of those that write. */
function plainName(how) {
  const name = how.name.replace(/_$/, "");
  return NUMPY_NAMES[name] ?? name;
}

function explainElementwise(step, how, { tensor, index, value }) {
  const factors = how.of.map((id) => factor(step, id, broadcastIndex(step.run.tensors[id].shape, index)));
  if (!isKnown(factors)) return { factors };
  const name = plainName(how);
  const compute = FUNCTIONS[name];
  if (!compute) return { factors };
  const values = factors.map((each) => each.value);
  const numbers = how.numbers ?? [];
  let recomputed = compute(values, numbers, false);
  // A number given with one tensor may have stood on either side: 1 - x, x - 1; the run's value tells
  const turned = values.length === 1 && numbers.length > 0 ? compute(values, numbers, true) : recomputed;
  let isTurned = false;
  if (Math.abs(turned - value) < Math.abs(recomputed - value)) [recomputed, isTurned] = [turned, true];
  const sizes = values.concat(numbers.filter(Number.isFinite)).map(Math.abs);
  const isSum = ["add", "sub", "rsub"].includes(name);
  const error = epsilon(tensor.dtype) * (isSum ? sizes.reduce((a, b) => a + b, 0) : 4 * Math.abs(value));
  return { factors, recomputed: recomputed ?? null, error, isTurned };
}

function turn(values, numbers, turned) {
  const pair = values.length > 1 ? values : [values[0], numbers[0]];
  return turned ? [pair[1], pair[0]] : pair;
}

const binary = (act) => (values, numbers, turned) => act(...turn(values, numbers, turned));
const unary = (act) => ([x]) => act(x);

/** The elementwise operations, in float64. */
const FUNCTIONS = {
  __proto__: null,
  // With two tensors a number is add's factor: a + factor · b
  add: (v, n, turned) => (v.length > 1 ? v[0] + v.slice(1).reduce((a, b) => a + b, 0) * (n[0] ?? 1) : binary((a, b) => a + b)(v, n, turned)),
  sub: (v, n, turned) => (v.length > 1 ? v[0] - v[1] * (n[0] ?? 1) : binary((a, b) => a - b)(v, n, turned)),
  rsub: binary((a, b) => b - a), mul: binary((a, b) => a * b), div: binary((a, b) => a / b),
  pow: binary((a, b) => a ** b), maximum: binary(Math.max), minimum: binary(Math.min),
  lt: binary((a, b) => Number(a < b)), le: binary((a, b) => Number(a <= b)),
  gt: binary((a, b) => Number(a > b)), ge: binary((a, b) => Number(a >= b)),
  eq: binary((a, b) => Number(a === b)), ne: binary((a, b) => Number(a !== b)),
  clamp: ([x], [low, high]) => Math.min(Math.max(x, low ?? -Infinity), high ?? Infinity),
  relu: unary((x) => Math.max(x, 0)), neg: unary((x) => -x), abs: unary(Math.abs), square: unary((x) => x * x),
  sqrt: unary(Math.sqrt), exp: unary(Math.exp), log: unary(Math.log), tanh: unary(Math.tanh), sign: unary(Math.sign),
  sigmoid: unary((x) => 1 / (1 + Math.exp(-x))), reciprocal: unary((x) => 1 / x),
  clone: unary((x) => x), zero: () => 0, fill: (_, [number]) => number,
  masked_fill: ([x, mask], [number]) => (mask !== 0 ? number ?? 0 : x),
  where: ([condition, x, y]) => (condition !== 0 ? x : y),
};

function explainChain(step, how, { tensor, index, value }) {
  const factors = [how.gradient, how.local].map((id) => factor(step, id, broadcastIndex(step.run.tensors[id].shape, index)));
  const recomputed = isKnown(factors) ? factors[0].value * factors[1].value : null;
  return { factors, recomputed, error: epsilon(tensor.dtype) * 4 * Math.abs(value ?? 0) };
}

function explainSum(step, how, { tensor, index, value }) {
  const of = step.run.tensors[how.of];
  const pairs = keptDims(tensor.shape, of.shape, how.dims);
  const at = of.shape.map(() => null);
  pairs.forEach(([small, large]) => { at[large] = index[small] ?? 0; });
  const free = at.map((i, d) => (i === null ? d : -1)).filter((d) => d >= 0);
  const count = free.reduce((product, d) => product * of.shape[d], 1);
  const scale = how.mean ? 1 / count : 1;
  const terms = termsAlong(of, at, free);
  if (terms) return { of, count, terms, scale, ...summed(terms, tensor.dtype, scale) };
  const largest = (how.largest ?? []).map(({ index: place, value: term }) => ({ factors: [{ tensor: of, index: place, value: term }], value: term }));
  return { of, count, terms: largest, scale, isPartial: true, total: (value ?? 0) / scale };
}

/** Every element of a tensor along the free dimensions, or null if the page does not have them all. */
function termsAlong(of, at, free) {
  const terms = [];
  const visit = (place, index) => {
    if (place === free.length) {
      const value = valueAt(of, index);
      if (value === undefined) return false;
      terms.push({ k: terms.length, factors: [{ tensor: of, index: index.slice(), value }], value });
      return true;
    }
    for (let i = 0; i < of.shape[free[place]]; i++) {
      index[free[place]] = i;
      if (!visit(place + 1, index)) return false;
    }
    return true;
  };
  return visit(0, at.slice()) ? terms : null;
}

function explainSpread(step, how, { tensor, index }) {
  const of = step.run.tensors[how.of];
  const at = of.shape.map(() => 0);
  keptDims(of.shape, tensor.shape, how.dims).forEach(([small, large]) => { at[small] = index[large]; });
  const factors = [factor(step, how.of, at)];
  const scale = how.factor ?? 1;
  const recomputed = isKnown(factors) ? factors[0].value * scale : null;
  return { of, factors, scale, recomputed, error: epsilon(tensor.dtype) * Math.abs(recomputed ?? 0) * 2 };
}

function explainMove(step, how, { tensor, index }) {
  const of = step.run.tensors[how.of];
  let at = index;
  if (how.permutation) {
    at = of.shape.map(() => 0);
    how.permutation.forEach((from, d) => { at[from] = index[d]; });
  } else if (how.kind === "move") {
    at = indexOf(of.shape, offsetOf(tensor.shape, index));
  }
  const factors = [factor(step, how.of, at)];
  return { of, factors, recomputed: factors[0].value ?? null, error: 0 };
}

function explainUnknown(step, how) {
  return { ids: how?.of ?? [] };
}
