// Where the time of one step went: lanes of events.

function timelineView(run) {
  const { timeline } = run;
  if (!timeline || timeline.lanes.length === 0) return null;
  // A device may be at work when the step is over
  const ends = timeline.lanes.flatMap(({ events }) => events.map((event) => event.start + event.duration));
  const total = ends.reduce((last, end) => Math.max(last, end), timeline.duration);
  const readout = el("p", { class: "chart-readout", "aria-live": "polite" }, t("timelineHint"));
  const lanes = timeline.lanes.map((lane) => laneView(lane, total, readout));
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((part) => el("span", {}, timeText(part * total)));
  return el("section", { class: "wide", id: "timeline" }, el("h2", {}, t("timelineTitle")),
    el("p", { class: "quiet" }, t("timelineIntro", { step: timeline.step, duration: timeText(timeline.duration) }),
      timeline.lanes.some(({ name }) => name === "device") ? ` ${t("deviceIntro")}` : null),
    el("div", { class: "lanes" }, lanes, el("div", { class: "lane-ticks", "aria-hidden": "true" }, ticks)), readout);
}

function laneView(lane, total, readout) {
  const kind = ["forward", "backward", "update"].includes(lane.name) ? lane.name : "other";
  const names = { forward: t("forward"), backward: t("backward"), update: t("update"), kernels: t("kernels"), device: t("device") };
  const name = names[lane.name] ?? lane.name;
  const texts = lane.events.map((event) => t("event", { name: event.name, start: timeText(event.start), duration: timeText(event.duration) }));
  const boxes = lane.events.map((event, i) => {
    const box = el("span", { class: `event ${kind}` }, el("span", {}, event.name));
    box.style.left = `${(event.start / total) * 100}%`;
    box.style.width = `${Math.max((event.duration / total) * 100, 0.12)}%`;
    box.addEventListener("pointerenter", () => show(i));
    return box;
  });
  let at = -1;
  const show = (next) => {
    boxes[at]?.classList.remove("now");
    at = clamp(next, 0, boxes.length - 1);
    boxes[at].classList.add("now");
    readout.textContent = texts[at];
  };
  const track = el("div", { class: "track", role: "application", tabindex: "0", "aria-roledescription": t("lane"), "aria-label": t("laneLabel", { name, count: boxes.length }) }, boxes);
  track.addEventListener("keydown", (event) => {
    const moves = { ArrowRight: 1, ArrowLeft: -1, Home: -Infinity, End: Infinity };
    if (!(event.key in moves) || boxes.length === 0) return;
    event.preventDefault();
    event.stopPropagation();
    show(at + moves[event.key]);
  });
  return el("div", { class: "lane" }, el("span", { class: "lane-name" }, name), track);
}

function timeText(microseconds) {
  return microseconds >= 1000 ? `${num(microseconds / 1000, 3)} ms` : `${num(microseconds, 3)} µs`;
}
