// One tensor as a heat map: a canvas with a read-out under pointer and keyboard, and marks.

/**
 * A figure with the heat map of a tensor.
 *
 * options: step, tensor, transposed (rows and columns exchanged), scale { range, isOwn, saturates }, width and height of a
 * cell, title (text or elements), index() (what is marked, null where nothing is), mark(index), bands() ("row" or "column" to
 * frame only that one of the two, "cell" for neither), edges (what its rows and columns are, two words).
 */
function heatMap(options) {
  const { tensor, step } = options;
  const own = options.name ?? nameOf(step, tensor);
  const name = options.transposed ? transposedName(own) : own;
  if (countOf(tensor.shape) === 0) {
    const figure = el("figure", { class: "map" }, el("figcaption", {}, code(name), el("span", { class: "shape" }, shapeText(tensor.shape))), el("p", { class: "note" }, t("empty")));
    return { figure, draw: () => {} };
  }
  const grid = gridOf(options);
  const canvas = el("canvas", {
    class: "cells", tabindex: "0", role: "application", "aria-roledescription": t("heatMap"),
    "aria-label": describe(options, name, grid), data: tensor.id === null ? {} : { tensor: tensor.id },
  });
  const map = { options, name, grid, canvas, cursor: null, bitmap: null };
  listen(map);
  const caption = el("figcaption", {}, el("span", { class: "name" }, options.title ?? code(name)),
      el("span", { class: "shape" }, shapeText(options.transposed ? exchanged(tensor.shape) : tensor.shape)));
  map.figure = el("figure", { class: "map" }, caption, edgesView(options), slices(map), canvas, legendFor(options), notesFor(options));
  // What stands around a picture is no wider than it, or than a legend, so that pictures stand beside one another where they can
  map.figure.style.maxWidth = `${Math.max(grid.cols.length * options.width, narrowest(tensor))}px`;
  map.draw = () => draw(map);
  draw(map);
  return map;
}

const NARROWEST = 140;

/** How much room a picture takes at least, for its legend or its choice of a slice. */
function narrowest(tensor) {
  return tensor.shape.length > 2 ? 176 : NARROWEST;
}

function exchanged(shape) {
  return [...shape.slice(0, -2), shape[shape.length - 1], shape[shape.length - 2]];
}

/** Which indices are the rows and columns of the picture, and what element a cell stands for. */
function gridOf({ tensor, transposed, index }) {
  const { shape, run } = tensor;
  const rank = shape.length;
  const list = (d) => (d < 0 || rank === 0 ? [0] : shownOf(run, shape[d]));
  const [rowDim, colDim] = rank === 1 ? [-1, 0] : transposed ? [rank - 1, rank - 2] : [rank - 2, rank - 1];
  const [rows, cols] = [rank < 2 ? [0] : list(rowDim), list(rank === 0 ? -1 : colDim)];
  const at = (r, c) => {
    const place = index().map((i) => i ?? 0);
    if (rank >= 2) place[rowDim] = rows[r];
    if (rank >= 1) place[colDim] = cols[c];
    return place;
  };
  return { rows, cols, rowDim: rank < 2 ? -1 : rowDim, colDim: rank === 0 ? -1 : colDim, at };
}

/** What runs along the edges of the picture. */
function edgesView({ edges }) {
  return edges ? el("p", { class: "note edges" }, el("span", {}, `${t("row")} = ${edges[0]}`), el("span", {}, `${t("column")} = ${edges[1]}`)) : null;
}

function describe({ tensor, transposed }, name, grid) {
  const range = Number.isFinite(tensor.min) ? t("fromTo", { min: num(tensor.min, 4), max: num(tensor.max, 4) }) : "";
  const bad = tensor.bad > 0 ? " " + t("badCount", { count: tensor.bad }) : "";
  return `${name} ${shapeText(transposed ? exchanged(tensor.shape) : tensor.shape)}. ${range}${bad} ${t("mapKeys", { rows: grid.rows.length, cols: grid.cols.length })}`;
}

// Drawing

