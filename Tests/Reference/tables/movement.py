"""Movement, joining, gathering: one row each. Its name is its code in Swift, in OperationTableMovement.swift."""

import torch
import torch.nn.functional as F

from elementwise import in_place
from inputs import Input, Table, f32, f64, flags, given, i32, i64

MATRICES = [
    f32(2, 3),
    f64(2, 3),
    i64(2, 3),
    flags(2, 3),
    f64(3, 2).view("transpose 0 1"),
    f32(4, 9).view("slice 0 1 4 2", "slice 1 0 9 3"),
    f32(1, 3).view("expand 2 3"),
    i32(3, 2).view("transpose 0 1"),
]
CUBES = [
    f32(2, 3, 4),
    f64(2, 3, 4),
    i64(2, 3, 4),
    flags(2, 3, 4),
    f64(4, 3, 2).view("permute 2 1 0"),
    f32(2, 6, 4).view("slice 1 0 6 2"),
]
VECTORS = [
    f32(5),
    f64(5),
    i64(5),
    flags(5),
    f32(10).view("slice 0 1 10 2"),
    f64(5, 3).view("select 1 1"),
    f32(1).view("expand 5"),
]

# A tensor of no dimensions counts as a vector of one element, and an index of none may have any shape.
FIRST = Input("int64", (), (0,))
NONE = given("int64", [], 0, 2)

table = Table()

# Shapes.
table("a.t()", lambda a: a.t(), MATRICES, [f32(0, 3), f32(5), f32()])
table("a.T", lambda a: a.permute(tuple(reversed(range(a.dim())))), MATRICES, CUBES, [f32(0, 3), f32(5), f32()])
table("a.swapaxes(0, -1)", lambda a: a.swapaxes(0, -1), MATRICES, CUBES, [f32(0, 3), f32(5)])
table("a.transpose(0, 1)", lambda a: a.transpose(0, 1), MATRICES, CUBES, [f32(0, 3)])
table("a.transpose(-1, -2)", lambda a: a.transpose(-1, -2), MATRICES[:2], CUBES)
table("a.permute(2, 0, 1)", lambda a: a.permute(2, 0, 1), CUBES, [f32(2, 0, 4), f32(1, 1, 1)])
table("a.permute(0, -1, 1)", lambda a: a.permute(0, -1, 1), CUBES)
table("a.reshape(3, 2)", lambda a: a.reshape(3, 2), MATRICES, [f32(6)])
table("a.reshape(-1)", lambda a: a.reshape(-1), MATRICES, CUBES, [f32(0, 3), f32()])
table("a.reshape(4, -1)", lambda a: a.reshape(4, -1), CUBES)
table("a.reshape(1, 1)", lambda a: a.reshape(1, 1), [f32(), f64(1), i64(1, 1, 1)])
table("a.reshape([])", lambda a: a.reshape([]), [f32(), f64(1), i64(1, 1)])
table("a.view(3, 2)", lambda a: a.view(3, 2), MATRICES[:4], [f32(6)])
table("a.view(2, -1)", lambda a: a.view(2, -1), MATRICES[:4], CUBES[:4], [f64(4, 3).view("slice 0 0 4 2")])
table("a.flatten()", lambda a: a.flatten(), MATRICES, CUBES, [f32(), f32(0, 3)])
table("a.flatten(startDim: 1)", lambda a: a.flatten(1), CUBES, [f32(2, 3)])
table("a.flatten(startDim: 0, endDim: 1)", lambda a: a.flatten(0, 1), CUBES)
table(
    "a.squeeze()",
    lambda a: a.squeeze(),
    [f32(1, 3, 1), f64(1, 1), i64(2, 3), f32(), f64(3, 1, 2).view("transpose 0 1")],
)
table("a.squeeze(0)", lambda a: a.squeeze(0), [f32(1, 3, 1), f64(1, 1), i64(2, 3), f32(1, 0)])
table("a.squeeze(-1)", lambda a: a.squeeze(-1), [f32(1, 3, 1), f64(2, 3), flags(2, 1)])
table("a.unsqueeze(0)", lambda a: a.unsqueeze(0), MATRICES, [f32(), f32(0)])
table("a.unsqueeze(1)", lambda a: a.unsqueeze(1), MATRICES)
table("a.unsqueeze(-1)", lambda a: a.unsqueeze(-1), MATRICES, VECTORS, [f32()])
table("a.expand(4, 3)", lambda a: a.expand(4, 3), [f32(3), f64(1, 3), f64(4, 1), i64(1, 1), flags(3), f32(), f32(4, 3)])
table("a.expand(2, -1, 3)", lambda a: a.expand(2, -1, 3), [f32(4, 3), f64(4, 1), f64(1, 4, 3), f32(2, 0, 1)])

