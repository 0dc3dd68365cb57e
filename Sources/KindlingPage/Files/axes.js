// Which dimensions of the tensors of a step are the same thing (the samples, the inputs, the hidden units, …), so that a
// marked element can be followed: h[3, 7] is sample 3 and hidden unit 7, wherever these occur.

/** For a tensor and a dimension the name of its axis. The name is the same at every training step of the run. */
function axesOf(step) {
  if (step.axes) return step.axes;
  const parents = new Map();
  const find = (key) => {
    let root = key;
    while (parents.has(root) && parents.get(root) !== root) root = parents.get(root);
    return root;
  };
  const key = (tensor, dim) => `${tensor}.${dim}`;
  const join = (tensor, dim, other, otherDim) => {
    const sizes = [tensor, other].map((id) => step.run.tensors[id].shape);
    if (dim < 0 || otherDim < 0 || dim >= sizes[0].length || otherDim >= sizes[1].length) return;
    if (sizes[0][dim] !== sizes[1][otherDim] || sizes[0][dim] === 1) return;
    const [a, b] = [find(key(tensor, dim)), find(key(other, otherDim))];
    parents.set(a, a);
    parents.set(b, a);
  };
  for (const operation of step.operations) {
    for (const output of operation.outputs) joinHow(step.run, output.tensor, output.how, join);
    for (const { parts, sum } of operation.joined ?? []) {
      for (const part of parts) joinAligned(step.run, sum, part, join);
    }
  }
  step.axes = nameAxes(step, find, key);
  return step.axes;
}

function joinHow(run, out, how, join) {
  if (!how) return;
  const rank = run.tensors[out].shape.length;
  if (how.kind === "product") {
    const [a, b] = [how.a, how.b].map((id) => run.tensors[id].shape.length);
    const [ai, ak] = how.ta ? [a - 1, a - 2] : [a - 2, a - 1];
    const [bk, bj] = how.tb ? [b - 1, b - 2] : [b - 2, b - 1];
    join(out, rank - 2, how.a, ai);
    join(out, rank - 1, how.b, bj);
    join(how.a, ak, how.b, bk);
    for (let d = 3; d <= rank; d++) {
      join(out, rank - d, how.a, a - d);
      join(out, rank - d, how.b, b - d);
    }
  } else if (how.kind === "move" && how.permutation) {
    how.permutation.forEach((from, d) => join(out, d, how.of, from));
  } else if (how.kind === "sum" || how.kind === "spread") {
    const [small, large] = how.kind === "sum" ? [out, how.of] : [how.of, out];
    keptDims(run.tensors[small].shape, run.tensors[large].shape, how.dims).forEach(([s, l]) => join(small, s, large, l));
  } else if (how.kind === "move") {
    if (shapeText(run.tensors[how.of].shape) === shapeText(run.tensors[out].shape)) joinAligned(run, out, how.of, join);
  } else if (how.kind !== "unknown") {
    for (const [, operand] of operandsOf(how)) joinAligned(run, out, operand, join);
  }
}

function joinAligned(run, out, operand, join) {
  const [to, from] = [run.tensors[out].shape.length, run.tensors[operand].shape.length];
  for (let d = 1; d <= Math.min(to, from); d++) join(out, to - d, operand, from - d);
}

/** For a sum over dims: which dimension of the result is which of what was summed. */
function keptDims(small, large, dims) {
  const summed = new Set((dims ?? []).map((d) => (d < 0 ? d + large.length : d)));
  if (small.length === large.length) return large.map((_, d) => [d, d]).filter(([d]) => !summed.has(d));
  return large.map((_, d) => d).filter((d) => !summed.has(d)).map((d, place) => [place, d]);
}

/** Names an axis by the first place at which it occurs, which is the same at each training step. */
function nameAxes(step, find, key) {
  const names = new Map();
  const axes = new Map();
  step.operations.forEach((operation, place) => {
    for (const [slot, tensor] of slotsOf(operation)) {
      if (axes.has(tensor)) continue;
      axes.set(tensor, step.run.tensors[tensor].shape.map((_, dim) => {
        const root = find(key(tensor, dim));
        if (!names.has(root)) names.set(root, `${place}.${slot}.${dim}`);
        return names.get(root);
      }));
    }
  });
  return axes;
}

/** The index of a tensor that the marks give: a number, or null for a dimension that nothing is marked in. */
function markedIndex(step, marks, tensor) {
  const axes = axesOf(step).get(tensor.id);
  return tensor.shape.map((size, d) => {
    if (size === 1) return 0;
    const index = marks.get(axes?.[d]);
    return index !== undefined && keptPlace(tensor.run, size, index) >= 0 ? index : null;
  });
}

/** Marks an element, which marks its row and its column in every tensor that has them. */
function markElement(step, marks, tensor, index) {
  const axes = axesOf(step).get(tensor.id);
  if (axes) index.forEach((i, d) => { if (tensor.shape[d] > 1) marks.set(axes[d], i); });
}

/** Completes an index: where nothing is marked, the place of the largest number that is shown. */
function completeIndex(tensor, index) {
  const free = index.map((i, d) => (i === null ? d : -1)).filter((d) => d >= 0);
  if (free.length === 0) return index;
  const best = { size: -1, index: index.map((i) => i ?? 0) };
  const visit = (place, at) => {
    if (place === free.length) {
      const value = Math.abs(valueAt(tensor, at) ?? 0);
      if (value > best.size) Object.assign(best, { size: value, index: at.slice() });
      return;
    }
    for (const i of shownOf(tensor.run, tensor.shape[free[place]])) {
      at[free[place]] = i;
      visit(place + 1, at);
    }
  };
  visit(0, index.slice());
  return best.index;
}
