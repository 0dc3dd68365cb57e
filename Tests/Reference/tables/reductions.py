"""Reductions, softmax and products: one row each. Its name is its code in Swift, in OperationTableReductions.swift."""

import torch

from inputs import Table, f32, f64, flags, given, i32, i64

nan, inf = float("nan"), float("inf")

# Rank 2 or more, so that dimensions 0 and 1 exist. The long rows and columns reach the vector code and its tail.
MATRICES = [
    f32(2, 3),
    f64(2, 3),
    f32(5, 19),
    f32(37, 3),
    f32(3, 2).view("transpose 0 1"),
    f64(5, 6).view("slice 0 0 5 2", "slice 1 1 6 2"),
    f32(1, 3).view("expand 4 3"),
    f64(2, 3, 4),
    f32(2, 4, 3).view("permute 2 0 1"),
    f32(1, 1),
]
ALL_SHAPES = MATRICES + [f32(23), f32(1), f64(), f32(2, 3, 4).view("select 1 2")]
CUBES = [
    f32(2, 3, 4),
    f64(2, 3, 4),
    f32(4, 3, 2).view("permute 2 1 0"),
    f64(2, 6, 4).view("slice 1 0 6 2"),
    f32(3, 2, 1),
]
INTS = [i64(2, 3), i64(5, 3).view("transpose 0 1"), i64(3, 37), i32(2, 3), i32(3, 37).view("transpose 0 1")]
FLAGS = [flags(2, 3), flags(3, 4).view("slice 1 0 4 2"), flags(3, 37)]
EMPTY = [f32(0, 3), f64(2, 0)]
# A reduction over nothing has no largest element, but over the other dimension there is nothing to reduce.
NO_ROWS = [f32(0, 3)]
SPECIAL = [
    given("float32", [nan, 1, 2, inf, -inf, 3, inf, inf, 1, -inf, -inf, -inf], 4, 3),
    given("float64", [nan, 1, 2, inf, -inf, 3, inf, inf, 1, -inf, -inf, -inf], 4, 3),
]
TIES = [given("float32", [1, 3, 3, 2, 2, 2, 3, 0, 3], 3, 3), given("float64", [1, 3, 3, 2, 2, 2, 3, 0, 3], 3, 3)]
INT_TIES = [given("int64", [1, 3, 3, 2, 2, 2, 3, 0, 3], 3, 3)]
# Products with no zero, one, and two in a row: each has its own derivative.
ZEROS = [
    given("float32", [1, 2, 3, 0, 2, 3, 0, 2, 0, 0, 0, 0], 4, 3),
    given("float64", [1, 2, 3, 0, 2, 3, 0, 2, 0, 0, 0, 0], 4, 3),
    given("float64", [1, 0, 3]),
    given("float64", [1, 0, 0]),
]
LARGE = [given("float32", [1e4, 1e4, -1e4, 100, 88, 0], 2, 3), given("float64", [1e4, 1e4, -1e4, 800, 88, 0], 2, 3)]

table = Table()

SUMMED = ALL_SHAPES + INTS + FLAGS + EMPTY + SPECIAL
ALONG = MATRICES + INTS + FLAGS + EMPTY + SPECIAL
table("a.sum()", lambda a: a.sum(), SUMMED)
table("a.sum(dim: 0)", lambda a: a.sum(0), ALONG)
table("a.sum(dim: 1)", lambda a: a.sum(1), ALONG)
table("a.sum(dim: -1)", lambda a: a.sum(-1), ALONG, [f32(5)])
table("a.sum(dim: 1, keepDim: true)", lambda a: a.sum(1, keepdim=True), ALONG)
table("a.sum(dims: [0, 1])", lambda a: a.sum((0, 1)), MATRICES, INTS[:1], FLAGS[:1], EMPTY)
table("a.sum(dims: [0, 2])", lambda a: a.sum((0, 2)), CUBES)
table("a.sum(dims: [0, -1], keepDim: true)", lambda a: a.sum((0, -1), keepdim=True), CUBES)
table("a.mean()", lambda a: a.mean(), ALL_SHAPES, EMPTY)
table("a.mean(dim: 0)", lambda a: a.mean(0), MATRICES, EMPTY)
table("a.mean(dim: 1, keepDim: true)", lambda a: a.mean(1, keepdim=True), MATRICES, EMPTY)
table("a.mean(dims: [0, 2])", lambda a: a.mean((0, 2)), CUBES)
table("a.prod()", lambda a: a.prod(), [x for x in ALL_SHAPES if x.shape != (37, 3)], INTS[:2], FLAGS, EMPTY, ZEROS)
table("a.prod(dim: 0)", lambda a: a.prod(0), MATRICES, INTS, FLAGS, EMPTY, ZEROS[:2])
table("a.prod(dim: 1)", lambda a: a.prod(1), MATRICES, INTS[:2], FLAGS, EMPTY, ZEROS[:2])
table("a.prod(dim: 1, keepDim: true)", lambda a: a.prod(1, keepdim=True), MATRICES, INTS[:2], EMPTY, ZEROS[:2])

