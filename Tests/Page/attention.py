"""Checks of where tokens look: the part of a page that shows weights of attention. check.py runs them."""

import make
from pages import equal, file

LOOKS = """(() => {
  const told = document.querySelector(".attention-told");
  return { ...told.dataset, text: told.textContent, readout: document.getElementById("readout").textContent };
})()"""


def check_attention_is_told(b):
    """Every weight is the recorded one, by pointer and by keyboard, and above the diagonal there is none."""
    _, weights = make.attention("⏎margaret")
    b.open(file("looks"))
    equal(b.run("document.querySelectorAll('#attention canvas').length"), 8)
    box = b.run("""(() => { const c = document.querySelector('canvas[data-layer="1"][data-head="2"]'); c.scrollIntoView({ block: 'center' });
      const b = c.getBoundingClientRect(); return [b.left, b.top, b.width / 9, b.height / 9]; })()""")
    for row in range(9):
        for column in range(9):
            b.click(box[0] + (column + 0.5) * box[2], box[1] + (row + 0.5) * box[3])
            found = b.run(LOOKS)
            equal((found["layer"], found["head"], found["row"], found["column"]), ("1", "2", str(row), str(column)))
            equal(found["text"], found["readout"] or found["text"])
            if column > row:
                equal(found["weight"], "")
                assert "which comes later" in found["text"], found
            else:
                equal(float(found["weight"]), float(weights[1, 2, row, column]))
    letters = b.run("[...document.querySelector('.letters.across').children].map((letter) => letter.textContent).join('')")
    equal(letters, "⏎margaret")
    b.run("""document.querySelector('canvas[data-layer="0"][data-head="1"]').focus()""")
    for key in ("Home", "ArrowDown", "ArrowRight", "ArrowRight", "ArrowLeft"):
        b.key(key)
    readout = b.run("document.getElementById('readout').textContent")
    assert readout.startswith("Layer 1, head 2: "), readout
    b.key("Enter")
    found = b.run(LOOKS)
    equal((found["layer"], found["head"], found["text"]), ("0", "1", readout))
    equal(b.complaints(), [])


def check_attention_marks_every_head(b):
    """A click draws its row and column in the other heads too; what no token sees is left empty."""
    ink = """(() => { const c = document.querySelector('canvas[data-layer="0"][data-head="3"]'); const w = c.width / 9;
      const at = (column, row) => [...c.getContext('2d').getImageData((column + 0.5) * w, (row + 0.5) * w, 1, 1).data][3];
      return { below: at(0, 8), above: at(8, 0), sum: c.getContext('2d').getImageData(0, 0, c.width, c.height).data.reduce((a, b) => a + b) }; })()"""
    b.open(file("looks"))
    before = b.run(ink)
    equal((before["below"], before["above"]), (255, 0))
    b.run("""document.querySelector('canvas[data-layer="1"][data-head="0"]').focus()""")
    b.key("Enter")
    assert b.run(ink)["sum"] != before["sum"]


def check_a_mask_is_no_alarm(b):
    """−∞ of which softmax makes 0 is no accident: it is left empty, and told quietly."""
    b.open(file("masked"), "#op=1")
    equal(b.run("document.querySelectorAll('.banner, [data-bad]').length"), 0)
    equal(b.run("document.querySelector('[data-masked]').textContent"), "1 of its numbers is not finite, and nothing that follows is spoilt: −∞ in a mask, of which softmax makes 0, for one")
    assert "Each row becomes weights" in b.run("document.querySelector('.stage').textContent")
    equal(b.complaints(), [])


def check_attention_without_steps(b):
    """A page may have nothing but attention; the language and the colours still change."""
    for name in ("alone", "wide"):
        b.open(file(name))
        equal(b.run("[document.querySelectorAll('#attention canvas').length, document.querySelectorAll('.walk').length]"), [8 if name == "alone" else 2, 0])
        b.run("document.querySelector('.choices button').click()")
        equal(b.run("document.documentElement.lang"), "vi")
        equal(b.complaints(), [], name)
    assert "comes later" not in b.run("document.querySelector('#attention').textContent")


def check_a_place_in_a_step_is_seen(b):
    """Who comes for an operation is led past the attention above it."""
    b.open(file("looks"), "#run=0&step=0&op=3")
    assert b.run("scrollY") > 200
    b.open(file("looks"))
    equal(b.run("scrollY"), 0)