# Joining and taking apart.
JOINED = [
    (f32(2, 3), f32(2, 3)),
    (f64(2, 3), f64(2, 3)),
    (i64(2, 3), i64(2, 3)),
    (flags(2, 3), flags(2, 3)),
    (f64(3, 2).view("transpose 0 1"), f64(2, 6).view("slice 1 0 6 2")),
    (f32(1, 3).view("expand 2 3"), f32(2, 3)),
    (f32(2, 3), i64(2, 3)),
    (f32(2, 3), f64(2, 3)),
    (flags(2, 3), i64(2, 3)),
    (i32(2, 3), i32(2, 3)),
    (i32(2, 3), i64(2, 3)),
    (flags(2, 3), i32(2, 3)),
]
table(
    "cat([a, b])",
    lambda a, b: torch.cat([a, b]),
    JOINED,
    [(f32(2, 3), f32(4, 3)), (f64(0, 3), f64(2, 3)), (f32(2), f32(3)), (f32(0), f32(0))],
    [(f32(0), f32(2, 3)), (f64(2, 3), f64(0)), (f64(0), i64(2, 3))],
)
table(
    "cat([a, b], dim: 1)",
    lambda a, b: torch.cat([a, b], 1),
    JOINED,
    [(f32(2, 3), f32(2, 1)), (f64(2, 0), f64(2, 3)), (f64(0), f64(2, 3))],
)
table(
    "cat([a, b, c], dim: -1)",
    lambda a, b, c: torch.cat([a, b, c], -1),
    [(f32(2, 1), f32(2, 2), f32(2, 3)), (f64(1), f64(2), f64(3))],
)
table("cat([a])", lambda a: torch.cat([a]), MATRICES)
table("stack([a, b])", lambda a, b: torch.stack([a, b]), JOINED, [(f32(), f32()), (f32(0), f32(0))])
table("stack([a, b], dim: 1)", lambda a, b: torch.stack([a, b], 1), JOINED, [(f32(3), f32(3))])
table(
    "stack([a, b, c], dim: -1)",
    lambda a, b, c: torch.stack([a, b, c], -1),
    [(f32(2, 3), f32(2, 3), f32(2, 3)), (f64(2), f64(2), f64(2))],
)
table("a.split(2)[0]", lambda a: a.split(2)[0], VECTORS)
table("a.split(2)[2]", lambda a: a.split(2)[2], VECTORS)
table("a.split(2, dim: 1)[1]", lambda a: a.split(2, 1)[1], MATRICES)
table("a.split([1, 4])[1]", lambda a: a.split([1, 4])[1], VECTORS)
table("a.unbind()[1]", lambda a: a.unbind()[1], MATRICES, CUBES, VECTORS)
table("a.unbind(dim: -1)[0]", lambda a: a.unbind(-1)[0], MATRICES, CUBES)
GRIDS = [(f32(2), f32(3), f32(4)), (f64(2), f64(), f64(3)), (i64(2), i64(0), i64(1)), (f64(4).view("slice 0 0 4 2"), f64(3), f64(2))]
table("meshgrid([a, b])[0]", lambda a, b: torch.meshgrid(a, b, indexing="ij")[0], [grid[:2] for grid in GRIDS])
table("meshgrid([a, b, c], indexing: .xy)[1]", lambda *a: torch.meshgrid(*a, indexing="xy")[1], GRIDS)
table("a.chunk(2)[1]", lambda a: a.chunk(2)[1], VECTORS)
table("a.chunk(3, dim: 1)[2]", lambda a: a.chunk(3, 1)[2], MATRICES, [f32(2, 0)])
table("a.split(0)[0]", lambda a: a.split(0)[0], [f32(0), f64(0, 3)])
table("a.flip([0])", lambda a: a.flip([0]), VECTORS, MATRICES, [f32(0), f32(1)])
table("a.flip([0, 1])", lambda a: a.flip([0, 1]), MATRICES, CUBES)
table("a.flip([-1])", lambda a: a.flip([-1]), CUBES)
table("a.roll(2)", lambda a: a.roll(2), VECTORS, MATRICES, [f64(), f32(0, 3)])
table("a.roll(-1, dims: 0)", lambda a: a.roll(-1, 0), VECTORS, MATRICES, [f32(0, 3)])
table("a.roll(1, dims: 1)", lambda a: a.roll(1, 1), MATRICES[:2], [f32(0), f32(0, 3), f32(3, 0)])
table("a.roll([1, 5], dims: [0, 1])", lambda a: a.roll([1, 5], [0, 1]), MATRICES)
table("a.repeat(2)", lambda a: a.repeat(2), VECTORS)
table("a.repeat(2, 3)", lambda a: a.repeat(2, 3), MATRICES, [f32(2)])
table("a.repeat(2, 1, 2)", lambda a: a.repeat(2, 1, 2), MATRICES, CUBES[:1])
table("a.repeat(0, 1)", lambda a: a.repeat(0, 1), [f32(2, 3)])
table("a.repeat(3, 1, 1, 1, 1, 2, 1, 2)", lambda a: a.repeat(3, 1, 1, 1, 1, 2, 1, 2), MATRICES[:2], [f64()])

