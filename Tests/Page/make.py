"""Writes pages with synthetic data of the page's format that are true as numbers, to look at and to test.

    python Tests/Page/make.py FOLDER        writes lesson2.html, lesson3.html, … into the folder

Needs numpy. The data are what a run would capture: float32, every operation computed from the ones before it.
"""

import base64
import json
import pathlib
import re
import sys

import numpy as np

HERE = pathlib.Path(__file__).resolve().parent
FILES = HERE.parent.parent / "Sources/KindlingPage/Files"
SHOWN = 24
DTYPES = {"float32": "float32", "float64": "float64", "int64": "int64", "int32": "int32", "bool": "bool"}


def page(runs, title="Kindling"):
    """The page as the library puts it together: style, script and data in one file."""
    order = re.findall(r'#embed "(.*\.js)"', (FILES / "files.c").read_text())
    script = "\n".join((FILES / name).read_text() for name in order)
    blocks = "\n".join(
        '<script type="application/json" class="run">' + json.dumps(run, allow_nan=False).replace("<", "\\u003c") + "</script>"
        for run in runs)
    text = (FILES / "page.html").read_text()
    plain = title.replace("&", "&amp;").replace("<", "&lt;")
    for place, content in [("<!--TITLE-->", plain), ("/*STYLE*/", (FILES / "page.css").read_text()), ("/*SCRIPT*/", script),
                           ("<!--RUNS-->", blocks)]:
        text = text.replace(place, content)
    return text


