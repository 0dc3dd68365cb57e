"""What a learner who has read nothing needs of the page, to find out from it why a gradient is the product that it is."""

import numpy as np

import examples
from pages import equal, file, where

TOLD = "(document.querySelector('[data-element]')?.dataset.element ?? null)"
PANEL = "document.querySelector('.panel').textContent"


def press(b, key, times=1):
    for _ in range(times):
        b.key(key)


def walk_on(b, times):
    """By the button: in a picture, where the focus is after a click, the keys go from cell to cell."""
    for _ in range(times):
        b.run("document.querySelector('[data-control=next]').click()")


def click_cell(b, canvas, column, row, of=(1, 1)):
    """Clicks the cell of a picture that has of[0] columns and of[1] rows."""
    left, top, width, height = b.run(f"""(() => {{ const c = document.querySelector({canvas!r}); c.scrollIntoView({{ block: "center" }});
      const b = c.getBoundingClientRect(); return [b.left, b.top, b.width, b.height]; }})()""")
    b.click(left + width * (column + 0.5) / of[0], top + height * (row + 0.5) / of[1])


def check_panel_begins_with_the_weight(b):
    for width in (1400, 390):
        b.open(file("paper"), "#op=9", width=width)
        switch = "[...document.querySelectorAll('.switch button')]"
        equal(b.run(f"{switch}.map((e) => [e.textContent, e.ariaPressed])"), [["gradient of w2", "true"], ["gradient of hidden", "false"]])
        assert b.run(TOLD).startswith("w2.grad"), b.run(TOLD)
        # The last picture before the panel is the one that it is about
        equal(b.run("[...document.querySelectorAll('.output')].map((e) => e.classList.contains('told'))"), [False, True])
        b.run(f"{switch}[1].focus()")
        b.key("Enter")
        assert b.run(TOLD).startswith("d(hidden)"), b.run(TOLD)
        equal(b.run("document.activeElement.textContent"), "gradient of hidden")
        b.run(f"{switch}[0].click()")
        assert b.run(TOLD).startswith("w2.grad"), b.run(TOLD)
    for row in (1, 0):
        b.open(file("paper"), "#op=2")
        click_cell(b, ".second canvas", 0, row, (1, 2))
        equal(b.run(TOLD), f"w2[{row}, 0]")
        walk_on(b, 7)
        equal(b.run(TOLD), f"w2.grad[{row}, 0]", "the cell that was marked in w2")


def check_box_computes_with_numbers(b):
    b.open(file("named"), "#op=9")
    box = b.run("document.querySelector('.story').textContent")
    for text in ["w2[0, 0] was used twice: × 1 into yPred[0, 0] and × 3 into yPred[1, 0].",
                 "If it grows by a little d, yPred[0, 0] grows by 1 · d, and the loss by 2 for each unit of that, as yPred.grad[0, 0] says: 1 · 2. In row 1: 3 · 4.",
                 "Both happen at once, so they add: 1 · 2 + 3 · 4 = 14.", "hidden[k, 0]"]:
        assert text in box, (text, box)
    assert box.index("= 14") < box.index("In letters")
    assert "Σₖ" in b.run("document.querySelector('.formula').textContent")
    equal(b.run("[...document.querySelectorAll('[data-term]')].map((row) => [row.dataset.k, row.dataset.term])"), [["0", "2"], ["1", "12"]], "in row order")
    b.run("document.querySelectorAll('.switch button')[1].click()")
    assert "in the only column of yPred" in b.run("document.querySelector('.story').textContent"), b.run(PANEL)
    b.open(file("lesson3"), "#op=9")
    box = b.run("document.querySelector('.story').textContent")
    assert "was used 64 times, once in each row of yPred" in box and "and 61 more" in box and "the other 61" in box, box
    b.open(file("named"), "#op=9", language="vi")
    assert "được dùng hai lần: × 1 vào yPred[0, 0] và × 3 vào yPred[1, 0]" in b.run("document.querySelector('.story').textContent")


def check_rest_is_drawn_to_scale(b):
    b.open(file("lesson3"), "#op=9")
    bars = b.run("""[...document.querySelectorAll(".terms tr")].map((row) => [Math.abs(Number(row.dataset.term ?? row.dataset.rest)), parseFloat(row.querySelector(".signed").style.width)])""")
    largest = max(value for value, _ in bars)
    for value, width in bars:
        assert abs(width - 100 * value / largest) < 1e-3, bars


FRAMED = """(() => {
  const dark = (canvas, x, y) => {
    const ratio = canvas.width / canvas.clientWidth, data = canvas.getContext("2d").getImageData(Math.round(x * ratio) - 3, Math.round(y * ratio), 7, 1).data;
    return Array.from({ length: 7 }, (_, i) => data[4 * i]).some((red) => red < 90);
  };
  const [first, second, result] = [".first", ".second", ".result"].map((name) => document.querySelector(`${name} canvas`));
  const [w, h] = [first.clientWidth / 2, first.clientHeight / 2];
  // The left and the right edge of column 0 and the right edge of column 1, at the second row
  return [dark(first, 3, 1.25 * h), dark(first, w, 1.25 * h), dark(first, 2 * w - 4, 1.25 * h), dark(result, 3, 1.25 * h), dark(result, result.clientWidth - 4, 1.25 * h)];
})()"""


