"use strict";
// The charts of compare's report. No library: two line charts need a scale, a cursor and a zoom, and no more.
(() => {
  const report = JSON.parse(document.getElementById("report").textContent);
  // From the page itself, so that no address stands in this file.
  const namespace = document.querySelector("svg.plot").namespaceURI;

  // ---- Numbers

  const digits = (value, count) => {
    if (value === 0) return "0";
    const size = Math.abs(value);
    if (size >= 1e5 || size < 1e-3) return value.toExponential(count - 1).replace("e+", "e");
    return String(Number(value.toPrecision(count)));
  };
  const superscript = (number) => String(number).replace("-", "⁻").replace(/\d/g, (d) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[d]);

  /** Round numbers, about `count` of them, from low to high. */
  const roundSteps = (low, high, count) => {
    const rough = (high - low) / count || 1;
    const power = 10 ** Math.floor(Math.log10(rough));
    const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= rough) || 10);
    const ticks = [];
    for (let index = Math.ceil(low / step - 1e-9); index * step <= high + step * 1e-9; index++) ticks.push(index * step);
    return ticks;
  };

  // ---- What the charts show

  const several = report.devices.length > 1;
  const stageName = (stage) => `lesson ${stage.lesson}` + (several ? ` on ${stage.device}` : "");
  const lossSeries = () => [
    ...report.stages.map((row) => ({ name: stageName(row.stage), lesson: row.stage.lesson, values: row.losses })),
    ...report.references.map((row) => ({
      name: `${row.source}, lesson ${row.comparison.stage.lesson}`,
      lesson: row.comparison.stage.lesson, values: row.losses, dashed: true, hidden: true,
    })),
  ];
  const differenceSeries = () => report.stages.flatMap((row) =>
    [row.before, row.first, row.device]
      .filter((comparison, index, all) => comparison && comparison.losses.length > 0
        && all.findIndex((other) => other && other.other.lesson === comparison.other.lesson
          && other.other.device === comparison.other.device) === index)
      .map((comparison) => ({
        name: `${stageName(comparison.stage)} from ${stageName(comparison.other)}`,
        lesson: row.stage.lesson, values: comparison.losses, dashed: comparison !== row.before, hidden: comparison !== row.before,
      })));

  // ---- A chart

  class Chart {
    constructor(figure, series, sameAtZero) {
      this.svg = figure.querySelector("svg.plot");
      this.readout = figure.querySelector(".readout");
      this.series = series.map((one) => ({ ...one }));
      this.sameAtZero = sameAtZero;
      this.last = Math.max(1, ...series.map((one) => one.values.length - 1));
      this.isLog = true;
      this.range = [0, this.last];
      this.step = null;
      this.buildTools(figure.querySelector(".tools"));
      this.buildLegend(figure.querySelector(".legend"));
      this.listen();
      new ResizeObserver(() => this.draw()).observe(this.svg);
      this.draw();
    }

    buildTools(place) {
      const button = (text, label, action) => {
        const element = document.createElement("button");
        element.type = "button";
        element.textContent = text;
        if (label) element.setAttribute("aria-label", label);
        element.addEventListener("click", () => action(element));
        place.append(element);
        return element;
      };
      this.scaleButton = button("Logarithmic", "", () => this.toggleScale());
      this.scaleButton.setAttribute("aria-pressed", "true");
      button("+", "Zoom in", () => this.zoom(0.5));
      button("−", "Zoom out", () => this.zoom(2));
      button("All steps", "", () => this.show(0, this.last));
    }

    buildLegend(place) {
      for (const one of this.series) {
        const item = document.createElement("li");
        const button = document.createElement("button");
        button.type = "button";
        button.innerHTML = `<span class="swatch k${one.lesson}"></span>`;
        button.append(one.name + (one.dashed ? " (dashed)" : ""));
        button.setAttribute("aria-pressed", String(!one.hidden));
        button.addEventListener("click", () => {
          one.hidden = !one.hidden;
          button.setAttribute("aria-pressed", String(!one.hidden));
          this.draw();
        });
        item.append(button);
        place.append(item);
      }
    }

    // ---- Reacting

    listen() {
      const svg = this.svg;
      svg.addEventListener("keydown", (event) => this.key(event));
      svg.addEventListener("pointermove", (event) => {
        this.step = this.stepAt(event);
        this.draw();
      });
      svg.addEventListener("pointerdown", (event) => {
        this.anchor = this.stepAt(event);
        svg.setPointerCapture(event.pointerId);
      });
      svg.addEventListener("pointerup", (event) => {
        const [from, to] = [this.anchor, this.stepAt(event)].sort((a, b) => a - b);
        this.anchor = undefined;
        if (to - from >= 3) this.show(from, to);
        else this.draw();
      });
      svg.addEventListener("pointercancel", () => { this.anchor = undefined; this.draw(); });
      svg.addEventListener("dblclick", () => this.show(0, this.last));
      svg.addEventListener("wheel", (event) => {
        // A page must scroll past a chart: zoom only where the reader asks for it.
        if (!event.ctrlKey && !event.shiftKey) return;
        event.preventDefault();
        this.step = this.stepAt(event);
        this.zoom((event.deltaY || event.deltaX) < 0 ? 0.7 : 1.4);
      }, { passive: false });
    }

    key(event) {
      const page = Math.max(1, Math.round((this.range[1] - this.range[0]) / 10));
      const moves = { ArrowRight: 1, ArrowLeft: -1, PageUp: page, PageDown: -page, Home: -this.last, End: this.last };
      const actions = {
        "+": () => this.zoom(0.5), "=": () => this.zoom(0.5), "-": () => this.zoom(2), "0": () => this.show(0, this.last),
        l: () => this.toggleScale(), L: () => this.toggleScale(),
      };
      if (event.ctrlKey || event.metaKey || event.altKey) return;
      if (event.key in moves) {
        const [low, high] = this.range;
        const from = this.step === null ? Math.ceil(low) - Math.sign(moves[event.key]) : this.step;
        this.step = Math.min(Math.floor(high), Math.max(Math.ceil(low), from + moves[event.key]));
        this.draw();
      } else if (event.key in actions) actions[event.key]();
      else return;
      event.preventDefault();
    }

    toggleScale() {
      this.isLog = !this.isLog;
      this.scaleButton.setAttribute("aria-pressed", String(this.isLog));
      this.scaleButton.textContent = this.isLog ? "Logarithmic" : "Linear";
      this.draw();
    }

    zoom(factor) {
      const [low, high] = this.range;
      const middle = this.step === null ? (low + high) / 2 : this.step;
      const width = Math.min(this.last, Math.max(4, (high - low) * factor));
      const start = Math.min(this.last - width, Math.max(0, middle - width / 2));
      this.show(start, start + width);
    }

    show(low, high) {
      this.range = [Math.max(0, low), Math.min(this.last, high)];
      this.draw();
    }

    stepAt(event) {
      const box = this.svg.getBoundingClientRect();
      const [low, high] = this.range;
      const share = (event.clientX - box.left - this.left) / (box.width - this.left - this.right);
      return Math.round(Math.min(high, Math.max(low, low + share * (high - low))));
    }

    // ---- Drawing

    draw() {
      const { width, height } = this.svg.getBoundingClientRect();
      if (width === 0) return;
      [this.left, this.right, this.top, this.bottom] = [58, 14, 12, 34];
      this.size = { width, height };
      this.svg.setAttribute("viewBox", `0 0 ${width} ${height}`);
      this.svg.replaceChildren();
      this.setScale();
      this.drawAxes();
      this.drawCurves();
      this.drawCursor();
    }

    shown() { return this.series.filter((one) => !one.hidden); }

    setScale() {
      const [low, high] = this.range;
      const visible = this.shown().flatMap((one) => one.values.slice(Math.floor(low), Math.ceil(high) + 1));
      const positive = visible.filter((value) => value > 0);
      if (this.isLog) {
        let bottom = positive.length ? Math.floor(Math.log10(Math.min(...positive))) : -8;
        const top = Math.max(positive.length ? Math.ceil(Math.log10(Math.max(...positive))) : 0, bottom + 1);
        this.hasSameLane = this.sameAtZero && visible.includes(0);
        if (this.hasSameLane) bottom -= 1;
        this.domain = [bottom, top];
      } else {
        this.domain = [0, Math.max(...visible, 0) * 1.04 || 1];
      }
    }

    x(step) {
      const [low, high] = this.range;
      return this.left + ((step - low) / (high - low)) * (this.size.width - this.left - this.right);
    }

    y(value) {
      const [low, high] = this.domain;
      const place = this.isLog ? (value > 0 ? Math.log10(value) : low) : value;
      return this.top + ((high - place) / (high - low)) * (this.size.height - this.top - this.bottom);
    }

    add(tag, attributes, text) {
      const element = document.createElementNS(namespace, tag);
      for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
      if (text !== undefined) element.textContent = text;
      this.svg.append(element);
      return element;
    }

    drawAxes() {
      const { width, height } = this.size;
      const [low, high] = this.domain;
      const floor = height - this.bottom;
      let ticks;
      if (this.isLog) {
        const every = Math.ceil((high - low) / 7);
        ticks = [];
        for (let power = low; power <= high; power++) {
          const isLane = this.hasSameLane && power === low;
          if (isLane || (power - high) % every === 0) ticks.push([isLane ? 0 : 10 ** power, isLane ? "same" : `10${superscript(power)}`]);
        }
      } else ticks = roundSteps(low, high, 5).map((value) => [value, digits(value, 3)]);
      for (const [value, label] of ticks) {
        const y = this.y(value);
        this.add("line", { class: "grid", x1: this.left, x2: width - this.right, y1: y, y2: y });
        this.add("text", { x: this.left - 8, y: y + 4, "text-anchor": "end" }, label);
      }
      this.add("line", { class: "axis", x1: this.left, x2: width - this.right, y1: floor, y2: floor });
      for (const step of roundSteps(...this.range, Math.max(3, width / 110))) {
        if (!Number.isInteger(step)) continue;
        this.add("line", { class: "axis", x1: this.x(step), x2: this.x(step), y1: floor, y2: floor + 5 });
        this.add("text", { x: this.x(step), y: floor + 18, "text-anchor": "middle" }, step);
      }
      this.add("text", { x: width - this.right, y: height - 3, "text-anchor": "end" }, "training step");
    }

    /**
     * Every curve as a line; then again as dashes that take turns, so that curves which lie exactly on top of each other
     * show all their colours.
     */
    drawCurves() {
      const shown = this.shown();
      for (const one of shown) {
        this.add("path", {
          class: `curve k${one.lesson}`, d: this.path(one), "data-name": one.name,
          ...(one.dashed ? { "stroke-dasharray": "7 5" } : {}),
        });
      }
      const turns = shown.filter((one) => !one.dashed);
      const dash = 14;
      turns.forEach((one, index) => {
        if (turns.length < 2) return;
        this.add("path", {
          class: `turn k${one.lesson}`, d: this.path(one),
          "stroke-dasharray": `${dash} ${dash * (turns.length - 1)}`, "stroke-dashoffset": -dash * index,
        });
      });
    }

    path(one) {
      const from = Math.max(0, Math.floor(this.range[0]));
      const to = Math.min(one.values.length - 1, Math.ceil(this.range[1]));
      let path = "";
      for (let step = from; step <= to; step++) {
        const value = one.values[step];
        if (this.isLog && value <= 0 && !this.hasSameLane) continue;
        path += `${path ? "L" : "M"}${this.x(step).toFixed(1)} ${this.y(value).toFixed(1)}`;
      }
      return path;
    }

    drawCursor() {
      this.readout.replaceChildren();
      if (this.step === null) {
        const keys = document.createElement("span");
        keys.className = "keys";
        keys.textContent = "Point at the chart, or focus it and use ← → (also Page, Home, End), + and − to zoom, 0 for "
          + "all steps, L for the scale. Drag over steps to zoom into them.";
        this.readout.append(keys);
      }
      if (this.anchor !== undefined && this.step !== null) {
        const [from, to] = [this.x(this.anchor), this.x(this.step)].sort((a, b) => a - b);
        this.add("rect", { class: "selection", x: from, width: to - from, y: this.top, height: this.size.height - this.top - this.bottom });
      }
      if (this.step === null || this.step < this.range[0] || this.step > this.range[1]) return;
      const x = this.x(this.step);
      this.add("line", { class: "cursor", x1: x, x2: x, y1: this.top, y2: this.size.height - this.bottom });
      const title = document.createElement("b");
      title.textContent = `Step ${this.step}`;
      this.readout.append(title);
      for (const one of this.shown()) {
        const value = one.values[this.step];
        if (value === undefined) continue;
        this.add("circle", { class: `dot k${one.lesson}`, cx: x, cy: this.y(value), r: 4 });
        const item = document.createElement("span");
        item.innerHTML = `<span class="swatch k${one.lesson}"></span>`;
        item.append(`${one.name}: ${this.sameAtZero && value === 0 ? "same" : digits(value, 6)}`);
        this.readout.append(item);
      }
    }
  }

  const place = (id, series, sameAtZero) => {
    const figure = document.querySelector(`figure[data-chart="${id}"]`);
    if (figure && series.length > 0) new Chart(figure, series, sameAtZero);
    else if (figure) figure.remove();
  };
  place("losses", lossSeries(), false);
  place("differences", differenceSeries(), true);

  // ---- Light and dark

  const button = document.getElementById("theme");
  const themes = ["system", "light", "dark"];
  let theme = 0;
  button.hidden = false;
  button.addEventListener("click", () => {
    theme = (theme + 1) % themes.length;
    if (theme === 0) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = themes[theme];
    button.textContent = `Theme: ${themes[theme]}`;
  });
})();