class Capture:
    """One run's data as it grows."""

    def __init__(self, title, subtitle="", command="", source="", name="Lesson.swift", limit=128, stale=False):
        self.kept, self.limit, self.tensors, self.steps, self.arrays = {}, limit, [], [], []
        self.data = {"format": 1, "title": title, "subtitle": subtitle, "command": command,
                     "files": [{"name": name, "text": source, "isStale": stale}] if source else [], "loop": None,
                     "health": None, "digits": None, "timeline": None}
        self.lines = source.split("\n")
        starts = [i for i, line in enumerate(self.lines) if "for t in" in line]
        if starts:
            ends = [i for i, line in enumerate(self.lines) if i > starts[0] and line.rstrip() == "    }"]
            self.data["loop"] = {"file": 0, "first": starts[0] + 1, "last": ends[0] + 1}

    def line(self, text):
        """The number of the source line that has the text, as the format's list of calls."""
        found = [i for i, line in enumerate(self.lines) if text in line]
        return [[0, found[0] + 1]] if found else []

    def keep(self, size):
        if size not in self.kept:
            shown = np.unique(np.linspace(0, size - 1, SHOWN).round().astype(int)) if size > self.limit else None
            self.kept[size] = shown
        return self.kept[size]

    def tensor(self, array, name=None, full=()):
        """Stores an array; full names the dimensions that are wanted without gaps."""
        array = np.asarray(array)
        for size in array.shape:
            self.keep(size)
        finite = array[np.isfinite(array)] if array.dtype.kind == "f" else array
        bad = array.size - finite.size
        entry = {"shape": list(array.shape), "dtype": str(array.dtype), "name": name, "parts": {},
                 "min": float(finite.min()) if finite.size else None, "max": float(finite.max()) if finite.size else None,
                 "norm": float(np.sqrt((finite.astype("float64") ** 2).sum())) if finite.size else None,
                 "zeros": float((array == 0).mean()) if array.size else 0, "bad": int(bad)}
        self.tensors.append(entry)
        self.arrays.append(array)
        identity = len(self.tensors) - 1
        self.part(identity, "kept", None)
        for dim in full:
            self.need(identity, dim)
        return identity

    def part(self, identity, key, full):
        array = self.arrays[identity]
        for dim, size in enumerate(array.shape):
            shown = self.keep(size)
            if shown is not None and dim != full:
                array = np.take(array, shown, axis=dim)
        little = np.ascontiguousarray(array)
        self.tensors[identity]["parts"][key] = base64.b64encode(little.tobytes()).decode()

    def need(self, identity, dim):
        """Has a dimension stored in full, if it is not yet."""
        shape = self.arrays[identity].shape
        if self.keep(shape[dim]) is not None and str(dim) not in self.tensors[identity]["parts"]:
            self.part(identity, str(dim), dim)

    def step(self, number, loss=None):
        self.steps.append({"step": number, "loss": loss, "operations": [], "graph": None})
        return self.steps[-1]

    def operation(self, phase, name, inputs, outputs, lines=(), of=None, words="", module=None, joined=()):
        """outputs: (tensor, how) or (tensor, how, to)."""
        for _, how, *_ in outputs:
            if how["kind"] == "product":
                a, b = len(self.arrays[how["a"]].shape), len(self.arrays[how["b"]].shape)
                self.need(how["a"], a - 2 if how["ta"] else a - 1)
                self.need(how["b"], b - 1 if how["tb"] else b - 2)
            if how["kind"] == "sum" and len(how["dims"]) == 1:
                self.need(how["of"], how["dims"][0])
        self.steps[-1]["operations"].append({
            "phase": phase, "name": name, "isRule": of is not None, "of": of, "inputs": list(inputs),
            "outputs": [{"tensor": out[0], "how": out[1], "to": out[2] if len(out) > 2 else None} for out in outputs],
            "words": words, "lines": list(lines), "module": module, "joined": list(joined)})
        return outputs[0][0] if outputs else None

    # Operations that compute

    def mm(self, a, b, name=None, phase="forward", lines=(), ta=False, tb=False, operation="mm", **more):
        left, right = self.arrays[a], self.arrays[b]
        value = (left.swapaxes(-1, -2) if ta else left) @ (right.swapaxes(-1, -2) if tb else right)
        out = self.tensor(value, name)
        self.operation(phase, operation, [a, b], [(out, product(a, b, ta, tb))], lines, **more)
        return out

    def each(self, name, inputs, value, out=None, numbers=(), phase="forward", lines=(), **more):
        identity = self.tensor(value, out)
        self.operation(phase, name, inputs, [(identity, each(name, inputs, numbers))], lines, **more)
        return identity

    def transpose(self, of, phase="forward", lines=(), name=None):
        out = self.tensor(self.arrays[of].T.copy(), name)
        self.operation(phase, "t", [of], [(out, {"kind": "move", "of": of, "permutation": [1, 0]})], lines)
        return out

    def total(self, of, name=None, lines=()):
        array = self.arrays[of]
        out = self.tensor(np.float32(array.sum(dtype="float32")).reshape(()), name)
        places = np.argsort(-np.abs(array), axis=None)[:8]
        largest = [{"index": [int(i) for i in np.unravel_index(p, array.shape)], "value": float(array.flat[p])} for p in places]
        self.operation("forward", "sum", [of],
                       [(out, {"kind": "sum", "of": of, "dims": list(range(array.ndim)), "mean": False, "largest": largest})], lines)
        return out

    def draw_graph(self):
        """A plain drawing: the forward operations in a column, their leaves beside them."""
        step = self.steps[-1]
        vertices, edges, made = [], [], {}
        forward = [i for i, op in enumerate(step["operations"]) if op["phase"] == "forward"]
        for row, i in enumerate(forward):
            op = step["operations"][i]
            vertices.append({"x": 10, "y": 16 + row * 62, "width": 90, "height": 30, "label": op["name"], "kind": "operation",
                             "operation": i, "tensor": op["outputs"][0]["tensor"]})
            here = len(vertices) - 1
            for order, tensor in enumerate(op["inputs"]):
                if tensor in made:
                    start = vertices[made[tensor]]
                    bend = 0 if made[tensor] == here - 1 or True else 40
                    points = [[start["x"] + start["width"] / 2 + bend, start["y"] + 30], [55, vertices[here]["y"] - 2]]
                else:
                    vertices.append({"x": 190, "y": 16 + row * 62 + order * 32 - 16 * (len(op["inputs"]) - 1), "width": 70, "height": 26,
                                     "label": self.tensors[tensor]["name"] or "?", "kind": "leaf", "operation": None, "tensor": tensor})
                    start = vertices[-1]
                    points = [[190, start["y"] + 13], [102, vertices[here]["y"] + 15]]
                    made[tensor] = len(vertices) - 1
                edges.append({"from": made[tensor], "to": here, "label": str(self.tensors[tensor]["shape"]), "points": points})
            made[op["outputs"][0]["tensor"]] = here
        step["graph"] = {"width": 270, "height": len(forward) * 62 + 10, "vertices": vertices, "edges": edges}

    def finish(self):
        kept = {str(size): None if shown is None else [int(i) for i in shown] for size, shown in self.kept.items()}
        return {**self.data, "kept": kept, "tensors": self.tensors, "steps": self.steps}


