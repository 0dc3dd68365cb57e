"""Indexing, assignment and creation: one row each. Its name is its code in Swift, in OperationTableIndexing.swift."""

import torch

from elementwise import in_place
from inputs import Input, Table, f32, f64, flags, given, i64
from movement import CHOSEN, CUBES, MATRICES, ROWS, VECTORS

table = Table()

# Indexing.
table("a[0]", lambda a: a[0], VECTORS, MATRICES, CUBES)
table("a[-1]", lambda a: a[-1], VECTORS, MATRICES, CUBES)
table("a[1, 2]", lambda a: a[1, 2], MATRICES, CUBES)
table("a[1, -1, 2]", lambda a: a[1, -1, 2], CUBES)
table("a[1..<3]", lambda a: a[1:3], VECTORS, [f32(4, 2)])
table("a[1...2]", lambda a: a[1:3], VECTORS)
table("a[2...]", lambda a: a[2:], VECTORS)
table("a[..<2]", lambda a: a[:2], VECTORS, MATRICES)
table("a[2..<2]", lambda a: a[2:2], VECTORS)
table("a[.all, 0]", lambda a: a[:, 0], MATRICES, CUBES)
table("a[.all, 1..<3]", lambda a: a[:, 1:3], MATRICES, CUBES)
table("a[0..<1, 1...]", lambda a: a[0:1, 1:], MATRICES, CUBES)
table("a[.ellipsis, 0]", lambda a: a[..., 0], MATRICES, CUBES)
table("a[0, .ellipsis, 1]", lambda a: a[0, ..., 1], MATRICES, CUBES)
table("a[.newAxis]", lambda a: a[None], MATRICES, [f32()])
table("a[.all, .newAxis, 1...]", lambda a: a[:, None, 1:], MATRICES)
table("a[.slice(0, 5, step: 2)]", lambda a: a[0:5:2], VECTORS)
table("a[.slice(1, 5, step: 3)]", lambda a: a[1:5:3], VECTORS)
table("a[.all, .slice(0, 3, step: 2)]", lambda a: a[:, 0:3:2], MATRICES, CUBES)
MASKS = [
    (f32(2, 3), flags(2, 3)),
    (f64(2, 3), flags(2, 3)),
    (i64(2, 3), flags(2, 3)),
    (f64(3, 2).view("transpose 0 1"), flags(2, 3)),
    (f32(3, 2), given("bool", [True, False, True])),
    (f64(2, 3, 2), flags(2, 3)),
    (f32(3), given("bool", [False] * 3)),
    (f32(0), flags(0)),
]
table("a[b] (mask)", lambda a, b: a[b], MASKS)
table("a[a > 0]", lambda a: a[a > 0], MATRICES[:3], VECTORS[:3])
table(
    "a[b] (indices)",
    lambda a, b: a[b],
    [(x, ROWS) for x in CHOSEN],
    [(f64(3, 2), given("int64", [0, -1, 1, 1], 2, 2)), (f32(3), given("int64", []))],
    [(f64(3, 2), given("int32", [0, -1, 1, 1], 2, 2)), (f64(3, 2), Input("int32", (), (-1,)))],
)
table("a[0, 1, .all, 0, 1...]", lambda a: a[0, 1, :, 0, 1:], [f64(2, 2, 3, 2, 3)])
table("a[0, 1, 1, 0, 1, 0]", lambda a: a[0, 1, 1, 0, 1, 0], [f64(2, 2, 2, 1, 2, 2)])

