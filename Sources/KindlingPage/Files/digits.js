// The digits: pictures with what the network says of them, and what its hidden units look for.

const film = { frame: 0, timer: null };

function digitsView(run, step) {
  const { digits } = run;
  if (!digits) return null;
  return el("section", { class: "wide", id: "digits" }, el("h2", {}, t("digitsTitle")),
    el("div", { class: "digit-parts" },
      el("div", { class: "samples-part" }, el("h3", {}, t("samplesTitle")), samplesView(run, step), accuracyView(digits)),
      el("div", { class: "units-part" }, digits.film ? [el("h3", {}, t("unitsTitle")), filmView(run, digits.film, step)] : null, silentView(run, step))));
}

/** The captured samples: picture, what it shows, what the network says. */
function samplesView(run, step) {
  const { digits } = run;
  const images = run.tensors[digits.x];
  const guesses = run.tensors[digits.predictions[step.position]];
  const samples = shownOf(run, images.shape[0]);
  const items = samples.map((sample, place) => {
    const label = digits.labels[place];
    const guess = guesses ? largestOf(guesses, sample) : null;
    const isRight = guess === label;
    const verdict = guess === null ? "" : isRight ? "✓" : "✗";
    const text = guess === null ? t("sampleText", { sample, label }) : t(isRight ? "sampleRight" : "sampleWrong", { sample, label, guess });
    const pixels = lineAt(images, 1, [sample, 0]);
    return el("li", {}, el("button", {
      type: "button", class: `sample ${guess === null ? "" : isRight ? "right" : "wrong"}`, title: text, "aria-label": text,
      data: { sample: String(sample), label: String(label), guess: String(guess) },
      onclick: jump(() => { goToTensor(images.id, [sample, inkOf(run, images, sample)]); showDesk(); }),
    }, pixels ? picture(pixels, digits.width, 44) : null, el("span", { class: "answer" }, guess === null ? String(label) : isRight ? `${guess} ${verdict}` : `${guess} ${verdict} ${t("insteadOf", { label })}`)));
  });
  const right = guesses ? samples.filter((sample, place) => largestOf(guesses, sample) === digits.labels[place]).length : null;
  const size = images.shape[0];
  return [
    el("p", { class: "quiet" }, t(samples.length < size ? "samplesSome" : "samplesAll", { shown: samples.length, size }), " ", right === null ? "" : t("samplesRight", { right, shown: samples.length, step: step.step })),
    el("ul", { class: "samples" }, items),
  ];
}

/** The output with the largest number: the digit that the network says. */
function largestOf(tensor, sample) {
  let best = null;
  for (let k = 0; k < tensor.shape[1]; k++) {
    const value = valueAt(tensor, [sample, k]);
    if (value === undefined) return null;
    if (best === null || value > best.value) best = { value, k };
  }
  return best?.k ?? null;
}

/** Numbers from 0 to 1 as a small picture in grey, ink on paper. */
function picture(pixels, width, size) {
  const canvas = el("canvas", { width: String(width), height: String(Math.ceil(pixels.length / width)), class: "digit", "aria-hidden": "true" });
  canvas.style.width = canvas.style.height = `${size}px`;
  const image = new ImageData(canvas.width, canvas.height);
  pixels.forEach((value, i) => {
    const grey = 255 - Math.round(clamp(value, 0, 1) * 235);
    image.data.set([grey, grey, grey, 255], 4 * i);
  });
  canvas.getContext("2d").putImageData(image, 0, 0);
  return canvas;
}

/** The shown pixel of a sample that has most ink. */
function inkOf(run, images, sample) {
  const ink = (pixel) => valueAt(images, [sample, pixel]) ?? 0;
  return shownOf(run, images.shape[1]).reduce((best, pixel) => (ink(pixel) > ink(best) ? pixel : best));
}

