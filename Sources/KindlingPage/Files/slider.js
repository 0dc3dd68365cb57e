// A slider whose positions can be told apart: a strip with one segment for each, in colours of its kind.

/**
 * options: label, segments [{ text, kind, title }], value, change(value), speech(value).
 * Returns { element, set(value) }.
 */
function stripSlider(options) {
  const last = options.segments.length - 1;
  const cells = options.segments.map(({ text, kind, title }) => {
    const cell = el("span", { class: `segment ${kind ?? ""}`, title }, el("span", {}, text ?? ""));
    return cell;
  });
  const track = el("div", {
    class: `strip ${options.name ?? ""}`, role: "slider", tabindex: "0", "aria-label": options.label,
    "aria-valuemin": "0", "aria-valuemax": String(last), "aria-orientation": "horizontal",
  }, cells);
  let value = -1;
  const set = (next) => {
    if (value >= 0) cells[value]?.classList.remove("now");
    value = clamp(next, 0, last);
    cells.forEach((cell, i) => cell.classList.toggle("past", i < value));
    cells[value]?.classList.add("now");
    track.setAttribute("aria-valuenow", String(value));
    track.setAttribute("aria-valuetext", options.speech(value));
  };
  const change = (next) => {
    const target = clamp(next, 0, last);
    if (target !== value) options.change(target);
  };
  track.addEventListener("keydown", (event) => {
    const moves = { ArrowRight: 1, ArrowUp: 1, ArrowLeft: -1, ArrowDown: -1, PageUp: 5, PageDown: -5, Home: -Infinity, End: Infinity };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    event.stopPropagation();
    change(value + moves[event.key]);
  });
  const follow = (event) => {
    const box = track.getBoundingClientRect();
    change(Math.floor(((event.clientX - box.left) / box.width) * (last + 1)));
  };
  track.addEventListener("pointerdown", (event) => {
    track.setPointerCapture(event.pointerId);
    follow(event);
  });
  track.addEventListener("pointermove", (event) => { if (track.hasPointerCapture(event.pointerId)) follow(event); });
  set(options.value);
  return { element: track, set };
}
