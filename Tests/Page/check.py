"""Opens pages with synthetic data in a headless browser and checks what they show.

    python Tests/Page/check.py [NAME …]     all checks, or those whose name contains NAME

Needs numpy, and chromium; without chromium it says so and ends with 0.
"""

import base64
import re
import sys

import numpy as np

import browser
import examples
import extras
from attention import *  # noqa: F403
from learner import *  # noqa: F403 - its checks are among those that main finds
from make import FILES
from pages import RUNS, equal, file, where

# What the panel says

EVERY = """(() => {
  const { runs, explain, agree, makersOf, shownOf, nameOf } = window.inside;
  const wrong = [];
  const counts = { elements: 0, recomputed: 0 };
  for (const run of runs) for (const step of run.steps) for (const [id, { place, output }] of makersOf(step)) {
    const tensor = run.tensors[id];
    const visit = (at, index) => {
      if (at === tensor.shape.length) {
        const facts = explain(step, tensor, index.slice(), { place, output });
        counts.elements += 1;
        if (facts.value === undefined) wrong.push([nameOf(step, tensor), index.join(), "no value"]);
        if (facts.recomputed === null) return;
        counts.recomputed += 1;
        const shown = agree(facts.value, facts.recomputed, facts.error, facts.count || 1);
        if (shown.differs || shown.value !== shown.recomputed) wrong.push([nameOf(step, tensor), index.join(), facts.kind, facts.value, facts.recomputed, facts.error, shown.value, shown.recomputed]);
        return;
      }
      const list = shownOf(run, tensor.shape[at]);
      for (const i of list) { index[at] = i; visit(at + 1, index); }
    };
    visit(0, []);
  }
  return { wrong: wrong.slice(0, 8), counts };
})()"""


def check_every_element_agrees(b):
    """Each element that can be clicked prints the run's value and the recomputed one alike."""
    for name, least in [("lesson2", 180000), ("lesson3", 120000), ("lesson5", 70000), ("paper", 100), ("batch", 3000), ("digits", 160000), ("grouped", 180)]:
        b.open(file(name))
        found = b.run(EVERY)
        equal(found["wrong"], [], name)
        assert found["counts"]["recomputed"] >= least, (name, found["counts"])


def element(b, name, place):
    b.open(file(name), place)
    return b.run("""(() => {
      const panel = document.querySelector(".facts");
      const data = (key) => panel.querySelector(`[data-${key}]`)?.dataset[key];
      return { value: data("value"), total: data("total"), recomputed: data("recomputed"), differs: data("differs"), kind: panel.dataset.kind,
        element: data("element"), terms: [...panel.querySelectorAll("[data-term]")].map((row) => Number(row.dataset.term)),
        rest: Number(data("rest") ?? 0), printed: [...panel.querySelectorAll(".totals dd")].map((each) => each.textContent),
        text: panel.textContent, story: data("story") };
    })()""")


def check_paper_case_by_address(b):
    run = RUNS["paper"]()[0]
    ids = {tensor["name"]: i for i, tensor in reversed(list(enumerate(run["tensors"])))}
    found = element(b, "paper", f"#run=0&step=0&op=9&tensor={ids['w2.grad']}&at=0,0")
    equal((found["value"], found["total"], found["element"], sorted(found["terms"])), ("14", "14", "w2.grad[0, 0]", [2, 12]))
    equal(found["printed"][0], found["printed"][1])
    equal(found["story"], "second")
    assert "One term from every row" in found["text"] and "ᵀ · d(yPred)" in found["text"], found["text"]
    found = element(b, "paper", f"#step=0&op=11&tensor={ids['w1.grad']}&at=1,1")
    equal((found["value"], sorted(found["terms"])), ("8", [0, 8]))


def check_product_of_784_terms(b):
    data = examples.numbers()
    h = data["x"].astype("float64") @ data["w1"].astype("float64")
    shown = [int(i) for i in np.unique(np.linspace(0, 99, 24).round())]
    found = element(b, "lesson2", "#run=0&step=0&op=0&tensor=4&at=3,7")
    equal(found["element"], "h[3, 7]")
    assert abs(float(found["recomputed"]) - h[3, 7]) < 1e-9, (found["recomputed"], h[3, 7])
    assert abs(sum(found["terms"]) + found["rest"] - h[3, 7]) < 1e-9
    equal(found["differs"], "false")
    equal(found["printed"][0], found["printed"][1])


