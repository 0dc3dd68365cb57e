"""Pages of the lessons, with what they would capture."""

import pathlib

import numpy as np

from make import Capture, chain, health, product, timeline

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
LESSONS = {2: "Lesson2Tensors", 3: "Lesson3Autograd", 5: "Lesson5OptimModule"}
PAPER = dict(x=[[1, 2], [3, -1]], w1=[[1, -1], [0, 1]], w2=[[1], [2]], y=[[2], [1]])


def source(number):
    folder = next(path for path in (ROOT / "Lessons").iterdir() if path.name.startswith(f"Lesson{number}"))
    return (folder / "Lesson.swift").read_text(), f"Lessons/{folder.name}/Lesson.swift"


def numbers(sizes=(64, 784, 100, 10), seed=0):
    n, d, h, k = sizes
    random = np.random.default_rng(seed)
    draw = lambda *shape: random.normal(size=shape).astype("float32")
    return dict(x=draw(n, d), y=draw(n, k), w1=draw(d, h), w2=draw(h, k))


def f32(value):
    return np.float32(value)


def by_hand(steps=(0, 1, 10), data=None, rate=1e-6, until=11):
    """Lesson 2: every gradient by hand."""
    text, name = source(2)
    c = Capture("lesson2", "tensors", "lesson2 --page lesson2.html", text, name)
    data = {key: np.array(value, dtype="float32") for key, value in (data or numbers()).items()}
    w1, w2, losses = data["w1"], data["w2"], []
    ids = {}
    for t in range(until):
        if t in steps:
            w1, w2, loss = hand_step(c, t, data, w1, w2, rate, ids)
        else:
            w1, w2, loss = plain_step(data, w1, w2, rate)
            ids.clear()
        losses.append(loss)
    c.data["health"] = health(losses, ["w1", "w2"])
    c.data["timeline"] = timeline()
    return c.finish()


def plain_step(data, w1, w2, rate):
    h = data["x"] @ w1
    r = np.maximum(h, 0)
    e = r @ w2 - data["y"]
    d = f32(2) * e
    dh = d @ w2.T
    dh[h < 0] = 0
    return w1 - f32(rate) * (data["x"].T @ dh), w2 - f32(rate) * (r.T @ d), float((e ** 2).sum())


def hand_step(c, t, data, w1, w2, rate, ids):
    step = c.step(t)
    x = ids.get("x", None)
    if x is None:
        ids.update(x=c.tensor(data["x"], "x"), y=c.tensor(data["y"], "y"), w1=c.tensor(w1, "w1"), w2=c.tensor(w2, "w2"))
    x, y, i1, i2 = (ids[key] for key in ("x", "y", "w1", "w2"))
    A = c.arrays
    h = c.mm(x, i1, "h", lines=c.line("let h ="))
    relu = c.each("clamp", [h], np.maximum(A[h], 0), "hRelu", [0, None], lines=c.line("let hRelu"))
    pred = c.mm(relu, i2, "yPred", lines=c.line("let yPred"))
    diff = c.each("sub", [pred, y], A[pred] - A[y], lines=c.line("let loss"))
    square = c.each("pow", [diff], A[diff] ** 2, None, [2], lines=c.line("let loss"))
    loss = c.total(square, "loss", c.line("let loss"))
    step["loss"] = float(A[loss])
    back = dict(phase="backward")
    diff2 = c.each("sub", [pred, y], A[pred] - A[y], lines=c.line("let gradYPred"), **back)
    grad = c.each("mul", [diff2], f32(2) * A[diff2], "gradYPred", [2], lines=c.line("let gradYPred"), **back)
    rt = c.transpose(relu, "backward", c.line("let gradW2"))
    g2 = c.mm(rt, grad, "gradW2", lines=c.line("let gradW2"), **back)
    wt = c.transpose(i2, "backward", c.line("let gradHRelu"))
    gr = c.mm(grad, wt, "gradHRelu", lines=c.line("let gradHRelu"), **back)
    copy = c.tensor(A[gr].copy(), None)
    c.operation("backward", "clone", [gr], [(copy, {"kind": "same", "of": gr})], c.line("let gradH ="))
    mask = c.each("lt", [h], A[h] < 0, None, [0], lines=c.line("gradH[h < 0]"), **back)
    gh = c.each("masked_fill_", [copy, mask], np.where(A[mask], f32(0), A[copy]), "gradH", [0], lines=c.line("gradH[h < 0]"), **back)
    xt = c.transpose(x, "backward", c.line("let gradW1"))
    g1 = c.mm(xt, gh, "gradW1", lines=c.line("let gradW1"), **back)
    for weight, key, g in ((i1, "w1", g1), (i2, "w2", g2)):
        line = c.line(f"{key} -= ")
        scaled = c.each("mul", [g], f32(rate) * A[g], None, [rate], phase="update", lines=line)
        ids[key] = c.each("sub_", [weight, scaled], A[weight] - A[scaled], key, phase="update", lines=line)
    c.draw_graph()
    return A[ids["w1"]], A[ids["w2"]], step["loss"]


