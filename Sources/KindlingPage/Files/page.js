// The page: puts the parts together, plays, listens to the keyboard.

const parts = {};
const remembered = { run: null, step: null, op: null, tensor: null };
let playing = 0;
let theme = 0;

function start() {
  runs = readRuns();
  chooseLanguage();
  if (runs.every((run) => run.steps.length === 0)) return buildWithoutSteps();
  const isNamed = location.hash !== "";
  readAddress();
  build();
  settle();
  // Whoever comes for a place in a step is led past what stands above it
  if (isNamed && parts.looks.hasChildNodes() && !isReloaded()) parts.walk.scrollIntoView({ block: "start", behavior: "instant" });
  addEventListener("hashchange", () => { readAddress(); settle(); });
  addEventListener("keydown", globalKey);
  addEventListener("pointerdown", (event) => { if (!parts.help.contains(event.target)) parts.help.open = false; });
  let resized = 0;
  addEventListener("resize", () => {
    clearTimeout(resized);
    resized = setTimeout(() => { if (document.documentElement.clientWidth !== parts.width) rebuild(); }, 150);
  });
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", rebuild);
}

function isReloaded() {
  return performance.getEntriesByType("navigation")[0]?.type === "reload";
}

function chooseLanguage() {
  const asked = new URLSearchParams(location.search).get("lang");
  const wanted = asked ?? (document.documentElement.lang !== "en" ? document.documentElement.lang : navigator.language);
  language = (wanted ?? "en").toLowerCase().startsWith("vi") ? "vi" : "en";
  document.documentElement.lang = language;
}

/** A page of runs in which nothing was captured: what else they have to show. */
function buildWithoutSteps() {
  const looks = runs.map(attentionView).filter(Boolean);
  const content = looks.length > 0 ? looks : el("p", {}, t("noRuns"));
  document.getElementById("page").replaceChildren(el("header", { class: "top" }, el("div", { class: "masthead" }, ...runs.slice(0, 1).flatMap(mastheadView))), el("main", {}, content));
}

/** Everything anew: another language, theme or width. */
function rebuild() {
  if (runs.every((run) => run.steps.length === 0)) return buildWithoutSteps();
  const open = parts.help?.open;
  build();
  parts.help.open = Boolean(open);
  settle();
}

function build() {
  const root = document.getElementById("page");
  Object.assign(remembered, { run: null, step: null, op: null, tensor: null });
  parts.width = document.documentElement.clientWidth;
  parts.header = el("div", { class: "masthead" });
  parts.banner = el("div", {});
  parts.walk = el("div", { class: "walk", role: "region", "aria-label": t("walkLabel") });
  parts.source = el("div", { class: "source" });
  parts.stale = el("div", {});
  parts.graph = el("div", { class: "graph-box" });
  parts.stage = el("div", { class: "stage" });
  parts.panel = el("div", { class: "panel", role: "region", tabindex: "-1", "aria-label": t("oneNumber") });
  parts.looks = el("div", {});
  parts.more = el("div", {});
  parts.tapped = tapBar();
  root.replaceChildren(
    el("a", { class: "skip", href: "#operation", onclick: (event) => { event.preventDefault(); parts.stage.setAttribute("tabindex", "-1"); parts.stage.focus(); } }, t("skip")),
    el("header", { class: "top" }, parts.header),
    el("main", {}, parts.banner, parts.looks, startHere(), parts.walk,
      el("div", { class: "desk" },
        el("section", { class: "side", "aria-label": t("program") }, el("h2", { class: "small-title" }, t("program")), el("div", { class: "source-box" }, parts.stale, parts.source), el("h2", { class: "small-title" }, t("graph")), parts.graph),
        parts.stage, parts.panel),
      parts.more),
    el("footer", {}, el("p", { class: "quiet" }, t("footer"))), parts.tapped);
}

// What changes with the place

