"""Elementwise operations: one row each. Its name is its code in Swift, in OperationTableElementwise.swift."""

import torch
import torch.nn.functional as F

from inputs import Table, f32, f64, flags, given, i32, i64

nan, inf = float("nan"), float("inf")


def floats(over=None):
    """Each layout once: contiguous (short, and long enough for vector code with a tail), transposed, permuted, every
    second row, every third column, repeated rows, one column, empty, one element, no dimension."""
    return [
        f32(2, 3, over=over),
        f64(2, 3, over=over),
        f32(5, 17, over=over),
        f64(3, 19, over=over),
        f32(3, 2, over=over).view("transpose 0 1"),
        f64(3, 4, 2, over=over).view("permute 2 0 1"),
        f32(5, 4, over=over).view("slice 0 1 5 2"),
        f64(4, 7, over=over).view("slice 1 0 7 3"),
        f32(1, 3, over=over).view("expand 4 3"),
        f64(3, 4, over=over).view("select 1 2"),
        f32(0, 3, over=over),
        f32(1, over=over),
        f64(over=over),
    ]


FLOATS = floats()
POSITIVE = floats(over=(0.1, 3))
INTS = [i64(2, 3), i64(4, 3).view("transpose 0 1"), i64(5, 17), i64(0), i64(), i32(2, 3), i32(5, 17)]
FLAGS = [flags(2, 3), flags(3, 4).view("slice 1 0 4 2"), flags(37), flags(0), flags()]
NUMBERS = FLOATS + INTS

# Where functions have edges: not a number, infinities, both zeros, bounds, halves (round to even), overflow, underflow.
EDGES = [nan, inf, -inf, 0.0, -0.0, 1.0, -1.0, 0.5, -0.5, 1.5, -1.5, 2.5, 87.0, -87.0, 89.0, -105.0, 1e-30, 3e38]
SPECIAL = [given("float32", EDGES), given("float64", EDGES)]
ZEROS = [given("float32", [0.0, -0.0, 1.0, -1.0]), given("float64", [0.0, -0.0, 1.0, -1.0])]

# Pairs whose shapes meet in every way that broadcasting knows.
PAIRS = [
    (f32(2, 3), f32(2, 3)),
    (f64(2, 3), f64(2, 3)),
    (f32(5, 17), f32(5, 17)),
    (f32(3, 2).view("transpose 0 1"), f32(2, 3)),
    (f64(2, 3), f64(5, 6).view("slice 0 0 4 3", "slice 1 1 6 2")),
    (f32(1, 3).view("expand 4 3"), f32(4, 3)),
    (f64(2, 3, 4).view("permute 1 2 0"), f64(3, 2, 4).view("permute 0 2 1")),
    (f32(2, 3), f32(3)),
    (f32(3), f32(2, 3)),
    (f32(2, 1), f32(1, 3)),
    (f64(2, 1, 3), f64(4, 1)),
    (f32(5, 17), f32(17)),
    (f32(5, 17), f32(5, 1)),
    (f32(2, 3), f32()),
    (f64(), f64(2, 3)),
    (f32(), f32()),
    (f32(1), f32(2, 3)),
    (f32(0, 3), f32(3)),
    (f32(2, 0), f32(2, 1)),
]
INT_PAIRS = [(i64(2, 3), i64(2, 3)), (i64(2, 1), i64(3)), (i64(3, 2).view("transpose 0 1"), i64()), (i64(0), i64(1))]
INT_PAIRS += [(i32(2, 3), i32(3))]
FLAG_PAIRS = [(flags(2, 3), flags(3)), (flags(37), flags(37)), (flags(), flags())]
# Two types meet: the higher kind wins, and a tensor without dimensions only counts by its kind.
PROMOTIONS = [
    (f32(3), f64(3)),
    (i64(3), f32(3)),
    (f64(2, 3), i64(3)),
    (flags(3), i64(3)),
    (flags(2, 3), f32(3)),
    (flags(3), f64(3)),
    (f32(3), f64()),
    (i64(3), f32()),
    (i64(3), f64()),
    (f32(), f64(3)),
    (flags(3), i64()),
    (f32(3), i64()),
    (f32(), i64(3)),
    (f32(), f64()),
    (i64(), f32()),
    (i32(3), i64(3)),
    (i32(3), i64()),
    (i32(), i64(3)),
    (i32(2, 3), f32(3)),
    (i32(3), f64()),
    (flags(3), i32(3)),
    (flags(), i32(3)),
]
SUBTRACTED = [pair for pair in PROMOTIONS if "bool" not in (pair[0].dtype, pair[1].dtype)]  # PyTorch takes no bool from
# Neither side 0, so that both may divide.
NONZERO_PAIRS = [(i64(2, 3, over=(1, 9)), i64(3, over=(1, 9))), (i64(), i64(2, over=(2, 9)))]
NONZERO_PAIRS += [(i32(2, 3), i32(3, over=(1, 9))), (flags(3), i32(3, over=(1, 9))), (i32(3), i64(over=(2, 9)))]
# Ties and edges of two arguments.
TIES = [
    (given("float32", [1, 2, 3, nan, nan, inf, -inf, 0.0]), given("float32", [1, 3, 2, 1, nan, inf, inf, -0.0])),
    (given("float64", [1, 2, 3, nan, nan, inf, -inf, 0.0]), given("float64", [1, 3, 2, 1, nan, inf, inf, -0.0])),
]
ARITHMETIC_EDGES = [
    (given("float32", [0, 0, 1, -1, inf, inf, nan, 3e38]), given("float32", [0, -0.0, 0, 0, inf, 0, 1, 3e38])),
]

