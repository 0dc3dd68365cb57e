// Where a number goes: which elements of an operation's result have it as a term or a factor.

const USES_SHOWN = 3;

/**
 * The elements that an operation makes from one element of a tensor, or null if the operation does not read it:
 * { tensor, count, shown: [{ index, factor }] }, the factor being what the element is multiplied by where it is one of a
 * product. Of many those with the largest factors are shown.
 */
function usesIn(step, operation, tensor, index) {
  for (const output of operation.outputs) {
    const made = step.run.tensors[output.tensor];
    const found = made.id === tensor.id ? null : usesBy(step, output.how ?? {}, tensor, index, made);
    if (found?.length) return { tensor: made, count: found.length, shown: largestFew(found, ({ factor }) => Math.abs(factor ?? 0)) };
  }
  return null;
}

/** The largest few of a list, in the order of the list. */
function largestFew(list, size, most = USES_SHOWN) {
  if (list.length <= most) return list;
  const chosen = new Set(list.slice().sort((a, b) => size(b) - size(a)).slice(0, most));
  return list.filter((each) => chosen.has(each));
}

function usesBy(step, how, tensor, index, made) {
  if (how.kind === "product") return usesByProduct(step, how, tensor, index, made);
  if (!operandsOf(how).some(([, id]) => id === tensor.id)) return [];
  if (how.kind === "move" && how.permutation) return [{ index: how.permutation.map((from) => index[from]) }];
  if (how.kind === "move") return [{ index: indexOf(made.shape, offsetOf(tensor.shape, index)) }];
  if (how.kind === "sum") {
    const at = made.shape.map(() => 0);
    keptDims(made.shape, tensor.shape, how.dims).forEach(([small, large]) => { at[small] = index[large]; });
    return [{ index: at }];
  }
  if (how.kind === "spread") {
    const at = made.shape.map(() => null);
    keptDims(tensor.shape, made.shape, how.dims).forEach(([small, large]) => { at[large] = index[small]; });
    return everyIndex(made.shape, at);
  }
  if (how.kind === "grouped" && shapeText(tensor.shape) === shapeText(made.shape)) return everyIndex(made.shape, index.map((i, d) => (how.dims.includes(d) ? null : i)));
  if (how.kind === "grouped" && tensor.shape.length > made.shape.length) return [{ index: index.slice(-made.shape.length) }];
  // Element by element: the same place, or every place that broadcasting fills from it
  const shift = made.shape.length - tensor.shape.length;
  return everyIndex(made.shape, made.shape.map((size, d) => (d < shift || (tensor.shape[d - shift] === 1 && size > 1) ? null : index[d - shift])));
}

function usesByProduct(step, how, tensor, index, made) {
  const [a, b] = [how.a, how.b].map((id) => step.run.tensors[id]);
  const isFirst = a.id === tensor.id;
  if ((!isFirst && b.id !== tensor.id) || a.shape.length !== made.shape.length || b.shape.length !== made.shape.length) return [];
  const [p, q] = index.slice(-2);
  const lead = index.slice(0, -2);
  const [outer, k] = (isFirst ? how.ta : !how.tb) ? [q, p] : [p, q];
  const other = isFirst ? b : a;
  return Array.from({ length: made.shape[made.shape.length - (isFirst ? 1 : 2)] }, (_, at) => {
    const place = isFirst ? [...lead, outer, at] : [...lead, at, outer];
    const turned = isFirst ? how.tb : how.ta;
    return { index: place, factor: valueAt(other, productIndex(other.shape, Boolean(turned), at, k, place, !isFirst)) };
  });
}

/** Every index of a shape that has the given places; null stands for all of a dimension. */
function everyIndex(shape, at) {
  return shape.reduce((list, size, d) => list.flatMap((index) => (at[d] === null
    ? Array.from({ length: size }, (_, i) => [...index, i]) : [[...index, at[d]]])), [[]]).map((index) => ({ index }));
}

/** In the panel: where the element goes in the operation that is looked at, or where it is read first. */
function usesView(step, tensor, index) {
  const operation = currentOperation();
  const here = operation && usesIn(step, operation, tensor, index);
  const parts = [];
  if (here) parts.push(el("p", { class: "goes", data: { goes: String(here.count) } }, say("goesInto", { list: usesList(step, here) })));
  const readAt = here ? -1 : step.operations.findIndex((each) => usesIn(step, each, tensor, index));
  if (readAt >= 0) parts.push(el("p", {}, say("readIn", { link: operationLink(step, readAt, tensor.id, index) })));
  const gradient = gradientPlace(step, tensor);
  if (gradient) parts.push(el("p", {}, say("gradientIsIn", { name: elementLink(step, { tensor: gradient, index }), link: code(operationName(step, makersOf(step).get(gradient.id).place)) })));
  return parts;
}

function usesList(step, { tensor, count, shown }) {
  const items = shown.map(({ index, factor }) => [elementLink(step, { tensor, index }), factor === undefined ? "" : [" (", timesText(factor), ")"]]);
  return [...listOf(items, count), count > shown.length ? t("andMore", { count: count - shown.length }) : ""];
}

/** A factor that no line is broken in: × 3. */
function timesText(factor) {
  return el("span", { class: "whole" }, `× ${num(factor, 4)}`);
}

/** a, b and c; only commas where more is left out. */
function listOf(items, count = items.length) {
  const last = count > items.length ? -1 : items.length - 1;
  return items.flatMap((item, i) => [i === 0 ? "" : i === last ? ` ${t("and")} ` : ", ", ...item]);
}

/** A link to an operation with an element marked that it reads. */
function operationLink(step, at, tensor, index) {
  return button(operationName(step, at), jump(() => {
    place.op = at;
    markHere(tensor, index);
    showTop();
  }), { class: "link" });
}

/** The gradient of a parameter, of the parameter's shape, as a rule of the step makes it; null if there is none. */
function gradientPlace(step, tensor) {
  if (!isParameter(step, tensor.id)) return null;
  for (const operation of step.operations.slice().reverse()) {
    for (const output of operation.phase === "backward" ? operation.outputs : []) {
      const found = parameterOf(step, operation, output);
      const made = step.run.tensors[output.tensor];
      if (found?.id === tensor.id && !found.transposed && shapeText(made.shape) === shapeText(tensor.shape)) return made;
    }
  }
  return null;
}
