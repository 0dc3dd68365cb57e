"""All pictures by name, and how a picture is compared with what its script gives now."""

import re
from pathlib import Path

from pictures import graphs, looks, machines, memory, network, paths, stages, training, weights
from pictures.runs import Runs
from pictures.puzzles import banks, rounds

FOLDER = "Docs/pictures"
DRAWINGS = {
    "stages": stages.stages,
    "network": network.network,
    "product-forward": network.product_forward,
    "product-weights": network.product_weights,
    "product-hidden": network.product_hidden,
    "paper-forward": network.paper_forward,
    "paper-backward": network.paper_backward,
    "loss": training.loss,
    "strides": memory.strides,
    "transpose": memory.transpose,
    "fork": graphs.fork,
    "hidden-values": weights.hidden_values,
    "rows-of-w1": weights.rows_of_w1,
    "digits-read": weights.digits_read,
    "learning-rates": paths.learning_rates,
    "path-sgd": paths.one("SGD"),
    "path-momentum": paths.one("SGD, momentum"),
    "path-nesterov": paths.one("SGD, Nesterov"),
    "path-adagrad": paths.one("Adagrad"),
    "path-rmsprop": paths.one("RMSprop"),
    "path-adam": paths.one("Adam"),
    "path-adamw": paths.one("AdamW, decay", "Adam, decay"),
    "views": memory.views,
    "broadcast": memory.broadcast,
    "engine": graphs.engine,
    "generator": machines.generator,
    "floor": training.floor,
    "differences": training.differences,
    "tile": machines.tile,
    "rounds": rounds,
    "banks": banks,
    "warp": machines.warp,
    "convolution": weights.convolution,
    "overfitting": training.overfitting,
    "attention": looks.attention,
}
# Another processor rounds other last digits. What that moves in a picture is less than this; a picture is 400 wide.
TOLERANCE = 2.0
# These draw rounding itself, single samples that are read right or wrong, and weights in percent after a thousand steps.
TOLERANCES = {"differences": 25.0, "overfitting": 12.0, "attention": 10.0}
NUMBER = re.compile(r"-?\d+(?:\.\d+)?")


def drawn(root: Path, programs: Path, names: list[str] | None = None) -> dict[str, str]:
    """The files of the pictures and what is in them: NAME.svg, and NAME.vi.svg where words differ."""
    runs = Runs(root, programs)
    files = {}
    for name in names or DRAWINGS:
        english = DRAWINGS[name](runs, lambda english, vietnamese: english).svg()
        vietnamese = DRAWINGS[name](runs, lambda english, vietnamese: vietnamese).svg()
        files[f"{name}.svg"] = english
        if vietnamese != english:
            files[f"{name}.vi.svg"] = vietnamese
    return files


def differences(root: Path, programs: Path, names: list[str] | None = None) -> list[tuple[Path, str]]:
    """Which files are not what their scripts give, and why; without names, also those that no script makes."""
    files = drawn(root, programs, names)
    found = []
    for name, text in files.items():
        path = root / FOLDER / name
        if not path.exists():
            found.append((path, "is missing; Docs/pictures/draw makes it"))
        elif not alike(path.read_text(), text, TOLERANCES.get(name.split(".")[0], TOLERANCE)):
            found.append((path, "is not what its script draws; run Docs/pictures/draw and look at it"))
    if not names:
        strays = sorted(path for path in (root / FOLDER).glob("*.svg") if path.name not in files)
        found += [(path, "is made by no script in Docs/pictures") for path in strays]
    return found


def alike(shown: str, drawn: str, tolerance: float) -> bool:
    """Whether words are the same, and shapes but for the tolerance."""
    if shown == drawn:
        return True
    ours, theirs = re.split(r"(<[^>]*>)", shown), re.split(r"(<[^>]*>)", drawn)
    if len(ours) != len(theirs):
        return False
    for one, other in zip(ours, theirs):
        if one != other and (not one.startswith("<") or NUMBER.sub("#", one) != NUMBER.sub("#", other)):
            return False
        if any(abs(float(a) - float(b)) > tolerance for a, b in zip(NUMBER.findall(one), NUMBER.findall(other))):
            return False
    return True
