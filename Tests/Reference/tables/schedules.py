"""Schedules of the learning rate: 50 steps each, under the name that ScheduleTests.swift gives them.

"rates" has the rates of the two groups before the first step and after each; "momenta" the momentum, or the first beta, of
both, where the optimizer has one. What is watched is `metric`. "state" is the schedule's state dict at the end, but for what
is no number.
"""

import math
import warnings

import torch
from torch import optim
from torch.optim import lr_scheduler as schedules

STEPS = 50


def metric(step):
    """Falls, rests, and rises a little. ScheduleTests.swift has the same line."""
    return max(8 - step, 2) / 4 + (step % 3) / 1024


def sgd(w, b):
    return optim.SGD([{"params": [w]}, {"params": [b], "lr": 0.01}], lr=0.1, momentum=0.5)


def adam(w, b):
    return optim.Adam([{"params": [w]}, {"params": [b], "lr": 0.01}], lr=0.1)


def chained(o):
    return [schedules.LinearLR(o, start_factor=0.25, total_iters=8), schedules.StepLR(o, 10, gamma=0.5)]


def later(o):
    """A second one starts from the first rates, not from what the first has made of them."""
    schedules.ExponentialLR(o, gamma=0.5).step()
    return schedules.CosineAnnealingLR(o, T_max=20)


def sequence(o, milestones, *made):
    return schedules.SequentialLR(o, [make(o) for make in made], milestones)


ROWS = {
    "StepLR": (sgd, lambda o: schedules.StepLR(o, 10)),
    "StepLR, every step": (sgd, lambda o: schedules.StepLR(o, 1, gamma=0.9)),
    "MultiStepLR": (sgd, lambda o: schedules.MultiStepLR(o, [5, 20, 35])),
    "MultiStepLR, out of order and twice": (sgd, lambda o: schedules.MultiStepLR(o, [30, 7, 7, 0], gamma=0.5)),
    "ExponentialLR": (sgd, lambda o: schedules.ExponentialLR(o, 0.95)),
    "CosineAnnealingLR": (sgd, lambda o: schedules.CosineAnnealingLR(o, T_max=50)),
    "CosineAnnealingLR, up again": (sgd, lambda o: schedules.CosineAnnealingLR(o, T_max=7, eta_min=0.005)),
    "CosineAnnealingLR, of one epoch": (sgd, lambda o: schedules.CosineAnnealingLR(o, T_max=1, eta_min=0.001)),
    "LambdaLR": (sgd, lambda o: schedules.LambdaLR(o, lambda t: (t + 1) / 10 if t < 10 else 1 / (t - 9))),
    "LinearLR": (sgd, lambda o: schedules.LinearLR(o)),
    "LinearLR, down": (sgd, lambda o: schedules.LinearLR(o, start_factor=1.0, end_factor=0.1, total_iters=30)),
    "OneCycleLR": (sgd, lambda o: schedules.OneCycleLR(o, 1.0, total_steps=51)),
    "OneCycleLR, epochs": (adam, lambda o: schedules.OneCycleLR(o, [1.0, 0.5], epochs=6, steps_per_epoch=10)),
    "OneCycleLR, three phases": (sgd, lambda o: schedules.OneCycleLR(o, 1.0, total_steps=60, three_phase=True)),
    "OneCycleLR, straight lines": (
        adam,
        lambda o: schedules.OneCycleLR(
            o, 0.5, total_steps=55, pct_start=0.2, anneal_strategy="linear", base_momentum=0.7, max_momentum=0.9
        ),
    ),
    "OneCycleLR, no momentum": (
        sgd,
        lambda o: schedules.OneCycleLR(
            o, 0.5, total_steps=55, cycle_momentum=False, div_factor=10.0, final_div_factor=100.0
        ),
    ),
    "ReduceLROnPlateau": (sgd, lambda o: schedules.ReduceLROnPlateau(o)),
    "ReduceLROnPlateau, patience": (sgd, lambda o: schedules.ReduceLROnPlateau(o, factor=0.5, patience=2)),
    "ReduceLROnPlateau, cooldown and minimum": (
        sgd,
        lambda o: schedules.ReduceLROnPlateau(o, factor=0.5, patience=1, cooldown=4, min_lr=[0.02, 0.001]),
    ),
    "ReduceLROnPlateau, an amount": (
        sgd,
        lambda o: schedules.ReduceLROnPlateau(o, patience=0, threshold=0.3, threshold_mode="abs", eps=1e-4),
    ),
    "ReduceLROnPlateau, upwards": (sgd, lambda o: schedules.ReduceLROnPlateau(o, "max", patience=4, threshold=0.01)),
    "SequentialLR": (
        sgd,
        lambda o: sequence(
            o,
            [8],
            lambda o: schedules.LinearLR(o, start_factor=0.1, total_iters=8),
            lambda o: schedules.CosineAnnealingLR(o, T_max=40, eta_min=0.001),
        ),
    ),
    "SequentialLR, of every kind": (
        adam,
        lambda o: sequence(
            o,
            [6, 15, 20, 20, 33],
            lambda o: schedules.StepLR(o, 2, gamma=0.5),
            lambda o: schedules.MultiStepLR(o, [3, 5]),
            lambda o: schedules.ExponentialLR(o, 0.9),
            lambda o: schedules.ExponentialLR(o, 0.5),
            lambda o: schedules.LambdaLR(o, lambda t: 1 / (t + 1)),
            lambda o: schedules.LinearLR(o, total_iters=7),
        ),
    ),
    "SequentialLR, from the second": (
        sgd, lambda o: sequence(o, [0], lambda o: schedules.StepLR(o, 2), lambda o: schedules.ExponentialLR(o, 0.8))
    ),
    "two side by side": (sgd, chained),
    "one after another": (sgd, later),
}


def record():
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that a schedule stepped before its optimizer
        return {name: [run(*row)] for name, row in ROWS.items()}


def run(make, schedule):
    w, b = (torch.zeros(1, requires_grad=True) for _ in range(2))
    optimizer = make(w, b)
    made = schedule(optimizer)
    made = made if isinstance(made, list) else [made]
    rates, momenta = [], []
    for step in range(STEPS + 1):
        if step > 0:
            for each in made:
                each.step(metric(step)) if isinstance(each, schedules.ReduceLROnPlateau) else each.step()
        rates.append([group["lr"] for group in optimizer.param_groups])
        momenta.append([group["betas"][0] if "betas" in group else group["momentum"] for group in optimizer.param_groups])
    notes = ["initial_lr", "max_lr", "min_lr", "max_momentum", "base_momentum"]
    return {
        "rates": rates,
        "momenta": momenta,
        "notes": {name: [group[name] for group in optimizer.param_groups] for name in notes if name in optimizer.param_groups[0]},
        "state": numbers(made[-1].state_dict()),
    }


def numbers(state):
    """The entries that are numbers or lists of them; a counter as a list. Those of a schedule within it have its place."""
    found = {}
    for name, value in state.items():
        if name == "_schedulers":
            for place, inner in enumerate(value):
                found.update({f"{name}.{place}.{key}": entry for key, entry in numbers(inner).items()})
            continue
        if name == "milestones":
            value = sorted(value.elements())
        if isinstance(value, (int, float)) and not isinstance(value, bool):
            value = [value]
        if isinstance(value, list) and all(isinstance(x, (int, float)) for x in value):
            found[name] = value
    return found