def with_rules(steps=(0, 1, 10), data=None, rate=1e-6, until=11, digits=False, title="lesson3"):
    """Lesson 3: the rules that backward() applies."""
    text, name = source(3)
    c = Capture(title, "autograd", f"lesson3{' --problem digits' if digits else ''} --seed 0 --page lesson3.html", text, name)
    data = {key: np.array(value, dtype="float32") for key, value in (data or numbers()).items()}
    w1, w2, losses, ids, kept = data["w1"], data["w2"], [], {}, []
    for t in range(until):
        kept.append((w1, w2))
        if t in steps:
            w1, w2, loss = rule_step(c, t, data, w1, w2, rate, ids)
        else:
            w1, w2, loss = plain_step(data, w1, w2, rate)
            ids.clear()
        losses.append(loss)
    c.data["health"] = health(losses, ["w1", "w2"])
    c.data["timeline"] = timeline()
    return c, kept, ids


def rule_step(c, t, data, w1, w2, rate, ids):
    step = c.step(t)
    A = c.arrays
    for key, value in (("x", data["x"]), ("y", data["y"]), ("w1", w1), ("w2", w2)):
        if key not in ids:
            ids[key] = c.tensor(value, key, full=[1] if key == "x" and "labels" in data else [])
    x, y, i1, i2 = (ids[key] for key in ("x", "y", "w1", "w2"))
    line, back = c.line("let yPred"), c.line("loss.backward()")
    h = c.mm(x, i1, lines=line)
    relu = c.each("clamp", [h], np.maximum(A[h], 0), None, [0, None], lines=line)
    pred = c.mm(relu, i2, "yPred", lines=line)
    diff = c.each("sub", [pred, y], A[pred] - A[y], lines=c.line("let loss"))
    square = c.each("pow", [diff], A[diff] ** 2, None, [2], lines=c.line("let loss"))
    loss = c.total(square, "loss", c.line("let loss"))
    step["loss"] = float(A[loss])
    one = c.tensor(np.ones((), "float32"))
    ds = c.tensor(np.ones_like(A[square]))
    c.operation("backward", "sum", [one], [(ds, {"kind": "spread", "of": one, "dims": [0, 1], "factor": 1}, 0)], back, 5,
                "every element gets the dy of its sum")
    local = c.tensor(f32(2) * A[diff])
    dd = c.tensor(A[ds] * A[local])
    c.operation("backward", "pow", [ds, diff], [(dd, chain(ds, local), 0)], back, 4, "dy times exponent times input to the exponent less 1")
    dp = c.tensor(A[dd].copy())
    c.operation("backward", "sub", [dd], [(dp, {"kind": "same", "of": dd}, 0)], back, 3, "dy to the first term, -dy to the second")
    dr = c.tensor(A[dp] @ A[i2].T)
    g2 = c.tensor(A[relu].T @ A[dp], "w2.grad")
    c.operation("backward", "mm", [dp, relu, i2], [(dr, product(dp, i2, False, True), 0), (g2, product(relu, dp, True, False), 1)], back, 2,
                "dy · (second)ᵀ to the first, (first)ᵀ · dy to the second")
    inside = c.tensor((A[h] >= 0).astype("float32"))
    dh = c.tensor(A[dr] * A[inside])
    c.operation("backward", "clamp", [dr, h], [(dh, chain(dr, inside), 0)], back, 1, "dy where the input lay within the bounds, 0 elsewhere")
    g1 = c.tensor(A[x].T @ A[dh], "w1.grad")
    c.operation("backward", "mm", [dh, x, i1], [(g1, product(x, dh, True, False), 1)], back, 0,
                "dy · (second)ᵀ to the first, (first)ᵀ · dy to the second")
    for weight, key, g in ((i1, "w1", g1), (i2, "w2", g2)):
        here = c.line(f"{key} -= ")
        scaled = c.each("mul", [g], f32(rate) * A[g], None, [rate], phase="update", lines=here)
        ids[key] = c.each("sub_", [weight, scaled], A[weight] - A[scaled], key, phase="update", lines=here)
    for key, g in (("w1", g1), ("w2", g2)):
        c.each("zero_", [], np.zeros_like(A[g]), f"{key}.grad", phase="update", lines=c.line(f"{key}.grad!.zero_"))
    ids["pred"] = pred
    ids.setdefault("preds", []).append(pred)
    ids["relu"] = relu
    c.draw_graph()
    return A[ids["w1"]], A[ids["w2"]], step["loss"]


