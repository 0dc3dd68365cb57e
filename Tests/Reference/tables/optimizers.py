"""Optimizers: 20 steps from one start along one fixed list of gradients, so that nothing but the optimizer is tested.

One row each, whose name is its code in Swift, in OptimizerRows.swift; w and b are the parameters. "after" holds, for every
step, w's and then b's values. The fourth number of w never has a gradient other than 0.
"""

import torch
from torch import optim

STEPS = 20
W = [[0.5, -1.25], [2.0, 0.75]]
B = [-0.5, 1.5, 0.25]


# Multiples of a quarter, so that both types hold them exactly. OptimizerTests.swift has the same line.
GRADIENTS = [
    [0 if i == 3 else ((11 * step + 7 * i + step * i) % 19 - 9) / 4 for i in range(7)] for step in range(STEPS)
]


def groups(w, b):
    """b with options of its own."""
    return [{"params": [w]}, {"params": [b], "lr": 0.01, "weight_decay": 0.5}]


ROWS = {
    "SGD([w, b], learningRate: 0.1)": lambda w, b: optim.SGD([w, b], lr=0.1),
    "SGD([w, b])": lambda w, b: optim.SGD([w, b]),
    "SGD([w, b], learningRate: 0.1, momentum: 0.9)": lambda w, b: optim.SGD([w, b], lr=0.1, momentum=0.9),
    "SGD([w, b], learningRate: 0.1, momentum: 0.9, dampening: 0.5)": lambda w, b: optim.SGD(
        [w, b], lr=0.1, momentum=0.9, dampening=0.5
    ),
    "SGD([w, b], learningRate: 0.1, momentum: 0.9, nesterov: true)": lambda w, b: optim.SGD(
        [w, b], lr=0.1, momentum=0.9, nesterov=True
    ),
    "SGD([w, b], learningRate: 0.1, weightDecay: 0.1)": lambda w, b: optim.SGD([w, b], lr=0.1, weight_decay=0.1),
    "SGD([w, b], learningRate: 0.1, momentum: 0.8, weightDecay: 0.1, nesterov: true, maximize: true)": lambda w, b: optim.SGD(
        [w, b], lr=0.1, momentum=0.8, weight_decay=0.1, nesterov=True, maximize=True
    ),
    "SGD(groups(w, b), learningRate: 0.1, momentum: 0.9)": lambda w, b: optim.SGD(groups(w, b), lr=0.1, momentum=0.9),
    "Adagrad([w, b])": lambda w, b: optim.Adagrad([w, b]),
    "Adagrad([w, b], learningRate: 0.1, learningRateDecay: 0.05)": lambda w, b: optim.Adagrad([w, b], lr=0.1, lr_decay=0.05),
    "Adagrad([w, b], learningRate: 0.1, weightDecay: 0.1)": lambda w, b: optim.Adagrad([w, b], lr=0.1, weight_decay=0.1),
    "Adagrad([w, b], learningRate: 0.1, initialAccumulatorValue: 0.5, epsilon: 1e-3)": lambda w, b: optim.Adagrad(
        [w, b], lr=0.1, initial_accumulator_value=0.5, eps=1e-3
    ),
    "Adagrad([w, b], learningRate: 0.1, maximize: true)": lambda w, b: optim.Adagrad([w, b], lr=0.1, maximize=True),
    "Adagrad(groups(w, b), learningRate: 0.1)": lambda w, b: optim.Adagrad(groups(w, b), lr=0.1),
    "RMSprop([w, b])": lambda w, b: optim.RMSprop([w, b]),
    "RMSprop([w, b], learningRate: 0.05, alpha: 0.9)": lambda w, b: optim.RMSprop([w, b], lr=0.05, alpha=0.9),
    "RMSprop([w, b], learningRate: 0.05, epsilon: 1e-3)": lambda w, b: optim.RMSprop([w, b], lr=0.05, eps=1e-3),
    "RMSprop([w, b], learningRate: 0.05, momentum: 0.9)": lambda w, b: optim.RMSprop([w, b], lr=0.05, momentum=0.9),
    "RMSprop([w, b], learningRate: 0.05, centered: true)": lambda w, b: optim.RMSprop([w, b], lr=0.05, centered=True),
    "RMSprop([w, b], learningRate: 0.05, alpha: 0.9, weightDecay: 0.1, momentum: 0.8, centered: true, maximize: true)": (
        lambda w, b: optim.RMSprop(
            [w, b], lr=0.05, alpha=0.9, weight_decay=0.1, momentum=0.8, centered=True, maximize=True
        )
    ),
    "RMSprop(groups(w, b), learningRate: 0.05)": lambda w, b: optim.RMSprop(groups(w, b), lr=0.05),
}

# Adam and AdamW take the same options; AdamW alone decays weights by default.
for name, kind in (("Adam", optim.Adam), ("AdamW", optim.AdamW)):
    ROWS |= {
        f"{name}([w, b])": lambda w, b, k=kind: k([w, b]),
        f"{name}([w, b], learningRate: 0.1)": lambda w, b, k=kind: k([w, b], lr=0.1),
        f"{name}([w, b], learningRate: 0.1, betas: (0.8, 0.95), epsilon: 1e-3)": lambda w, b, k=kind: k(
            [w, b], lr=0.1, betas=(0.8, 0.95), eps=1e-3
        ),
        f"{name}([w, b], learningRate: 0.1, weightDecay: 0.1)": lambda w, b, k=kind: k([w, b], lr=0.1, weight_decay=0.1),
        f"{name}([w, b], learningRate: 0.1, amsgrad: true)": lambda w, b, k=kind: k([w, b], lr=0.1, amsgrad=True),
        f"{name}([w, b], learningRate: 0.1, betas: (0.5, 0.6), weightDecay: 0.1, amsgrad: true, maximize: true)": (
            lambda w, b, k=kind: k([w, b], lr=0.1, betas=(0.5, 0.6), weight_decay=0.1, amsgrad=True, maximize=True)
        ),
        f"{name}(groups(w, b), learningRate: 0.1)": lambda w, b, k=kind: k(groups(w, b), lr=0.1),
    }

# b has no gradient at these steps: it stays, and so does its state, step count included.
WITHOUT = [0, 3, 4]
HALTING = [
    "SGD([w, b], learningRate: 0.1, momentum: 0.9)",
    "Adagrad([w, b], learningRate: 0.1, learningRateDecay: 0.05)",
    "RMSprop([w, b], learningRate: 0.05, momentum: 0.9)",
    "Adam([w, b], learningRate: 0.1)",
    "AdamW([w, b], learningRate: 0.1)",
]


def record():
    content = {}
    for name, make in ROWS.items():
        missing = [[], WITHOUT] if name in HALTING else [[]]
        content[name] = [run(make, dtype, steps) for steps in missing for dtype in ("float32", "float64")]
    return content


def run(make, dtype, missing):
    w, b = (torch.tensor(values, dtype=getattr(torch, dtype), requires_grad=True) for values in (W, B))
    optimizer = make(w, b)
    after = []
    for step, gradients in enumerate(GRADIENTS):
        w.grad = torch.tensor(gradients[:4], dtype=w.dtype).reshape(2, 2)
        b.grad = None if step in missing else torch.tensor(gradients[4:], dtype=b.dtype)
        optimizer.step()
        after.append(list(w.detach().numpy().ravel()) + list(b.detach().numpy()))
    return {"dtype": dtype, "withoutGradientOfB": missing, "after": after}