table = Table()

# Functions of one tensor.
table("-a", lambda a: -a, NUMBERS, SPECIAL)
table("a.abs()", lambda a: a.abs(), NUMBERS, SPECIAL)
table("a.sign()", lambda a: a.sign(), NUMBERS, SPECIAL)
table("a.square()", lambda a: a.square(), NUMBERS, SPECIAL)
table("a.exp()", lambda a: a.exp(), NUMBERS, FLAGS, SPECIAL)
table("a.log()", lambda a: a.log(), POSITIVE, SPECIAL, [i64(3, over=(1, 9))])
table("a.log1p()", lambda a: a.log1p(), POSITIVE, SPECIAL, [i64(3, over=(1, 9))])
table("a.expm1()", lambda a: a.expm1(), NUMBERS, FLAGS, SPECIAL)
table("a.exp2()", lambda a: a.exp2(), NUMBERS, FLAGS, SPECIAL)
table("a.log2()", lambda a: a.log2(), POSITIVE, SPECIAL, [i64(3, over=(1, 9))])
table("a.sqrt()", lambda a: a.sqrt(), POSITIVE, SPECIAL, [i64(3, over=(1, 9))])
table("a.rsqrt()", lambda a: a.rsqrt(), POSITIVE, SPECIAL, [i64(3, over=(1, 9))])
table("a.sin()", lambda a: a.sin(), NUMBERS, ZEROS)
table("a.cos()", lambda a: a.cos(), NUMBERS, ZEROS)
table("a.tanh()", lambda a: a.tanh(), NUMBERS, SPECIAL)
table("a.sigmoid()", lambda a: a.sigmoid(), NUMBERS, FLAGS, SPECIAL)
table("a.relu()", lambda a: a.relu(), NUMBERS, SPECIAL)
table("a.gelu()", lambda a: F.gelu(a), FLOATS, ZEROS)
table("a.gelu(approximate: .tanh)", lambda a: F.gelu(a, approximate="tanh"), FLOATS, ZEROS)
table("a.silu()", lambda a: F.silu(a), FLOATS, ZEROS)
table("a.leakyReLU()", lambda a: F.leaky_relu(a), FLOATS, SPECIAL)
table("a.leakyReLU(0.2)", lambda a: F.leaky_relu(a, 0.2), FLOATS, SPECIAL)
table("a.softplus()", lambda a: F.softplus(a), FLOATS, SPECIAL)
table("a.softplus(beta: 2, threshold: 1)", lambda a: F.softplus(a, 2, 1), FLOATS, ZEROS)
table("a.erf()", lambda a: a.erf(), NUMBERS, SPECIAL)
table("a.reciprocal()", lambda a: a.reciprocal(), FLOATS, SPECIAL, [i64(3, over=(1, 9))])
table("a.floor()", lambda a: a.floor(), NUMBERS, SPECIAL)
table("a.ceil()", lambda a: a.ceil(), NUMBERS, SPECIAL)
table("a.round()", lambda a: a.round(), NUMBERS, SPECIAL)
table("a.trunc()", lambda a: a.trunc(), NUMBERS, SPECIAL)
table("a.clamp(min: -1, max: 1)", lambda a: a.clamp(-1, 1), NUMBERS, SPECIAL)
table("a.clamp(min: 0)", lambda a: a.clamp(min=0), NUMBERS, SPECIAL)
table("a.clamp(max: 1)", lambda a: a.clamp(max=1), NUMBERS, SPECIAL)
table("a.clamp(min: -0.5, max: 0.75)", lambda a: a.clamp(-0.5, 0.75), NUMBERS, SPECIAL)
table("a.isNaN()", lambda a: a.isnan(), NUMBERS, FLAGS, SPECIAL)
table("a.isInf()", lambda a: a.isinf(), NUMBERS, FLAGS, SPECIAL)
table("a.isFinite()", lambda a: a.isfinite(), NUMBERS, FLAGS, SPECIAL)
table("a.nanToNum()", lambda a: a.nan_to_num(), NUMBERS, FLAGS, SPECIAL)
table("a.nanToNum(nan: 1, posInf: 2, negInf: -2.5)", lambda a: a.nan_to_num(1, 2, -2.5), NUMBERS, SPECIAL)
table("a.logicalNot()", lambda a: a.logical_not(), NUMBERS, FLAGS, SPECIAL)
table("a.clone()", lambda a: a.clone(), NUMBERS, FLAGS, SPECIAL)
table("a.detach()", lambda a: a.detach(), NUMBERS, FLAGS)
table("a.contiguous()", lambda a: a.contiguous(), NUMBERS, FLAGS)