def check_groups_are_computed_again(b):
    """Of a softmax and a layer norm every element is told with its stages, and nothing is unknown."""
    run = RUNS["grouped"]()[0]
    for place, operation in enumerate(run["steps"][0]["operations"]):
        output = operation["outputs"][0]
        at = "1,2" if len(run["tensors"][output["tensor"]]["shape"]) == 2 else "2"
        found = element(b, "grouped", f"#step=0&op={place}&tensor={output['tensor']}&at={at}")
        equal((found["kind"], found["differs"]), ("grouped", "false"), output["how"]["name"])
        equal(found["printed"][-2], found["printed"][-1], output["how"]["name"])
    b.open(file("grouped"), "#op=1&tensor=4&at=1,2")
    stages = b.run("[...document.querySelectorAll('[data-stage]')].map((each) => Number(each.dataset.stage))")
    y = np.frombuffer(base64.b64decode(run["tensors"][3]["parts"]["kept"]), "float32").reshape(6, 5).astype("float64")[1]
    parts = np.exp(y - y.max())
    assert np.allclose(stages, [y.max(), parts[2], parts.sum(), parts[2] / parts.sum()], rtol=1e-12), stages


def check_update_is_before_plus_step(b):
    b.open(file("lesson5"), "#step=0&op=23")
    found = b.run("""Object.fromEntries(["before", "gradient", "change", "after"].map((key) => [key, Number(document.querySelector(`.facts [data-${key}]`).dataset[key])]))""")
    equal(found["before"] + found["change"], found["after"])
    assert found["gradient"] * found["change"] < 0


def check_same_tensor_is_found_again(b):
    run = RUNS["compare"]()[0]
    b.open(file("compare"), f"#run=0&step=0&op=15&tensor={[t['name'] for t in run['tensors']].index('gradW1')}&at=0,3")
    b.run("new Promise((done) => setTimeout(done, 400))")
    twin = b.run("""(() => { const it = document.querySelector(".twin"); return [it.dataset.twin, it.textContent]; })()""")
    equal(twin, ["w1.grad", "gradW1 here is w1.grad in lesson3"])
    b.run("document.querySelector('.twin').click()")
    equal(b.run("[document.querySelector('[data-element]').dataset.element, document.querySelector('[aria-current=page]').textContent.slice(0, 7)]"), ["w1.grad[0, 3]", "lesson3"])


# Walking

def check_keyboard_walks(b):
    b.open(file("lesson3"), "#op=0", still=True)
    b.key("ArrowRight")
    b.key("ArrowRight")
    assert "op=2" in where(b), where(b)
    b.key("ArrowLeft")
    assert "op=1&" in where(b), where(b)
    b.key("End")
    assert "op=17" in where(b), where(b)
    b.key("Home")
    assert "op=0" in where(b), where(b)
    b.key(" ")
    equal(b.run("document.querySelector('[data-control=play]').textContent"), "Pause")
    b.key(" ")
    equal(b.run("document.querySelector('[data-control=play]').textContent"), "Play")
    b.run("document.querySelector('.strip.operations').focus()")
    b.key("ArrowRight")
    assert "op=1&" in where(b), where(b)
    equal(b.run("document.querySelector('.strip.operations').getAttribute('aria-valuetext')"), "2 clamp, forward")
    b.run("document.querySelector('.strip.steps').focus()")
    b.key("ArrowRight")
    assert "step=1&op=1" in where(b), where(b)