def digits_data(count=400, hidden=100, seed=1):
    folder = ROOT / "Sources/KindlingData/Files"
    images = np.frombuffer((folder / "digits-images-idx3-ubyte").read_bytes(), "uint8", offset=16).reshape(-1, 64)[:count]
    labels = np.frombuffer((folder / "digits-labels-idx1-ubyte").read_bytes(), "uint8", offset=8)[:count]
    random = np.random.default_rng(seed)
    x = (images / max(1, images.max())).astype("float32")
    return dict(x=x, y=np.eye(10, dtype="float32")[labels], w1=(random.normal(size=(64, hidden)) * 0.15).astype("float32"),
                w2=(random.normal(size=(hidden, 10)) * 0.1).astype("float32")), labels


def digits():
    """Lesson 3 on the digits."""
    data, labels = digits_data()
    steps = (0, 5, 60, 299)
    text, name = source(3)
    data["labels"] = labels
    plain = {key: data[key] for key in ("x", "y", "w1", "w2")}
    c = Capture("lesson3", "autograd, digits", "lesson3 --problem digits --seed 0 --page digits.html", text, name)
    w1, w2, rate, ids, losses, frames, right, silent, predictions = data["w1"], data["w2"], 1.5e-4, {}, [], [], [], [], []
    for t in range(300):
        if t % 12 == 0 or t == 299:
            frames.append((t, w1.copy()))
            guess = np.maximum(plain["x"] @ w1, 0) @ w2
            right.append((t, float((guess.argmax(1) == labels).mean())))
        if t in steps:
            ids.pop("w1", None), ids.pop("w2", None)
            w1, w2, loss = rule_step(c, t, {**plain, "labels": labels}, w1, w2, rate, ids)
            predictions.append(ids["pred"])
            silent.append([int(i) for i in np.flatnonzero((c.arrays[ids["relu"]] == 0).all(0))])
        else:
            w1, w2, loss = plain_step(plain, w1, w2, rate)
        losses.append(loss)
    scale = max(float(np.abs(w).max()) for _, w in frames)
    film = np.stack([np.round(w.T / scale * 127) for _, w in frames]).astype("int8")
    import base64
    kept = c.keep(len(labels))
    c.data["health"] = health(losses, ["w1", "w2"])
    c.data["timeline"] = timeline()
    c.data["digits"] = {
        "x": ids["x"], "width": 8, "labels": [int(labels[i]) for i in kept], "predictions": predictions,
        "accuracy": {"steps": [t for t, _ in right], "training": [r for _, r in right], "heldOut": [r * 0.96 for _, r in right],
                     "trainingCount": 300, "heldOutCount": 100},
        "film": {"steps": [t for t, _ in frames], "units": list(range(100)), "unitCount": 100, "scale": scale,
                 "frames": base64.b64encode(film.tobytes()).decode()}, "silent": silent}
    return c.finish()


