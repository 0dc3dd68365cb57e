"""Optimizers: 20 steps from one start along one fixed list of gradients, so that nothing but the optimizer is tested.

One row each, under the name that OptimizerTests.swift gives it; w and b are the parameters. "after" holds, for every
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
    "SGD, learning rate": lambda w, b: optim.SGD([w, b], lr=0.1),
    "SGD, defaults": lambda w, b: optim.SGD([w, b]),
    "SGD, momentum": lambda w, b: optim.SGD([w, b], lr=0.1, momentum=0.9),
    "SGD, momentum and dampening": lambda w, b: optim.SGD([w, b], lr=0.1, momentum=0.9, dampening=0.5),
    "SGD, momentum and Nesterov": lambda w, b: optim.SGD([w, b], lr=0.1, momentum=0.9, nesterov=True),
    "SGD, weight decay": lambda w, b: optim.SGD([w, b], lr=0.1, weight_decay=0.1),
    "SGD, all options": lambda w, b: optim.SGD(
        [w, b], lr=0.1, momentum=0.8, weight_decay=0.1, nesterov=True, maximize=True
    ),
    "SGD, groups": lambda w, b: optim.SGD(groups(w, b), lr=0.1, momentum=0.9),
    "Adagrad, defaults": lambda w, b: optim.Adagrad([w, b]),
    "Adagrad, learning rate decay": lambda w, b: optim.Adagrad([w, b], lr=0.1, lr_decay=0.05),
    "Adagrad, weight decay": lambda w, b: optim.Adagrad([w, b], lr=0.1, weight_decay=0.1),
    "Adagrad, first sum and epsilon": lambda w, b: optim.Adagrad(
        [w, b], lr=0.1, initial_accumulator_value=0.5, eps=1e-3
    ),
    "Adagrad, maximize": lambda w, b: optim.Adagrad([w, b], lr=0.1, maximize=True),
    "Adagrad, groups": lambda w, b: optim.Adagrad(groups(w, b), lr=0.1),
    "RMSprop, defaults": lambda w, b: optim.RMSprop([w, b]),
    "RMSprop, alpha": lambda w, b: optim.RMSprop([w, b], lr=0.05, alpha=0.9),
    "RMSprop, epsilon": lambda w, b: optim.RMSprop([w, b], lr=0.05, eps=1e-3),
    "RMSprop, momentum": lambda w, b: optim.RMSprop([w, b], lr=0.05, momentum=0.9),
    "RMSprop, centered": lambda w, b: optim.RMSprop([w, b], lr=0.05, centered=True),
    "RMSprop, all options": lambda w, b: optim.RMSprop(
        [w, b], lr=0.05, alpha=0.9, weight_decay=0.1, momentum=0.8, centered=True, maximize=True
    ),
    "RMSprop, groups": lambda w, b: optim.RMSprop(groups(w, b), lr=0.05),
}

# Adam and AdamW take the same options; AdamW alone decays weights by default.
for name, kind in (("Adam", optim.Adam), ("AdamW", optim.AdamW)):
    ROWS |= {
        f"{name}, defaults": lambda w, b, k=kind: k([w, b]),
        f"{name}, learning rate": lambda w, b, k=kind: k([w, b], lr=0.1),
        f"{name}, betas and epsilon": lambda w, b, k=kind: k([w, b], lr=0.1, betas=(0.8, 0.95), eps=1e-3),
        f"{name}, weight decay": lambda w, b, k=kind: k([w, b], lr=0.1, weight_decay=0.1),
        f"{name}, amsgrad": lambda w, b, k=kind: k([w, b], lr=0.1, amsgrad=True),
        f"{name}, all options": lambda w, b, k=kind: k(
            [w, b], lr=0.1, betas=(0.5, 0.6), weight_decay=0.1, amsgrad=True, maximize=True
        ),
        f"{name}, groups": lambda w, b, k=kind: k(groups(w, b), lr=0.1),
    }

# b has no gradient at these steps: it stays, and so does its state, step count included.
WITHOUT = [0, 3, 4]
HALTING = [
    "SGD, momentum",
    "Adagrad, learning rate decay",
    "RMSprop, momentum",
    "Adam, learning rate",
    "AdamW, learning rate",
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