# Powers. A base of 0 and a negative base have rules of their own.
BASES = [given("float32", [0.0, -0.0, 2.0, -2.0, inf, -inf, nan]), given("float64", [0.0, 1.0, 2.0, -2.0])]
EXPONENTS = (
    given("float64", [0.0, 0.0, 0.0, 0.0, -2.0, -2.0, 2.0, 1.0, nan, nan, inf]),
    given("float64", [0.0, 1.0, 2.0, -1.0, 3.0, -1.0, 0.0, nan, 0.0, 1.0, 0.5]),
)
POWERS = [
    (f32(2, 3, over=(0.1, 3)), f32(2, 3)),
    (f64(2, 3, over=(0.1, 3)), f64(2, 3)),
    (f64(2, 1, over=(0.1, 3)), f64(3)),
    (f32(3, 2, over=(0.1, 3)).view("transpose 0 1"), f32()),
    (f32(5, 17, over=(0.1, 3)), f32(5, 17)),
    (f32(0, over=(0.1, 3)), f32(0)),
    (i64(2, 3), i64(3, over=(0, 4))),
    (i32(2, 3), i32(3, over=(0, 4))),
    (flags(3), i32(3, over=(0, 4))),
    (i64(3, over=(1, 4)), f32(3)),
    (f32(3, over=(0.1, 3)), f64()),
    (f32(3, over=(0.1, 3)), i64(3)),
]
table("a.pow(2)", lambda a: a.pow(2), NUMBERS, BASES)
table("a.pow(3)", lambda a: a.pow(3), NUMBERS, BASES)
table("a.pow(0)", lambda a: a.pow(0), NUMBERS, BASES)
table("a.pow(1)", lambda a: a.pow(1), NUMBERS, BASES)
table("a.pow(-1)", lambda a: a.pow(-1), FLOATS, BASES)
table("a.pow(-2)", lambda a: a.pow(-2), FLOATS, BASES)
table("a.pow(0.5)", lambda a: a.pow(0.5), POSITIVE, BASES, [i64(3, over=(0, 9))])
table("a.pow(2.5)", lambda a: a.pow(2.5), POSITIVE, BASES, [i64(3, over=(0, 9))])
table("a.pow(b)", lambda a, b: a.pow(b), POWERS, [EXPONENTS])
table("Tensor.pow(2, a)", lambda a: torch.pow(2, a), FLOATS, ZEROS, [i64(3, over=(0, 9)), i32(3, over=(0, 9))])
table("Tensor.pow(0, a)", lambda a: torch.pow(0, a), POSITIVE, ZEROS)
table("Tensor.pow(0.5, a)", lambda a: torch.pow(0.5, a), FLOATS, ZEROS, INTS)