def check_keyboard_marks_an_element(b):
    b.open(file("lesson2"), "#op=0&tensor=4&at=3,7")
    b.run("document.querySelector('.result canvas').focus()")
    for key in ("ArrowDown", "ArrowRight", "ArrowRight"):
        b.key(key)
    equal(b.run("document.getElementById('readout').textContent").split(" =")[0], "h[4, 9]")
    b.key("Enter")
    assert where(b).endswith("tensor=4&at=4,9"), where(b)
    equal(b.run("document.activeElement.getAttribute('aria-label').slice(0, 2)"), "h ")
    b.run("document.querySelector('[data-nudge=moveUp]').focus()")
    b.key("Enter")
    assert where(b).endswith("at=3,9"), where(b)
    equal(b.run("document.activeElement.dataset.nudge"), "moveUp")


def check_mark_follows(b):
    """Sample 3 and unit 7 stay marked from h to the gradient of h and the weights."""
    b.open(file("lesson2"), "#op=0&tensor=4&at=3,7")
    b.key("ArrowRight")
    equal(b.run("document.querySelector('[data-element]').dataset.element"), "hRelu[3, 7]")
    for _ in range(13):
        b.key("ArrowRight")
    equal(b.run("document.querySelector('[data-element]').dataset.element"), "gradH[3, 7]")
    b.run("document.querySelector('.strip.steps').focus()")
    b.key("ArrowRight")
    equal(b.run("document.querySelector('[data-element]').dataset.element"), "gradH[3, 7]", "at another training step")
    assert "step=1&op=14" in where(b), where(b)


def check_pointer_marks(b):
    b.open(file("paper"), "#op=0")
    box = b.run("(() => { const c = document.querySelector('.result canvas'); c.scrollIntoView({ block: 'center' }); const b = c.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; })()")
    b.click(box[0] + box[2] * 0.75, box[1] + box[3] * 0.75)
    equal(b.run("document.querySelector('[data-element]').textContent"), "−4")
    b.run("document.querySelector('.terms button').click()")
    assert "op=0" in where(b), where(b)


def check_timeline_has_the_devices_lane(b):
    """What the device still does when the step is over is drawn too, and its lane is explained."""
    b.open(file("lesson3"))
    equal(b.run("[...document.querySelectorAll('.lane-name')].map((name) => name.textContent)"),
          ["forward", "backward", "update", "kernels", "device"])
    over = b.run("""Math.max(...[...document.querySelectorAll('.event')].map((event) => event.getBoundingClientRect().right
      - event.parentElement.getBoundingClientRect().right))""")
    assert over < 1, over
    assert "the device's lane has the work" in b.run("document.querySelector('#timeline').textContent")
    b.run("document.querySelectorAll('.track')[4].focus()")
    b.key("End")
    assert b.run("document.querySelector('#timeline .chart-readout').textContent").startswith("sub_: starts at ")


# What must hold for every page

PLACES = [("lesson2", "#op=9"), ("lesson3", "#op=9"), ("lesson5", "#op=23"), ("paper", "#op=3"), ("digits", "#op=1"), ("batch", "#step=2&op=0"),
          ("many", "#op=77"), ("compare", "#run=1"), ("hostile", ""), ("looks", ""), ("grouped", "#op=5"), ("wide", ""), ("odd", "#op=3"), ("odd", "#step=7&op=2&tensor=1&at=9")]


def check_quiet_everywhere(b):
    for name, place in PLACES:
        for width in (1400, 900, 390):
            b.open(file(name), place, width=width, language="vi" if width == 900 else "en")
            b.run("new Promise((done) => setTimeout(done, 150))")
            equal(b.complaints(), [], f"{name} at {width}")
            over = b.run("document.documentElement.scrollWidth - document.documentElement.clientWidth")
            assert over <= 0, f"{name} at {width}: {over} px too wide"
            equal(b.run("performance.getEntriesByType('resource').map((entry) => entry.name)"), [], name)


def check_walks_everywhere_without_complaint(b):
    for name in ("lesson2", "lesson3", "lesson5", "batch", "grouped", "hostile", "odd"):
        b.open(file(name))
        count = b.run("window.inside.runs[0].steps[0].operations.length")
        for _ in range(count):
            b.key("ArrowRight")
        b.run("document.querySelector('.strip.steps')?.focus()")
        b.key("End")
        equal(b.complaints(), [], name)
        # A product explained is links to its terms; each leads somewhere
        b.run("document.querySelector('.facts .link')?.click()")
        equal(b.complaints(), [], name)


