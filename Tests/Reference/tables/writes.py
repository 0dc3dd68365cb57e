"""Writes to parts of a tensor and through its views, and views read after a write: one row each, under the name that
OperationTableWrites.swift gives it."""

from elementwise import in_place
from indexing import MASKS, PLACES, set_where
from inputs import Input, Table, f32, f64, flags, given, i64
from movement import CHOSEN, ROWS

table = Table()

# Masks and indices: read, changed and written back. No place is named twice with two values: on a GPU either may stay.
SOME = given("bool", [1, 0, 1, 1, 0, 0], 2, 3)
THREE = given("int64", [2, 0, -2])
CHANGES = {
    "+=": lambda a, b, c: set_where(a, b, a[b] + c),
    "-=": lambda a, b, c: set_where(a, b, a[b] - c),
    "*=": lambda a, b, c: set_where(a, b, a[b] * c),
    "/=": lambda a, b, c: set_where(a, b, a[b] / c),
}
for sign, change in CHANGES.items():
    table(
        f"a[b] {sign} c (mask)",
        in_place(change),
        [
            (f32(2, 3), SOME, f32(3)),
            (f64(2, 3), SOME, f64(3)),
            (f64(3, 2), given("bool", [1, 0, 1]), f64(2, 1)),
            (f32(3), given("bool", [0, 0, 0]), f32()),
        ],
    )
    table(
        f"a[b] {sign} c (indices)",
        in_place(change),
        [
            (f32(3, 2), THREE, f32(3, 2)),
            (f64(3, 2), THREE, f64(3, 2)),
            (f64(3, 2), given("int64", [0, 1, 1, 2], 2, 2), f64(2)),
            (f32(3), PLACES, f32()),
        ],
    )
table("a[b] += 10 (mask)", in_place(lambda a, b: set_where(a, b, a[b] + 10)), MASKS)
table("a[b] *= 0.5 (mask)", in_place(lambda a, b: set_where(a, b, a[b] * 0.5)), MASKS[:2])
table("a[b] -= 3 (indices)", in_place(lambda a, b: set_where(a, b, a[b] - 3)), [(x, ROWS) for x in CHOSEN[:3]])
table("a[a > 0] /= 2", in_place(lambda a: set_where(a, a > 0, a[a > 0] / 2)), [f32(2, 3), f64(2, 3)])
PARTS = [(f32(2, 3), f32(3)), (f64(2, 3), f64(3)), (f64(3, 2).view("transpose 0 1"), f64())]
table("a[1] += b", in_place(lambda a, b: a[1].add_(b)), PARTS)
table("a[.all, 1...] *= b", in_place(lambda a, b: a[:, 1:].mul_(b)), [(f32(2, 3), f32(2)), (f64(2, 3), f64(2, 1))])
table("a[1, 2] -= b", in_place(lambda a, b: a[1, 2].sub_(b)), [(f32(2, 3), f32()), (f64(2, 3), f64())])
table("a[0..<1] /= 2", in_place(lambda a: a[0:1].div_(2)), [f32(2, 3), f64(2, 3)])

# Values with sizes of 1 in front, which count for nothing.
table(
    "a[1] = b (ones in front)",
    in_place(lambda a, b: set_where(a, 1, b)),
    [(f32(2, 3), f32(1, 3)), (f64(2, 3), f64(1, 1, 1))],
)
table(
    "a[1, 2] = b (ones in front)",
    in_place(lambda a, b: set_where(a, (1, 2), b)),
    [(f32(2, 3), f32(1)), (f64(2, 3), f64(1, 1, 1)), (i64(2, 3), f32(1))],
)
table(
    "a[b] = c (mask, ones in front)",
    in_place(set_where),
    [
        (f32(2, 3), SOME, f32(1, 3)),
        (f64(2, 3), SOME, f64(1, 1, 3)),
        (f64(2, 3), SOME, f64(1, 1)),
        (f64(2, 3), given("bool", [1, 1]), f64(1, 2, 3)),
        (f64(2, 3), given("bool", [1, 0]), f64(1, 1, 3)),
        (f64(), Input("bool", (), (True,)), f64(1)),
    ],
)
table(
    "a[b] = c (indices, ones in front)",
    in_place(set_where),
    [(f64(3, 2), PLACES, f64(1, 1, 2)), (f32(3, 2), PLACES, f32(1, 2, 2))],
)

