"""Pages out of the ordinary: other operations than the lessons', and what no program would show."""

import numpy as np

from examples import PAPER, by_hand, f32, rules
from make import Capture, attention, chain, health, product


def batch():
    """Three dimensions, a fork whose gradients meet, a mean, and a number that is not finite."""
    c = Capture("attention", "a batch of products", "", "")
    random = np.random.default_rng(5)
    A = c.arrays
    losses = [3.0, 2.0, None, None]
    for t in (0, 2):
        step = c.step(t, losses[t])
        a = c.tensor(random.normal(size=(4, 6, 8)).astype("float32"), "q")
        value = random.normal(size=(4, 8, 5)).astype("float32")
        if t:
            value[1, 2, 3], value[0, 0, 0] = np.nan, np.inf
        b = c.tensor(value, "k")
        s = c.mm(a, b, "scores", operation="bmm")
        five = c.each("mul", [s], A[s] * f32(5), None, [5])
        two = c.each("pow", [s], A[s] ** 2, None, [2])
        both = c.each("add", [five, two], A[five] + A[two])
        mean = c.tensor(np.float32(A[both].mean(dtype="float32")).reshape(()), "loss")
        c.operation("forward", "mean", [both], [(mean, {"kind": "sum", "of": both, "dims": [0, 1, 2], "mean": True, "largest": []})])
        one = c.tensor(np.ones((), "float32"))
        d = c.tensor(np.full(A[both].shape, f32(1) / A[both].size, "float32"))
        c.operation("backward", "mean", [one], [(d, {"kind": "spread", "of": one, "dims": [0, 1, 2], "factor": 1 / A[both].size}, 0)], (), 4)
        d1, d2 = c.tensor(A[d].copy()), c.tensor(A[d].copy())
        c.operation("backward", "add", [d], [(d1, {"kind": "same", "of": d}, 0), (d2, {"kind": "same", "of": d}, 1)], (), 3)
        local = c.tensor(f32(2) * A[s])
        e2 = c.tensor(A[d2] * A[local])
        c.operation("backward", "pow", [d2, s], [(e2, chain(d2, local), 0)], (), 2)
        e1 = c.each("mul", [d1], A[d1] * f32(5), None, [5], phase="backward", of=1)
        ds = c.tensor(A[e1] + A[e2])
        da = c.tensor(A[ds] @ A[b].swapaxes(1, 2), "q.grad")
        db = c.tensor(A[a].swapaxes(1, 2) @ A[ds], "k.grad")
        c.operation("backward", "bmm", [ds, a, b], [(da, product(ds, b, False, True), 0), (db, product(a, ds, True, False), 1)], (), 0,
                    joined=[{"input": 0, "parts": [e1, e2], "sum": ds}])
        flat = c.tensor(A[da].reshape(24, 8))
        c.operation("backward", "reshape", [da], [(flat, {"kind": "move", "of": da})])
        c.draw_graph()
    c.data["health"] = health(losses, ["q"])
    return c.finish()


def grouped(eps=1e-5):
    """A layer norm, a softmax and its logarithm, forward and backward: elements that a whole row had a part in."""
    c = Capture("grouped", "a layer norm and two softmaxes", "", "")
    random = np.random.default_rng(9)
    A = c.arrays
    draw = lambda name, *shape: c.tensor((random.normal(size=shape) * 2).astype("float32"), name)
    x, w, b = draw("x", 6, 5), draw("w", 5), draw("b", 5)
    c.step(0, 1.0)

    def made(name, formula, of, value, title=None, phase="forward", rule=None, to=None):
        how = {"kind": "grouped", "name": formula, "of": of, "dims": [1], "numbers": {"ε": eps if "Norm" in formula else 0}}
        out = c.tensor(value.astype("float32"), title)
        c.operation(phase, name, of, [(out, how, to)], (), rule)
        return out

    mean, spread = A[x].mean(1, keepdims=True), np.sqrt(A[x].var(1, keepdims=True) + f32(eps))
    z = (A[x] - mean) / spread
    y = made("layer_norm", "layerNorm", [x, w, b], z * A[w] + A[b], "y")
    parts = np.exp(A[y] - A[y].max(1, keepdims=True))
    shares = made("softmax", "softmax", [y], parts / parts.sum(1, keepdims=True), "shares")
    logs = made("log_softmax", "logSoftmax", [y], A[y] - A[y].max(1, keepdims=True) - np.log(parts.sum(1, keepdims=True)), "logs")
    ds, dl, dy = draw("shares.grad", 6, 5), draw("logs.grad", 6, 5), draw("y.grad", 6, 5)
    back = dict(phase="backward")
    made("softmax", "softmaxGradient", [ds, shares], A[shares] * (A[ds] - (A[ds] * A[shares]).sum(1, keepdims=True)), **back, rule=1, to=0)
    made("log_softmax", "logSoftmaxGradient", [dl, logs], A[dl] - np.exp(A[logs]) * A[dl].sum(1, keepdims=True), **back, rule=2, to=0)
    g = A[dy] * A[w]
    dx = (g - g.mean(1, keepdims=True) - z * (g * z).mean(1, keepdims=True)) / spread
    made("layer_norm", "layerNormGradient", [dy, x, w], dx, "x.grad", **back, rule=0, to=0)
    made("layer_norm", "layerNormWeightGradient", [dy, x], (A[dy] * z).sum(0), "w.grad", **back, rule=0, to=1)
    c.draw_graph()
    return c.finish()


