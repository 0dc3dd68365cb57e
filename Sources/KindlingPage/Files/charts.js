// A small line chart in SVG with a read-out under pointer and keyboard.

const PLOT = { width: 420, height: 190, left: 58, right: 12, top: 10, bottom: 26 };

/**
 * options: title, steps, series [{ name, values }] (null is a number that is not finite, or with hasGaps one
 * that nobody looked at), isLog, isShare, hasGaps, note.
 * The read-out names the step and each value.
 */
function lineChart(options) {
  const { steps, series } = options;
  const positive = series.flatMap(({ values }) => values.filter((value) => value !== null && (!options.isLog || value > 0)));
  if (steps.length === 0 || positive.length === 0) return null;
  const scale = scalesFor(options, positive);
  const bad = options.hasGaps ? [] : steps.filter((_, i) => series.some(({ values }) => values[i] === null));
  const readout = el("p", { class: "chart-readout", "aria-live": "polite" }, t("chartHint"));
  const cursor = svg("line", { class: "cursor", y1: PLOT.top, y2: PLOT.height - PLOT.bottom, visibility: "hidden" });
  const dots = series.map((_, i) => svg("circle", { class: `k${i % 5}`, r: 3.5, visibility: "hidden" }));
  const picture = svg("svg", { class: "plot", viewBox: `0 0 ${PLOT.width} ${PLOT.height}`, role: "application", tabindex: "0", "aria-roledescription": t("chart"), "aria-label": `${options.title}. ${t("chartKeys")}` },
    gridLines(scale, options), bad.map((step) => svg("line", { class: "bad", x1: scale.x(step), x2: scale.x(step), y1: PLOT.top, y2: PLOT.height - PLOT.bottom })),
    series.map((each, i) => curve(each, i, steps, scale, options)), cursor, dots);
  let at = -1;
  const showAt = (place) => {
    at = clamp(place, 0, steps.length - 1);
    cursor.setAttribute("x1", scale.x(steps[at]));
    cursor.setAttribute("x2", scale.x(steps[at]));
    cursor.setAttribute("visibility", "visible");
    series.forEach(({ values }, i) => {
      const isThere = values[at] !== null && values[at] !== undefined && (!options.isLog || values[at] > 0);
      dots[i].setAttribute("visibility", isThere ? "visible" : "hidden");
      if (isThere) setAttributes(dots[i], { cx: scale.x(steps[at]), cy: scale.y(values[at]) });
    });
    readout.textContent = `${t("stepNumber", { step: steps[at] })}: ` + series.map(({ name, values }) => `${name} ${values[at] === null && !options.hasGaps ? t("notFinite") : shareText(values[at], options)}`).join(", ");
  };
  picture.addEventListener("pointermove", (event) => {
    const box = picture.getBoundingClientRect();
    const x = ((event.clientX - box.left) / box.width) * PLOT.width;
    let best = 0;
    steps.forEach((step, i) => { if (Math.abs(scale.x(step) - x) < Math.abs(scale.x(steps[best]) - x)) best = i; });
    showAt(best);
  });
  picture.addEventListener("keydown", (event) => {
    const page = Math.max(1, Math.round(steps.length / 10));
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -page, PageDown: page, Home: -Infinity, End: Infinity };
    if (!(event.key in moves)) return;
    event.preventDefault();
    event.stopPropagation();
    showAt(at < 0 && Number.isFinite(moves[event.key]) ? 0 : at + moves[event.key]);
  });
  return el("figure", { class: "chart", data: { chart: options.name ?? "" } }, el("figcaption", {}, el("h3", {}, options.title), options.note ? el("p", { class: "quiet small" }, options.note) : null),
    picture, series.length > 1 ? el("p", { class: "keys" }, series.map(({ name }, i) => el("span", { class: `key k${i % 5} d${i % 5}` }, el("span", { class: "stroke" }), name))) : null, readout);
}

function shareText(value, { isShare }) {
  return isShare && Number.isFinite(value) ? `${num(value * 100, 3)} %` : num(value, 5);
}

function scalesFor(options, values) {
  const [first, last] = [options.steps[0], options.steps[options.steps.length - 1]];
  const width = PLOT.width - PLOT.left - PLOT.right, height = PLOT.height - PLOT.top - PLOT.bottom;
  const map = options.isLog ? Math.log10 : (value) => value;
  let low = map(values.reduce((a, b) => Math.min(a, b))), high = map(values.reduce((a, b) => Math.max(a, b)));
  if (options.isShare) [low, high] = [0, 1];
  else if (!options.isLog) low = Math.min(0, low);
  if (high - low < 1e-12) [low, high] = [low - 0.5, high + 0.5];
  return {
    low, high,
    x: (step) => PLOT.left + (last > first ? (step - first) / (last - first) : 0.5) * width,
    y: (value) => PLOT.top + (1 - (map(value) - low) / (high - low)) * height,
  };
}

function ticksOf({ low, high }, isLog) {
  const span = high - low;
  if (isLog && span < 2.5) {
    const powers = Array.from({ length: Math.ceil(span) + 2 }, (_, i) => Math.floor(low) + i);
    const steps = span < 1.2 ? [1, 2, 3, 5] : [1, 3];
    const found = powers.flatMap((power) => steps.map((step) => step * 10 ** power)).filter((value) => Math.log10(value) >= low && Math.log10(value) <= high);
    if (found.length > 1) return found;
  } else if (isLog) {
    const by = Math.ceil(span / 4);
    const ticks = [];
    for (let power = Math.ceil(low); power <= high; power += by) ticks.push(10 ** power);
    return ticks;
  }
  const rough = span / 4;
  const unit = 10 ** Math.floor(Math.log10(rough));
  const by = [1, 2, 5, 10].map((each) => each * unit).find((each) => each >= rough);
  const ticks = [];
  for (let value = Math.ceil(low / by) * by; value <= high + by * 1e-9; value += by) ticks.push(isLog ? 10 ** value : Number(value.toPrecision(12)));
  return ticks;
}

function gridLines(scale, options) {
  const lines = ticksOf(scale, options.isLog).map((value) => [
    svg("line", { class: "grid", x1: PLOT.left, x2: PLOT.width - PLOT.right, y1: scale.y(value), y2: scale.y(value) }),
    svg("text", { x: PLOT.left - 6, y: scale.y(value) + 4, "text-anchor": "end" }, options.isShare ? `${Math.round(value * 100)} %` : num(value, 3)),
  ]);
  const { steps } = options;
  const ends = steps.length > 1 ? [steps[0], steps[steps.length - 1]] : steps.slice(0, 1);
  return [lines, ends.map((step, i) => svg("text", { x: scale.x(step), y: PLOT.height - 8, "text-anchor": i ? "end" : "start" }, i ? t("stepNumber", { step }) : String(step)))];
}

function curve({ values }, order, steps, scale, options) {
  let path = "";
  let isDown = false;
  values.forEach((value, i) => {
    const isThere = value !== null && value !== undefined && (!options.isLog || value > 0);
    if (isThere) path += `${isDown ? "L" : "M"}${scale.x(steps[i]).toFixed(1)} ${scale.y(value).toFixed(1)}`;
    isDown = isThere;
  });
  return svg("path", { class: `curve k${order % 5} d${order % 5}`, d: path });
}