# Picking by number.
ROWS = given("int64", [2, 0, 2, 1], 4)
GRID = given("int64", [0, 1, 1, 0, 0, 1], 2, 3)
table(
    "a.gather(dim: 0, index: b)",
    lambda a, b: a.gather(0, b),
    [
        (f32(2, 3), GRID),
        (f64(2, 3), GRID),
        (i64(2, 3), GRID),
        (flags(2, 3), GRID),
        (i32(2, 3), GRID),
        (f64(2, 3), given("int32", [0, 1, 1, 0, 0, 1], 2, 3)),
        (f64(3, 2).view("transpose 0 1"), GRID),
        (f32(4, 6).view("slice 0 0 4 2", "slice 1 1 6 2"), given("int64", [1, 0], 1, 2)),
        (f32(5), ROWS),
        (f32(2, 3), given("int64", [], 0, 3)),
        (f32(1, 3).view("expand 2 3"), GRID.view("transpose 0 1", "transpose 0 1")),
    ],
    [(f64(), FIRST), (f64(), given("int64", [0, 0])), (f64(5), Input("int64", (), (3,))), (f64(3), NONE)],
)
table(
    "a.gather(dim: 1, index: b)",
    lambda a, b: a.gather(1, b),
    [
        (f32(2, 3), given("int64", [2, 2, 0, 1], 2, 2)),
        (f64(2, 3), given("int64", [2, 2, 0, 1, 1, 1, 0, 0], 2, 4)),
        (f64(2, 3), given("int64", [2, 1, 0], 3, 1).view("transpose 0 1")),
    ],
)
table("a.gather(dim: -1, index: b)", lambda a, b: a.gather(-1, b), [(f64(2, 2, 3), given("int64", [2, 0, 1, 1], 2, 2, 1))])
table(
    "a.scatter_(dim: 1, index: b, src: c)",
    in_place(lambda a, b, c: a.scatter_(1, b, c)),
    [
        (f32(2, 3), given("int64", [2, 0, 1, 2], 2, 2), f32(2, 2)),
        (f64(2, 3), given("int64", [2, 0, 1, 2], 2, 2), f64(2, 2)),
        (i64(2, 3), given("int64", [1], 1, 1), i64(1, 1)),
        (i32(2, 3), given("int32", [1], 1, 1), i32(1, 1)),
        (f64(2, 3), given("int32", [2, 0, 1, 2], 2, 2), f64(2, 2)),
        (f64(3, 2).view("transpose 0 1"), given("int64", [2, 0, 1, 2], 2, 2), f64(2, 2).view("transpose 0 1")),
    ],
)
table(
    "a.scatter_(dim: 0, index: b, src: c)",
    in_place(lambda a, b, c: a.scatter_(0, b, c)),
    [(f32(5), ROWS.view("slice 0 1 4 1"), f32(3)), (f64(3, 2), given("int64", [2, 0], 1, 2), f64(1, 2))],
    [(f64(), FIRST, f64()), (f64(), given("int64", [0]), f64(1)), (f64(5), FIRST, f64())],
    [(i64(3), NONE, i64(2, 2)), (f64(3), NONE, f64(0, 2))],
)
table(
    "a.scatter_(dim: 0, index: b, value: 7)",
    in_place(lambda a, b: a.scatter_(0, b, 7)),
    [(f32(2, 3), GRID), (f64(3, 3), GRID), (i64(2, 3), GRID), (f64(), FIRST), (f64(3), NONE)],
)
table(
    "a.scatterAdd_(dim: 0, index: b, src: c)",
    in_place(lambda a, b, c: a.scatter_add_(0, b, c)),
    [
        (f32(2, 3), GRID, f32(2, 3)),
        (f64(3, 3), GRID, f64(2, 3)),
        (i64(2, 3), given("int64", [1], 1, 1), i64(1, 1)),
        (f32(5), ROWS, f32(4)),
        (f64(), FIRST, f64()),
        (f64(), given("int64", [0, 0]), f64(2)),
    ],
)
CHOSEN = [
    f32(3, 2),
    f64(3, 2),
    i64(3, 2),
    flags(3, 2),
    i32(3, 2),
    f64(2, 3).view("transpose 0 1"),
    f32(6, 2).view("slice 0 0 6 2"),
    f32(3),
    f64(3, 2, 2),
]
table(
    "a.indexSelect(dim: 0, index: b)",
    lambda a, b: a.index_select(0, b),
    [(x, ROWS) for x in CHOSEN],
    [(f64(3, 2), given("int32", [2, 0, 2, 1]))],
    [(f32(3, 2), given("int64", [])), (f64(), FIRST), (f64(), given("int64", [0])), (f64(3, 2), FIRST)],
)
table(
    "a.indexSelect(dim: 1, index: b)",
    lambda a, b: a.index_select(1, b),
    [(x, given("int64", [1, 1, 0])) for x in CHOSEN if len(x.shape) > 1],
)
table("a.indexSelect(dim: -1, index: b)", lambda a, b: a.index_select(-1, b), [(f64(2, 3), ROWS), (f32(2, 3), ROWS)])
ADDED = [
    (f32(3, 2), ROWS, f32(4, 2)),
    (f64(3, 2), ROWS, f64(4, 2)),
    (i64(3, 2), ROWS, i64(4, 2)),
    (i32(3, 2), given("int32", [2, 0, 2, 1], 4), i32(4, 2)),
    (f64(3, 2), given("int32", [2, 0, 2, 1], 4), f64(4, 2)),
    (f64(2, 3).view("transpose 0 1"), ROWS, f64(2, 4).view("transpose 0 1")),
    (f32(3), ROWS, f32(4)),
    (f32(3, 2), given("int64", []), f32(0, 2)),
    (f64(), FIRST, f64()),
    (f64(), given("int64", [0]), f64()),
    (f64(3), Input("int64", (), (2,)), f64(1)),
]
table("a.indexAdd_(dim: 0, index: b, source: c)", in_place(lambda a, b, c: a.index_add_(0, b, c)), ADDED)
table(
    "a.indexAdd_(dim: 1, index: b, source: c)",
    in_place(lambda a, b, c: a.index_add_(1, b, c)),
    [(f32(2, 3), ROWS, f32(2, 4)), (f64(2, 3), ROWS, f64(2, 4))],
)
table("a.narrow(dim: 1, start: 1, length: 2)", lambda a: a.narrow(1, 1, 2), MATRICES, CUBES)
table("a.narrow(dim: 1, start: -2, length: 2)", lambda a: a.narrow(1, -2, 2), MATRICES, CUBES)
table("a.narrow(dim: 1, start: -3, length: 2)", lambda a: a.narrow(1, -3, 2), MATRICES)
table("a.select(dim: 1, index: -1)", lambda a: a.select(1, -1), MATRICES, CUBES)
table(
    "a.nonzero()",
    lambda a: a.nonzero(),
    MATRICES[:5],
    [given("float32", [0, 1, 0, 2, 0, 0], 2, 3), flags(0), given("int64", [0, 0])],
    [f32(), Input("int64", (), (0,)), f32(0, 3), f32(3, 0)],
)