# A tensor and a number, on either side.
table("a + 2", lambda a: a + 2, NUMBERS, FLAGS)
table("2 + a", lambda a: 2 + a, NUMBERS)
table("a - 2", lambda a: a - 2, NUMBERS)
table("2 - a", lambda a: 2 - a, NUMBERS)
table("a * 3", lambda a: a * 3, NUMBERS, FLAGS)
table("3 * a", lambda a: 3 * a, NUMBERS)
table("a / 3", lambda a: a / 3, NUMBERS, FLAGS)
table("3 / a", lambda a: 3 / a, FLOATS, SPECIAL, [i64(3, over=(1, 9))])
table("a + 2.5", lambda a: a + 2.5, NUMBERS, FLAGS)
table("2.5 + a", lambda a: 2.5 + a, NUMBERS)
table("a - 2.5", lambda a: a - 2.5, NUMBERS)
table("2.5 - a", lambda a: 2.5 - a, NUMBERS)
table("a * 2.5", lambda a: a * 2.5, NUMBERS, FLAGS)
table("2.5 * a", lambda a: 2.5 * a, NUMBERS)
table("a / 2.5", lambda a: a / 2.5, NUMBERS, FLAGS)
table("2.5 / a", lambda a: 2.5 / a, FLOATS, SPECIAL, [i64(3, over=(1, 9))])

# Rounded down, and what is left: Python's // and %. In PyTorch `floor_divide` and a number % a tensor have no gradient, and these
# spellings of them have.
DIVISORS = [i64(3, over=(1, 9)), given("int64", [1, -2, 3, -5])]


def floor_divide(a, b):
    return torch.div(a, b, rounding_mode="floor")


table("a % 3", lambda a: a % 3, NUMBERS, SPECIAL)
table("7 % a", lambda a: torch.tensor(7) % a, FLOATS, SPECIAL, DIVISORS)
table("a % -2.5", lambda a: a % -2.5, NUMBERS, SPECIAL)
table("2.5 % a", lambda a: torch.tensor(2.5) % a, FLOATS, SPECIAL, DIVISORS)
table("a.remainder(2)", lambda a: a.remainder(2), NUMBERS, SPECIAL)
table("a.floorDivide(3)", lambda a: floor_divide(a, 3), NUMBERS, SPECIAL)
table("a.floorDivide(-0.5)", lambda a: floor_divide(a, -0.5), NUMBERS, SPECIAL)