/** Marks a hidden unit where the network first makes it: in the product of the images and the first weights. */
function goToUnit(step, unit) {
  const made = step.operations.map(({ outputs }) => outputs[0]).find((output) => output?.how?.kind === "product" && output.how.a === step.run.digits.x);
  const hidden = made ? step.run.tensors[made.tensor] : null;
  if (!hidden || keptPlace(step.run, hidden.shape[1], unit) < 0) return;
  const sample = markedIndex(step, place.marks, hidden)[0] ?? shownOf(step.run, hidden.shape[0])[0];
  jump(() => goToTensor(hidden.id, [sample, unit]))();
  showDesk();
}

/** Each hidden unit's weights as a picture, at each recorded step of the training. */
function filmView(run, data, step) {
  const { frames, units } = { frames: data.steps.length, units: data.units.length };
  const bytes = data.bytes ??= new Int8Array(bytesOf(data.frames).buffer);
  const side = run.digits.width;
  const area = Math.round(bytes.length / (frames * units));
  const canvas = el("canvas", { class: "units", "aria-label": t("filmLabel", { units }) });
  const caption = el("output", { class: "frame" });
  const show = (frame) => {
    caption.textContent = t("stepNumber", { step: data.steps[frame] });
    drawUnits(canvas, bytes.subarray(frame * units * area, (frame + 1) * units * area), side, area, units);
  };
  const controls = filmControls(data.steps, show, canvas);
  pointAtUnits(canvas, data, side, (place, x, y) => bytes[(film.frame * units + place) * area + y * side + x] * data.scale / 127);
  walkUnits(canvas, data, () => unitsPerRow(canvas));
  // The film is at the training step that is looked at, or the last picture before it
  const frame = data.steps.reduce((best, number, i) => (number <= step.step ? i : best), 0);
  requestAnimationFrame(() => controls.show(frame));
  const bar = el("span", { class: "bar" });
  bar.style.background = legendGradient();
  return [
    el("p", { class: "quiet" }, t("filmNote", { units, count: data.unitCount })),
    el("div", { class: "film" }, controls.play, controls.slider, caption), canvas,
    el("p", { class: "legend" }, el("span", {}, MINUS + num(data.scale, 2)), bar, el("span", {}, num(data.scale, 2))),
  ];
}

/** A slider over the frames of the film and a button that plays them, for as long as the canvas is in the page. */
function filmControls(steps, draw, canvas) {
  const last = steps.length - 1;
  const slider = el("input", { type: "range", min: "0", max: String(last), step: "1", "aria-label": t("filmSlider") });
  const play = button(t("play"), () => (film.timer ? stop() : start()), { data: { film: "play" } });
  const show = (frame) => {
    film.frame = clamp(frame, 0, last);
    slider.value = String(film.frame);
    slider.setAttribute("aria-valuetext", t("stepNumber", { step: steps[film.frame] }));
    draw(film.frame);
  };
  const stop = () => {
    clearInterval(film.timer);
    film.timer = null;
    play.textContent = t("play");
  };
  const start = () => {
    if (film.frame >= last) show(0);
    play.textContent = t("pause");
    film.timer = setInterval(() => {
      if (!canvas.isConnected || film.frame >= last) stop();
      else show(film.frame + 1);
    }, 250);
  };
  stop();
  slider.addEventListener("input", () => { stop(); show(Number(slider.value)); });
  return { slider, play, show };
}

/** The unit that the pointer is at, its place among the pictures and where in its picture the pointer is; null between them. */
function unitUnder(canvas, data, event) {
  const box = canvas.getBoundingClientRect();
  const [x, y] = [event.clientX - box.left, event.clientY - box.top];
  const [column, row] = [x, y].map((at) => Math.floor(at / UNIT.pitch));
  const place = row * unitsPerRow(canvas) + column;
  if (column >= unitsPerRow(canvas) || data.units[place] === undefined) return null;
  return { place, unit: data.units[place], x: x - column * UNIT.pitch, y: y - row * UNIT.pitch };
}