# Tensors among several indices.
PAIRS = [
    (f32(3, 3), given("int64", [0, -1, 1]), given("int64", [2, 0, 0])),
    (f64(3, 3), given("int64", [0, -1, 1]), given("int64", [2, 0, 0])),
    (i64(3, 3), given("int64", [0, 2]), given("int64", [1])),
    (f64(3, 3), given("int32", [0, -1, 1]), given("int64", [2, 0, 0])),
    (f64(2, 3), given("int64", [1, 0], 2, 1), given("int64", [2, -3, 2])),
    (f64(2, 3, 2), given("int64", [1, 1]), given("int64", [2, 2])),
    (f64(3, 2).view("transpose 0 1"), given("int64", [1, 1]), given("int64", [2, 0])),
    (f32(3, 3), given("int64", []), given("int64", [])),
]
COLUMNS = [(f64(2, 3), given("int64", [2, -1, 0])), (f32(2, 3), given("int64", [2, 0, 1, 1], 2, 2)), (i64(2, 3), ROWS)]
DEEP = [(f64(2, 3, 2), given("int64", [1, 0, 1])), (f32(2, 2, 2), given("int64", [1, 0, 0, -1], 2, 2))]
ENDS = [
    (f64(2, 3, 2), given("int64", [1, 0, 1]), given("int64", [0, -1, 1])),
    (f32(2, 2, 2), given("int64", [1], 1, 1), given("int64", [1, 0])),
]
table("a[b, c]", lambda a, b, c: a[b, c], PAIRS)
table("a[.all, b]", lambda a, b: a[:, b], COLUMNS, DEEP)
table("a[0, .all, b]", lambda a, b: a[0, :, b], DEEP)
table("a[.all, b, 1...]", lambda a, b: a[:, b, 1:], DEEP)
table("a[.ellipsis, b, -1]", lambda a, b: a[..., b, -1], DEEP)
table("a[b, .all, c]", lambda a, b, c: a[b, :, c], ENDS)
table("a[.all, b, .newAxis, c]", lambda a, b, c: a[:, b, None, c], ENDS)
table(
    "a[.all, b] (mask)",
    lambda a, b: a[:, b],
    [
        (f64(2, 3), given("bool", [1, 0, 1])),
        (f32(2, 2, 3), given("bool", [1, 0, 1, 0, 0, 1], 2, 3)),
        (i64(2, 3), given("bool", [0, 0, 0])),
    ],
)
table(
    "a[b, c] (mask, indices)",
    lambda a, b, c: a[b, c],
    [
        (f64(3, 3), given("bool", [1, 0, 1]), given("int64", [2, 0])),
        (f32(2, 2, 3), given("bool", [1, 0, 0, 1], 2, 2), given("int64", [-1])),
    ],
)


# Assignment, on a copy. PyTorch converts what is assigned to the type of what it goes into.
def set_at(*index):
    def change(a, value):
        a[index] = value

    return in_place(change)


def set_number(number, *index):
    def change(a):
        a[index] = number

    return in_place(change)


def unrecorded(change):
    def function(a, *others):
        with torch.no_grad():
            return in_place(change)(a, *others)

    function.writes = True
    return function


def set_where(a, where, value):
    a[where] = value


TARGETS = [
    f32(2, 3),
    f64(2, 3),
    i64(2, 3),
    f64(3, 2).view("transpose 0 1"),
    f32(4, 9).view("slice 0 1 4 2", "slice 1 0 9 3"),
]
table(
    "a[1] = b",
    set_at(1),
    [
        (f32(2, 3), f32(3)),
        (f64(2, 3), f64(3)),
        (f64(2, 3), f64()),
        (i64(2, 3), i64(1)),
        (f32(2, 3), i64(3)),
        (f64(3, 2).view("transpose 0 1"), f64(3)),
    ],
)
table(
    "a[0..<2] = b",
    set_at(slice(0, 2)),
    [(f32(3, 2), f32(2, 2)), (f64(3, 2), f64(2, 2)), (f64(3, 2), f64(2)), (f32(3), f32(2)), (f32(3, 2), f64(2, 1))],
)
table("a[.all, 1] = b", set_at(slice(None), 1), [(f32(2, 3), f32(2)), (f64(2, 3), f64(2)), (i64(2, 3), i64())])
table(
    "a[.all, .slice(0, 3, step: 2)] = b",
    set_at(slice(None), slice(0, 3, 2)),
    [(f32(2, 3), f32(2, 2)), (f64(2, 3), f64(2)), (i64(2, 3), i64(2, 1))],
)
table("a[.ellipsis, 0] = b", set_at(..., 0), [(f32(2, 3), f32(2)), (f64(2, 2, 3), f64(2, 2))])
table("a[1] = 7", set_number(7, 1), TARGETS, [f32(3)])
table("a[1, 2] = 2.5", set_number(2.5, 1, 2), TARGETS)
table("a[0..<1, 1...] = -1", set_number(-1, slice(0, 1), slice(1, None)), TARGETS)
table("a[b] = 0 (mask)", in_place(lambda a, b: set_where(a, b, 0)), MASKS)
table("a[a < 0] = 0", in_place(lambda a: set_where(a, a < 0, 0)), TARGETS)
table(
    "a[b] = c (mask)",
    in_place(set_where),
    [
        (f32(2, 3), given("bool", [1, 0, 1, 1, 0, 0], 2, 3), f32(3)),
        (f64(2, 3), given("bool", [1, 0, 1, 1, 0, 0], 2, 3), f64(3)),
        (f64(2, 3), given("bool", [1, 0, 1, 1, 0, 0], 2, 3), f64()),
        (f32(3, 2), given("bool", [1, 0, 1]), f32(2, 2)),
        (f32(3), given("bool", [0, 0, 0]), f32(0)),
    ],
)
PLACES = given("int64", [2, 0])
table(
    "a[b] = c (indices)",
    in_place(set_where),
    [
        (f32(3, 2), PLACES, f32(2, 2)),
        (f64(3, 2), PLACES, f64(2, 2)),
        (f64(3, 2), PLACES, f64(2)),
        (i64(3), PLACES, i64(2)),
        (f32(3), PLACES, f32()),
    ],
)
table(
    "a[b] = 5 (indices)",
    in_place(lambda a, b: set_where(a, b, 5)),
    [(f32(3, 2), PLACES), (f64(3, 2), PLACES), (i64(3), PLACES)],
)
TWO = given("int64", [1, -2])
table("a[b, c] = 5", in_place(lambda a, b, c: set_where(a, (b, c), 5)), PAIRS)
SQUARE_TARGETS = [
    (f32(3, 3), PLACES, f32(2)),
    (f64(3, 3), PLACES, f64(2)),
    (f64(3, 3, 2), PLACES, f64(2, 2)),
    (i64(3, 3), PLACES, i64()),
    (f64(3, 3).view("transpose 0 1"), PLACES, f64(1)),
]
table("a[b, b] = c", in_place(lambda a, b, c: set_where(a, (b, b), c)), SQUARE_TARGETS)