# Two tensors.
table("a + b", lambda a, b: a + b, PAIRS, INT_PAIRS, FLAG_PAIRS, PROMOTIONS, ARITHMETIC_EDGES)
table("a - b", lambda a, b: a - b, PAIRS, INT_PAIRS, SUBTRACTED, ARITHMETIC_EDGES)
table("a * b", lambda a, b: a * b, PAIRS, INT_PAIRS, FLAG_PAIRS, PROMOTIONS, ARITHMETIC_EDGES)
table("a / b", lambda a, b: a / b, PAIRS, NONZERO_PAIRS, PROMOTIONS[:2], PROMOTIONS[6:9], ARITHMETIC_EDGES)
DIVIDED = [
    *PAIRS,
    *NONZERO_PAIRS,
    *PROMOTIONS[:2],
    *PROMOTIONS[6:9],
    (given("int64", [7, -7, 7, -7, -(2**63), 2**63 - 1]), given("int64", [2, 2, -2, -2, -1, -3])),
    (given("int32", [7, -7, 7, -7, 2**31 - 1]), given("int32", [2, 2, -2, -2, -3])),
    (given("float64", [7, -7, 7, -7, 1, 0.0, -0.0]), given("float64", [2, 2, -2, -2, 0.1, 3, 3])),
    *ARITHMETIC_EDGES,
]
table("a % b", lambda a, b: a % b, DIVIDED)
table("a.remainder(b)", lambda a, b: a.remainder(b), DIVIDED)
table("a.floorDivide(b)", floor_divide, DIVIDED)
table("a * a", lambda a: a * a, [f32(2, 3), f64(2, 3)])
table("a / a", lambda a: a / a, [f32(2, 3), f64(2, 3)])
table("a.maximum(b)", lambda a, b: a.maximum(b), PAIRS, INT_PAIRS, FLAG_PAIRS, PROMOTIONS, TIES)
table("a.minimum(b)", lambda a, b: a.minimum(b), PAIRS, INT_PAIRS, FLAG_PAIRS, PROMOTIONS, TIES)
BOUNDED = [
    (f32(2, 3), f32(2, 3), f32(2, 3)),
    (f64(2, 3), f64(2, 3), f64(3)),
    (f64(2, 3), f64(2, 3), f64()),
    (i64(2, 3), i64(3), i64(3)),
    (i64(3), f32(3), i64(3)),
    (i32(2, 3), i32(3), i32(3)),
    (i32(3), i64(3), i32(3)),
    (f32(0), f32(1), f32(0)),
    (f32(3, 2).view("transpose 0 1"), f32(2, 3), f32(2, 1)),
    (
        given("float64", [1, 2, 3, nan, 1, 1, inf, 0]),
        given("float64", [1, 3, 0, 0, nan, 2, 0, 2]),
        given("float64", [2, 2, 3, 1, 2, nan, inf, 1]),
    ),
]
table("a.clamp(min: b, max: c)", lambda a, b, c: a.clamp(b, c), BOUNDED)
table("a.clamp(min: b)", lambda a, b: a.clamp(min=b), PAIRS, INT_PAIRS, PROMOTIONS[:2], TIES)
table("a.clamp(max: b)", lambda a, b: a.clamp(max=b), PAIRS, INT_PAIRS, PROMOTIONS[:2], TIES)