# Numbers into whole numbers, which cut them towards 0.
table("a[0] = 2.5", in_place(lambda a: set_where(a, 0, 2.5)), [i64(3), f32(3), flags(3), f64(2, 3)])
table("a[b] = 2.5 (mask)", in_place(lambda a, b: set_where(a, b, 2.5)), MASKS[:3])
table("a[b] = -2.5 (indices)", in_place(lambda a, b: set_where(a, b, -2.5)), [(i64(3), PLACES), (f64(3, 2), PLACES)])

# Views, read after their base was written, and written themselves.
VIEWS = {
    "a.t()": lambda a: a.t(),
    "a.transpose(0, 0)": lambda a: a.transpose(0, 0),
    "a.permute(1, 0)": lambda a: a.permute(1, 0),
    "a.view(3, 2)": lambda a: a.view(3, 2),
    "a.reshape(2, 3)": lambda a: a.reshape(2, 3),
    "a.flatten()": lambda a: a.flatten(),
    "a.squeeze()": lambda a: a.squeeze(),
    "a.unsqueeze(1)": lambda a: a.unsqueeze(1),
    "a.narrow(dim: 1, start: 1, length: 2)": lambda a: a.narrow(1, 1, 2),
    "a.select(dim: 1, index: -1)": lambda a: a.select(1, -1),
    "a.diagonal(offset: 1)": lambda a: a.diagonal(1),
    "a[1]": lambda a: a[1],
    "a[.ellipsis]": lambda a: a[...],
    "a[.all, .slice(0, 3, step: 2)]": lambda a: a[:, ::2],
    "a.t()[1...].unsqueeze(0)[0, 1]": lambda a: a.t()[1:].unsqueeze(0)[0, 1],
}
EXPANDED = {
    "a.expand(4, 2, 3)": lambda a: a.expand(4, 2, 3),
    "a[.all, 1, .newAxis].expand(2, 5)": lambda a: a[:, 1, None].expand(2, 5),
}
PAIRS = [(f32(2, 3), f32(2, 3)), (f64(2, 3), f64(2, 3))]
WITH_ONE = [(f32(2, 3), f32()), (f64(2, 3), f64())]


def read_after(view, change):
    """What a view shows after the tensor that it looks at was written."""

    def function(whole, b):
        part = view(whole)
        change(whole, b)
        return part * 1

    return function


def written_through(view):
    """A tensor after a view of it was read and written twice, together with what was read."""

    def function(a, b):
        whole = a.clone()
        part = view(whole)
        read = (part * 3).sum()
        part.mul_(b)
        part.add_(part)
        return whole * whole + read

    return function


for name, view in (VIEWS | EXPANDED).items():
    multiplied = read_after(view, lambda a, b: a.mul_(b))
    copied = read_after(view, lambda a, b: a.copy_(b))
    assigned = read_after(view, lambda a, b: set_where(a, 1, b[0]))
    table(f"{name} after a.mul_(b)", lambda a, b, f=multiplied: f(a.clone(), b), PAIRS)
    table(f"{name} of constants after a.copy_(b)", lambda a, b, f=copied: f(a.detach().clone(), b), PAIRS)
    table(f"{name} of constants after a[1] = b[0]", lambda a, b, f=assigned: f(a.detach().clone(), b), PAIRS)
for name, view in VIEWS.items():
    table(f"{name} written", written_through(view), WITH_ONE)