def product(a, b, ta=False, tb=False):
    return {"kind": "product", "a": a, "b": b, "ta": ta, "tb": tb}


def each(name, of, numbers=()):
    return {"kind": "elementwise", "name": name, "of": list(of), "numbers": list(numbers)}


def chain(gradient, local):
    return {"kind": "chain", "gradient": gradient, "local": local}


def health(losses, names, seed=0):
    """Curves of the usual shape for as many steps as there are losses."""
    steps = list(range(len(losses)))
    fall = np.sqrt(np.array([abs(loss) if loss is not None and np.isfinite(loss) else 1 for loss in losses]) + 1e-9)
    noise = np.random.default_rng(seed)
    listed = lambda values: [float(v) for v in values]
    return {"steps": steps, "loss": [None if loss is None or not np.isfinite(loss) else float(loss) for loss in losses],
            "weights": {name: listed(30 * (i + 1) + np.cumsum(noise.normal(size=len(losses))) * 0.05) for i, name in enumerate(names)},
            "gradients": {name: listed(fall * (40 + 30 * i)) for i, name in enumerate(names)},
            "ratios": {name: listed(fall * 1e-5 * (1 + i)) for i, name in enumerate(names)},
            "zeros": {"clamp, line 31": listed(0.5 + 0.02 * noise.normal(size=len(losses)))}}


def attention(tokens, layers=2, heads=4, causal=True, seed=3):
    """Weights of attention as a page has them, and the same as an array, [layers, heads, tokens, tokens]."""
    scores = np.random.default_rng(seed).normal(size=(layers, heads, len(tokens), len(tokens))) * 3
    if causal:
        scores[..., np.triu_indices(len(tokens), 1)[0], np.triu_indices(len(tokens), 1)[1]] = -np.inf
    weights = np.exp(scores - scores.max(-1, keepdims=True))
    weights = (weights / weights.sum(-1, keepdims=True)).astype("float32")
    coded = [{"heads": heads, "weights": base64.b64encode(layer.tobytes()).decode()} for layer in weights]
    return {"queries": list(tokens), "keys": list(tokens), "layers": coded}, weights


def timeline(step=12):
    lanes = {"forward": ["mm [64, 100]", "clamp [64, 100]", "mm [64, 10]", "sub [64, 10]", "pow [64, 10]", "sum []"],
             "backward": ["sum", "pow", "sub", "mm", "clamp", "mm"], "update": ["mul", "sub_", "mul", "sub_"]}
    at, rows = 0.0, []
    for name, events in lanes.items():
        row = []
        for i, event in enumerate(events):
            duration = 40.0 if "mm" in event else 6.5
            row.append({"name": event, "start": at, "duration": duration})
            at += duration + 1.5
        rows.append({"name": name, "events": row})
    # A device works on what it was given, and may be at work when the step is over.
    rows += [{"name": "kernels", "events": [{**event, "duration": 1.5} for row in rows for event in row["events"]]},
             {"name": "device", "events": [{**event, "start": event["start"] + 4} for row in rows for event in row["events"]]}]
    return {"step": step, "duration": at, "lanes": rows}


if __name__ == "__main__":
    import pages
    folder = pathlib.Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for name, runs in pages.RUNS.items():
        (folder / f"{name}.html").write_text(page(runs(), name))
        print(folder / f"{name}.html", (folder / f"{name}.html").stat().st_size // 1024, "KiB")