# Triangles and diagonals.
SQUARES = [
    f32(3, 3),
    f64(3, 3),
    i64(3, 3),
    flags(3, 3),
    f32(2, 4),
    f64(4, 2).view("transpose 0 1"),
    f64(2, 3, 3),
    f32(0, 3),
]
table("a.tril()", lambda a: a.tril(), SQUARES)
table("a.tril(diagonal: 1)", lambda a: a.tril(1), SQUARES)
table("a.tril(diagonal: -1)", lambda a: a.tril(-1), SQUARES)
table("a.triu()", lambda a: a.triu(), SQUARES)
table("a.triu(diagonal: 1)", lambda a: a.triu(1), SQUARES)
table("a.triu(diagonal: -2)", lambda a: a.triu(-2), SQUARES)
table("a.tril(diagonal: 9)", lambda a: a.tril(9), SQUARES)
table("a.tril(diagonal: -9)", lambda a: a.tril(-9), SQUARES)
DIAGONALS = [
    f32(3),
    f64(3),
    i64(3),
    f32(0),
    f32(1),
    f64(6).view("slice 0 0 6 2"),
    f32(3, 3),
    f64(3, 3),
    f64(2, 4),
    f32(4, 2).view("transpose 0 1"),
    i64(3, 3),
]
table("a.diag()", lambda a: a.diag(), DIAGONALS)
table("a.diag(diagonal: 1)", lambda a: a.diag(1), DIAGONALS)
table("a.diag(diagonal: -1)", lambda a: a.diag(-1), DIAGONALS)
table("a.diagonal()", lambda a: a.diagonal(), DIAGONALS[6:], CUBES)
table("a.diagonal(offset: 1, dim1: -1, dim2: -2)", lambda a: a.diagonal(1, -1, -2), DIAGONALS[6:], CUBES)
CLASSES = [given("int64", [0, 2, 1, 2]), given("int64", [1, 0, 3, 3], 2, 2), given("int64", [1], 1)]
table("a.oneHot(numClasses: 4)", lambda a: F.one_hot(a, 4), CLASSES, [given("int64", [])])
table("a.oneHot()", lambda a: F.one_hot(a), CLASSES)