# Comparisons and logic. Ties, NaN and infinities are in the small whole numbers and in TIES.
COMPARED = [PAIRS[0], PAIRS[3], PAIRS[4], PAIRS[5], PAIRS[10], PAIRS[13], PAIRS[17], (f32(71), f32(71))]
COMPARED = COMPARED + INT_PAIRS + FLAG_PAIRS + PROMOTIONS + TIES
STEPS = [f32(2, 3), f64(4, 3).view("slice 0 0 4 2"), i64(5, 17), flags(5), f32(0), f32(), *SPECIAL, i32(5, 17)]
table("a < b", lambda a, b: a < b, COMPARED)
table("a <= b", lambda a, b: a <= b, COMPARED)
table("a > b", lambda a, b: a > b, COMPARED)
table("a >= b", lambda a, b: a >= b, COMPARED)
table("a == b", lambda a, b: a == b, COMPARED)
table("a != b", lambda a, b: a != b, COMPARED)
table("a < 1", lambda a: a < 1, STEPS)
table("a <= 1", lambda a: a <= 1, STEPS)
table("a > 1", lambda a: a > 1, STEPS)
table("a >= 1", lambda a: a >= 1, STEPS)
table("a == 1", lambda a: a == 1, STEPS)
table("a != 1", lambda a: a != 1, STEPS)
table("1 < a", lambda a: 1 < a, STEPS)
table("1 <= a", lambda a: 1 <= a, STEPS)
table("1 > a", lambda a: 1 > a, STEPS)
table("1 >= a", lambda a: 1 >= a, STEPS)
table("1 == a", lambda a: 1 == a, STEPS)
table("1 != a", lambda a: 1 != a, STEPS)
table("-0.5 < a", lambda a: -0.5 < a, STEPS)
CLOSE = [
    (given("float32", [1, 1, 1, nan, inf, inf, 0, 3e38]), given("float32", [1, 1.000001, 1.4, nan, inf, -inf, 1e-9, -3e38])),
    (given("float64", [1, 1, nan]), given("float64", [1.00001, 1.1, 1])),
    (given("int64", [1, 2, 3]), given("int64", [1, 3, 9])),
    (flags(3), flags(3)),
    (f32(2, 3), f32(3)),
    (f32(0), f32(0)),
]
table("a.isClose(b)", lambda a, b: a.isclose(b), CLOSE)
table("a.isClose(b, rtol: 0.5, atol: 0.1, equalNaN: true)", lambda a, b: a.isclose(b, 0.5, 0.1, True), CLOSE)
table("a > 1.5", lambda a: a > 1.5, STEPS)
table("a <= -0.5", lambda a: a <= -0.5, STEPS)
table("a.logicalAnd(b)", lambda a, b: a.logical_and(b), COMPARED)
table("a.logicalOr(b)", lambda a, b: a.logical_or(b), COMPARED)
table("a.logicalXor(b)", lambda a, b: a.logical_xor(b), COMPARED)
table("a .& b", lambda a, b: a & b, FLAG_PAIRS)
table("a .| b", lambda a, b: a | b, FLAG_PAIRS)
table("!a", lambda a: ~a, FLAGS)

# Numbers that are truth values: between bools they stay bools.
LOGICAL = [*FLAGS, i64(2, 3), f32(2, 3), f64(2, 3)]
table("a + true", lambda a: a + True, LOGICAL)
table("false + a", lambda a: False + a, LOGICAL)
table("a * true", lambda a: a * True, LOGICAL)
table("false * a", lambda a: False * a, LOGICAL)
table("a / true", lambda a: a / True, LOGICAL)
table("a.pow(true)", lambda a: a.pow(True), LOGICAL)
table("a.pow(false)", lambda a: a.pow(False), LOGICAL)

