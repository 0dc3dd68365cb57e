// Health of a run: small charts, and a banner where a number stopped being finite.

function healthView(run) {
  const { health } = run;
  if (!health) return null;
  const series = (table) => Object.entries(table ?? {}).map(([name, values]) => ({ name, values }));
  const make = (name, title, table, more) => lineChart({ name, title, steps: health.steps, series: table, ...more });
  const charts = [
    make("loss", t("loss"), [{ name: t("loss"), values: health.loss ?? [] }], { isLog: true, note: t("lossNote") }),
    make("gradients", t("gradientNorms"), series(health.gradients), { isLog: true, note: t("gradientNote") }),
    make("weights", t("weightNorms"), series(health.weights), { note: t("weightNote") }),
    make("ratios", t("ratios"), series(health.ratios), { isLog: true, note: t("ratioNote") }),
    make("zeros", t("zeros"), series(health.zeros), { isShare: true, hasGaps: true, note: t("zerosNote") }),
  ].filter(Boolean);
  if (charts.length === 0) return null;
  return el("section", { class: "wide", id: "health" }, el("h2", {}, t("healthTitle")), el("p", { class: "quiet" }, t("healthIntro")), el("div", { class: "charts" }, charts));
}

/**
 * Whether numbers that are not finite have spoilt a step. In a mask -∞ is meant: softmax makes 0 of it, and neither the loss nor
 * anything that follows knows of it.
 */
function isSpoilt(step) {
  return step.spoilt ??= typeof step.loss !== "number"
    || step.operations.some(({ phase, outputs }) => phase !== "forward" && outputs.some(({ tensor }) => step.run.tensors[tensor]?.bad > 0));
}

/** Whether an element is the -∞ of a mask. */
function isMasked(tensor, value) {
  return value === -Infinity && tensor.run.steps?.length > 0 && !tensor.run.steps.some(isSpoilt);
}

/** The first step at which the loss, a norm or an element is not finite; null if all is well. */
function firstBad(run) {
  const found = [];
  const { health } = run;
  if (health) {
    const tables = { loss: { loss: health.loss ?? [] }, gradients: health.gradients, weights: health.weights, ratios: health.ratios };
    for (const [kind, table] of Object.entries(tables)) {
      for (const [name, values] of Object.entries(table ?? {})) {
        const at = values.indexOf(null);
        if (at >= 0) found.push({ step: health.steps[at], what: kind === "loss" ? t("loss") : `${name} (${t(kind)})` });
      }
    }
  }
  for (const step of run.steps.filter(isSpoilt)) {
    const place = step.operations.findIndex((operation) => operation.outputs.some(({ tensor }) => run.tensors[tensor]?.bad > 0));
    if (place >= 0) {
      const output = step.operations[place].outputs.find(({ tensor }) => run.tensors[tensor].bad > 0);
      found.push({ step: step.step, what: nameOf(step, run.tensors[output.tensor]), position: step.position, place });
      break;
    }
  }
  // At the same step a place to go to is worth more than a name
  return found.sort((a, b) => a.step - b.step || (b.place !== undefined) - (a.place !== undefined))[0] ?? null;
}

function bannerView(run) {
  const bad = firstBad(run);
  if (!bad) return null;
  const go = bad.place === undefined ? null : button(t("goThere"), jump(() => {
    place.step = bad.position;
    goToOperation(bad.place);
  }));
  return el("div", { class: "banner", role: "alert", data: { badstep: String(bad.step) } }, el("strong", {}, t("bannerTitle", { step: bad.step })), " ", t("bannerText", { what: bad.what }), " ", go);
}