table("a.max()", lambda a: a.max(), ALL_SHAPES, INTS, FLAGS, SPECIAL, TIES)
table("a.min()", lambda a: a.min(), ALL_SHAPES, INTS, FLAGS, SPECIAL, TIES)
table("a.amax(dims: [0, 1])", lambda a: a.amax((0, 1)), MATRICES, INTS, SPECIAL, TIES)
table("a.amax(dims: [1], keepDim: true)", lambda a: a.amax(1, keepdim=True), MATRICES, INTS, NO_ROWS, SPECIAL, TIES)
table("a.amin(dims: [0, 2])", lambda a: a.amin((0, 2)), CUBES)
PICKED = MATRICES + INTS + SPECIAL + TIES + INT_TIES
table("a.max(dim: 0).values", lambda a: a.max(0).values, PICKED)
table("a.max(dim: 1).values", lambda a: a.max(1).values, PICKED, NO_ROWS)
table("a.max(dim: 1).indices", lambda a: a.max(1).indices, PICKED, NO_ROWS)
table("a.max(dim: 1, keepDim: true).values", lambda a: a.max(1, keepdim=True).values, PICKED, NO_ROWS)
table("a.max(dim: 1, keepDim: true).indices", lambda a: a.max(1, keepdim=True).indices, PICKED, NO_ROWS)
table("a.min(dim: 0).values", lambda a: a.min(0).values, PICKED)
table("a.min(dim: 0).indices", lambda a: a.min(0).indices, PICKED)
table("a.min(dim: -1, keepDim: true).values", lambda a: a.min(-1, keepdim=True).values, PICKED, NO_ROWS)
table("a.argmax()", lambda a: a.argmax(), ALL_SHAPES, INTS, SPECIAL, TIES)
table("a.argmax(dim: 0)", lambda a: a.argmax(0), PICKED)
table("a.argmax(dim: 1)", lambda a: a.argmax(1), PICKED, NO_ROWS)
table("a.argmax(dim: 1, keepDim: true)", lambda a: a.argmax(1, keepdim=True), PICKED)
table("a.argmin()", lambda a: a.argmin(), ALL_SHAPES, INTS, SPECIAL, TIES)
table("a.argmin(dim: 0)", lambda a: a.argmin(0), PICKED)
table("a.argmin(dim: -1, keepDim: true)", lambda a: a.argmin(-1, keepdim=True), PICKED)

# One element has no spread: 0 / 0.
SPREAD = MATRICES + EMPTY + [given("float64", [2, 2, 2], 1, 3)]
table("a.variance()", lambda a: a.var(), ALL_SHAPES, EMPTY)
table("a.variance(correction: 0)", lambda a: a.var(correction=0), ALL_SHAPES)
table("a.variance(dim: 0)", lambda a: a.var(0), SPREAD)
table("a.variance(dim: 1)", lambda a: a.var(1), SPREAD)
table("a.variance(dim: 1, correction: 0, keepDim: true)", lambda a: a.var(1, correction=0, keepdim=True), SPREAD)
table("a.variance(dims: [0, 2])", lambda a: a.var((0, 2)), CUBES)
table("a.std(dims: [0, 1], correction: 2, keepDim: true)", lambda a: a.std((0, 1), correction=2, keepdim=True), CUBES)
table("a.std()", lambda a: a.std(), ALL_SHAPES, EMPTY)
table("a.std(dim: 1)", lambda a: a.std(1), SPREAD)
table("a.std(dim: 0, correction: 0)", lambda a: a.std(0, correction=0), SPREAD)
table("a.std(dim: 1, keepDim: true)", lambda a: a.std(1, keepdim=True), SPREAD)