/** What to draw with on a canvas of this size, in the page's pixels; cells keep their edges. */
function contextOf(canvas, width, height) {
  const ratio = window.devicePixelRatio || 1;
  if (canvas.width !== Math.round(width * ratio) || canvas.height !== Math.round(height * ratio)) {
    canvas.width = Math.round(width * ratio);
    canvas.height = Math.round(height * ratio);
    canvas.style.width = `${width}px`;
    canvas.style.height = `${height}px`;
  }
  const context = canvas.getContext("2d");
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.imageSmoothingEnabled = false;
  return context;
}

function draw(map) {
  const { canvas, grid, options } = map;
  const [width, height] = [grid.cols.length * options.width, grid.rows.length * options.height];
  const context = contextOf(canvas, width, height);
  const slice = options.index().slice(0, -2).join() + themeName();
  if (map.slice !== slice) {
    map.slice = slice;
    map.bitmap = paint(map);
    map.slicesChanged?.();
  }
  context.drawImage(map.bitmap, 0, 0, width, height);
  const { width: w, height: h } = options;
  if (Math.min(w, h) >= 12) drawGrid(context, grid, w, h);
  if (w >= 40 && h >= 18) drawNumbers(context, map);
  drawBad(context, map);
  drawMarks(context, map, width, height);
}

function paint({ grid, options }) {
  const [rows, cols] = [grid.rows.length, grid.cols.length];
  const bitmap = document.createElement("canvas");
  bitmap.width = cols;
  bitmap.height = rows;
  const image = new ImageData(cols, rows);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) {
      const colour = colourOf(options.tensor, valueAt(options.tensor, grid.at(r, c)), options.scale.range);
      if (colour) image.data.set([...colour, 255], 4 * (r * cols + c));
    }
  }
  bitmap.getContext("2d").putImageData(image, 0, 0);
  return bitmap;
}

function drawGrid(context, grid, w, h) {
  context.fillStyle = getComputedStyle(document.documentElement).getPropertyValue("--panel");
  for (let c = 1; c < grid.cols.length; c++) context.fillRect(c * w - 0.5, 0, 1, grid.rows.length * h);
  for (let r = 1; r < grid.rows.length; r++) context.fillRect(0, r * h - 0.5, grid.cols.length * w, 1);
}

function drawNumbers(context, { grid, options }) {
  const { tensor } = options;
  context.textAlign = "center";
  context.textBaseline = "middle";
  context.font = `${Math.min(15, options.height * 0.5, options.width / 3.6)}px ui-monospace, monospace`;
  const values = grid.rows.flatMap((_, r) => grid.cols.map((_, c) => valueAt(tensor, grid.at(r, c))));
  // As many digits as fit into every cell, or no numbers at all
  const texts = [4, 3, 2].map((digits) => values.map((value) => (value === undefined ? "" : valueText(tensor, value, digits))))
    .find((list) => list.every((text) => context.measureText(text).width < options.width - 4));
  texts?.forEach((text, i) => {
    const colour = colourOf(tensor, values[i], options.scale.range);
    if (!colour) return;
    const [r, c] = [Math.floor(i / grid.cols.length), i % grid.cols.length];
    context.fillStyle = inkOn(colour);
    context.fillText(text, (c + 0.5) * options.width, (r + 0.5) * options.height);
  });
}

/** NaN and infinity are hatched, so that they are no colour of a number. */
function drawBad(context, { grid, options }) {
  if (!options.tensor.bad) return;
  const { width: w, height: h, tensor } = options;
  context.save();
  context.strokeStyle = "#ffffff";
  context.lineWidth = Math.max(1, Math.min(w, h) / 8);
  context.beginPath();
  grid.rows.forEach((_, r) => grid.cols.forEach((_, c) => {
    const value = valueAt(tensor, grid.at(r, c));
    if (value === undefined || Number.isFinite(value) || isMasked(tensor, value)) return;
    context.moveTo(c * w, (r + 1) * h);
    context.lineTo((c + 1) * w, r * h);
  }));
  context.stroke();
  context.restore();
}

