// An optimizer's step of one weight, computed again from its formula, stage by stage.

/** How the update computes: each stage of a formula, by its text. The memory (m, v, b, s) is what it was after the step. */
const STAGES = {
  __proto__: null,
  "g ← -g": (now) => { now.g = -now.g; },
  "g ← g + λ θ": (now) => { now.g += now.λ * now.θ; },
  "θ ← θ - η λ θ": (now) => { now.θ -= now.η * now.λ * now.θ; },
  "m ← β₁ m + (1 - β₁) g": "m", "v ← β₂ v + (1 - β₂) g²": "v", "v ← α v + (1 - α) g²": "v", "s ← s + g²": "s",
  "b ← μ b + (1 - τ) g": "b", "m ← α m + (1 - α) g": "m", "b ← μ b + g / (√v + ε)": "b", "b ← μ b + g / (√(v - m²) + ε)": "b",
  "θ ← θ - η g": (now) => takeStep(now, "η g", now.η * now.g),
  "θ ← θ - η b": (now) => takeStep(now, "η b", now.η * now.b),
  "θ ← θ - η (g + μ b)": (now) => takeStep(now, "η (g + μ b)", now.η * (now.g + now.μ * now.b)),
  "θ ← θ - η g / (√v + ε)": (now) => takeStep(now, "η g / (√v + ε)", now.η * now.g / (Math.sqrt(now.v) + now.ε)),
  "θ ← θ - η g / (√(v - m²) + ε)": (now) => takeStep(now, "η g / (√(v - m²) + ε)", now.η * now.g / (Math.sqrt(now.v - now.m ** 2) + now.ε)),
  "θ ← θ - η g / (√s + ε)": (now) => takeStep(now, "η g / (√s + ε)", now.η * now.g / (Math.sqrt(now.s) + now.ε)),
  "θ ← θ - η m/(1 - β₁ᵗ) / (√(v/(1 - β₂ᵗ)) + ε)": adamStep,
};

function takeStep(now, formula, size) {
  now.rows.push([formula, size]);
  now.θ -= size;
}

/** Adam's step: both averages began at 0, and are divided by what part of their weights has come together by now. */
function adamStep(now) {
  const [m, v] = [now.m / (1 - now["β₁"] ** now.t), now.v / (1 - now["β₂"] ** now.t)];
  now.rows.push(["m̂ = m / (1 − β₁ᵗ)", m], ["v̂ = v / (1 − β₂ᵗ)", v]);
  takeStep(now, "η m̂ / (√v̂ + ε)", now.η * m / (Math.sqrt(v) + now.ε));
}

/**
 * The weight after the update, from what it was before, the gradient and what the optimizer remembers.
 * Returns { after, rows: [[formula, value]], letters: what the formula calls each of factors }, or null for an unknown formula.
 */
function retraceUpdate(how, before, factors) {
  const now = { ...how.numbers, θ: before.value, g: factors[0]?.value, rows: [] };
  const letters = ["g"];
  for (const text of (how.formula ?? "").split(/;\s+/)) {
    const act = STAGES[text];
    if (!act) return null;
    if (typeof act === "function") {
      act(now);
      continue;
    }
    if (letters.length >= factors.length) return null;
    now[act] = factors[letters.length].value;
    letters.push(act);
    // With amsgrad the largest v so far is what counts
    if (act === "v" && factors.length === letters.length + 1) {
      now.v = factors[letters.length].value;
      letters.push("v");
    }
  }
  return letters.length === factors.length && Number.isFinite(now.θ) ? { after: now.θ, rows: now.rows, letters } : null;
}

function explainUpdate(step, how, { tensor, index, value }) {
  const before = factor(step, how.before, index);
  const factors = (how.of ?? []).map((id) => factor(step, id, broadcastIndex(step.run.tensors[id].shape, index)));
  const isComplete = isKnown([before, ...factors]);
  const traced = isComplete ? retraceUpdate(how, before, factors) : null;
  const change = isComplete ? value - before.value : undefined;
  const error = epsilon(tensor.dtype) * (Math.abs(before.value ?? 0) + Math.abs(value ?? 0) + 8 * Math.abs(change ?? 0));
  return { before, factors, recomputed: traced?.after ?? null, traced, error, change };
}

function updatePanel(facts) {
  const { how, before, factors, value, tensor, traced } = facts;
  const numbers = Object.entries(how.numbers ?? {}).map(([name, number]) => `${name} = ${num(number)}`).join(", ");
  const row = (label, content, data) => [el("dt", {}, label), el("dd", { data }, content)];
  const letter = (i) => (traced ? `${traced.letters[i]}, ` : "");
  return [
    el("p", {}, t("updatePanel")), el("p", { class: "formula" }, code((how.formula ?? how.name).split(/;\s+/).join("\n"))),
    numbers ? el("p", { class: "quiet" }, numbers) : null,
    el("dl", { class: "change" },
      row(`${traced ? "θ, " : ""}${t("before")}`, elementLink(facts.step, before, true), { before: String(before.value) }),
      factors.map((each, i) => row(letter(i) + t(i === 0 ? "itsGradient" : "remembered"), elementLink(facts.step, each, true), { gradient: String(each.value) })),
      (traced?.rows ?? []).map(([formula, number]) => row(code(formula), num(number), { stage: String(number) })),
      row(t("stepTaken"), facts.change === undefined ? "?" : num(facts.change), { change: String(facts.change) }),
      row(t("after"), valueText(tensor, value), { after: String(value) })),
    el("p", {}, directionText(factors[0]?.value, facts.change)), totalsView(facts, tensor),
  ];
}

function directionText(gradient, change) {
  if (!gradient || !change) return "";
  return t(Math.sign(gradient) !== Math.sign(change) ? "against" : "along");
}