def add_where(a, where, value):
    a[where] += value


table("a[b, b] += c", in_place(lambda a, b, c: add_where(a, (b, b), c)), SQUARE_TARGETS)
table(
    "a[.all, b] = c",
    in_place(lambda a, b, c: set_where(a, (slice(None), b), c)),
    [
        (f32(2, 3), PLACES, f32(2, 2)),
        (f64(2, 3), PLACES, f64(2, 1)),
        (f64(2, 3, 2), PLACES, f64(2, 2, 2)),
        (i64(2, 3), TWO, i64()),
    ],
)
table(
    "a[1, b] = c",
    in_place(lambda a, b, c: set_where(a, (1, b), c)),
    [(f64(2, 3), PLACES, f64(2)), (f32(2, 3, 2), PLACES, f32(2))],
)
table(
    "a[b, .all, b] = c",
    in_place(lambda a, b, c: set_where(a, (b, slice(None), b), c)),
    [(f64(2, 3, 2), TWO, f64(2, 3)), (f32(2, 1, 2), TWO, f32(1))],
)
table("a[0, 1, .all, 0, 1...] = b", set_at(0, 1, slice(None), 0, slice(1, None)), [(f64(2, 2, 3, 1, 3), f64(3, 2))])
table("a[0, 1, .all, 0, 1...] = 7", set_number(7, 0, 1, slice(None), 0, slice(1, None)), [f32(2, 2, 3, 1, 3)])
# Writes through a view, unrecorded; those with a history are in writes.py.
table(
    "noGrad { a.t().add_(b) }",
    unrecorded(lambda a, b: a.t().add_(b)),
    [(f32(2, 3), f32(3, 2)), (f64(2, 3), f64(3, 1)), (i64(2, 3), i64(2))],
)
table(
    "noGrad { a[1].mul_(b) }",
    unrecorded(lambda a, b: a[1].mul_(b)),
    [(f32(2, 3), f32(3)), (f64(2, 3), f64(3)), (i64(2, 3), i64())],
)
table("noGrad { a[.all, 1..<3].zero_() }", unrecorded(lambda a: a[:, 1:3].zero_()), TARGETS)
WHOLE = [f32(2, 3), f64(2, 3), i64(2, 3)]
table("noGrad { a.view(3, 2).mul_(2) }", unrecorded(lambda a: a.view(3, 2).mul_(2)), WHOLE)
table("noGrad { a.reshape(-1)[1..<4].zero_() }", unrecorded(lambda a: a.reshape(-1)[1:4].zero_()), WHOLE)
table("noGrad { a.flatten()[5].fill_(7) }", unrecorded(lambda a: a.flatten()[5].fill_(7)), WHOLE)
table("noGrad { a.permute(1, 0)[0].fill_(7) }", unrecorded(lambda a: a.permute(1, 0)[0].fill_(7)), WHOLE)
table("noGrad { a.unsqueeze(0)[0, 1].fill_(7) }", unrecorded(lambda a: a.unsqueeze(0)[0, 1].fill_(7)), WHOLE)
table("noGrad { a.squeeze()[0].fill_(7) }", unrecorded(lambda a: a.squeeze()[0].fill_(7)), WHOLE, [f32(1, 3)])
table("noGrad { a.split(1)[1].fill_(7) }", unrecorded(lambda a: a.split(1)[1].fill_(7)), WHOLE)
table("noGrad { a.chunk(2, dim: 1)[0].fill_(7) }", unrecorded(lambda a: a.chunk(2, 1)[0].fill_(7)), WHOLE)
table("noGrad { a.narrow(dim: 1, start: 1, length: 2).fill_(7) }", unrecorded(lambda a: a.narrow(1, 1, 2).fill_(7)), WHOLE)
table("noGrad { a.select(dim: 1, index: -1).fill_(7) }", unrecorded(lambda a: a.select(1, -1).fill_(7)), WHOLE)
table("noGrad { a.detach().mul_(2) }", unrecorded(lambda a: a.detach().mul_(2)), WHOLE)

