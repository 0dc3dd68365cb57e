"""What a row of sampleArithmetic.py and sampleMovement.py is: one of PyTorch's operators that Kindling has too.

A row is PyTorch's name, with its variant, and a function of PyTorch's parameters. It gives the arguments in the order
in which OperatorSamples/*.swift takes them, and leaves a sample out by not having its parameter, or through `need`. The
outputs are always what PyTorch's own function makes of PyTorch's own sample.
"""

import dataclasses
import typing

import torch

TYPES = {torch.float32: "float32", torch.float64: "float64", torch.int64: "int64", torch.bool: "bool"}


class LeftOut(Exception):
    """Why a sample is not one for Kindling."""


def need(condition, reason):
    if not condition:
        raise LeftOut(reason)


@dataclasses.dataclass(frozen=True)
class Entry:
    arguments: typing.Callable
    # Each element of the output comes from the elements at its place alone, so that all pairs of special values fit
    # into one sample.
    elementwise: bool = False
    # The element types that make a difference to it.
    dtypes: tuple = tuple(TYPES)
    # The database's sizes S, M and L, turned down where its samples allow that.
    sizes: tuple = (3, 4, 5)
    # Further samples, as positional and named arguments, made of a tensor.
    more: typing.Callable = lambda x: ()


USUAL_SIZES = (5, 10, 20)
ENTRIES = {}


def entry(names, arguments=None, **options):
    """Adds a row for each of the names; without a function it decorates one."""
    if arguments is None:
        return lambda function: entry(names, function, **options)
    for name in names.split():
        assert name not in ENTRIES, name
        ENTRIES[name] = Entry(arguments, **options)


def is_number(value):
    return isinstance(value, (bool, int, float))


def type_name(dtype):
    need(dtype in TYPES, f"the type {dtype}")
    return TYPES[dtype]


def listed(dim):
    """Dimensions as a list; an empty one is all of them."""
    return [] if dim is None else [dim] if isinstance(dim, int) else list(dim)


def numbered(*values):
    known = all(value is None or is_number(value) for value in values)
    need(known, "a tensor or a complex number in the place of a number")
    return values


def tensor(value):
    need(isinstance(value, torch.Tensor), "a number in the place of a tensor")
    return value


def whole(value):
    need(isinstance(value, int) and not isinstance(value, bool), "a real number in the place of a whole one")
    return value


def reals(*values):
    return [float(value) for value in numbered(*values)]
