// Where tokens look: for each layer and each of its heads a heat map, in which rows look at columns.

function attentionView(run) {
  const { attention } = run;
  if (!attention) return null;
  const told = el("p", { class: "chart-readout attention-told", "aria-live": "polite" }, t("attentionHint"));
  const view = { ...attention, told, maps: [], marked: [null, null], cell: attentionCell(attention) };
  const layers = attention.layers.map((layer, number) => layerView(view, layer, number));
  const isCausal = attention.layers.every((layer) => layer.isCausal);
  return el("section", { class: "wide", id: "attention" }, el("h2", {}, t("attentionTitle")),
    el("p", { class: "quiet" }, t("attentionIntro"), " ", isCausal ? t("attentionCausal") : ""),
    attentionLegend(), told, layers);
}

/** How large a cell is: so that the heads of a layer stand in one row, or on a phone in twos, where that leaves something to be seen. */
function attentionCell({ keys, layers }) {
  const room = Math.min(document.documentElement.clientWidth, 1600) - 80;
  const fitting = (count) => Math.floor((room / count - LETTER - 23) / keys.length);
  const inOneRow = fitting(Math.max(2, ...layers.map(({ heads }) => heads)));
  return clamp(inOneRow >= 14 ? inOneRow : fitting(2), 5, 24);
}

const LETTER = 16;

function layerView(view, layer, number) {
  const numbers = decode("float32", bytesOf(layer.weights));
  const size = view.queries.length * view.keys.length;
  const heads = Array.from({ length: layer.heads }, (_, head) => numbers.subarray(head * size, (head + 1) * size));
  layer.isCausal = view.queries.length === view.keys.length && view.keys.length > 1
    && heads.every((weights) => view.queries.every((_, r) => view.keys.every((_, c) => c <= r || weights[r * view.keys.length + c] === 0)));
  return el("div", { class: "layer" }, el("h3", {}, t("layerNumber", { layer: number + 1 })),
    el("div", { class: "heads" }, heads.map((weights, head) => headView(view, weights, { layer: number, head, isCausal: layer.isCausal }))));
}

function headView(view, weights, where) {
  const { queries, keys, cell } = view;
  const options = {
    // Nothing is drawn of what a token may not see
    tensor: { shape: [queries.length, keys.length], dtype: "float32", id: null, bad: weights.some((value) => !Number.isFinite(value)) ? 1 : 0,
      run: { kept: {}, keptMaps: new Map() }, compute: ([r, c]) => (where.isCausal && c > r ? undefined : weights[r * keys.length + c]) },
    scale: { range: 1 }, width: cell, height: cell,
    index: () => view.marked,
    text: ([r, c]) => attentionText(view, where, r, c, options.tensor.compute([r, c])),
    mark: (index) => markAttention(view, where, index, options),
  };
  const canvas = el("canvas", {
    class: "cells", tabindex: "0", role: "application", "aria-roledescription": t("heatMap"),
    "aria-label": `${t("headNumber", { layer: where.layer + 1, head: where.head + 1 })}. ${t("mapKeys", { rows: queries.length, cols: keys.length })}`,
    data: { layer: String(where.layer), head: String(where.head) },
  });
  const map = { options, name: "", grid: gridOf(options), canvas, cursor: null, bitmap: null };
  listen(map);
  draw(map);
  view.maps.push(map);
  return el("figure", { class: "head" }, el("figcaption", {}, t("headShort", { head: where.head + 1 })),
    lettersView(keys, cell, "across"), el("div", { class: "looks" }, lettersView(queries, cell, "down"), canvas));
}

/** The tokens along an edge; none where they would not be readable. */
function lettersView(tokens, cell, direction) {
  const letters = tokens.map((token) => {
    const letter = el("span", {}, cell < 9 ? "" : token);
    letter.style[direction === "across" ? "width" : "height"] = `${cell}px`;
    letter.style.lineHeight = `${direction === "across" ? LETTER : cell}px`;
    return letter;
  });
  return el("div", { class: `letters ${direction}`, "aria-hidden": "true" }, letters);
}

function attentionText({ queries, keys }, { layer, head }, r, c, weight) {
  const values = { layer: layer + 1, head: head + 1, from: queries[r], row: r, to: keys[c], column: c };
  return weight === undefined ? t("attentionHidden", values) : t("attentionTold", { ...values, weight: num(weight, 4) });
}

/** What was clicked stays told, and its row and column are marked in all heads. */
function markAttention(view, where, index, { tensor, text }) {
  view.marked = index;
  view.told.textContent = text(index);
  Object.assign(view.told.dataset, { layer: where.layer, head: where.head, row: index[0], column: index[1], weight: String(tensor.compute(index) ?? "") });
  view.maps.forEach(draw);
}

function attentionLegend() {
  const bar = el("span", { class: "bar" });
  bar.style.background = `linear-gradient(to right, ${SCALES[themeName()].slice(3).map(css).join(", ")})`;
  return el("p", { class: "legend" }, el("span", {}, "0"), bar, el("span", {}, "1"));
}