# Choosing.
CHOICES = [
    (flags(2, 3), f32(2, 3), f32(2, 3)),
    (flags(2, 3), f64(2, 3), f64(2, 3)),
    (flags(5, 17), f32(5, 17), f32(5, 17)),
    (flags(3), f64(2, 3), f64(2, 1)),
    (flags(2, 1), f32(3), f32()),
    (flags(3, 2).view("transpose 0 1"), f32(3, 2).view("transpose 0 1"), f32(2, 3)),
    (flags(3), i64(3), i64(3)),
    (flags(3), flags(3), flags(3)),
    (flags(3), i32(3), i32(3)),
    (flags(3), i32(3), i64(3)),
    (flags(3), i64(3), f32(3)),
    (flags(3), f32(3), f64()),
    (flags(0), f32(0), f32(0)),
    (flags(), f32(), f32()),
    (given("bool", [True, False]), given("float32", [1, nan]), given("float32", [inf, 2])),
]
MASKED = [
    (f32(2, 3), flags(2, 3)),
    (f64(2, 3), flags(2, 3)),
    (f32(5, 17), flags(17)),
    (f32(3, 2).view("transpose 0 1"), flags(2, 1)),
    (f64(2, 3), flags()),
    (i64(2, 3), flags(2, 3)),
    (flags(3), flags(3)),
    (f32(0), flags(0)),
    (i32(2, 3), flags(2, 3)),
]
table("Tensor.where(a, b, c)", lambda a, b, c: torch.where(a, b, c), CHOICES)
table("Tensor.where(a > 0, a, 0.5)", lambda a: torch.where(a > 0, a, 0.5), FLOATS[:6], [i64(3)])
table("Tensor.where(a > 0, -1.5, a)", lambda a: torch.where(a > 0, -1.5, a), FLOATS[:6])
table("Tensor.where(a > 0, 1, 0)", lambda a: torch.where(a > 0, 1, 0), FLOATS[:3])
table("Tensor.where(a > 0, 1, 0.5)", lambda a: torch.where(a > 0, 1, 0.5), FLOATS[:3])
table("Tensor.where(a > 0, true, false)", lambda a: torch.where(a > 0, True, False), FLOATS[:3])
table("a.maskedFill(b, -2)", lambda a, b: a.masked_fill(b, -2), MASKED)
table("a.maskedFill(b, 2.5)", lambda a, b: a.masked_fill(b, 2.5), MASKED)

# In place, on a copy, so that the gradient of what was overwritten shows as well. PyTorch keeps the left side's type.
KEPT = [
    (f32(2, 3), f32(2, 3)),
    (f64(2, 3), f64(2, 3)),
    (f32(5, 17), f32(17)),
    (f32(2, 3), f32(3, 2).view("transpose 0 1")),
    (f64(3, 4, 2).view("permute 2 0 1"), f64(4)),
    (f32(2, 3), f32()),
    (f32(0, 3), f32(3)),
    (f32(), f32()),
    (f32(2, 3), f64(3)),
    (f64(2, 3), i64(3, over=(1, 9))),
    (f32(2, 3), i64(over=(1, 9))),
]
KEPT_INTS = [(i64(2, 3), i64(3)), (i64(3), flags(3)), (i32(2, 3), i32(3)), (i32(3), i64(3)), (i64(3), i32(3))]
CHANGED = [f32(2, 3), f64(2, 3), f32(5, 17), f64(3, 2).view("transpose 0 1"), f32(0), f32()]


def in_place(change):
    def function(a, *others):
        result = a.clone()
        change(result, *others)
        return result

    function.writes = True
    return function


