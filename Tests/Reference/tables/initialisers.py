"""Initialisers and the first weights of a layer, for three seeds: one row each, under the name that
InitialiserTests.swift gives it.

The shapes matter: below 16 numbers PyTorch draws normal numbers one by one, from 16 on in blocks of 16, and where the
count is no multiple of 16 the last 16 are drawn again.
"""

import torch
from torch import nn
from torch.nn import init

from inputs import written

SEEDS = (0, 1, 42)


def filled(function, *shape, dtype=torch.float32, part=lambda a: a):
    def make():
        tensor = part(torch.empty(*shape, dtype=dtype))
        function(tensor)
        return tensor

    return make


ROWS = {
    "uniform_(a) 3 5": filled(init.uniform_, 3, 5),
    "uniform_(a, from: -2, to: 3) 4 6": filled(lambda a: init.uniform_(a, -2, 3), 4, 6),
    "uniform_(a) 3 5 float64": filled(init.uniform_, 3, 5, dtype=torch.float64),
    "normal_(a) 3 5": filled(init.normal_, 3, 5),
    "normal_(a) 4 6": filled(init.normal_, 4, 6),
    "normal_(a) 4 8": filled(init.normal_, 4, 8),
    "normal_(a, mean: 1, std: 0.5) 4 6": filled(lambda a: init.normal_(a, 1, 0.5), 4, 6),
    "normal_(a) 4 6 float64": filled(init.normal_, 4, 6, dtype=torch.float64),
    # Elements that lie in another order, or with gaps: filled one by one, in the order in which they lie.
    "uniform_(a.t()) 4 6": filled(init.uniform_, 4, 6, part=lambda a: a.t()),
    "normal_(a.t()) 4 6": filled(init.normal_, 4, 6, part=lambda a: a.t()),
    "normal_(a.t()) 4 6 float64": filled(init.normal_, 4, 6, dtype=torch.float64, part=lambda a: a.t()),
    "normal_(a.narrow(dim: 1, start: 0, length: 5)) 4 6": filled(init.normal_, 4, 6, part=lambda a: a.narrow(1, 0, 5)),
    "normal_(a.permute(1, 2, 0)) 2 3 4": filled(init.normal_, 2, 3, 4, part=lambda a: a.permute(1, 2, 0)),
    "truncNormal_(a) 4 6": filled(init.trunc_normal_, 4, 6),
    "truncNormal_(a, mean: 1, std: 2, a: 0, b: 1.5) 4 6": filled(lambda a: init.trunc_normal_(a, 1, 2, 0, 1.5), 4, 6),
    "truncNormal_(a, a: 2, b: 3) 4 6": filled(lambda a: init.trunc_normal_(a, 0, 1, 2, 3), 4, 6),
    "constant_(a, 0.3) 2 3": filled(lambda a: init.constant_(a, 0.3), 2, 3),
    "ones_(a) 2 3": filled(init.ones_, 2, 3),
    "zeros_(a) 2 3": filled(init.zeros_, 2, 3),
    "eye_(a) 2 3": filled(init.eye_, 2, 3),
    "xavierUniform_(a) 4 6": filled(init.xavier_uniform_, 4, 6),
    "xavierUniform_(a, gain: 2) 4 6": filled(lambda a: init.xavier_uniform_(a, 2), 4, 6),
    "xavierUniform_(a) 4 3 2 2": filled(init.xavier_uniform_, 4, 3, 2, 2),
    "xavierNormal_(a) 4 6": filled(init.xavier_normal_, 4, 6),
    "xavierNormal_(a, gain: 2) 3 5": filled(lambda a: init.xavier_normal_(a, 2), 3, 5),
    "kaimingUniform_(a) 4 6": filled(init.kaiming_uniform_, 4, 6),
    "kaimingUniform_(a, a: 0.5, mode: .fanOut) 4 6": filled(lambda a: init.kaiming_uniform_(a, 0.5, "fan_out"), 4, 6),
    "kaimingUniform_(a, nonlinearity: .relu) 4 3 2 2": filled(
        lambda a: init.kaiming_uniform_(a, nonlinearity="relu"), 4, 3, 2, 2
    ),
    "kaimingUniform_(a, nonlinearity: .tanh) 4 6": filled(
        lambda a: init.kaiming_uniform_(a, nonlinearity="tanh"), 4, 6
    ),
    "kaimingNormal_(a) 4 6": filled(init.kaiming_normal_, 4, 6),
    "kaimingNormal_(a, mode: .fanOut, nonlinearity: .relu) 4 6": filled(
        lambda a: init.kaiming_normal_(a, mode="fan_out", nonlinearity="relu"), 4, 6
    ),
    "kaimingNormal_(a, nonlinearity: .linear) 3 5": filled(
        lambda a: init.kaiming_normal_(a, nonlinearity="linear"), 3, 5
    ),
    "orthogonal_(a) 4 4": filled(init.orthogonal_, 4, 4),
    "orthogonal_(a) 6 3": filled(init.orthogonal_, 6, 3),
    "orthogonal_(a, gain: 2) 3 6": filled(lambda a: init.orthogonal_(a, 2), 3, 6),
    "Linear(5, 3).weight": lambda: nn.Linear(5, 3).weight,
    "Linear(5, 3).bias": lambda: nn.Linear(5, 3).bias,
    "Linear(40, 7).weight": lambda: nn.Linear(40, 7).weight,
    "Linear(40, 7).bias": lambda: nn.Linear(40, 7).bias,
    "Linear(5, 3, bias: false).weight": lambda: nn.Linear(5, 3, bias=False).weight,
    "Sequential(Linear(4, 6), ReLU(), Linear(6, 2))[2].weight": lambda: (
        nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))[2].weight
    ),
    "Sequential(Linear(4, 6), ReLU(), Linear(6, 2))[2].bias": lambda: (
        nn.Sequential(nn.Linear(4, 6), nn.ReLU(), nn.Linear(6, 2))[2].bias
    ),
}

# What nn.init.calculate_gain says, asked by the same test.
GAINS = {
    "calculateGain(.linear)": init.calculate_gain("linear"),
    "calculateGain(.sigmoid)": init.calculate_gain("sigmoid"),
    "calculateGain(.tanh)": init.calculate_gain("tanh"),
    "calculateGain(.relu)": init.calculate_gain("relu"),
    "calculateGain(.leakyReLU)": init.calculate_gain("leaky_relu"),
    "calculateGain(.leakyReLU, 0.5)": init.calculate_gain("leaky_relu", 0.5),
    "calculateGain(.selu)": init.calculate_gain("selu"),
}

# These draw nothing, so one seed says it all.
FIXED = ("constant_", "ones_", "zeros_", "eye_")


def record():
    content = {}
    for name, make in ROWS.items():
        content[name] = [seeded(seed, make) for seed in (SEEDS[:1] if name.startswith(FIXED) else SEEDS)]
    for name, gain in GAINS.items():
        content[name] = [{"seed": 0, "output": written(torch.tensor(gain, dtype=torch.float64))}]
    return content


def seeded(seed, make):
    torch.manual_seed(seed)
    return {"seed": seed, "output": written(make())}