def many(count=200):
    c = Capture("deep", f"{count} operations", "", "")
    A = c.arrays
    c.step(0, 1.0)
    at = c.tensor(np.random.default_rng(1).normal(size=(12, 12)).astype("float32"), "x")
    for i in range(count):
        at = c.each("mul" if i % 2 else "add", [at], A[at] * f32(.99) if i % 2 else A[at] + f32(.01), None, [.99 if i % 2 else .01],
                    phase="forward" if i < count * .6 else "backward" if i < count * .95 else "update")
    c.draw_graph()
    return c.finish()


def looks():
    """A step, with where the tokens of a name look."""
    data = rules(data=PAPER, rate=0.01, steps=(0,), until=1)
    data["attention"], _ = attention("⏎margaret")
    return data


def looks_alone(tokens="abc", **options):
    """No step was captured, but there is attention."""
    return {**rules(data=PAPER, rate=0.01, steps=(), until=1), "attention": attention(tokens, **options)[0]}


def masked():
    """A mask of -∞, of which softmax makes 0: nothing is wrong."""
    c = Capture("masked", "", "", "")
    c.step(0, 1.0)
    A = c.arrays
    scores = c.tensor(np.array([[1.0, -np.inf], [0.5, 2.0]], "float32"), "scores")
    ahead = c.tensor(np.array([[0.0, -np.inf], [0.0, 0.0]], "float32"), "ahead")
    both = c.each("add", [scores, ahead], A[scores] + A[ahead])
    parts = np.exp(A[both] - A[both].max(1, keepdims=True))
    weights = c.tensor((parts / parts.sum(1, keepdims=True)).astype("float32"), "weights")
    c.operation("forward", "softmax", [both], [(weights, {"kind": "unknown", "of": [both]})])
    return c.finish()


EVIL = "</script><img src=x onerror=alert(1)>"


def hostile():
    data = by_hand((0,), PAPER, 0.01, 1)
    data.update(title=EVIL, subtitle=EVIL, command=EVIL)
    data["files"] = [{"name": EVIL, "text": f"{EVIL}\nlet h = \"{EVIL}\" // {EVIL}\n", "isStale": True}]
    data["loop"] = {"file": 0, "first": 1, "last": 2}
    for tensor in data["tensors"]:
        tensor["name"] = tensor["name"] and tensor["name"] + EVIL
    for operation in data["steps"][0]["operations"]:
        operation.update(name=EVIL, words=EVIL, module=EVIL, lines=[[0, 2], [7, 9]])
    for vertex in data["steps"][0]["graph"]["vertices"]:
        vertex["label"] = EVIL
    data["health"]["weights"] = {EVIL: [1.0]}
    data["timeline"]["lanes"][0]["name"] = EVIL
    data["timeline"]["lanes"][0]["events"][0]["name"] = EVIL
    data["attention"], _ = attention([EVIL, "<b>"])
    return data


def odd():
    """As little as the format allows: nothing optional, an empty tensor, a step without operations, an unknown way."""
    c = Capture("odd")
    c.step(0)
    x = c.tensor(np.zeros((0, 3), "float32"))
    y = c.tensor(np.arange(5, dtype="int64"))
    z = c.tensor(np.arange(300, dtype="float64").reshape(300, 1))
    c.operation("forward", "mystery", [x, y], [(z, {"kind": "unknown", "of": [x, y]})])
    c.operation("update", "nothing", [y], [])
    c.operation("forward", "cat", [], [(x, {"kind": "elementwise", "name": "cat", "of": [], "numbers": [None]})])
    flat = c.tensor(c.arrays[z].reshape(1, 300))
    c.operation("forward", "view", [z], [(flat, {"kind": "move", "of": z})])
    total = c.tensor(c.arrays[z].sum(0))
    c.operation("forward", "sum", [z], [(total, {"kind": "sum", "of": z, "dims": [-2], "mean": False})])
    c.step(7)
    return c.finish()
