"""Writes random.json: what PyTorch and NumPy draw, for RandomTests and ArraysTests.

    python Tests/Reference/randomStreams.py        (torch 2.13.0+cpu, numpy 2.4.6)

Not to be run on an Intel processor: there, and only there, PyTorch takes bernoulli_ from MKL's generator.
"""

import json
import pathlib
import sys

# This file's folder stands first on Python's path, where the file itself would hide the standard library's `random`.
sys.path.pop(0)

import numpy as np
import torch

assert "GenuineIntel" not in pathlib.Path("/proc/cpuinfo").read_text(), "PyTorch's bernoulli_ differs on Intel"

SEEDS = [0, 1, 7, 42, 123456789, 2**40 + 3, -1]

# In this order, one after the other, so that each call starts where the one before left the stream: the normal number
# that a short odd fill leaves over must come up in the next short fill, whatever was drawn between.
CALLS = [
    ("uniform32", 5, 0, 1),
    ("normal64", 3, 0, 1),
    ("uniform64", 5, 0, 1),
    ("normal32", 16, 0, 1),
    ("normal32", 1, 0, 1),
    ("normal32", 15, 0.5, 2),
    ("normal32", 17, 0, 1),
    ("normal64", 1, 0, 1),
    ("normal64", 16, 0, 1),
    ("normal64", 31, -0.3, 1.7),
    ("integers", 10, 0, 10),
    ("integers", 10, -3, 2**28 - 4),
    ("integers", 10, -3, 2**28 - 3),
    ("integers", 10, -(2**63), 2**63 - 1),
    ("permutation", 0),
    ("permutation", 1),
    ("permutation", 10),
    ("uniform32", 50, -0.1, 0.3),
    ("uniform64", 50, -0.1, 0.3),
    ("bernoulli", 100, 0.3),
    ("normal64", 5, 0, 1),
    ("normal32", 0, 0, 1),
    ("normal32", 1000, 0.3, 0.02),
    ("normal32", 78400, 0, 1),
    ("normal64", 78409, 0, 1),
    ("uniform32", 78400, -1 / 28, 1 / 28),
    ("permutation", 60000),
    ("uniform64", 1, 0, 1),
    ("normal32", 1_000_003, -0.25, 1.5),
    ("normal32", 18, 0, 1e-3),
]


def draw(name, count, *arguments):
    if name.startswith(("uniform", "normal")):
        values = torch.empty(count, dtype=torch.float32 if name.endswith("32") else torch.float64)
        return values.uniform_(*arguments) if name.startswith("uniform") else values.normal_(*arguments)
    if name == "integers":
        return torch.randint(arguments[0], arguments[1], (count,))
    if name == "permutation":
        return torch.randperm(count)
    return torch.empty(count).bernoulli_(*arguments)


def sample(values):
    """All of a short list; of a long one every 4999th and the last 20, where an incomplete block of 16 would show."""
    return values if len(values) <= 100 else values[::4999] + values[-20:]


def checksum(values):
    """The bits of each number times its place, counted from 1, added up in 64 bits."""
    bits = values.numpy().view(np.uint32).astype(np.uint64)
    return int((bits * np.arange(1, len(bits) + 1, dtype=np.uint64)).sum())


def torch_stream(seed):
    torch.manual_seed(seed)
    calls = []
    for name, count, *arguments in CALLS:
        drawn = draw(name, count, *arguments)
        values = sample(drawn.tolist())
        call = {"name": name, "count": count}
        if name == "normal32" and len(values) < count:
            call["checksum"] = checksum(drawn)
        if name in ("integers", "permutation", "bernoulli"):
            call["integers"] = [int(value) for value in values]
        else:
            call["numbers"] = values
        # A bound of 2**63 fits no Double, so whole arguments travel apart.
        call["range" if name == "integers" else "arguments"] = arguments
        calls.append(call)
    return {"seed": seed, "calls": calls}


def numpy_stream(seed):
    np.random.seed(seed)
    return {
        "seed": seed,
        "rand": np.random.rand(20).tolist(),
        # Fifteen leave the second of a pair over, for the four.
        "randn": np.random.randn(15).tolist() + np.random.randn(4).tolist(),
        "randnLarge": sample(np.random.randn(784 * 100).tolist()),
        "randnLast": np.random.randn(1).tolist(),
    }


def numpy_sums():
    np.random.seed(0)
    x = np.random.randn(100_000)
    counts = [0, 1, 7, 8, 9, 127, 128, 129, 136, 137, 640, 1000, 1001, 78400, 100_000]
    return [{"count": count, "sum": float(x[:count].sum())} for count in counts]


def numpy_lesson(seed):
    """The article's NumPy program."""
    np.random.seed(seed)
    x, y = np.random.randn(64, 784), np.random.randn(64, 10)
    w1, w2 = np.random.randn(784, 100), np.random.randn(100, 10)
    losses = []
    for i in range(500):
        h = x.dot(w1)
        h_relu = np.maximum(h, 0)
        y_pred = h_relu.dot(w2)
        loss = np.square(y_pred - y).sum()
        if i % 100 == 99:
            losses.append(float(loss))
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T.dot(grad_y_pred)
        grad_h = grad_y_pred.dot(w2.T)
        grad_h[h < 0] = 0
        grad_w1 = x.T.dot(grad_h)
        w1 -= 1e-6 * grad_w1
        w2 -= 1e-6 * grad_w2
    return {"seed": seed, "losses": losses}


reference = {
    "torch": [torch_stream(seed) for seed in SEEDS],
    "numpy": [numpy_stream(seed) for seed in SEEDS if 0 <= seed < 2**32],
    "sums": numpy_sums(),
    "lessons": [numpy_lesson(seed) for seed in (0, 1)],
}
path = pathlib.Path(__file__).with_name("random.json")
# One stream a line: readable diffs, and no line for each number.
path.write_text(
    "{\n" + ",\n".join(
        f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in entries) + "\n]" for key, entries in reference.items()
    ) + "\n}\n")