def check_hostile_names_are_text(b):
    b.open(file("hostile"))
    equal(b.run("document.querySelectorAll('img, iframe, object').length"), 0)
    assert b.run("document.querySelector('h1').textContent").startswith(extras.EVIL)
    equal(b.run("document.querySelectorAll('script').length"), 2)


def check_nonfinite_is_loud(b):
    b.open(file("batch"), "#step=2&op=0")
    equal(b.run("document.querySelector('.banner').dataset.badstep"), "2")
    assert int(b.run("document.querySelector('[data-bad]').dataset.bad")) > 0


def check_says_what_is_left_out(b):
    b.open(file("lesson2"), "#op=0")
    assert "24 of 784 rows, evenly spaced" in b.run("document.querySelector('.stage').textContent")


def check_digits(b):
    b.open(file("digits"), "#step=299")
    right, wrong = b.run("[document.querySelectorAll('.sample.right').length, document.querySelectorAll('.sample.wrong').length]")
    equal(right + wrong, 24)
    assert right >= 22, right
    last = b.run("document.querySelector('.film .frame').textContent")
    b.run("document.querySelector('.film input').focus()")
    b.key("ArrowLeft")
    assert b.run("document.querySelector('.film .frame').textContent") != last
    assert "hidden units" in b.run("document.querySelector('[data-silent]').textContent")


def check_words_are_the_same_in_both_languages(b):
    b.open(file("paper"))
    english, vietnamese = b.run("[window.inside.ENGLISH, window.inside.VIETNAMESE]")
    equal(sorted(english), sorted(vietnamese))
    source = "".join(path.read_text() for path in FILES.glob("*.js") if not path.name.startswith("words"))
    used = set(re.findall(r'\b(?:t|say)\("(\w+)"', source)) | set(re.findall(r'\b(?:t|say)\([^()"]*\? "(\w+)"', source)) | set(re.findall(r'\b(?:t|say)\([^()"]*\? "\w+" : "(\w+)"', source))
    equal(sorted(used - set(english) - {"theme", "storySecond"}), [], "words that are missing")
    for key, text in english.items():
        names = lambda words: set(re.findall(r"\{(\w+)", words))
        equal(names(vietnamese[key]), names(text), key)
    b.open(file("paper"), language="vi")
    equal(b.run("document.documentElement.lang"), "vi")
    equal(b.run("document.querySelector('.start h2').textContent"), "Bắt đầu từ đây")


COLOURS = """
  const parse = (text) => { const n = text.match(/[\\d.]+/g).map(Number); return n.length > 3 ? n : [...n, 1]; };
  const lum = (c) => { const l = c.slice(0, 3).map((v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4); return 0.2126 * l[0] + 0.7152 * l[1] + 0.0722 * l[2]; };
  const behind = (e) => { for (; e; e = e.parentElement) { const c = parse(getComputedStyle(e).backgroundColor); if (c[3] > 0.99) return c; } return [255, 255, 255, 1]; };
  const ratio = (c, ground) => { const [a, b] = [lum(c), lum(ground)].sort((x, y) => y - x); return (a + 0.05) / (b + 0.05); };
"""
CONTRAST = """(() => {""" + COLOURS + """
  const low = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  for (let node; (node = walker.nextNode());) {
    const e = node.parentElement;
    if (!node.data.trim() || ["SCRIPT", "STYLE", "NOSCRIPT"].includes(e.tagName) || e.closest("[disabled], .unseen, [hidden]")) continue;
    const box = e.getBoundingClientRect();
    if (box.width === 0) continue;
    const style = getComputedStyle(e);
    const isDrawn = e.namespaceURI.endsWith("svg");
    const ground = isDrawn && e.parentElement.querySelector("rect") ? parse(getComputedStyle(e.parentElement.querySelector("rect")).fill) : behind(e);
    const found = ratio(parse(isDrawn ? style.fill : style.color), ground);
    if (found < 4.5) low.push([found.toFixed(2), e.className.baseVal ?? e.className, node.data.trim().slice(0, 40)]);
  }
  return low.slice(0, 12);
})()"""