ASKED = FLAGS + INTS + SPECIAL + ZEROS[:2] + [flags(0, 3), f32(2, 0), flags(), flags(1)]
ASKED_ALONG = FLAGS + INTS + SPECIAL + ZEROS[:2] + [flags(0, 3), f32(2, 0)]
table("a.any()", lambda a: a.any(), ASKED)
table("a.any(dim: 0)", lambda a: a.any(0), ASKED_ALONG)
table("a.any(dim: 1, keepDim: true)", lambda a: a.any(1, keepdim=True), ASKED_ALONG)
table("a.all()", lambda a: a.all(), ASKED)
table("a.all(dim: 0)", lambda a: a.all(0), ASKED_ALONG)
table("a.all(dim: 1, keepDim: true)", lambda a: a.all(1, keepdim=True), ASKED_ALONG)
table("a.any(dims: [0, 1])", lambda a: a.any(dim=(0, 1)), ASKED_ALONG)
table("a.all(dims: [0, 1], keepDim: true)", lambda a: a.all(dim=(0, 1), keepdim=True), ASKED_ALONG)

table("a.logSumExp(dim: 0)", lambda a: a.logsumexp(0), MATRICES, EMPTY, SPECIAL, LARGE)
# Without the row of -inf: there PyTorch's gradient is NaN, and Kindling's 0.
NOT_ALL_MINUS_INFINITY = [a.view("slice 0 0 3 1") for a in SPECIAL]
table(
    "a.logSumExp(dim: 1)", lambda a: a.logsumexp(1), MATRICES, EMPTY, NOT_ALL_MINUS_INFINITY, LARGE, INTS[:1])
table("a.logSumExp(dim: 1, keepDim: true)", lambda a: a.logsumexp(1, keepdim=True), MATRICES, LARGE)
table("a.logSumExp(dims: [0, 1])", lambda a: a.logsumexp((0, 1)), MATRICES, LARGE)
NORMED = MATRICES + EMPTY + ZEROS[:2]
table("a.norm()", lambda a: a.norm(), ALL_SHAPES, EMPTY, ZEROS, [given("float64", [0, 0, 0])])
table("a.norm(1)", lambda a: a.norm(1), ALL_SHAPES, EMPTY, ZEROS)
table("a.norm(3)", lambda a: a.norm(3), ALL_SHAPES, ZEROS)
table("a.norm(.infinity)", lambda a: a.norm(inf), ALL_SHAPES, ZEROS, TIES)
table("a.norm(2, dim: 0)", lambda a: a.norm(2, dim=0), NORMED)
table("a.norm(2, dim: 1, keepDim: true)", lambda a: a.norm(2, dim=1, keepdim=True), NORMED)
table("a.norm(1, dim: 1)", lambda a: a.norm(1, dim=1), NORMED)
table("a.norm(.infinity, dim: 1)", lambda a: a.norm(inf, dim=1), MATRICES, NO_ROWS, TIES)
table("a.norm(2, dims: [0, 1])", lambda a: a.norm(2, dim=(0, 1)), NORMED)
table("a.norm(3, dims: [0, 2], keepDim: true)", lambda a: a.norm(3, dim=(0, 2), keepdim=True), CUBES)

ROWS = ALONG[:-2]
table("a.cumsum(dim: 0)", lambda a: a.cumsum(0), ROWS, [f32(23), f32(1)])
table("a.cumsum(dim: 1)", lambda a: a.cumsum(1), ROWS)
table("a.cumsum(dim: -1)", lambda a: a.cumsum(-1), ROWS, SPECIAL[:1])
CUMULATED = MATRICES + INTS + FLAGS + EMPTY
table("a.cumprod(dim: 0)", lambda a: a.cumprod(0), CUMULATED, ZEROS, [f32(23), f32(1), f64()])
table("a.cumprod(dim: 1)", lambda a: a.cumprod(1), CUMULATED, ZEROS[:2])
table("a.cumprod(dim: -1)", lambda a: a.cumprod(-1), CUMULATED, ZEROS)
table("a.softmax(dim: 0)", lambda a: a.softmax(0), MATRICES, EMPTY, LARGE, [f32(23), f64()])
table("a.softmax(dim: 1)", lambda a: a.softmax(1), MATRICES, EMPTY, LARGE, SPECIAL)
table("a.softmax(dim: -1)", lambda a: a.softmax(-1), MATRICES, EMPTY, LARGE)
table("a.logSoftmax(dim: 0)", lambda a: a.log_softmax(0), MATRICES, EMPTY, LARGE, [f32(23), f64()])
table("a.logSoftmax(dim: 1)", lambda a: a.log_softmax(1), MATRICES, EMPTY, LARGE, SPECIAL)
table("a.logSoftmax(dim: -1)", lambda a: a.log_softmax(-1), MATRICES, EMPTY, LARGE)

