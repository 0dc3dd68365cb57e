// Printing numbers.

const MINUS = "\u2212";

/** A number for reading: six significant digits at most, no trailing zeros. */
function num(value, digits = 6) {
  if (value === null || value === undefined) return "?";
  if (typeof value === "boolean") return value ? "true" : "false";
  if (Number.isNaN(value)) return "NaN";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : MINUS + "∞";
  if (value === 0) return "0";
  const size = Math.abs(value);
  let text;
  if (size >= 1e6 && Number.isInteger(value) && size < 1e9 && digits >= 6) text = String(size);
  else if (size >= 1e6 || size < 1e-4) text = exponential(size, digits - 1);
  else text = String(Number(size.toPrecision(digits)));
  return (value < 0 ? MINUS : "") + text;
}

function exponential(size, decimals) {
  const [mantissa, exponent] = size.toExponential(decimals).split("e");
  const short = mantissa.includes(".") ? mantissa.replace(/\.?0+$/, "") : mantissa;
  return `${short}e${exponent.replace("+", "").replace("-", MINUS)}`;
}

/** How a value of a tensor reads: bool tensors hold 0 and 1. */
function valueText(tensor, value, digits = 6) {
  if (value === undefined) return t("notStored");
  return tensor.dtype === "bool" ? num(value !== 0) : num(value, digits);
}

/** The value with that many decimals; a negative count rounds to tens, hundreds, … and prints with an exponent. */
function fixed(value, decimals) {
  if (!Number.isFinite(value)) return num(value);
  const size = Math.abs(value);
  const exponent = size === 0 ? 0 : Math.floor(Math.log10(size));
  let text;
  if (decimals > 8 || decimals < 0 || size >= 1e9) {
    text = size === 0 ? "0" : size.toExponential(Math.min(Math.max(0, exponent + decimals), 17));
    text = text.replace("e+", "e").replace("e-", "e" + MINUS);
  } else {
    text = size.toFixed(decimals);
  }
  const isZero = !/[1-9]/.test(text.split("e")[0]);
  return (value < 0 && !isZero ? MINUS : "") + text;
}

/**
 * Prints a value of the run and the same recomputed here in float64. A float32 sum in another order ends in other
 * digits, by about the rounding error of its terms; so as many digits are printed as are sure, and those agree.
 * Returns the two texts, and whether the numbers really differ (by more than rounding explains).
 */
function agree(value, recomputed, error, count = 1) {
  if (!Number.isFinite(value) || !Number.isFinite(recomputed)) {
    const same = Object.is(value, recomputed) || (Number.isNaN(value) && Number.isNaN(recomputed));
    return { value: num(value), recomputed: num(recomputed), decimals: 0, differs: !same };
  }
  if (value === recomputed) return { value: num(value, 8), recomputed: num(value, 8), decimals: 0, differs: false };
  const differs = Math.abs(value - recomputed) > error * Math.max(4, Math.sqrt(count)) + 1e-300;
  const start = error === 0 ? 6 : Math.floor(-Math.log10(2 * error));
  let decimals = Math.min(start, 17 - Math.floor(Math.log10(Math.max(Math.abs(value), 1e-300))), 60);
  if (differs) return { value: fixed(value, decimals), recomputed: fixed(recomputed, decimals), decimals, differs };
  // Two numbers on either side of a rounding border print differently at that place, but agree one place further on or back
  for (const shift of [0, -1, 1, -2, -3, -4, -5, -6]) {
    const [a, b] = [fixed(value, decimals + shift), fixed(recomputed, decimals + shift)];
    if (a === b) return { value: a, recomputed: b, decimals: decimals + shift, differs };
  }
  return { value: num(value), recomputed: num(recomputed), decimals, differs };
}

function shapeText(shape) {
  return `[${shape.join(", ")}]`;
}

function indexText(index) {
  return index.length === 0 ? "" : `[${index.join(", ")}]`;
}

const DIGITS = "₀₁₂₃₄₅₆₇₈₉";

function subscript(number) {
  return String(number).split("").map((digit) => DIGITS[Number(digit)]).join("");
}

/** The unit of rounding of an element type: the distance between 1 and the next number. */
function epsilon(dtype) {
  return dtype === "float64" ? 2 ** -52 : dtype === "float32" ? 2 ** -23 : 0;
}