function show() {
  const step = currentStep();
  const operation = currentOperation();
  const now = explained();
  const isNewRun = remembered.run !== place.run;
  const isNewStep = isNewRun || remembered.step !== place.step;
  const isNewOperation = isNewStep || remembered.op !== place.op || remembered.common !== place.isCommonScale;
  Object.assign(remembered, { run: place.run, step: place.step, op: place.op, common: place.isCommonScale });
  if (isNewRun) showRun();
  if (isNewStep) showStep(step);
  if (isNewOperation) showOperation(step, operation);
  else shownMaps.forEach((map) => map.draw());
  // The part of the operation that the panel explains
  for (const part of parts.stage.querySelectorAll("[data-told]")) part.classList.toggle("told", Number(part.dataset.told) === now?.tensor.id);
  showPanel(now);
  showTapBar(now);
}

function showRun() {
  const run = currentRun();
  parts.header.replaceChildren(...mastheadView(run));
  parts.banner.replaceChildren(...[bannerView(run)].filter(Boolean));
  parts.looks.replaceChildren(...[attentionView(run)].filter(Boolean));
}

function showStep(step) {
  parts.walk.replaceChildren(...walkView(step));
  parts.more.replaceChildren(...[digitsView(step.run, step), healthView(step.run), timelineView(step.run)].filter(Boolean));
}

function showOperation(step, operation) {
  parts.operations.set(place.op);
  parts.where.textContent = operation ? operationName(step, place.op) : "";
  parts.previous.disabled = place.op === 0;
  parts.next.disabled = place.op >= step.operations.length - 1;
  const focused = [parts.stage, parts.source, parts.graph].find((part) => part.contains(document.activeElement));
  parts.stale.replaceChildren(...staleWarnings(step, operation));
  parts.source.replaceChildren(...sourceView(step, operation));
  const graph = graphView(step, operation);
  parts.graph.parentElement.classList.toggle("no-graph", !graph);
  parts.graph.replaceChildren(...[graph].filter(Boolean));
  parts.stage.replaceChildren(...stageView(step, operation, Math.max(200, innerWidthOf(parts.stage))), scaleChoice());
  parts.stage.dataset.op = String(place.op);
  keepInView(parts.source.querySelector(".line.now"), parts.source);
  keepInView(parts.graph.querySelector(".vertex.now"), parts.graph);
  // What had the focus is drawn anew: its like gets it
  const like = focused === parts.source ? ".line.now button" : focused === parts.graph ? ".vertex.now" : "h2";
  if (focused) (focused.querySelector(like) ?? parts.next).focus({ preventScroll: true });
}

function showPanel(now) {
  const active = parts.panel.contains(document.activeElement) ? document.activeElement.dataset.nudge ?? "" : null;
  parts.panel.replaceChildren(...panelView(now));
  // A button that was pressed keeps the focus, so that it can be pressed again; after a link the panel has it
  const again = active ? parts.panel.querySelector(`[data-nudge="${active}"]`) : null;
  if (active !== null) (again ?? parts.panel).focus({ preventScroll: true });
  if (now) setTimeout(() => showTwins(currentStep(), now), 0);
}

/** After a step or a link: the operation begins where it is seen, below the controls. Nothing moves where it is. */
function showTop() {
  const controls = parts.walk.offsetHeight;
  const { top } = parts.stage.getBoundingClientRect();
  if (top < controls || top > innerHeight * 0.6) scrollTo({ top: scrollY + top - controls - 8, behavior: "instant" });
}

/** On a phone the panel is below the pictures: after a tap a bar at the bottom says what was marked and leads there. */
function showTapBar(now) {
  parts.tapped.hidden = !now || !place.isTapped || parts.isPanelSeen;
  if (!now) return;
  const value = valueText(now.tensor, valueAt(now.tensor, now.index));
  parts.tapped.replaceChildren(code(`${nameOf(currentStep(), now.tensor)}${indexText(now.index)} = ${value}`), ` · ${t("whyShort")}`);
}

