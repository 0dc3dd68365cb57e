// Where the reader is: run, training step, operation, marked element. The address keeps it:
// #run=0&step=10&op=3&tensor=17&at=3,7  (step is the number of the training step; tensor and at are the element explained)

const place = { run: 0, step: 0, op: 0, focus: null, marks: new Map(), isCommonScale: false, isPlaying: false, isJump: false, isTapped: false };

let runs = [];

function currentRun() {
  return runs[place.run];
}

function currentStep() {
  return currentRun().steps[place.step];
}

function currentOperation() {
  return currentStep().operations[place.op];
}

/** What the panel explains: the element that was clicked, or the marked one of what the operation made. */
function explained() {
  const step = currentStep();
  const operation = currentOperation();
  if (place.focus) {
    const tensor = step.run.tensors[place.focus.tensor];
    return { tensor, index: place.focus.index, maker: makerOf(step, tensor.id, place.op) };
  }
  const id = firstToTell(step, operation)?.tensor ?? operation?.inputs[0];
  if (id === undefined) return null;
  const tensor = step.run.tensors[id];
  const index = completeIndex(tensor, markedIndex(step, place.marks, tensor));
  return { tensor, index, maker: makerOf(step, id, place.op) };
}

/** The marked index of a tensor of the current step, null where nothing is marked. */
function markedIn(tensor) {
  if (place.focus && place.focus.tensor === tensor.id) return place.focus.index;
  if (tensor.id === null) return markedIn(tensor.like);
  return markedIndex(currentStep(), place.marks, tensor);
}

/** Goes to an operation; the marked sample and unit stay marked. */
function goToOperation(op) {
  place.op = clamp(op, 0, currentStep().operations.length - 1);
  place.focus = null;
  place.isTapped = false;
  settle();
  showTop();
  if (currentOperation()) speak(operationName(currentStep(), place.op));
}

/** Goes to another training step, staying at the same operation and element if they are there. */
function goToStep(position) {
  const before = currentStep();
  const slot = place.focus ? slotOf(before, place.focus.tensor) : null;
  place.step = clamp(position, 0, currentRun().steps.length - 1);
  const step = currentStep();
  place.op = clamp(place.op, 0, step.operations.length - 1);
  const same = slot && slotsOf(step.operations[slot.place] ?? { inputs: [], outputs: [] }).find(([name]) => name === slot.name);
  const isThere = same && fits(step.run.tensors[same[1]], place.focus.index);
  place.focus = isThere ? { tensor: same[1], index: place.focus.index } : null;
  settle();
}

function goToRun(run) {
  const number = currentStep().step;
  place.run = clamp(run, 0, runs.length - 1);
  place.marks = new Map();
  place.focus = null;
  const { steps } = currentRun();
  const same = steps.findIndex((step) => step.step === number);
  place.step = same >= 0 ? same : Math.min(place.step, steps.length - 1);
  place.op = 0;
  settle();
}

/** Goes to where a tensor is made (or first read), with an element of it marked. */
function goToTensor(tensor, index) {
  const step = currentStep();
  const maker = makerOf(step, tensor, place.op - 1);
  place.op = maker ? maker.place : Math.max(0, step.operations.findIndex((each) => slotsOf(each).some(([, id]) => id === tensor)));
  markHere(tensor, index);
  showTop();
}

/** Explains an element of a tensor that the current operation shows. */
function markHere(tensor, index) {
  place.focus = { tensor, index };
  place.isTapped = true;
  const told = currentRun().tensors[tensor];
  speak(t("marked", { element: nameOf(currentStep(), told) + indexText(index), value: valueText(told, valueAt(told, index)) }));
  markElement(currentStep(), place.marks, currentRun().tensors[tensor], index);
  settle();
}

function slotOf(step, tensor) {
  for (const [at, operation] of [[place.op, step.operations[place.op]], ...step.operations.entries()]) {
    const slot = slotsOf(operation).find(([, id]) => id === tensor);
    if (slot) return { place: at, name: slot[0] };
  }
  return null;
}

function fits(tensor, index) {
  return tensor.shape.length === index.length && index.every((i, d) => keptPlace(tensor.run, tensor.shape[d], i) >= 0);
}

/** What a link does: it goes somewhere, and the browser's Back leads back from there. */
function jump(act) {
  return () => {
    place.isJump = true;
    act();
    place.isJump = false;
  };
}

/** After every move: what is explained is marked, the address follows, the page shows it. */
function settle() {
  const now = explained();
  if (now) markElement(currentStep(), place.marks, now.tensor, now.index);
  writeAddress(now);
  show();
}

function writeAddress(now) {
  const parts = [`run=${place.run}`, `step=${currentStep().step}`, `op=${place.op}`];
  if (now) parts.push(`tensor=${now.tensor.id}`);
  if (now && now.index.length) parts.push(`at=${now.index.join(",")}`);
  const hash = "#" + parts.join("&");
  if (location.hash !== hash) history[place.isJump ? "pushState" : "replaceState"](null, "", hash);
}

/** Takes the place from the address; what does not fit the data is left out. */
function readAddress() {
  const values = Object.fromEntries(location.hash.slice(1).split("&").map((part) => part.split("=")));
  const whole = (key) => (/^\d+$/.test(values[key] ?? "") ? Number(values[key]) : null);
  const run = whole("run");
  if (run !== null && run < runs.length && run !== place.run) {
    place.run = run;
    place.marks = new Map();
  }
  const position = currentRun().steps.findIndex((step) => step.step === whole("step"));
  place.step = position >= 0 ? position : clamp(place.step, 0, currentRun().steps.length - 1);
  place.op = clamp(whole("op") ?? place.op, 0, Math.max(0, currentStep().operations.length - 1));
  place.focus = null;
  const tensor = currentRun().tensors[whole("tensor") ?? -1];
  const index = (values.at ?? "") === "" ? [] : values.at.split(",").map(Number);
  if (tensor && index.every(Number.isInteger) && fits(tensor, index)) {
    place.focus = { tensor: tensor.id, index };
    markElement(currentStep(), place.marks, tensor, index);
  }
}
