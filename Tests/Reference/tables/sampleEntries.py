"""PyTorch's operators that Kindling has too: which of their samples Kindling can be asked, and with what arguments.

A row is PyTorch's name, with its variant, and a function of PyTorch's parameters. It gives the arguments in the order in
which OperatorSamples/*.swift takes them, and leaves a sample out by not having its parameter, or through `need`. The
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
    # Each element of the output comes from the elements at its place alone, so that all pairs of special values fit into
    # one sample.
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
    need(all(value is None or is_number(value) for value in values), "a tensor or a complex number in the place of a number")
    return values


def tensor(value):
    need(isinstance(value, torch.Tensor), "a number in the place of a tensor")
    return value


def whole(value):
    need(isinstance(value, int) and not isinstance(value, bool), "a real number in the place of a whole one")
    return value


def reals(*values):
    return [float(value) for value in numbered(*values)]


# Elementwise.

UNARY = """exp log log1p sqrt rsqrt sin cos tanh erf sigmoid reciprocal abs sign sgn floor ceil round neg square isnan isinf
logical_not nn.functional.silu"""
BINARY = """mul div/no_rounding_mode true_divide __radd__ __rmul__ __rsub__ __rdiv__ __rpow__ pow eq ne lt le gt ge"""
TENSORS_ALONE = "maximum minimum max/binary min/binary logical_and logical_or logical_xor"

entry(UNARY, lambda x: (x,), elementwise=True)
entry("bitwise_not", lambda x: (x,), elementwise=True, dtypes=(torch.bool,))
entry(BINARY, lambda x, y: (tensor(x), y), elementwise=True)
entry(TENSORS_ALONE, lambda x, y: (tensor(x), tensor(y)), elementwise=True)
entry("bitwise_and bitwise_or", lambda x, y: (tensor(x), tensor(y)), elementwise=True, dtypes=(torch.bool,))


def scaled(x, y, *, alpha=1):
    """`add_(_:alpha:)` is the one with a factor, and writes in place."""
    if alpha != 1:
        need(isinstance(y, torch.Tensor), "a factor for a number")
        need(torch.result_type(x, y) == x.dtype and y.shape == x.shape, "a factor, and a result of another type or shape")
    return tensor(x), y, *numbered(int(alpha) if isinstance(alpha, bool) else alpha)


entry("add sub", scaled, elementwise=True)


@entry("rsub", elementwise=True)
def _(x, y, *, alpha=1):
    need(alpha == 1, "a factor")
    return tensor(x), y


@entry("nn.functional.relu", elementwise=True)
def _(x, inplace=False):
    return (x,)


entry(
    "nn.functional.leaky_relu",
    lambda x, negative_slope=0.01, inplace=False: (x, *numbered(negative_slope)),
    elementwise=True,
)


@entry("nn.functional.gelu", elementwise=True)
def _(x, approximate="none"):
    need(approximate in ("none", "tanh"), "a word that Swift's compiler refuses")
    return x, approximate


entry("nn.functional.softplus", lambda x, beta=1.0, threshold=20.0: (x, beta, threshold), elementwise=True)
entry(
    "clamp",
    lambda x, min=None, max=None: (x, *numbered(min, max)),
    elementwise=True,
    more=lambda x: [
        ((x,), bounds) for bounds in ({"min": 0}, {"max": 1.5}, {"min": -1, "max": 2}, {"min": 2, "max": -1})
    ],
)


@entry("where", elementwise=True)
def _(x, condition, y):
    need(isinstance(x, torch.Tensor) or isinstance(y, torch.Tensor), "two numbers")
    return condition, x, y



@entry("masked_fill")
def _(x, mask, value):
    need(is_number(value), "a tensor in the place of a number")
    return x, mask, value


@entry("fill")
def _(x, value):
    return x, *numbered(value)


entry("zero_", lambda x: (x,))

# Reductions.


def reduced(x, dim=None, keepdim=False):
    return x, listed(dim), keepdim


entry("sum mean amax amin any all", reduced)
entry("aminmax", lambda x, *, dim=None, keepdim=False: (x, listed(dim), keepdim))
entry("argmax argmin", lambda x, dim=None, keepdim=False: (x, dim, keepdim))
entry("max/reduction_no_dim min/reduction_no_dim", lambda x: (x,))
entry("max/reduction_with_dim min/reduction_with_dim", lambda x, dim, keepdim=False: (x, dim, keepdim))


def spread(x, dim=None, unbiased=None, keepdim=False, *, correction=None):
    if isinstance(dim, bool):  # the overload var(unbiased)
        dim, unbiased = None, dim
    if correction is None:
        correction = 1 if unbiased is None or unbiased else 0
    return x, listed(dim), *numbered(correction), keepdim


entry("var var/unbiased std std/unbiased", spread)


def normed(x, p="fro", dim=None, keepdim=False, dtype=None):
    need(dtype is None, "another type for the result")
    need(p != "nuc", "the nuclear norm")
    return x, *numbered(2 if p in ("fro", None) else p), listed(dim), keepdim


entry("norm norm/inf norm/fro", normed)
entry("linalg.vector_norm", lambda x, ord=2, dim=None, keepdim=False, dtype=None: normed(x, ord, dim, keepdim, dtype))
entry("dist", lambda x, y, p=2: (x, y, *numbered(p)))


@entry("prod", sizes=USUAL_SIZES)
def _(x, dim=None, keepdim=False, dtype=None):
    need(dtype is None, "another type for the result")
    return x, dim, keepdim


@entry("cumsum")
def _(x, dim, dtype=None):
    need(dtype is None, "another type for the result")
    return x, dim


entry("logsumexp", lambda x, dim, keepdim=False: (x, listed(dim), keepdim))
entry("softmax log_softmax", lambda x, dim: (x, dim))
entry("softmax/with_dtype log_softmax/with_dtype", lambda x, dim, dtype: (x, dim, type_name(dtype)))

# Products.

entry("mm mv dot vdot outer bmm matmul __rmatmul__", lambda x, y: (x, y))
entry("nn.functional.linear", lambda x, weight, bias=None: (x, weight, bias))

# Views and copies.

entry("t ravel", lambda x: (x,))


@entry("fliplr flipud")
def _(x):
    need(x.dim() > 1, "fewer dimensions than this function asks for, and flip does not")
    return (x,)


entry("argwhere", lambda x: (x,), sizes=USUAL_SIZES)
entry("transpose", lambda x, dim0, dim1: (x, dim0, dim1))
entry("permute", lambda x, dims: (x, list(dims)))
entry("reshape view", lambda x, shape: (x, list(shape)))
entry("reshape_as view_as expand_as", lambda x, other: (x, list(other.shape)))
entry("expand broadcast_to", lambda x, shape: (x, list(shape)))
entry("flatten", lambda x, start_dim=0, end_dim=-1: (x, start_dim, end_dim))


@entry("squeeze")
def _(x, dim=None):
    need(dim is None or isinstance(dim, int), "several dimensions")
    return x, dim


entry("unsqueeze", lambda x, dim: (x, dim))


@entry("narrow", sizes=(4, 5, 6))
def _(x, dim, start, length):
    need(isinstance(start, int), "a tensor in the place of a number")
    return x, dim, start, length


entry("select", lambda x, dim, index: (x, dim, index))
entry("slice", lambda x, dim=0, start=None, end=None, step=1: (x, dim, start, end, step))
entry("diag", lambda x, diagonal=0: (x, diagonal))
entry("diagonal", lambda x, offset=0, dim1=0, dim2=1: (x, offset, dim1, dim2))
entry("linalg.diagonal", lambda x, *, offset=0, dim1=-2, dim2=-1: (x, offset, dim1, dim2))
entry("tril triu", lambda x, diagonal=0: (x, diagonal))
entry("split split/list_args split_with_sizes unsafe_split", lambda x, sizes, dim=0: (x, sizes, dim))
entry("chunk unsafe_chunk", lambda x, chunks, dim=0: (x, chunks, dim))
entry("flip", lambda x, dims: (x, listed(dims)))


@entry("roll")
def _(x, shifts, dims=None):
    return x, listed(shifts), listed(dims)


@entry("repeat tile")
def _(x, *counts):
    counts = list(counts[0]) if counts and not isinstance(counts[0], int) else list(counts)
    need(len(counts) >= x.dim(), "fewer counts than dimensions")
    need(0 < len(counts) <= 4, "more counts than are written out in the test")
    return x, counts


entry("cat", lambda tensors, dim=0: ([tensor(x) for x in tensors], dim))
entry("stack", lambda tensors, dim=0: (list(tensors), dim))


@entry("contiguous clone")
def _(x, *, memory_format=torch.contiguous_format):
    need(memory_format in (torch.contiguous_format, torch.preserve_format), "another memory format")
    return (x,)


@entry("float double long bool")
def _(x, memory_format=torch.preserve_format):
    return contiguous_only(x, memory_format)


def contiguous_only(x, memory_format):
    need(memory_format in (torch.contiguous_format, torch.preserve_format), "another memory format")
    return (x,)


@entry("to")
def _(x, target, *rest, copy=False, memory_format=torch.preserve_format):
    target = next((item for item in (target, *rest) if isinstance(item, torch.dtype)), None)
    need(target is not None, "no type is named")
    return *contiguous_only(x, memory_format), type_name(target)


# By index.

entry("gather", lambda x, dim, index, sparse_grad=False: (x, dim, index), sizes=USUAL_SIZES)


@entry("scatter")
def _(x, dim, index, source, *, reduce=None):
    need(reduce is None, "a reduction")
    return x, dim, index, source


entry("scatter_add", lambda x, dim, index, source: (x, dim, index, source))
entry("index_select", lambda x, dim, index: (x, dim, index))


@entry("index_add")
def _(x, dim, index, source, *, alpha=1):
    return x, dim, index, source, *numbered(alpha)


entry(
    "nn.functional.one_hot",
    lambda x, num_classes=-1: (x, num_classes),
    more=lambda x: [((x.abs() % 5,), {}), ((x.abs() % 3, 4), {}), ((x[0].abs() % 3, 3), {}), ((x.abs(), 2), {})],
)


@entry("nonzero")
def _(x, *, as_tuple=False):
    need(not as_tuple, "a tuple of indices")
    return (x,)


@entry("index_put")
def _(x, indices, values, accumulate=False):
    need(not accumulate, "values that are added up")
    need(len(indices) == 1, "several tensors of indices")
    need(indices[0].dtype in TYPES, "indices of another type")
    return x, indices[0], values




@entry("masked_select")
def _(x, mask):
    need(x.shape == mask.shape, "a mask that is broadcast")
    return x, mask

entry("select_scatter", lambda x, source, dim, index: (x, source, dim, index))
entry(
    "slice_scatter",
    lambda x, source, dim=0, start=None, end=None, step=1: (x, source, dim, start, end, step),
    sizes=(3, 4, 4),
)


@entry("nn.functional.embedding")
def _(weight, index, padding_idx=None, max_norm=None, norm_type=2.0, scale_grad_by_freq=False, sparse=False):
    need(weight.dim() == 2, "a table of other than two dimensions, which a subscript takes")
    need(padding_idx is None and max_norm is None and not scale_grad_by_freq and not sparse, "an option")
    return weight, index


@entry("__getitem__")
def _(x, index):
    index = list(index) if isinstance(index, tuple) else [index]
    if len(index) == 1 and isinstance(index[0], list):
        index = [torch.tensor(index[0])]
    if len(index) == 1 and isinstance(index[0], torch.Tensor):
        return x, index[0]
    need(0 < len(index) <= 4, "more indices than there are subscripts for")
    return x, [position(item) for item in index]


def position(item):
    if item is None:
        return "newAxis"
    if item is Ellipsis:
        return "ellipsis"
    if isinstance(item, slice):
        return [item.start, item.stop, item.step]
    need(isinstance(item, int) and not isinstance(item, bool), "a tensor or a list among other indices")
    return item


# New tensors.


def typed(dtype, device):
    return type_name(dtype or torch.get_default_dtype())


entry("zeros ones", lambda shape, dtype=None, device=None: (list(shape), typed(dtype, device)))
entry("full", lambda shape, value, dtype=None, device=None: (list(shape), value, dtype and type_name(dtype)))


def alike(x, *values, dtype=None, device=None):
    need(dtype in (None, x.dtype), "another type")
    return x, *numbered(*values)


entry("zeros_like ones_like full_like", alike)


@entry("arange")
def _(start, end=None, step=1, dtype=None, device=None):
    if end is None:
        start, end = 0, start
    numbered(start, end, step)
    need(not any(isinstance(value, bool) for value in (start, end, step)), "a flag in the place of a number")
    if not all(isinstance(value, int) for value in (start, end, step)):
        start, end, step = float(start), float(end), float(step)
    return start, end, step, dtype and type_name(dtype)


entry(
    "linspace",
    lambda start, end, steps, dtype=None, device=None: (*reals(start, end), whole(steps), typed(dtype, device)),
)
entry(
    "eye",
    lambda n, m=None, dtype=None, device=None, requires_grad=False: (n, m, typed(dtype, device)),
)
entry(
    "scalar_tensor",
    lambda value, dtype=None, device=None, requires_grad=False: (*numbered(value), typed(dtype, device)),
)
entry("item", lambda x: (x,))

# Losses and layers as functions.



@entry("nn.functional.l1_loss nn.functional.mse_loss")
def _(x, target, reduction="mean"):
    need(reduction in ("none", "mean", "sum"), "a word that Swift's compiler refuses")
    return x, target, reduction


entry(
    "nn.functional.smooth_l1_loss", lambda x, target, reduction="mean", beta=1.0: (x, target, reduction, beta)
)
entry(
    "nn.functional.binary_cross_entropy_with_logits",
    lambda x, target, weight=None, reduction="mean", pos_weight=None: (x, target, weight, reduction, pos_weight),
    # Confident answers that are right: the gradient is small, and not 0.
    more=lambda x: [
        ((torch.full_like(x, value).requires_grad_(), torch.zeros_like(x)), {"reduction": "sum"})
        for value in (-12, -17, -30)
    ],
)
entry(
    "nn.functional.nll_loss",
    lambda x, target, weight=None, ignore_index=-100, reduction="mean": (x, target, weight, ignore_index, reduction),
)
entry(
    "nn.functional.cross_entropy",
    lambda x, target, weight=None, ignore_index=-100, reduction="mean", label_smoothing=0.0: (
        *(x, target, weight, ignore_index, reduction),
        label_smoothing,
    ),
)


@entry("nn.functional.dropout")
def _(x, p=0.5, training=True, inplace=False):
    need(not training or p in (0, 1), "random numbers, which random.json has")
    return x, p, training