function tapBar() {
  const lead = () => {
    scrollTo({ top: scrollY + parts.panel.getBoundingClientRect().top - parts.walk.offsetHeight - 8, behavior: "instant" });
    parts.panel.focus({ preventScroll: true });
  };
  parts.watch?.disconnect();
  parts.watch = new IntersectionObserver(([{ isIntersecting }]) => {
    parts.isPanelSeen = isIntersecting;
    parts.tapped.hidden = isIntersecting || !place.isTapped;
  }, { rootMargin: "0px 0px -30% 0px" });
  parts.watch.observe(parts.panel);
  parts.isPanelSeen = false;
  return button(t("whyShort"), lead, { class: "tapbar", hidden: true });
}

/** Scrolls up to the operation, for a click on something below it. */
function showDesk() {
  parts.stage.scrollIntoView({ block: "start" });
}

function innerWidthOf(element) {
  const style = getComputedStyle(element);
  return element.clientWidth - parseFloat(style.paddingLeft) - parseFloat(style.paddingRight);
}

/** Scrolls a box, not the page, so far that the element is seen. */
function keepInView(element, box) {
  if (!element) return;
  const [inner, outer] = [element.getBoundingClientRect(), box.getBoundingClientRect()];
  if (inner.top < outer.top || inner.bottom > outer.bottom) box.scrollTop += inner.top - outer.top - outer.height / 3;
}

// Masthead, introduction, controls

function mastheadView(run) {
  const titles = [el("p", { class: "product" }, "Kindling"), el("h1", {}, run.title, run.subtitle ? el("span", { class: "subtitle" }, " ", run.subtitle) : null)];
  const choices = el("div", { class: "choices" },
    button(language === "vi" ? "English" : "Tiếng Việt", () => { language = language === "vi" ? "en" : "vi"; document.documentElement.lang = language; rebuild(); }, { lang: language === "vi" ? "en" : "vi" }),
    button(t("theme" + theme), () => { theme = (theme + 1) % 3; setTheme(); rebuild(); }));
  const tabs = runs.length > 1 ? el("nav", { class: "tabs", "aria-label": t("runs") }, runs.map((each, i) => button(
    [el("span", {}, each.title), each.subtitle ? el("small", {}, each.subtitle) : null], jump(() => goToRun(i)), { "aria-current": i === place.run ? "page" : null, data: { run: String(i) } }))) : null;
  return [el("div", { class: "title-row" }, el("div", {}, titles, run.command ? el("p", { class: "command" }, code(run.command)) : null), choices), tabs].filter(Boolean);
}

function setTheme() {
  const names = [null, "light", "dark"];
  if (names[theme]) document.documentElement.dataset.theme = names[theme];
  else delete document.documentElement.dataset.theme;
}

// A chapter that shows the page in a frame has introduced it, and the frame has room for the place it is about.
let isIntroductionClosed = window !== window.parent;

function startHere() {
  if (isIntroductionClosed) return null;
  const box = el("section", { class: "start", "aria-label": t("startTitle") }, el("h2", {}, t("startTitle")),
    el("ol", {}, [["start1"], ["start2"], ["gradientMeans", "start3"]].map((keys) => el("li", {}, keys.map((key) => el("p", {}, t(key)))))),
    button(t("gotIt"), () => { isIntroductionClosed = true; box.remove(); parts.next.focus({ preventScroll: true }); }, { class: "dismiss" }));
  return box;
}