# Sums that show how they are added up: 100,001 numbers, of which a plain float32 loop loses four digits.
table("Tensor.full([100001], 0.1).sum()", lambda: torch.full([100001], 0.1).sum(), [()])
table("Tensor.arange(100000).to(.float32).sum()", lambda: torch.arange(100000).to(torch.float32).sum(), [()])
table(
    "Tensor.arange(300000).reshape(300, 1000).to(.float32).mean(dim: 0)",
    lambda: torch.arange(300000).reshape(300, 1000).to(torch.float32).mean(0),
    [()],
)
table(
    "Tensor.full([3, 70000], 0.3, dtype: .float64).cumsum(dim: 1).sum(dim: 1)",
    lambda: torch.full([3, 70000], 0.3, dtype=torch.float64).cumsum(1).sum(1),
    [()],
)

# Products. Either factor may be contiguous, transposed, or neither, and may have no rows, columns or inner dimension.
ADDED = [
    (f32(2, 3), f32(3, 4), f32(2, 4)),
    (f64(2, 3), f64(3, 4), f64(4)),
    (f64(3, 2).view("transpose 0 1"), f64(4, 3).view("transpose 0 1"), f64()),
    (f32(2, 0), f32(0, 4), f32(2, 1)),
]
table("c.addmm(a, b)", lambda a, b, c: c.addmm(a, b), ADDED, [(i64(2, 3), i64(3, 2), i64(2)), (i32(2, 3), i32(3, 2), i32(2))])
table("c.addmm(a, b, beta: 0.5, alpha: -2)", lambda a, b, c: c.addmm(a, b, beta=0.5, alpha=-2), ADDED)
table(
    "c.addmm(a, b, beta: 0, alpha: 3)",
    lambda a, b, c: c.addmm(a, b, beta=0, alpha=3),
    ADDED,
    [(f32(1, 1), f32(1, 1), given("float32", [nan])), (i64(2, 3), i64(3, 2), i64(2))],
)
table(
    "a.mm(b)",
    lambda a, b: a.mm(b),
    [
        (f32(2, 3), f32(3, 4)),
        (f64(2, 3), f64(3, 4)),
        (f32(3, 2).view("transpose 0 1"), f32(3, 4)),
        (f64(2, 3), f64(4, 3).view("transpose 0 1")),
        (f32(3, 2).view("transpose 0 1"), f32(4, 3).view("transpose 0 1")),
        (f64(4, 3).view("slice 0 0 4 2"), f64(3, 8).view("slice 1 0 8 2")),
        (f32(1, 3).view("expand 2 3"), f32(3, 1).view("expand 3 4")),
        (f32(17, 9), f32(9, 19)),
        (f32(1, 3), f32(3, 1)),
        (f32(3, 1), f32(1, 3)),
        (f64(1, 1), f64(1, 1)),
        (f32(0, 3), f32(3, 4)),
        (f32(2, 3), f32(3, 0)),
        (f64(2, 0), f64(0, 4)),
        (i64(2, 3), i64(3, 4)),
        (i64(3, 2).view("transpose 0 1"), i64(4, 3).view("transpose 0 1")),
        (given("float32", [1, inf, nan, 0], 2, 2), given("float32", [1, 2, 0, 1], 2, 2)),
    ],
)
table(
    "a.mv(b)",
    lambda a, b: a.mv(b),
    [
        (f32(2, 3), f32(3)),
        (f64(2, 3), f64(3)),
        (f64(3, 2).view("transpose 0 1"), f64(3)),
        (f32(4, 6).view("slice 1 0 6 2"), f32(6).view("slice 0 0 6 2")),
        (f32(19, 17), f32(17)),
        (f32(0, 3), f32(3)),
        (f32(2, 0), f32(0)),
        (i64(2, 3), i64(3)),
        (i32(2, 3), i32(3)),
    ],
)
table(
    "a.dot(b)",
    lambda a, b: a.dot(b),
    [
        (f32(3), f32(3)),
        (f64(3), f64(3)),
        (f32(37), f32(37)),
        (f64(6).view("slice 0 0 6 2"), f64(2, 3).view("select 0 1")),
        (f32(1).view("expand 3"), f32(3)),
        (f32(0), f32(0)),
        (f64(1), f64(1)),
        (i64(3), i64(3)),
    ],
)
table(
    "a.outer(b)",
    lambda a, b: a.outer(b),
    [
        (f32(2), f32(3)),
        (f64(2), f64(3)),
        (f64(4).view("slice 0 0 4 2"), f64(3)),
        (f32(0), f32(3)),
        (f32(1), f32(1)),
        (i64(2), i64(3)),
        (i64(2), f32(3)),
    ],
)
table(
    "a.bmm(b)",
    lambda a, b: a.bmm(b),
    [
        (f32(2, 2, 3), f32(2, 3, 4)),
        (f64(2, 2, 3), f64(2, 3, 4)),
        (f64(2, 3, 2).view("transpose 1 2"), f64(4, 3, 2).view("permute 2 1 0")),
        (f32(1, 2, 3).view("expand 3 2 3"), f32(3, 3, 2)),
        (f32(0, 2, 3), f32(0, 3, 4)),
        (f32(2, 2, 0), f32(2, 0, 3)),
        (f32(1, 1, 1), f32(1, 1, 1)),
        (i64(2, 2, 3), i64(2, 3, 2)),
        (i32(2, 2, 3), i32(2, 3, 2)),
    ],
)
table(
    "a.matmul(b)",
    lambda a, b: a.matmul(b),
    [
        (f32(3), f32(3)),
        (f64(2, 3), f64(3)),
        (f64(3), f64(3, 2)),
        (f32(2, 3), f32(3, 4)),
        (f64(2, 3), f64(3, 4)),
        (f64(2, 2, 3), f64(3, 2)),
        (f64(2, 3), f64(2, 3, 2)),
        (f32(3), f32(2, 3, 4)),
        (f64(2, 2, 3), f64(3)),
        (f32(2, 2, 3), f32(2, 3, 4)),
        (f64(2, 1, 2, 3), f64(3, 3, 2)),
        (f32(1, 2, 3), f32(4, 3, 2)),
        (f64(2, 3, 2).view("transpose 1 2"), f64(2, 3).view("transpose 0 1")),
        (f32(2, 3, 4).view("permute 1 2 0"), f32(2, 5)),
        (f32(0, 2, 3), f32(3, 4)),
        (f32(2, 0, 3), f32(3, 4)),
        (f32(2, 0), f32(0, 3)),
        (f32(0), f32(0)),
        (i64(2, 2, 3), i64(3, 2)),
    ],
)