# Creation.
table("Tensor.zeros(2, 3)", lambda: torch.zeros(2, 3), [()])
table("Tensor.zeros([0, 3], dtype: .int64)", lambda: torch.zeros([0, 3], dtype=torch.int64), [()])
table("Tensor.ones(2, 3, dtype: .float64)", lambda: torch.ones(2, 3, dtype=torch.float64), [()])
table("Tensor.ones([3], dtype: .bool)", lambda: torch.ones([3], dtype=torch.bool), [()])
table("Tensor.full([2, 3], 7)", lambda: torch.full([2, 3], 7), [()])
table("Tensor.full([2], 1.5)", lambda: torch.full([2], 1.5), [()])
table("Tensor.full([], 2.5, dtype: .float64)", lambda: torch.full([], 2.5, dtype=torch.float64), [()])
table("Tensor.full([2], 7, dtype: .float32)", lambda: torch.full([2], 7, dtype=torch.float32), [()])
table("Tensor.arange(10)", lambda: torch.arange(10), [()])
table("Tensor.arange(10, dtype: .int32)", lambda: torch.arange(10, dtype=torch.int32), [()])
table("Tensor.full([2], -7, dtype: .int32)", lambda: torch.full([2], -7, dtype=torch.int32), [()])
table("Tensor.arange(0)", lambda: torch.arange(0), [()])
table("Tensor.arange(3, 8)", lambda: torch.arange(3, 8), [()])
table("Tensor.arange(10, 1, step: -3)", lambda: torch.arange(10, 1, -3), [()])
table("Tensor.arange(1.0, 2.0, step: 0.25)", lambda: torch.arange(1.0, 2.0, 0.25), [()])
table("Tensor.arange(0.0, 1.0, step: 0.1)", lambda: torch.arange(0.0, 1.0, 0.1), [()])
table("Tensor.arange(5, dtype: .float64)", lambda: torch.arange(5, dtype=torch.float64), [()])
table("Tensor.linspace(0, 1, steps: 5)", lambda: torch.linspace(0, 1, 5), [()])
table("Tensor.linspace(-1, 2, steps: 7)", lambda: torch.linspace(-1, 2, 7), [()])
table("Tensor.linspace(0, 1, steps: 11, dtype: .float64)", lambda: torch.linspace(0, 1, 11, dtype=torch.float64), [()])
table("Tensor.linspace(3, 9, steps: 1)", lambda: torch.linspace(3, 9, 1), [()])
table("Tensor.linspace(3, 9, steps: 0)", lambda: torch.linspace(3, 9, 0), [()])
table("Tensor.eye(3)", lambda: torch.eye(3), [()])
table("Tensor.eye(2, 4, dtype: .int64)", lambda: torch.eye(2, 4, dtype=torch.int64), [()])
table("Tensor.zerosLike(a)", lambda a: torch.zeros_like(a), MATRICES)
table("Tensor.onesLike(a)", lambda a: torch.ones_like(a), MATRICES)
table("Tensor.fullLike(a, 3)", lambda a: torch.full_like(a, 3), MATRICES)
table("Tensor(2.5)", lambda: torch.tensor(2.5), [()])
table("Tensor(3)", lambda: torch.tensor(3), [()])
table("Tensor(true)", lambda: torch.tensor(True), [()])
table("Tensor([1.0, 2.0])", lambda: torch.tensor([1.0, 2.0]), [()])
table("Tensor([[1.0, 2.0], [3.0, 4.0]])", lambda: torch.tensor([[1.0, 2.0], [3.0, 4.0]]), [()])
table("Tensor([[1, 2], [3, 4]])", lambda: torch.tensor([[1, 2], [3, 4]]), [()])
table("Tensor([[[true], [false]]])", lambda: torch.tensor([[[True], [False]]]), [()])
table("Tensor([1.0, 2.0], dtype: .float64)", lambda: torch.tensor([1.0, 2.0], dtype=torch.float64), [()])
table("Tensor([1, 2], dtype: .float32)", lambda: torch.tensor([1, 2], dtype=torch.float32), [()])
table(
    "Tensor([1.0, 2.0, 3.0, 4.0, 5.0, 6.0], shape: [2, 3])",
    lambda: torch.tensor([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]]),
    [()],
)