function walkView(step) {
  const { steps } = step.run;
  const last = step.operations.length - 1;
  parts.play = button("", () => (playing ? pause() : play()), { class: "play", data: { control: "play" } });
  parts.previous = button("←", () => { pause(); goToOperation(place.op - 1); }, { "aria-label": t("back"), title: t("back"), data: { control: "back" } });
  parts.next = button("→", () => { pause(); goToOperation(place.op + 1); }, { "aria-label": t("forwardOne"), title: t("forwardOne"), data: { control: "next" } });
  parts.where = el("span", { class: "where" });
  parts.help = el("details", { class: "help" }, el("summary", { "aria-label": t("help") }, "?"), el("p", {}, t("helpText")));
  parts.operations = stripSlider({
    name: "operations", label: t("operationsLabel"), value: place.op, change: (op) => { pause(); goToOperation(op); },
    segments: step.operations.map((operation) => ({ kind: operation.phase, text: last < 26 ? operation.name : "", title: titleOf(step, operation) })),
    speech: (op) => (op >= 0 ? operationName(step, op) : ""),
  });
  parts.steps = stripSlider({
    name: "steps", label: t("stepsLabel"), value: place.step, change: (position) => { pause(); goToStep(position); },
    segments: steps.map((each) => ({ text: steps.length <= 12 ? String(each.step) : "", title: t("stepNumber", { step: each.step }) })),
    speech: (position) => t("stepSpeech", { step: steps[position].step, loss: lossText(steps[position].loss) }),
  });
  showPlay();
  return [
    el("div", { class: "controls" }, parts.previous, parts.play, parts.next, parts.where, parts.help),
    el("div", { class: "scrubbers" },
      el("div", { class: "scrub" }, el("div", { class: "phases", "aria-hidden": "true" }, stretchesOf(step).map(({ phase, count }) => {
        const label = el("span", { class: phase }, t(phase));
        label.style.flexGrow = String(count);
        return label;
      })), parts.operations.element),
      steps.length > 1 ? el("div", { class: "scrub training" }, el("div", { class: "phases" }, el("span", {}, t("trainingStep")), el("span", { class: "loss" }, `${t("loss")} ${lossText(step.loss)}`)), parts.steps.element)
        : el("p", { class: "training loss" }, `${t("stepNumber", { step: step.step })}, ${t("loss")} ${lossText(step.loss)}`)),
  ];
}

/** What a segment of the strip tells: the equation, or of a rule whose gradients it makes. */
function titleOf(step, operation) {
  if (!operation.isRule) return equationOf(step, operation);
  return `${operation.name}: ${operation.outputs.map(({ tensor }) => nameOf(step, step.run.tensors[tensor])).join(", ")}`;
}

/** The operations in stretches of one phase. */
function stretchesOf(step) {
  const stretches = [];
  for (const { phase } of step.operations) {
    const last = stretches[stretches.length - 1];
    if (last?.phase === phase) last.count += 1;
    else stretches.push({ phase, count: 1 });
  }
  return stretches;
}

function lossText(loss) {
  return loss === null || loss === undefined ? t("notFinite") : num(loss, 6);
}

function scaleChoice() {
  return el("p", { class: "scale-choice" }, el("label", {}, el("input", {
    type: "checkbox", ...(place.isCommonScale ? { checked: true } : {}), onchange: (event) => { place.isCommonScale = event.target.checked; show(); parts.stage.querySelector(".scale-choice input").focus(); },
  }), " ", t("commonScale")));
}

// Playing

const PACE = 1800;

function play() {
  if (place.op >= currentStep().operations.length - 1) goToOperation(0);
  playing = setInterval(() => {
    goToOperation(place.op + 1);
    if (place.op >= currentStep().operations.length - 1) pause();
  }, PACE);
  showPlay();
}

function pause() {
  clearInterval(playing);
  playing = 0;
  showPlay();
}

function showPlay() {
  parts.play.textContent = playing ? t("pause") : t("play");
  parts.play.classList.toggle("is-playing", Boolean(playing));
}

/** Keys that work wherever no control needs them for itself. */
function globalKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
  const target = event.target instanceof Element ? event.target : document.body;
  if (event.key === "Escape" && parts.help.open) {
    parts.help.open = false;
    parts.help.querySelector("summary").focus();
    return;
  }
  if (target.closest("input, select, textarea, [role='application'], [role='slider']")) return;
  const isControl = target.closest("button, summary, a, [role='button']");
  const last = currentStep().operations.length - 1;
  const go = (op) => { pause(); goToOperation(op); };
  if (event.key === " " && !isControl) (playing ? pause : play)();
  else if (event.key === "ArrowRight") go(place.op + 1);
  else if (event.key === "ArrowLeft") go(place.op - 1);
  else if (event.key === "Home") go(0);
  else if (event.key === "End") go(last);
  else return;
  event.preventDefault();
}

start();
