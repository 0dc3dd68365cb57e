"""The pages that the checks open, with synthetic data and a window into their functions."""

import json
import pathlib
import tempfile

import examples
import extras
from make import page

INSIDE = "window.inside = { runs, explain, agree, makersOf, makerOf, shownOf, nameOf, ENGLISH, VIETNAMESE, measured, valueAt };"
FOLDER = pathlib.Path(tempfile.mkdtemp())
made = {}


def write(name, runs):
    """The page with a window into its functions, as a file."""
    if name not in made:
        made[name] = FOLDER / f"{name}.html"
        made[name].write_text(page(runs(), name).replace("})();", INSIDE + "\n})();"))
    return made[name]


def named():
    """The paper case with names as the library makes them from the source, and a gradient that sub passes on as it is."""
    run = examples.rules(data=examples.PAPER, rate=0.01, steps=(0,), until=1)
    operations = run["steps"][0]["operations"]
    made = [operation["outputs"][0]["tensor"] for operation in operations]
    for place, name in [(0, "x.mm(w1)"), (1, "x.mm(w1).clamp(0)"), (3, "yPred - y"), (4, "(yPred - y).pow(2)"), (6, "(yPred - y).pow(2).grad"),
                        (7, "yPred.grad"), (9, "x.mm(w1).clamp(0).grad"), (10, "x.mm(w1).grad")]:
        run["tensors"][made[place]]["name"] = name
    passed, same = made[7], made[8]
    swap = lambda value: passed if value == same else [swap(each) for each in value] if isinstance(value, list) else value
    for operation in operations:
        operation["inputs"] = swap(operation["inputs"])
        for output in operation["outputs"]:
            output["tensor"] = swap(output["tensor"])
            output["how"] = {key: swap(value) if key in ("a", "b", "of", "gradient") else value for key, value in output["how"].items()}
    return json.loads(json.dumps(run))


def small(make):
    """A problem with more than one of everything that the page holds as a whole."""
    return make(data=examples.numbers((6, 5, 4, 3), 2), rate=0.001, steps=(0, 1), until=2)


RUNS = {
    "lesson2": lambda: [examples.by_hand()], "lesson3": lambda: [examples.rules()], "lesson5": lambda: [examples.adam()],
    "paper": lambda: [examples.rules(data=examples.PAPER, rate=0.01, steps=(0, 1), until=3)],
    "compare": lambda: [examples.by_hand(), examples.rules()], "digits": lambda: [examples.digits()],
    "batch": lambda: [extras.batch()], "grouped": lambda: [extras.grouped()], "many": lambda: [extras.many()], "hostile": lambda: [extras.hostile()],
    "masked": lambda: [extras.masked()], "looks": lambda: [extras.looks()], "alone": lambda: [extras.looks_alone()],
    "wide": lambda: [extras.looks_alone(tokens=[f"word{i}" for i in range(64)], layers=1, heads=2, causal=False)],
    "odd": lambda: [extras.odd()], "named": lambda: [named()], "small": lambda: [small(examples.rules)],
    "small2": lambda: [small(examples.by_hand)],
}


def file(name):
    return write(name, RUNS[name])


def equal(found, wanted, what=""):
    assert found == wanted, f"{what}: {found!r} where {wanted!r} belongs"


def where(b):
    return b.run("location.hash")