def check_an_input_says_where_it_goes(b):
    b.open(file("named"), "#op=2")
    click_cell(b, ".second canvas", 0, 0, (1, 2))
    text = b.run("document.querySelector('.goes').textContent")
    equal(text, "It goes into yPred[0, 0] (× 1) and yPred[1, 0] (× 3).")
    equal(b.run(FRAMED), [True, True, False, True, True], "what it meets and makes is framed, a picture of one column on both sides")
    assert "Its gradient is w2.grad[0, 0]" in b.run(PANEL)
    b.run("document.querySelectorAll('.goes button')[1].click()")
    equal(b.run(TOLD), "yPred[1, 0]")
    walk_on(b, 7)
    equal(b.run(TOLD), "w2.grad[0, 0]", "the mark stays")
    b.open(file("named"), "#op=1&tensor=4&at=1,0", language="vi")
    equal(b.run("document.querySelector('.goes').textContent"), "Nó đi vào hidden[1, 0].")
    b.open(file("named"), "#op=1&tensor=2&at=1,0")
    b.run("[...document.querySelectorAll('.panel .link')].find((e) => e.textContent === '1 mm, forward').click()")
    equal([b.run(TOLD), b.run("document.querySelector('.goes').dataset.goes")], ["w1[1, 0]", "2"])
    b.open(file("lesson5"), "#op=2")
    bias = b.run("(() => { const { runs } = window.inside; return runs[0].steps[0].operations[2].inputs[1]; })()")
    b.open(file("lesson5"), f"#op=2&tensor={bias}&at=3")
    assert "and 61 more" in b.run(PANEL), b.run(PANEL)


def check_transpose_is_drawn(b):
    b.open(file("named"), "#op=9")
    equal(b.run("document.querySelectorAll('.turn').length"), 1)
    turn = b.run("document.querySelector('.turn').textContent")
    for text in ["hidden[2, 2]", "row = sample", "column = hidden unit", "its column becomes a row"]:
        assert text in turn, turn
    below = b.run("(() => { const e = document.querySelectorAll('.output')[1].querySelector('.first'); return [e.textContent, e.querySelector('canvas').ariaLabel]; })()")
    assert "row = hidden unit" in below[0] and "column = sample" in below[0], below
    assert below[1].startswith("hiddenᵀ [2, 2]"), "it is announced as it is shown"
    assert "The sum runs over the samples; hidden unit and output remain: the shape of w2, [2, 1]." in b.run("document.querySelector('.runs-over').textContent")
    b.run("document.querySelectorAll('.output')[1].querySelector('.first canvas').focus()")
    for key in ("Home", "PageUp", "ArrowRight"):
        b.key(key)
    equal(b.run("document.getElementById('readout').textContent"), "hiddenᵀ[0, 1] = 3")
    for name, place in [("lesson2", "#op=9"), ("lesson5", "#op=14")]:
        b.open(file(name), place)
        equal(b.run("document.querySelectorAll('.turn').length"), 1, name)


def check_gradient_is_defined_once(b):
    b.open(file("named"))
    meaning = "by how much the loss grows for each little bit that this number grows"
    assert meaning in b.run("document.querySelector('.start').textContent")
    shown = []
    for _ in range(18):
        shown.append(meaning in b.run("document.querySelector('.stage').textContent"))
        b.key("ArrowRight")
    equal([i for i, is_shown in enumerate(shown) if is_shown], [6])


def check_a_weight_moved_a_little_moves_the_loss(b):
    b.open(file("named"), "#op=9")
    text = b.run("document.querySelector('.measure').textContent")
    assert "w2[0, 0] from 1 to 1.01: loss from 5 to 5.141, which is 14.1 for each unit." in text, text
    for place, is_there in [("#op=9", True), ("#op=11", False)]:
        b.open(file("lesson3"), place)
        equal(b.run("document.querySelector('.measure') !== null"), is_there, "not all of x is in the page, which w1 meets")
    data = {key: value.astype("float64") for key, value in examples.numbers((6, 5, 4, 3), 2).items()}
    loss = lambda w1, w2: float(((np.maximum(data["x"] @ w1, 0) @ w2 - data["y"]) ** 2).sum())
    for name, names in [("small", ("w1.grad", "w2.grad")), ("small2", ("gradW1", "gradW2"))]:
        b.open(file(name))
        found = b.run("""(() => {
          const { runs, explain, makersOf, measured } = window.inside, step = runs[0].steps[0], found = [];
          for (const [id, { place, output }] of makersOf(step)) {
            const tensor = runs[0].tensors[id];
            if (!NAMES.includes(tensor.name) || step.operations[place].phase !== "backward") continue;
            for (let i = 0; i < tensor.shape[0]; i++) for (let j = 0; j < tensor.shape[1]; j++) {
              const told = measured(step, explain(step, tensor, [i, j], { place, output }));
              found.push([NAMES.indexOf(tensor.name), i, j, told?.lossTo ?? null]);
            }
          }
          return found;
        })()""".replace("NAMES", str(list(names))))
        equal(len(found), 32, name)
        for which, i, j, after in found:
            assert after is not None, (name, which, i, j)
            moved = [data["w1"].copy(), data["w2"].copy()]
            moved[which][i, j] += 0.01
            assert abs(loss(*moved) - after) < 1e-6 * after, (name, which, i, j, after, loss(*moved))


