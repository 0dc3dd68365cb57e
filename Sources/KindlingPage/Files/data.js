// Reading the runs: tensors are decoded when they are first looked at, part by part.

/** The runs of the page; each JSON block is parsed once. */
function readRuns() {
  const blocks = document.querySelectorAll("script.run[type='application/json']");
  return [...blocks].map((block, place) => makeRun(JSON.parse(block.textContent), place));
}

function makeRun(data, place) {
  const run = { ...data, place, keptMaps: new Map() };
  run.tensors = data.tensors.map((tensor, id) => ({ ...tensor, id, run, decoded: {} }));
  run.steps = data.steps.map((step, position) => ({ ...step, position, run }));
  return run;
}

/** The indices that are shown of a dimension of that size, or null where all are. */
function keptOf(run, size) {
  const kept = run.kept?.[String(size)];
  return kept && kept.length < size ? kept : null;
}

/** The shown indices as a list, also where all are shown. */
function shownOf(run, size) {
  return keptOf(run, size) ?? Array.from({ length: size }, (_, i) => i);
}

/** Where an index stands among the shown ones, or -1. */
function keptPlace(run, size, index) {
  const kept = keptOf(run, size);
  if (!kept) return index < size ? index : -1;
  let map = run.keptMaps.get(size);
  if (!map) {
    map = new Map(kept.map((value, place) => [value, place]));
    run.keptMaps.set(size, map);
  }
  return map.get(index) ?? -1;
}

const READERS = {
  float32: [4, (view, at) => view.getFloat32(at, true)],
  float64: [8, (view, at) => view.getFloat64(at, true)],
  int32: [4, (view, at) => view.getInt32(at, true)],
  int64: [8, (view, at) => Number(view.getBigInt64(at, true))],
  bool: [1, (view, at) => view.getUint8(at)],
};

function bytesOf(base64) {
  const text = atob(base64);
  const bytes = new Uint8Array(text.length);
  for (let i = 0; i < text.length; i++) bytes[i] = text.charCodeAt(i);
  return bytes;
}

/** The numbers of a part ("kept", "0", "1", …) of a tensor, or null if the page does not have it. */
function partOf(tensor, key) {
  if (!(key in tensor.decoded)) {
    const text = tensor.parts?.[key];
    tensor.decoded[key] = typeof text === "string" ? decode(tensor.dtype, bytesOf(text)) : null;
  }
  return tensor.decoded[key];
}

function decode(dtype, bytes) {
  const [width, read] = READERS[dtype] ?? READERS.float32;
  const view = new DataView(bytes.buffer);
  const numbers = new Float64Array(Math.floor(bytes.length / width));
  for (let i = 0; i < numbers.length; i++) numbers[i] = read(view, i * width);
  return numbers;
}

/** One element, or undefined if it is not stored. */
function valueAt(tensor, index) {
  if (tensor.compute) return tensor.compute(index);
  const rank = tensor.shape.length;
  for (let full = -1; full < rank; full++) {
    const numbers = partOf(tensor, full < 0 ? "kept" : String(full));
    if (!numbers) continue;
    let offset = 0;
    for (let d = 0; d < rank && offset >= 0; d++) {
      const size = tensor.shape[d];
      const place = d === full ? index[d] : keptPlace(tensor.run, size, index[d]);
      const count = d === full ? size : (keptOf(tensor.run, size)?.length ?? size);
      offset = place < 0 ? -1 : offset * count + place;
    }
    if (offset >= 0) return numbers[offset];
  }
  return undefined;
}

/** All elements along a dimension, the other indices as in index; null if the page does not have them all. */
function lineAt(tensor, dim, index) {
  const size = tensor.shape[dim];
  const line = new Float64Array(size);
  const at = index.slice();
  for (let k = 0; k < size; k++) {
    at[dim] = k;
    const value = valueAt(tensor, at);
    if (value === undefined) return null;
    line[k] = value;
  }
  return line;
}

function countOf(shape) {
  return shape.reduce((product, size) => product * size, 1);
}

/** Whether every element of the tensor is in the page. */
function isWhole(tensor) {
  return !tensor.compute && tensor.shape.every((size) => !keptOf(tensor.run, size));
}

/** The tensor that is the difference of two of one shape: the step that an update took. */
function difference(after, before, name) {
  return {
    shape: after.shape, dtype: after.dtype, name, run: after.run, id: null, bad: 0, like: after,
    compute: (index) => {
      const [a, b] = [valueAt(after, index), valueAt(before, index)];
      return a === undefined || b === undefined ? undefined : a - b;
    },
  };
}

/** The index that broadcasting reads in a tensor of that shape, for an index of the result. */
function broadcastIndex(shape, index) {
  const shift = index.length - shape.length;
  return shape.map((size, d) => (size === 1 ? 0 : index[d + shift]));
}

function offsetOf(shape, index) {
  return index.reduce((offset, i, d) => offset * shape[d] + i, 0);
}

function indexOf(shape, offset) {
  const index = new Array(shape.length);
  for (let d = shape.length - 1; d >= 0; d--) {
    index[d] = offset % shape[d];
    offset = Math.floor(offset / shape[d]);
  }
  return index;
}

/** Everything that an operation reads or makes, with the place at which it stands in it. */
function slotsOf(operation) {
  const slots = operation.inputs.map((tensor, i) => [`i${i}`, tensor]);
  operation.outputs.forEach((output, o) => {
    for (const [name, tensor] of operandsOf(output.how)) slots.push([`h${o}${name}`, tensor]);
    slots.push([`o${o}`, output.tensor]);
  });
  (operation.joined ?? []).forEach((join, j) => {
    join.parts.forEach((tensor, p) => slots.push([`j${j}p${p}`, tensor]));
    slots.push([`j${j}s`, join.sum]);
  });
  return slots.filter(([, tensor]) => Number.isInteger(tensor));
}

function operandsOf(how) {
  if (!how) return [];
  const named = ["a", "b", "gradient", "local", "before"].filter((key) => Number.isInteger(how[key])).map((key) => [key, how[key]]);
  const of = Array.isArray(how.of) ? how.of : Number.isInteger(how.of) ? [how.of] : [];
  return [...named, ...of.map((tensor, i) => [`of${i}`, tensor])];
}

/** For each tensor of a step who made it: the operation's index and the output (joined gradients are an addition). */
function makersOf(step) {
  if (step.makers) return step.makers;
  step.makers = new Map();
  step.operations.forEach((operation, place) => {
    for (const join of operation.joined ?? []) {
      const how = { kind: "elementwise", name: "add", of: join.parts, numbers: [], isJoin: true };
      if (!step.makers.has(join.sum)) step.makers.set(join.sum, { place, output: { tensor: join.sum, to: null, how } });
    }
    for (const output of operation.outputs) {
      if (!step.makers.has(output.tensor)) step.makers.set(output.tensor, { place, output });
    }
  });
  return step.makers;
}

/**
 * The maker of a tensor: the operation that is being looked at, the last one before it, or the first of the step. Null for
 * what was there before; an update that changes no digit gives such a tensor as its result too.
 */
function makerOf(step, tensor, place) {
  for (let at = Math.min(place, step.operations.length - 1); at >= 0; at--) {
    const output = step.operations[at].outputs.find((candidate) => candidate.tensor === tensor);
    if (output) return { place: at, output };
  }
  const isRead = step.operations.slice(0, Math.max(place, 0) + 1).some(({ inputs }) => inputs.includes(tensor));
  return isRead ? null : makersOf(step).get(tensor) ?? null;
}