table("a.add_(b)", in_place(lambda a, b: a.add_(b)), KEPT, KEPT_INTS)
table("a.add_(b, alpha: 2)", in_place(lambda a, b: a.add_(b, alpha=2)), KEPT, KEPT_INTS, FLAG_PAIRS)
table("a.add_(b, alpha: -1)", in_place(lambda a, b: a.add_(b, alpha=-1)), KEPT_INTS, FLAG_PAIRS)
table("a.add_(b, alpha: -0.5)", in_place(lambda a, b: a.add_(b, alpha=-0.5)), KEPT)
table("a.sub_(b)", in_place(lambda a, b: a.sub_(b)), KEPT, KEPT_INTS[:1])
table("a.sub_(b, alpha: 2)", in_place(lambda a, b: a.sub_(b, alpha=2)), KEPT, KEPT_INTS[:1])
table("a.mul_(b)", in_place(lambda a, b: a.mul_(b)), KEPT, KEPT_INTS)
table("a.div_(b)", in_place(lambda a, b: a.div_(b)), KEPT)
table("a.add_(2)", in_place(lambda a: a.add_(2)), CHANGED, [i64(3)])
table("a.sub_(2)", in_place(lambda a: a.sub_(2)), CHANGED, [i64(3)])
table("a.mul_(3)", in_place(lambda a: a.mul_(3)), CHANGED, [i64(3)])
table("a.div_(3)", in_place(lambda a: a.div_(3)), CHANGED)
table("a += b", in_place(lambda a, b: a.__iadd__(b)), KEPT, KEPT_INTS)
table("a -= b", in_place(lambda a, b: a.__isub__(b)), KEPT, KEPT_INTS[:1])
table("a *= b", in_place(lambda a, b: a.__imul__(b)), KEPT, KEPT_INTS)
table("a /= b", in_place(lambda a, b: a.__itruediv__(b)), KEPT)
table("a += 2", in_place(lambda a: a.__iadd__(2)), CHANGED, [i64(3)])
table("a -= 2", in_place(lambda a: a.__isub__(2)), CHANGED, [i64(3)])
table("a *= 2.5", in_place(lambda a: a.__imul__(2.5)), CHANGED)
table("a /= 2.5", in_place(lambda a: a.__itruediv__(2.5)), CHANGED)
table("a += true", in_place(lambda a: a.__iadd__(True)), LOGICAL)
table("a *= false", in_place(lambda a: a.__imul__(False)), LOGICAL)
table("a.zero_()", in_place(lambda a: a.zero_()), CHANGED, [i64(3), flags(3)])
table("a.fill_(3)", in_place(lambda a: a.fill_(3)), CHANGED, [i64(3), flags(3), i32(3)])
table(
    "a.copy_(b)", in_place(lambda a, b: a.copy_(b)), KEPT, [(i64(3), f32(3)), (flags(2, 3), i64(3)), (f64(3), flags(3))]
)
table("a.maskedFill_(b, -2)", in_place(lambda a, b: a.masked_fill_(b, -2)), MASKED)
table("a.clamp_(min: -1, max: 1)", in_place(lambda a: a.clamp_(-1, 1)), CHANGED, [i64(5)], SPECIAL)
table("a.clamp_(min: 0)", in_place(lambda a: a.clamp_(min=0)), CHANGED, [i64(5)], SPECIAL)
table("a.clamp_(min: b)", in_place(lambda a, b: a.clamp_(min=b)), KEPT, KEPT_INTS, TIES)
table("a.clamp_(max: b)", in_place(lambda a, b: a.clamp_(max=b)), KEPT, KEPT_INTS, TIES)
table("a.clamp_(min: b, max: c)", in_place(lambda a, b, c: a.clamp_(b, c)), [case for case in BOUNDED if case != (i64(3), f32(3), i64(3))])

# Conversions. Float to integer cuts towards zero; anything but 0 is true, NaN too.
CONVERTED = [f32(2, 3), f64(4, 3).view("transpose 0 1"), i64(2, 3), flags(5), f32(0), f64(), i32(2, 3)]
LIMITS = [
    given("float64", [0.0, -0.0, 0.5, -0.5, 1e-300, 1.99, -1.99, 1e15]),
    given("int64", [2**53 + 1, -(2**40), 0, 16777217]),
    given("int32", [2**31 - 1, -(2**31), 0, 16777217]),
]
BEYOND = [nan, inf, -inf, 3e9, -3e9, 2147483648.0, -2147483648.0]
table("a.to(.float32)", lambda a: a.to(torch.float32), CONVERTED, LIMITS)
table("a.to(.float64)", lambda a: a.to(torch.float64), CONVERTED, LIMITS, [given("float32", [nan, inf, -inf])])
table("a.to(.int64)", lambda a: a.to(torch.int64), CONVERTED, LIMITS)
table("a.to(.int32)", lambda a: a.to(torch.int32), CONVERTED, LIMITS, [given("float32", BEYOND), given("float64", BEYOND)])
table("a.to(.bool)", lambda a: a.to(torch.bool), CONVERTED, LIMITS, [given("float32", [nan, inf, -inf, 0.0])])