# Sorting: NaN is the largest of all, and of equal elements the first comes first.
table("a.sort(dim: 0).values", lambda a: a.sort(stable=True, dim=0)[0], MATRICES, INTS, EMPTY, SPECIAL)
table("a.sort(dim: 1, descending: true).values", lambda a: a.sort(stable=True, dim=1, descending=True)[0], MATRICES, INTS, EMPTY, SPECIAL)
table("a.sort(dim: 0).indices", lambda a: a.sort(stable=True, dim=0)[1], MATRICES, INTS, SPECIAL, TIES)
table("a.argsort(dim: 1, descending: true)", lambda a: a.argsort(stable=True, dim=1, descending=True), MATRICES, INTS, SPECIAL, TIES)
TALL = [f32(2, 3), f64(2, 3), f32(5, 19), f32(3, 2).view("transpose 0 1"), f64(2, 3, 4)]
table("a.topk(2, dim: 0).values", lambda a: a.topk(2, 0)[0], TALL, INTS[:1], SPECIAL)
table("a.topk(2, dim: 1, largest: false).values", lambda a: a.topk(2, 1, False)[0], TALL, INTS[:1])
table("a.topk(2, dim: 0).indices", lambda a: a.topk(2, 0)[1], TALL)
table("a.median()", lambda a: a.median(), MATRICES, INTS, SPECIAL)
table("a.median(dim: 1).values", lambda a: a.median(1)[0], MATRICES, INTS, SPECIAL)
table("a.median(dim: 0, keepDim: true).indices", lambda a: a.median(0, True)[1], TALL)  # no equal elements

SQUARES = [f32(2, 3), f64(2, 3), f32(3, 2).view("transpose 0 1"), f32(5, 19), f32(0, 3), f32(1, 1)]
table('einsum("ij,kj->ik", [a, a])', lambda a: torch.einsum("ij,kj->ik", a, a), SQUARES)
table('einsum("ij->j", [a])', lambda a: torch.einsum("ij->j", a), SQUARES)
table('einsum("ij,ij->", [a, a.exp()])', lambda a: torch.einsum("ij,ij->", a, a.exp()), SQUARES)
table('einsum("...j,j", [a, a[0]])', lambda a: torch.einsum("...j,j", a, a[0]), [f32(2, 3), f64(4, 3)])