function drawMarks(context, map, width, height) {
  const { grid, options } = map;
  const { width: w, height: h } = options;
  const index = options.index();
  const row = grid.rowDim < 0 ? -1 : grid.rows.indexOf(index[grid.rowDim]);
  const col = grid.colDim < 0 ? -1 : grid.cols.indexOf(index[grid.colDim]);
  const bands = options.bands?.() ?? "both";
  const frame = (x, y, wide, high, weight) => outline(context, x, y, wide, high, weight, { width, height });
  if (row >= 0 && (bands === "row" || bands === "both")) frame(0, row * h, width, h, 1);
  if (col >= 0 && (bands === "column" || bands === "both")) frame(col * w, 0, w, height, 1);
  if ((row >= 0 || grid.rowDim < 0) && col >= 0 && (bands === "cell" || bands === "both")) frame(col * w, Math.max(row, 0) * h, w, h, 2);
  if (map.cursor) frame(map.cursor.c * w, map.cursor.r * h, w, h, 1.5);
}

/** A box that is seen on any colour: dark on light. At the edge of the canvas it stays inside, so that it has four sides. */
function outline(context, x, y, w, h, weight, within = { width: Infinity, height: Infinity }) {
  const halo = weight + (Math.min(w, h) < 6 ? 1 : 2);
  const [left, top] = [Math.max(x - 0.5, halo / 2), Math.max(y - 0.5, halo / 2)];
  const [right, bottom] = [Math.min(x + w + 0.5, within.width - halo / 2), Math.min(y + h + 0.5, within.height - halo / 2)];
  const box = [left, top, Math.max(right - left, 1), Math.max(bottom - top, 1)];
  context.lineWidth = halo;
  context.strokeStyle = "rgba(255, 255, 255, .9)";
  context.strokeRect(...box);
  context.lineWidth = weight;
  context.strokeStyle = "#111111";
  context.strokeRect(...box);
}

// Pointer and keyboard

function listen(map) {
  const { canvas, options, grid } = map;
  const cell = (event) => {
    const box = canvas.getBoundingClientRect();
    const c = Math.floor(((event.clientX - box.left) / box.width) * grid.cols.length);
    const r = Math.floor(((event.clientY - box.top) / box.height) * grid.rows.length);
    return { r: clamp(r, 0, grid.rows.length - 1), c: clamp(c, 0, grid.cols.length - 1) };
  };
  const leave = () => { map.cursor = null; hideReadout(); draw(map); };
  canvas.addEventListener("pointermove", (event) => {
    map.cursor = cell(event);
    draw(map);
    showReadout(cellText(map), event.clientX, event.clientY);
  });
  canvas.addEventListener("pointerleave", leave);
  canvas.addEventListener("click", (event) => {
    const { r, c } = cell(event);
    map.cursor = null;
    options.mark(grid.at(r, c));
  });
  canvas.addEventListener("focus", () => { if (canvas.matches(":focus-visible")) moveCursor(map, 0, 0); });
  canvas.addEventListener("blur", leave);
  canvas.addEventListener("keydown", (event) => key(map, event));
}

const MOVES = { ArrowUp: [-1, 0], ArrowDown: [1, 0], ArrowLeft: [0, -1], ArrowRight: [0, 1] };

function key(map, event) {
  const { grid, options } = map;
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (MOVES[event.key]) moveCursor(map, ...MOVES[event.key]);
  else if (event.key === "Home") moveCursor(map, 0, -grid.cols.length);
  else if (event.key === "End") moveCursor(map, 0, grid.cols.length);
  else if (event.key === "PageUp") moveCursor(map, -grid.rows.length, 0);
  else if (event.key === "PageDown") moveCursor(map, grid.rows.length, 0);
  else if (event.key === "Escape") { map.cursor = null; hideReadout(); draw(map); }
  else if (event.key === "Enter" || event.key === " ") {
    const { r, c } = map.cursor ?? startOf(map);
    options.mark(grid.at(r, c));
  } else return;
  event.preventDefault();
  event.stopPropagation();
}

