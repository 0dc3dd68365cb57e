"""How inputs are drawn and laid out, and what is recorded of a case.

An input is a small contiguous base tensor and the views that are taken of it, so that the Swift side can build the very
same memory layout. Its values depend on nothing but its type, its shape and its position among the inputs, so that a
new row of a table changes no other row.
"""

import dataclasses
import random
import warnings

import torch

DTYPES = {"float32": torch.float32, "float64": torch.float64, "int32": torch.int32, "int64": torch.int64, "bool": torch.bool}
NAMES = {dtype: name for name, dtype in DTYPES.items()}

VIEWS = {
    "transpose": lambda t, first, second: t.transpose(first, second),
    "permute": lambda t, *order: t.permute(order),
    "slice": lambda t, dim, start, end, step: t[(slice(None),) * dim + (slice(start, end, step),)],
    "select": lambda t, dim, index: t.select(dim, index),
    "expand": lambda t, *sizes: t.expand(sizes),
}


@dataclasses.dataclass(frozen=True)
class Input:
    dtype: str
    shape: tuple
    values: tuple = None  # drawn where None
    over: tuple = None  # the bounds of the draw
    views: tuple = ()
    differentiable: bool = True

    def constant(self):
        """The same input, with no gradient asked for."""
        return dataclasses.replace(self, differentiable=False)

    def view(self, *views):
        return dataclasses.replace(self, views=self.views + views)

    def base(self, position):
        values = self.draw(position) if self.values is None else self.values
        return torch.tensor(values, dtype=DTYPES[self.dtype]).reshape(self.shape)

    def draw(self, position):
        count = 1
        for size in self.shape:
            count *= size
        source = random.Random(f"{position} {self.dtype} {self.shape}")
        if self.dtype == "bool":
            return [source.random() < 0.5 for _ in range(count)]
        if self.dtype in ("int32", "int64"):
            low, high = self.over or (-9, 9)
            return [source.randint(low, high) for _ in range(count)]
        # Hundredths, no two alike, and none a multiple of a quarter: no ties, and no kink (a bound, a half, 0) is hit.
        low, high = self.over or (-3, 3)
        hundredths = [n for n in range(round(low * 100), round(high * 100) + 1) if n % 25 != 0]
        return [n / 100 for n in source.sample(hundredths, count)]

    def tensor(self, position):
        tensor = self.base(position)
        for view in self.views:
            verb, *numbers = view.split()
            tensor = VIEWS[verb](tensor, *map(int, numbers))
        return tensor


def f32(*shape, over=None):
    return Input("float32", shape, over=over)


def f64(*shape, over=None):
    return Input("float64", shape, over=over)


def i32(*shape, over=None):
    return Input("int32", shape, over=over)


def i64(*shape, over=None):
    return Input("int64", shape, over=over)


def flags(*shape):
    return Input("bool", shape)


def given(dtype, values, *shape):
    """These very values, as a vector where no shape is named."""
    return Input(dtype, shape or (len(values),), values=tuple(values))


class Table:
    """Rows: how a user of Kindling writes it, PyTorch's function, and the cases to record.

    `applied_to` stands behind each name in Swift, where a row makes something that is called.
    """

    def __init__(self, applied_to=""):
        self.rows = {}
        self.applied_to = applied_to

    def __call__(self, name, function, *sets):
        assert name not in self.rows, name
        cases = [case for cases in sets for case in cases]
        self.rows[name] = function, [case if isinstance(case, tuple) else (case,) for case in cases]

    def record(self):
        return {name: [record(name, function, case) for case in cases] for name, (function, cases) in self.rows.items()}


def upstream(output):
    """The gradient handed in at the output: multiples of an eighth, never 0. OperationTests.swift has the same line."""
    position = torch.arange(output.numel(), dtype=torch.float64)
    return (((7 * position) % 11 - 5.5) / 4).reshape(output.shape).to(output.dtype)


def record(name, function, case):
    """One case as the file has it: inputs, output, and where there is one the gradient for each input.

    `finiteDifferences` says how many derivatives PyTorch's own gradcheck confirms at this point (0 at a kink).
    """
    inputs = [spec.tensor(position) for position, spec in enumerate(case)]
    wants = [spec.differentiable and x.is_floating_point() for spec, x in zip(case, inputs)]
    leaves = [x.detach().requires_grad_(wanted) for x, wanted in zip(inputs, wants)]
    try:
        output = function(*leaves)
    except Exception as error:
        raise SystemExit(f"{name}, {case}: {error}")
    entry = {
        "inputs": [written(spec.base(position), spec.views) for position, spec in enumerate(case)],
        "output": written(output),
    }
    if output.requires_grad:
        wanted = [leaf for leaf in leaves if leaf.requires_grad]
        try:
            gradients = iter(torch.autograd.grad(output, wanted, upstream(output), allow_unused=True))
        except Exception as error:
            raise SystemExit(f"gradient of {name}, {case}: {error}")
        gradients = [next(gradients) if leaf.requires_grad else None for leaf in leaves]
        entry["gradients"] = [None if g is None else written(g)["values"] for g in gradients]
        entry["finiteDifferences"] = confirmed_derivatives(function, inputs, wants, output)
    return entry


def confirmed_derivatives(function, inputs, wants, output):
    floats = [x for x in inputs if x.is_floating_point()]
    if any(x.dtype != torch.float64 for x in floats) or not 0 < output.numel() <= 64:
        return 0
    if not all(x.isfinite().all() for x in floats + [output]):
        return 0
    points = [x.clone(memory_format=torch.contiguous_format).requires_grad_(want) for x, want in zip(inputs, wants)]
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.manual_seed(0)
        if not torch.autograd.gradcheck(function, points, raise_exception=False):
            return 0
        return 2 if torch.autograd.gradgradcheck(function, points, raise_exception=False) else 1


def written(tensor, views=()):
    """A tensor as it stands in a file. numpy keeps the shortest digits that give the same float32 or float64 again."""
    entry = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape), "values": list(tensor.detach().numpy().ravel())}
    if views:
        entry["views"] = list(views)
    return entry