# What a control ends at: its border, or its ground where it has no border (WCAG 2.1, 1.4.11).
BORDERS = """(() => {""" + COLOURS + """
  const low = [];
  for (const e of document.querySelectorAll("button, summary, input, select, [role=slider], .event")) {
    if (e.matches(":disabled, .link, .number, [type=range]") || e.closest(".unseen, [hidden]") || e.getBoundingClientRect().width === 0) continue;
    const style = getComputedStyle(e), ground = behind(e.parentElement), edges = [];
    if (parseFloat(style.borderTopWidth) > 0) edges.push(parse(style.borderTopColor));
    if (parse(style.backgroundColor)[3] > 0.99) edges.push(parse(style.backgroundColor));
    const found = Math.max(0, ...edges.map((edge) => ratio(edge, ground)));
    if (edges.length && found < 3) low.push([found.toFixed(2), e.className, e.textContent.trim().slice(0, 30)]);
  }
  return low.slice(0, 12);
})()"""


def check_contrast(b):
    for name, place in PLACES:
        for dark in (False, True):
            b.open(file(name), place, dark=dark)
            equal(b.run(CONTRAST), [], f"{name}, {'dark' if dark else 'light'}")
            equal(b.run(BORDERS), [], f"borders of {name}, {'dark' if dark else 'light'}")


TARGETS = """[...document.querySelectorAll("button, input, summary, [role=slider], [role=application]")].filter((e) => e.offsetParent).map((e) => [e, (e.closest("label") ?? e).getBoundingClientRect()])
  .filter(([e, box]) => (box.height < 23.9 || box.width < 23.9) && !e.matches("canvas.cells")).map(([e, box]) => [e.className, e.textContent.slice(0, 20), box.width, box.height]).slice(0, 8)"""


def check_controls_are_large_enough_and_named(b):
    for name, place in PLACES:
        b.open(file(name), place, width=390)
        equal(b.run(TARGETS), [], name)
        unnamed = b.run("""[...document.querySelectorAll("button, [role=slider], [role=application], canvas:not([aria-hidden])")].filter((e) => !(e.getAttribute("aria-label") ?? e.textContent).trim()).length""")
        equal(unnamed, 0, name)
        levels = b.run("[...document.querySelectorAll('h1, h2, h3')].map((h) => Number(h.tagName[1]))")
        assert levels[0] == 1 and levels.count(1) == 1 and all(after - before <= 1 for before, after in zip(levels, levels[1:])), levels


def check_focus_is_visible(b):
    b.open(file("lesson3"))
    for _ in range(40):
        b.key("Tab")
        shown = b.run("(() => { const e = document.activeElement; return e === document.body || e.tagName === 'HTML' ? true : parseFloat(getComputedStyle(e).outlineWidth) >= 2; })()")
        assert shown, b.run("document.activeElement.outerHTML.slice(0, 200)")


def check_nothing_moves_unasked(b):
    b.open(file("digits"), still=True)
    before = where(b)
    b.run("new Promise((done) => setTimeout(done, 2500))")
    equal(where(b), before)
    equal(b.run("document.getAnimations().length"), 0)


def check_first_paint(b):
    b.open(file("lesson2"))
    paint = b.run("performance.getEntriesByName('first-contentful-paint')[0]?.startTime ?? null")
    assert paint is not None and paint < 1000, paint
    size = file("lesson2").stat().st_size / 2**20
    print(f"    {size:.1f} MB, first paint after {paint:.0f} ms")


def main():
    if browser.find() is None:
        print("skipped: no chromium to open the pages in; apt-get install chromium")
        return 0
    wanted = sys.argv[1:]
    checks = {name: act for name, act in globals().items() if name.startswith("check_") and (not wanted or any(each in name for each in wanted))}
    failed = 0
    b = browser.Browser()
    try:
        for name, act in checks.items():
            try:
                act(b)
                print("passed", name)
            except Exception as error:
                failed += 1
                print("FAILED", name, "\n    ", str(error)[:1500])
    finally:
        b.close()
    print(f"{len(checks) - failed} of {len(checks)} checks passed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
