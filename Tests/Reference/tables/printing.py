"""What Python prints for a tensor: one row each, under the name that PrintingTests.swift gives it.

Rows with cases print their input a; the others build a tensor too large to write down.
"""

import torch

from inputs import Input, f32, f64, flags, given, i32, i64, written

nan, inf = float("nan"), float("inf")

GIVEN = {
    "whole numbers": [
        i64(),
        i64(1),
        i64(5),
        i64(2, 3),
        i64(2, 3, 4),
        i64(2, 2, 2, 2),
        given("int64", [-100, 5, 12345678901234]),
        i32(),
        i32(5),
        i32(2, 3),
        given("int32", [-100, 5, 1234567890]),
    ],
    "flags": [flags(), flags(3), flags(2, 3), given("bool", [True, True])],
    "floats": [
        f32(),
        f32(1),
        f32(5),
        f32(2, 3),
        f32(2, 3, 4),
        f32(2, 1, 2, 2),
        f32(3, 2).view("transpose 0 1"),
        f32(3, 6).view("slice 1 0 6 2"),
    ],
    "doubles": [f64(), f64(3), f64(2, 3), f64(2, 2, 2)],
    "whole floats": [
        given("float32", [1, 2, 3]),
        given("float32", [0.0, -0.0]),
        given("float32", [1, -20, 300], 3, 1),
        given("float64", [1, 2]),
        given("float32", [100000, 1]),
        given("float32", [12345678, 1]),
        given("float32", [3e8, 1e9]),
        given("float32", [0.0]),
    ],
    "magnitudes": [
        given("float32", [0.1, 1234.5]),
        given("float32", [0.5, 1e-3]),
        given("float32", [0.5, 1e-5]),
        given("float32", [1e-5, 1e-6]),
        given("float32", [123456.789, 0.1]),
        given("float32", [1e10, 0.5]),
        given("float32", [1e38, 1]),
        given("float32", [1e-40]),
        given("float64", [1e100, 1e-100]),
        given("float64", [1e-300, 1]),
        given("float32", [99999.5, 1.5]),
        given("float32", [1000.5, 1.0001]),
        given("float64", [1e16, 1.5]),
        given("float32", [1e-4, 0.099]),
        given("float32", [0.00012345]),
        given("float32", [9.99999, 0.00001]),
        given("float32", [0.0001, 0.1]),
        given("float32", [0.00009999, 0.1]),
        given("float32", [1e8, 0.1]),
        given("float32", [99999999, 0.5]),
        Input("float32", (), values=3.14159265),
        given("float32", [837.7601318359375]),
        given("float32", [1.5e-7, 2.25e12]),
    ],
    "rounding": [
        given("float32", [0.00005, 0.00015, 0.00025, 1]),
        given("float64", [0.12345, 0.12355, 2.00005]),
        given("float32", [0.99995, 0.99994]),
    ],
    "not numbers": [
        given("float32", [nan, inf, -inf]),
        given("float32", [nan]),
        given("float32", [1, nan, 2.5]),
        given("float32", [inf, 1]),
        given("float32", [-inf, 100000.5]),
        given("float64", [nan, 1e-9, inf]),
        given("float32", [nan, 1, 2], 3, 1),
        Input("float32", (), values=nan),
        Input("float32", (), values=-inf),
    ],
    "negative": [
        given("float32", [-1, 2]),
        given("float32", [-1.5, 22.25]),
        given("float32", [-1.5, 2, 3, -4], 2, 2),
        given("int64", [-1, 22]),
    ],
    # Zeros, infinities and NaNs do not count for the width of a cell, and so for how many stand on a line.
    "wider than the others": [
        given("float32", [0] * 20),
        given("float32", [nan] * 16),
        given("float32", [nan] * 40),
        given("float32", [-0.0] + [1] * 18),
        given("float32", [1] * 18 + [-0.0]),
        given("float32", [-inf] + [1] * 20),
        given("float32", [0.5] * 9 + [nan]),
        given("float32", [0] * 50, 2, 25),
        given("float64", [-0.0] * 30),
    ],
    "empty": [f32(0), f32(0, 3), f32(2, 0), f64(0), i64(0), i64(2, 0, 3), flags(0), i32(0), i32(2, 0)],
    "long rows": [i64(40), f32(30), f32(2, 25), given("float32", [1e-5 * n for n in range(1, 21)]), flags(30), i32(40)],
}

BUILT = {
    "Tensor.arange(1000)": lambda: torch.arange(1000),
    "Tensor.arange(1001)": lambda: torch.arange(1001),
    "Tensor.arange(2000).to(.float32)": lambda: torch.arange(2000).to(torch.float32),
    "Tensor.arange(2000).to(.float64) / 7": lambda: torch.arange(2000).to(torch.float64) / 7,
    "Tensor.arange(10000).reshape(100, 100)": lambda: torch.arange(10000).reshape(100, 100),
    "Tensor.arange(10000).reshape(5, 2000).to(.float32) / 3": lambda: (
        torch.arange(10000).reshape(5, 2000).to(torch.float32) / 3
    ),
    "Tensor.arange(12000).reshape(10, 30, 40)": lambda: torch.arange(12000).reshape(10, 30, 40),
    "Tensor.arange(2000).reshape(2, 2, 500)": lambda: torch.arange(2000).reshape(2, 2, 500),
    "Tensor.arange(2401).reshape(7, 7, 7, 7).to(.float32) * 1e-3": lambda: (
        torch.arange(2401).reshape(7, 7, 7, 7).to(torch.float32) * 1e-3
    ),
    "Tensor.arange(2401).reshape(7, 7, 7, 7) > 1200": lambda: torch.arange(2401).reshape(7, 7, 7, 7) > 1200,
    "Tensor.zeros(2000, 0)": lambda: torch.zeros(2000, 0),
    "Tensor.zeros(1, 1, 1)": lambda: torch.zeros(1, 1, 1),
    "Tensor.ones(2, requiresGrad: true)": lambda: torch.ones(2, requires_grad=True),
    "Tensor.ones(2, 2, dtype: .float64, requiresGrad: true)": lambda: torch.ones(
        2, 2, dtype=torch.float64, requires_grad=True
    ),
    "Tensor.ones(2, requiresGrad: true) * 2": lambda: torch.ones(2, requires_grad=True) * 2,
    "Tensor.ones(2, requiresGrad: true).sum()": lambda: torch.ones(2, requires_grad=True).sum(),
    "Tensor.ones(2, requiresGrad: true).exp()": lambda: torch.ones(2, requires_grad=True).exp(),
    "Tensor.ones(2, 2, requiresGrad: true).t()": lambda: torch.ones(2, 2, requires_grad=True).t(),
    "Tensor.ones(2, 2, dtype: .float64, requiresGrad: true).mm(Tensor.ones(2, 2, dtype: .float64))": lambda: torch.ones(
        2, 2, dtype=torch.float64, requires_grad=True
    ).mm(torch.ones(2, 2, dtype=torch.float64)),
}


def record():
    content = {}
    for name, specs in GIVEN.items():
        content[name] = [{"inputs": [written(spec.base(0), spec.views)], "text": str(spec.tensor(0))} for spec in specs]
    for name, make in BUILT.items():
        content[name] = [{"inputs": [], "text": str(make())}]
    return content