def check_names_are_short_and_the_same(b):
    b.open(file("named"), "#op=1")
    equal(b.run("document.querySelector('h2#operation').textContent"), "hidden = x.mm(w1).clamp(0)")
    pictures = "[...document.querySelectorAll('.map .name')].map((e) => e.textContent)"
    b.key("End")
    b.open(file("named"), "#op=7")
    equal(b.run("document.querySelector('.output h3').textContent"), "The gradient of yPred - y")
    equal(b.run(pictures)[-1], "(yPred - y).grad")
    b.key("ArrowRight")
    equal(b.run("document.querySelector('.output h3').textContent"), "The gradient of yPred")
    equal(b.run(pictures), ["(yPred - y).grad", "yPred.grad"])
    b.key("ArrowRight")
    equal(b.run(pictures)[1:3], ["yPred.grad", "hidden.grad"])


def check_current_line_is_read_whole(b):
    for width in (1400, 900, 390):
        b.open(file("named"), "#op=2", width=width)
        over = b.run("""(() => { const box = document.querySelector(".source").getBoundingClientRect();
          return [...document.querySelectorAll(".line.now .text *")].filter((e) => e.getBoundingClientRect().right > box.right).length; })()""")
        equal(over, 0, f"at {width}")


# Moving about

def check_back_leads_back_from_a_link(b):
    b.open(file("paper"), "#op=9")
    # A browser keeps no more than 50 places, so that their number tells nothing
    b.run("window.pushed = 0; { const own = history.pushState; history.pushState = function () { window.pushed += 1; own.apply(history, arguments); }; }")
    press(b, "ArrowRight")
    press(b, "ArrowLeft")
    equal(b.run("pushed"), 0, "a key is no jump")
    at = where(b)
    b.run("document.querySelector('.story .link').click()")
    assert "op=2&" in where(b), where(b)
    equal(b.run("pushed"), 1)
    b.run("new Promise((done) => { addEventListener('hashchange', () => setTimeout(done, 50), { once: true }); history.back(); })")
    equal(where(b), at)
    equal(b.run("document.querySelector('.stage').dataset.op"), "9")


TOP = "document.querySelector('.stage').getBoundingClientRect().top - document.querySelector('.walk').getBoundingClientRect().bottom"


def check_a_step_begins_at_the_top_of_the_operation(b):
    b.open(file("paper"), "#op=8", width=390, height=844)
    b.run("scrollTo(0, 1600)")
    b.key("ArrowRight")
    assert 0 <= b.run(TOP) < 30, b.run(TOP)
    b.run("document.querySelector('.panel .story .link').scrollIntoView()")
    b.run("document.querySelector('.panel .story .link').click()")
    assert 0 <= b.run(TOP) < 30, b.run(TOP)
    b.open(file("paper"), "#op=8")
    b.key("ArrowRight")
    equal(b.run("scrollY"), 0, "what is seen stays where it is")


def check_a_tap_leads_to_the_panel(b):
    bar = "(() => { const e = document.querySelector('.tapbar'); return e.offsetParent !== null || getComputedStyle(e).display !== 'none' ? e.textContent : null; })()"
    rest = "new Promise((done) => setTimeout(done, 200))"
    b.open(file("paper"), "#op=9", width=390, height=844)
    equal(b.run(bar), None)
    click_cell(b, ".output ~ .output .result canvas", 0, 1, (1, 2))
    b.run(rest)
    equal(b.run(bar), "w2.grad[1, 0] = 2 · why?")
    b.run("document.querySelector('.tapbar').click()")
    b.run(rest)
    assert 0 <= b.run("document.querySelector('.panel').getBoundingClientRect().top") < 300
    equal(b.run(bar), None, "the panel is seen")
    b.open(file("paper"), "#op=9")
    click_cell(b, ".output ~ .output .result canvas", 0, 1, (1, 2))
    b.run(rest)
    equal(b.run(bar), None, "beside a wide panel there is no bar")


def check_help_closes(b):
    b.open(file("paper"))
    is_open = "document.querySelector('.help').open"
    b.run("document.querySelector('.help summary').click()")
    equal(b.run(is_open), True)
    b.key("Escape")
    equal(b.run(is_open), False)
    b.run("document.querySelector('.help summary').click()")
    b.click(700, 700)
    equal(b.run(is_open), False)
