#!/usr/bin/env python3
"""Runs random programs with PyTorch. Tests/Random starts it.

A line in: programs as JSON, each with the lines of Python that Printing.swift has written. A line out: for each what came of it,
or which statement raised what.
"""

import json
import sys
import warnings

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    sys.exit("there is no torch")

warnings.filterwarnings("ignore")
torch.set_num_threads(1)


def tensor(values, shape, dtype, requires_grad):
    # A leaf that is nobody's view.
    return torch.tensor(values, dtype=dtype).reshape(shape).clone().requires_grad_(requires_grad)


def weights(x, place):
    numbers = [((7 * i + 3 * place) % 11 - 5.5) / 4 for i in range(x.numel())]
    return torch.tensor(numbers, dtype=x.dtype).reshape(x.shape)


def stored(x):
    x = x.detach()
    numbers = x.double() if x.is_floating_point() else x.long()
    return [str(x.dtype), " ".join(map(str, x.shape)), " ".join(map(repr, numbers.flatten().tolist()))]


def outcome(program):
    names = {"torch": torch, "F": F, "tensor": tensor, "nan": float("nan"), "inf": float("inf")}
    for line in program["inputs"]:
        exec(line, names)
    place = 0
    try:
        for line in program["statements"]:
            # PyTorch 2.13 takes a view whose base was given a history for a leaf, until somebody asks for its own.
            for name in program["values"]:
                getattr(names.get(name), "grad_fn", None)
            exec(line, names)
            place += 1
        parts = [
            (names[name] * weights(names[name], i)).sum() if program["isWeighted"] else names[name].sum()
            for i, name in enumerate(program["outputs"])
        ]
        if parts:
            sum(parts[1:], parts[0]).backward()
    except (RuntimeError, IndexError, ValueError, TypeError, NotImplementedError) as error:
        return {"raisedAt": place, "message": f"{type(error).__name__}: {error}"}
    return {
        "values": {name: stored(names[name]) for name in program["values"]},
        "tracked": [name for name in program["values"] if names[name].requires_grad],
        "gradients": {name: stored(names[name].grad) for name in program["leaves"] if names[name].grad is not None},
    }


print("PyTorch", torch.__version__, flush=True)
for line in sys.stdin:
    print(json.dumps([outcome(program) for program in json.loads(line)]), flush=True)
