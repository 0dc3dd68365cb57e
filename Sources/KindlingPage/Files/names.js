// What tensors are called: by the program, or by a name made from the operation that they came out of.

/**
 * What to call a tensor at an operation (the one that is looked at). A gradient that a rule passes on unchanged is one
 * tensor under two names; isRead asks for the name that it had before the operation.
 */
function nameOf(step, tensor, at = place.op, isRead = false) {
  if (tensor.id === null) return tensor.name ?? "?";
  const passed = passedOn(step).get(tensor.id);
  if (passed) return (passed.filter((each) => each.place < at + (isRead ? 0 : 1)).pop() ?? passed[0]).name;
  const short = shortNames(step).find(({ id }) => id === tensor.id);
  if (short) return short.name;
  if (tensor.name) return shortened(step, tensor.name);
  step.names ??= new Map();
  if (!step.names.has(tensor.id)) step.names.set(tensor.id, inventName(step, tensor));
  return step.names.get(tensor.id);
}

/** The gradients that more than one rule makes, because it passes them on: for each the rules and the name at each. */
function passedOn(step) {
  if (step.passedOn) return step.passedOn;
  const found = new Map();
  step.passedOn = new Map();
  step.operations.forEach((operation, place) => {
    const forward = operation.isRule ? step.operations[operation.of] : null;
    for (const { tensor, to } of forward ? operation.outputs : []) {
      const input = step.run.tensors[forward.inputs[to ?? 0]];
      if (!input || !step.run.tensors[tensor].name?.endsWith(".grad")) continue;
      found.set(tensor, [...(found.get(tensor) ?? []), { place, name: gradientOfName(nameOf(step, input)) }]);
    }
  });
  for (const [tensor, rules] of found) if (rules.length > 1) step.passedOn.set(tensor, rules);
  return step.passedOn;
}

function gradientOfName(name) {
  return `${grouped(name)}.grad`;
}

/**
 * Short names for hidden values that the program gives none, and what they stand for: hidden = x.mm(w1).clamp(0). Hidden
 * values are what one operation makes and a layer's weight then multiplies.
 */
function shortNames(step) {
  if (step.shortNames) return step.shortNames;
  const { tensors } = step.run;
  const ids = new Set(layersOf(step).map(({ x }) => x.id).filter((id) => makersOf(step).has(id) && isExpression(tensors[id].name)));
  const isTaken = tensors.some(({ name }) => name === "hidden");
  step.shortNames = isTaken ? [] : [...ids].map((id, i) => ({ id, name: "hidden" + (ids.size > 1 ? subscript(i + 1) : ""), expression: tensors[id].name }));
  return step.shortNames;
}

function isExpression(name) {
  return !name || /[\s(]/.test(name);
}

/** A name in which expressions that have a short name are that name: hidden.grad. */
function shortened(step, name) {
  const short = shortNames(step).find(({ expression }) => expression && (name === expression || name.startsWith(`${expression}.`)));
  return short ? short.name + name.slice(short.expression.length) : name;
}

function inventName(step, tensor) {
  const { tensors } = step.run;
  for (const operation of step.operations) {
    const join = (operation.joined ?? []).find((candidate) => candidate.parts.includes(tensor.id));
    if (join) return nameOf(step, tensors[join.sum]) + subscript(join.parts.indexOf(tensor.id) + 1);
  }
  const maker = makersOf(step).get(tensor.id);
  if (!maker) return gradientName(step, tensor) ?? localName(step, tensor) ?? `t${subscript(tensor.id)}`;
  const operation = step.operations[maker.place];
  if (maker.output.how?.isJoin) return gradientName(step, tensor) ?? `t${subscript(tensor.id)}`;
  if (operation.isRule) {
    const forward = step.operations[operation.of];
    const input = forward?.inputs[maker.output.to ?? 0];
    if (Number.isInteger(input)) return `d(${nameOf(step, tensors[input])})`;
  }
  if (isExchange(step.run, maker.output)) return transposedName(nameOf(step, tensors[maker.output.how.of]));
  const alike = step.operations.slice(0, maker.place + 1).filter((other) => other.name === operation.name && other.isRule === operation.isRule);
  const many = step.operations.filter((other) => other.name === operation.name && other.isRule === operation.isRule).length > 1;
  return operation.name + (many ? subscript(alike.length) : "");
}

/** Whether an output is another tensor with its last two dimensions exchanged: t() moves no number. */
function isExchange(run, { tensor, how }) {
  const rank = run.tensors[tensor].shape.length;
  return how?.kind === "move" && Array.isArray(how.permutation) && rank >= 2
    && how.permutation.every((from, d) => from === (d < rank - 2 ? d : 2 * rank - 3 - d));
}

function transposedName(name) {
  if (name.endsWith(".t()")) return name.slice(0, -4);
  return name.endsWith("ᵀ") ? name.slice(0, -1) : name + "ᵀ";
}

/** The incoming gradient of a rule belongs to what the forward operation made. */
function gradientName(step, tensor) {
  for (const operation of step.operations) {
    const join = (operation.joined ?? []).find((candidate) => candidate.sum === tensor.id);
    if (!operation.isRule || (operation.inputs[0] !== tensor.id && !join)) continue;
    const forward = step.operations[operation.of];
    const made = forward?.outputs[join ? join.input ?? 0 : 0]?.tensor;
    if (Number.isInteger(made)) return `d(${nameOf(step, step.run.tensors[made])})`;
  }
  return null;
}

function localName(step, tensor) {
  const operation = step.operations.find((candidate) => candidate.outputs.some((output) => output.how?.local === tensor.id));
  return operation ? t("localName", { name: operation.name }) : null;
}