function startOf({ grid, options }) {
  const index = options.index();
  const at = (list, d) => (d < 0 ? 0 : Math.max(0, list.indexOf(index[d])));
  return { r: at(grid.rows, grid.rowDim), c: at(grid.cols, grid.colDim) };
}

function moveCursor(map, down, right) {
  const { grid, canvas, options } = map;
  const from = map.cursor ?? startOf(map);
  map.cursor = { r: clamp(from.r + down, 0, grid.rows.length - 1), c: clamp(from.c + right, 0, grid.cols.length - 1) };
  draw(map);
  const box = canvas.getBoundingClientRect();
  const text = cellText(map);
  showReadout(text, box.left + (map.cursor.c + 0.5) * options.width, box.top + map.cursor.r * options.height);
  speak(text);
}

function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

function cellText({ cursor, grid, options, name }) {
  const index = grid.at(cursor.r, cursor.c);
  if (options.text) return options.text(index);
  return `${name}${indexText(options.transposed ? exchanged(index) : index)} = ${valueText(options.tensor, valueAt(options.tensor, index))}`;
}

// What stands around the picture

function legendFor({ tensor, scale }) {
  if (tensor.dtype === "bool") {
    const swatch = (value) => {
      const box = el("span", { class: "swatch" });
      box.style.background = css(colourOf(tensor, value, 1));
      return box;
    };
    return el("p", { class: "legend" }, swatch(0), "false ", swatch(1), "true");
  }
  if (tensor.shape.length === 0 || !(scale.range > 0)) return null;
  const bar = el("span", { class: "bar" });
  bar.style.background = legendGradient();
  const text = scale.range >= 1e5 || scale.range < 1e-3 ? exponential(scale.range, 1) : num(scale.range, 2);
  return el("p", { class: "legend", title: t(scale.saturates ? "saturates" : "wholeRange") },
    el("span", {}, (scale.saturates ? "≤ " : "") + MINUS + text), bar, el("span", {}, (scale.saturates ? "≥ " : "") + text));
}

function notesFor({ tensor, scale, transposed }) {
  const notes = [];
  const shape = transposed ? exchanged(tensor.shape) : tensor.shape;
  shape.forEach((size, d) => {
    const kept = keptOf(tensor.run, size);
    const kind = shape.length - d === 1 ? "columns" : shape.length - d === 2 ? "rows" : "slices";
    if (kept) notes.push(el("p", { class: "note" }, t(kind + "Shown", { shown: kept.length, size })));
  });
  if (scale.isOwn) notes.push(el("p", { class: "note" }, t("ownScale")));
  if (isMasked(tensor, -Infinity) && tensor.bad > 0) notes.push(el("p", { class: "note", data: { masked: tensor.bad } }, t("maskedCount", { count: tensor.bad })));
  else if (tensor.bad > 0) notes.push(el("p", { class: "loud", data: { bad: tensor.bad } }, t("badCount", { count: tensor.bad })));
  return notes;
}

/** For more than two dimensions: which slice is shown, and the ones beside it. */
function slices(map) {
  const { tensor, index, mark } = map.options;
  const leading = tensor.shape.slice(0, -2);
  if (leading.length === 0) return null;
  const text = el("span", {});
  const step = (by) => {
    const at = index().map((i) => i ?? 0);
    const shown = leading.map((size) => shownOf(tensor.run, size));
    const place = at.slice(0, -2).map((i, d) => Math.max(0, shown[d].indexOf(i)));
    const sizes = shown.map((list) => list.length);
    const next = indexOf(sizes, clamp(offsetOf(sizes, place) + by, 0, countOf(sizes) - 1));
    mark([...next.map((p, d) => shown[d][p]), ...at.slice(-2)]);
  };
  map.slicesChanged = () => {
    const at = index().slice(0, -2).map((i) => i ?? 0);
    text.textContent = t("slice", { at: at.join(", "), of: leading.join(" × ") });
  };
  return el("p", { class: "slices" },
    button("‹", () => step(-1), { "aria-label": t("sliceBefore") }), text,
    button("›", () => step(1), { "aria-label": t("sliceAfter") }));
}