def adam():
    """Lesson 5: linear layers with a bias, and Adam."""
    text, name = source(5)
    c = Capture("lesson5", "optim and a module of your own", "lesson5 --page lesson5.html", text, name, stale=True)
    data = numbers((64, 200, 40, 10), 3)
    A = c.arrays
    w = {"linear1.weight": data["w1"].T.copy() * f32(0.1), "linear1.bias": np.zeros(40, "float32") + f32(0.02),
         "linear2.weight": data["w2"].T.copy() * f32(0.1), "linear2.bias": np.zeros(10, "float32") - f32(0.01)}
    m, v = {k: np.zeros_like(a) for k, a in w.items()}, {k: np.zeros_like(a) for k, a in w.items()}
    ids = {k: c.tensor(a, k) for k, a in w.items()}
    x, y = c.tensor(data["x"], "x"), c.tensor(data["y"], "y")
    losses = []
    for t in range(3):
        step = c.step(t)
        one, two = c.line("let hRelu"), c.line("return linear2")
        call = c.line("let yPred = model(x)")

        def linear(of, layer, lines):
            more = dict(module=f"model.{layer} (Linear)")
            lines = lines + call
            out = c.tensor(A[ids[f"{layer}.weight"]].T.copy())
            c.operation("forward", "t", [ids[f"{layer}.weight"]], [(out, {"kind": "move", "of": ids[f"{layer}.weight"], "permutation": [1, 0]})], lines, **more)
            z = c.mm(of, out, lines=lines, **more)
            return out, z, c.each("add", [z, ids[f"{layer}.bias"]], A[z] + A[ids[f"{layer}.bias"]], lines=lines, **more)

        t1, z1, h = linear(x, "linear1", one)
        relu = c.each("clamp", [h], np.maximum(A[h], 0), "hRelu", [0, None], lines=one + call)
        t2, z2, pred = linear(relu, "linear2", two)
        c.tensors[pred]["name"] = "yPred"
        diff = c.each("sub", [pred, y], A[pred] - A[y], lines=c.line("lossFunction(yPred"), module="lossFunction (MSELoss)")
        square = c.each("pow", [diff], A[diff] ** 2, None, [2], lines=c.line("lossFunction(yPred"), module="lossFunction (MSELoss)")
        loss = c.total(square, "loss", c.line("lossFunction(yPred"))
        step["loss"] = float(A[loss])
        losses.append(step["loss"])
        back = c.line("loss.backward()")
        unit = c.tensor(np.ones((), "float32"))
        ds = c.tensor(np.ones_like(A[square]))
        c.operation("backward", "sum", [unit], [(ds, {"kind": "spread", "of": unit, "dims": [0, 1], "factor": 1}, 0)], back, 9)
        local = c.tensor(f32(2) * A[diff])
        dd = c.tensor(A[ds] * A[local])
        c.operation("backward", "pow", [ds, diff], [(dd, chain(ds, local), 0)], back, 8)
        dp = c.tensor(A[dd].copy())
        c.operation("backward", "sub", [dd], [(dp, {"kind": "same", "of": dd}, 0)], back, 7)

        def rules(dy, z_of, layer, of, turned, want):
            dz = c.tensor(A[dy].copy())
            db = c.tensor(A[dy].sum(0, dtype="float32"), f"{layer}.bias.grad")
            c.operation("backward", "add", [dy], [(dz, {"kind": "same", "of": dy}, 0), (db, {"kind": "sum", "of": dy, "dims": [0], "mean": False}, 1)], back, z_of + 2,
                        "dy to both terms; broadcasting is summed back", f"model.{layer} (Linear)")
            outs = []
            if want:
                outs.append((c.tensor(A[dz] @ A[turned].T), product(dz, turned, False, True), 0))
            dt = c.tensor(A[of].T @ A[dz])
            outs.append((dt, product(of, dz, True, False), 1))
            c.operation("backward", "mm", [dz, of, turned], outs, back, z_of + 1, "dy · (second)ᵀ to the first, (first)ᵀ · dy to the second", f"model.{layer} (Linear)")
            dw = c.tensor(A[dt].T.copy(), f"{layer}.weight.grad")
            c.operation("backward", "t", [dt], [(dw, {"kind": "move", "of": dt, "permutation": [1, 0]}, 0)], back, z_of, "", f"model.{layer} (Linear)")
            return outs[0][0], dw, db

        dr, gw2, gb2 = rules(dp, 4, "linear2", relu, t2, True)
        inside = c.tensor((A[h] >= 0).astype("float32"))
        dh = c.tensor(A[dr] * A[inside])
        c.operation("backward", "clamp", [dr, h], [(dh, chain(dr, inside), 0)], back, 3, "dy where the input lay within the bounds, 0 elsewhere")
        _, gw1, gb1 = rules(dh, 0, "linear1", x, t1, False)
        for key, g in (("linear1.weight", gw1), ("linear1.bias", gb1), ("linear2.weight", gw2), ("linear2.bias", gb2)):
            m[key] = f32(.9) * m[key] + f32(.1) * A[g]
            v[key] = f32(.999) * v[key] + f32(.001) * A[g] ** 2
            first, second = m[key] / f32(1 - .9 ** (t + 1)), v[key] / f32(1 - .999 ** (t + 1))
            after = c.tensor((A[ids[key]] - f32(1e-2) * first / (np.sqrt(second) + f32(1e-8))).astype("float32"), key)
            c.operation("update", "Adam", [ids[key], g], [(after, {
                "kind": "update", "name": "Adam", "before": ids[key], "of": [g], "formula": "θ ← θ - η · m̂ / (√v̂ + ε)",
                "numbers": {"η": 1e-2, "β₁": .9, "β₂": .999, "ε": 1e-8}})], c.line("optimizer.step()"))
            ids[key] = after
        c.draw_graph()
    c.data["health"] = health(losses, list(w))
    return c.finish()


def rules(**options):
    return with_rules(**options)[0].finish()