/** Reads out the weight that the pointer is at; a click marks the unit. */
function pointAtUnits(canvas, data, side, weightAt) {
  canvas.addEventListener("pointermove", (event) => {
    const found = unitUnder(canvas, data, event);
    if (!found) return hideReadout();
    const { place, unit } = found;
    const [x, y] = [found.x, found.y].map((at) => Math.floor(at / (UNIT.size / side)));
    const text = x >= side || y >= side ? t("unit", { unit }) : t("unitPixel", { unit, row: y, column: x, value: num(weightAt(place, x, y), 2) });
    showReadout(text, event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", hideReadout);
  canvas.addEventListener("click", (event) => {
    const found = unitUnder(canvas, data, event);
    if (found) goToUnit(currentStep(), found.unit);
  });
}

/** The arrow keys go from unit to unit, Enter marks one. */
function walkUnits(canvas, data, perRow) {
  setAttributes(canvas, { tabindex: "0", role: "application", "aria-roledescription": t("filmKeys") });
  let at = -1;
  canvas.addEventListener("blur", hideReadout);
  canvas.addEventListener("keydown", (event) => {
    const moves = { ArrowLeft: -1, ArrowRight: 1, ArrowUp: -perRow(), ArrowDown: perRow(), Home: -Infinity, End: Infinity };
    if (event.key === "Enter" && at >= 0) goToUnit(currentStep(), data.units[at]);
    else if (!(event.key in moves)) return;
    else {
      at = at < 0 ? 0 : clamp(at + moves[event.key], 0, data.units.length - 1);
      const box = canvas.getBoundingClientRect();
      showReadout(t("unit", { unit: data.units[at] }), box.left + ((at % perRow()) + 0.5) * UNIT.pitch, box.top + (Math.floor(at / perRow()) + 0.5) * UNIT.pitch);
      speak(t("unit", { unit: data.units[at] }));
    }
    event.preventDefault();
    event.stopPropagation();
  });
}

const UNIT = { size: 40, pitch: 46 };

function unitsPerRow(canvas) {
  const fit = Math.floor((canvas.parentElement?.clientWidth ?? 400) / UNIT.pitch);
  // Ten in a row read best where there is room for them
  return fit >= 10 && fit < 20 ? 10 : Math.max(1, fit);
}

function drawUnits(canvas, bytes, side, area, units) {
  const perRow = Math.min(units, unitsPerRow(canvas));
  const context = contextOf(canvas, perRow * UNIT.pitch, Math.ceil(units / perRow) * UNIT.pitch);
  context.clearRect(0, 0, canvas.width, canvas.height);
  const small = document.createElement("canvas");
  small.width = small.height = side;
  const colours = colourTable();
  for (let unit = 0; unit < units; unit++) {
    const image = new ImageData(side, side);
    for (let p = 0; p < side * side; p++) {
      image.data.set([...colours[255 + Math.round((bytes[unit * area + p] / 127) * 255)], 255], 4 * p);
    }
    small.getContext("2d").putImageData(image, 0, 0);
    context.drawImage(small, (unit % perRow) * UNIT.pitch, Math.floor(unit / perRow) * UNIT.pitch, UNIT.size, UNIT.size);
  }
}

function silentView(run, step) {
  const { digits } = run;
  const silent = digits.silent?.[step.position];
  if (!silent) return null;
  const count = digits.film?.unitCount ?? "?";
  const list = silent.length > 0 && silent.length <= 40 ? ` (${silent.join(", ")})` : "";
  return el("p", { data: { silent: String(silent.length) } }, t(silent.length ? "silent" : "noneSilent", { silent: silent.length, count, step: step.step }), list);
}

function accuracyView({ accuracy }) {
  if (!accuracy) return null;
  const series = [{ name: t("trainingSamples", { count: accuracy.trainingCount ?? "?" }), values: accuracy.training }];
  if (accuracy.heldOut) series.push({ name: t("heldOutSamples", { count: accuracy.heldOutCount ?? "?" }), values: accuracy.heldOut });
  return el("div", { class: "accuracy-part" }, lineChart({ name: "accuracy", title: t("accuracy"), steps: accuracy.steps, series, isShare: true, note: t("accuracyNote") }));
}
