// Why a gradient is a product of these two matrices, told from the forward product that it belongs to.

/** A tensor as another one read with rows and columns exchanged, if it is that: t() moves no number. */
function throughTransposes(step, id, transposed) {
  let at = { id, transposed };
  for (let hops = 0; hops < 8; hops++) {
    const maker = makersOf(step).get(at.id);
    const how = maker?.output.how;
    const turns = maker ? isExchange(step.run, maker.output) : false;
    if (!turns && how?.kind !== "same") return at;
    at = { id: how.of, transposed: at.transposed !== turns };
  }
  return at;
}

/** The two operands of a product, each as a tensor of the program and whether it is read transposed. */
function operandsOfProduct(step, how) {
  return [throughTransposes(step, how.a, Boolean(how.ta)), throughTransposes(step, how.b, Boolean(how.tb))];
}

/**
 * For a product of the backward half: which forward product z = x · w it belongs to, and whether it is the gradient of the
 * first operand (dx = dz · wᵀ) or of the second (dw = xᵀ · dz). Null if it is neither.
 */
function storyOf(step, operation, output) {
  if (operation.phase !== "backward" || output.how?.kind !== "product") return null;
  const [left, right] = operandsOfProduct(step, output.how);
  const { tensors } = step.run;
  const shape = shapeText(tensors[output.tensor].shape);
  const candidates = operation.isRule ? [operation.of] : step.operations.map((_, place) => place);
  for (const place of candidates) {
    const forward = step.operations[place];
    const made = forward?.phase === "forward" ? forward.outputs[0] : null;
    if (made?.how?.kind !== "product") continue;
    const [x, w] = operandsOfProduct(step, made.how);
    const base = { place, forward, z: tensors[made.tensor], x, w, dz: null };
    const isSecond = left.id === x.id && left.transposed !== x.transposed && (operation.isRule ? output.to === 1 : fits(w, shape));
    if (isSecond) return { ...base, kind: "second", dz: tensors[output.how.b] };
    const isFirst = right.id === w.id && right.transposed !== w.transposed && (operation.isRule ? output.to === 0 : fits(x, shape));
    if (isFirst) return { ...base, kind: "first", dz: tensors[output.how.a] };
    // Both stored the other way round, as a linear layer stores its weight: dwᵀ = dzᵀ · x
    if (right.id === x.id && left.id !== w.id && left.transposed && fits(w, shape)) return { ...base, kind: "second", dz: tensors[left.id], isTurned: true };
  }
  return null;

  function fits(operand, text) {
    return shapeText(tensors[operand.id].shape) === text;
  }
}

/** The operation a rule belongs to, in the program's forward half. */
function forwardOf(step, operation) {
  return operation.isRule && Number.isInteger(operation.of) ? step.operations[operation.of] : null;
}

/** Whether the optimizer changes the tensor: a weight or a bias, which was there before the step. */
function isParameter(step, id) {
  const isMade = (each) => { const maker = makersOf(step).get(each); return maker && step.operations[maker.place].phase !== "update"; };
  step.parameters ??= new Set(step.operations.filter(({ phase }) => phase === "update").flatMap(({ inputs }) => inputs).filter((each) => !isMade(each)));
  return step.parameters.has(id);
}

/** The products of the forward half that multiply by a parameter: z = x · w, each operand seen through its transposes. */
function layersOf(step) {
  step.layers ??= step.operations.flatMap((operation, place) => {
    const output = operation.phase === "forward" ? operation.outputs[0] : null;
    if (output?.how?.kind !== "product") return [];
    const [x, w] = operandsOfProduct(step, output.how);
    return isParameter(step, w.id) ? [{ place, x, w, z: output.tensor }] : [];
  });
  return step.layers;
}

/**
 * What rows and columns of a layer's product are, where the run tells: x has a sample in every row. Null where it does not.
 */
function meaningOf(step, place) {
  const layers = layersOf(step);
  const at = layers.findIndex((layer) => layer.place === place);
  const { tensors } = step.run;
  const data = layers[0] && tensors[layers[0].x.id];
  if (at < 0 || layers[0].x.transposed || !(data.name === "x" || step.run.digits?.x === data.id)) return null;
  if (layers.some(({ x, z }) => tensors[z].shape.length !== 2 || x.transposed || tensors[z].shape[0] !== data.shape[0])) return null;
  const between = layers.length === 2 ? "hiddenUnit" : "unitOfLayer";
  return { rows: "sample", inner: at === 0 ? "input" : between, cols: at === layers.length - 1 ? "output" : between };
}

/** For what a backward operation makes: the parameter that it is the gradient of, or null. */
function parameterOf(step, operation, output) {
  const forward = forwardOf(step, operation);
  const input = forward ? forward.inputs[output.to ?? 0] : null;
  const found = Number.isInteger(input) ? throughTransposes(step, input, false) : secondOf(storyOf(step, operation, output));
  return found && isParameter(step, found.id) ? found : null;
}

function secondOf(story) {
  if (story?.kind !== "second") return null;
  return { id: story.w.id, transposed: story.w.transposed !== Boolean(story.isTurned) };
}

/** What the panel explains first of an operation: the gradient of a parameter, if it makes one. */
function firstToTell(step, operation) {
  return operation?.outputs.find((output) => operation.isRule && parameterOf(step, operation, output)) ?? operation?.outputs[0];
}
