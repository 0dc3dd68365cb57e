// Colours of numbers: blue for negative, orange for positive, the neutral one for 0. People who confuse red and green tell
// blue from orange; and both ends differ from the middle in lightness, so that size shows in grey as well.

const SCALES = {
  light: [[10, 61, 135], [76, 137, 208], [176, 205, 236], [246, 244, 239], [247, 205, 160], [226, 134, 52], [150, 62, 0]],
  dark: [[168, 214, 255], [74, 146, 222], [34, 76, 122], [38, 36, 34], [122, 68, 22], [217, 122, 38], [255, 208, 158]],
};
const BAD = { light: [196, 0, 140], dark: [255, 64, 200] };
const BOOL = { light: [[228, 224, 216], [60, 56, 52]], dark: [[58, 55, 52], [222, 216, 208]] };

const lookups = {};

function isDark() {
  const chosen = document.documentElement.dataset.theme;
  return chosen ? chosen === "dark" : matchMedia("(prefers-color-scheme: dark)").matches;
}

function themeName() {
  return isDark() ? "dark" : "light";
}

/** 511 colours from -1 to 1 as [r, g, b]. */
function colourTable() {
  const theme = themeName();
  if (!lookups[theme]) {
    const stops = SCALES[theme];
    lookups[theme] = Array.from({ length: 511 }, (_, i) => {
      const place = (i / 510) * (stops.length - 1);
      const low = Math.min(Math.floor(place), stops.length - 2);
      return stops[low].map((from, c) => Math.round(from + (stops[low + 1][c] - from) * (place - low)));
    });
  }
  return lookups[theme];
}

function colourOf(tensor, value, range) {
  const theme = themeName();
  if (value === undefined || isMasked(tensor, value)) return null;
  if (!Number.isFinite(value)) return BAD[theme];
  if (tensor.dtype === "bool") return BOOL[theme][value !== 0 ? 1 : 0];
  const part = range > 0 ? Math.max(-1, Math.min(1, value / range)) : 0;
  return colourTable()[Math.round(255 + part * 255)];
}

function css([r, g, b]) {
  return `rgb(${r}, ${g}, ${b})`;
}

function legendGradient() {
  return `linear-gradient(to right, ${SCALES[themeName()].map(css).join(", ")})`;
}

/** Ink that can be read on a cell of that colour. */
function inkOn([r, g, b]) {
  const linear = [r, g, b].map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  const light = 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2];
  return light > 0.18 ? "#1d1b19" : "#ffffff";
}

/** The sizes of the shown numbers of a tensor, sorted. */
function shownSizes(tensor) {
  const sizes = [];
  const lists = tensor.shape.map((size) => shownOf(tensor.run, size));
  const visit = (place, index) => {
    if (place === lists.length) {
      const value = valueAt(tensor, index);
      if (value !== undefined && Number.isFinite(value)) sizes.push(Math.abs(value));
      return;
    }
    for (const i of lists[place]) {
      index[place] = i;
      visit(place + 1, index);
    }
  };
  visit(0, []);
  return sizes.sort((a, b) => a - b);
}

/** Where the colour is full: the 99th percentile of the shown sizes, so that one outlier does not bleach the rest. */
function rangeOf(tensor) {
  if (tensor.range === undefined) {
    const sizes = shownSizes(tensor);
    const largest = sizes.length ? sizes[sizes.length - 1] : 0;
    const robust = sizes.length ? sizes[Math.ceil(0.99 * sizes.length) - 1] : 0;
    tensor.range = { range: robust > 0 ? robust : largest, largest };
  }
  return tensor.range;
}

/**
 * The range of each tensor of an operation. One scale for all of them, so that one colour is one number; but a tensor whose
 * numbers would all look like 0 on it, being far smaller than the others, gets a scale of its own, and its legend says so.
 */
function rangesFor(tensors, isCommon) {
  const numbers = tensors.filter((tensor) => tensor.dtype !== "bool");
  const widest = Math.max(0, ...numbers.map((tensor) => rangeOf(tensor).range));
  return new Map(tensors.map((tensor) => {
    const own = rangeOf(tensor).range;
    const isOwn = !isCommon && own > 0 && own * 4 < widest;
    return [tensor, { range: isOwn ? own : widest, isOwn, saturates: rangeOf(tensor).largest > (isOwn ? own : widest) }];
  }));
}
