"""The rows of arithmetic: elementwise operators, reductions, products."""

import torch

from sampleEntries import USUAL_SIZES, entry, is_number, listed, need, numbered, tensor, type_name

# Elementwise.

UNARY = """exp log log1p sqrt rsqrt sin cos tanh erf sigmoid reciprocal abs sign sgn floor ceil round neg square isnan
isinf isfinite logical_not expm1 exp2 log2 trunc nn.functional.silu"""
BINARY = """mul div/no_rounding_mode true_divide __radd__ __rmul__ __rsub__ __rdiv__ __rpow__ __rmod__ remainder pow eq ne lt le gt ge"""
TENSORS_ALONE = "maximum minimum max/binary min/binary logical_and logical_or logical_xor"

entry(UNARY, lambda x: (x,), elementwise=True)
entry("nan_to_num", lambda x, nan=None, posinf=None, neginf=None: (x, *numbered(nan, posinf, neginf)), elementwise=True)
entry("bitwise_not", lambda x: (x,), elementwise=True, dtypes=(torch.bool,))
entry(BINARY, lambda x, y: (tensor(x), y), elementwise=True)
entry(TENSORS_ALONE, lambda x, y: (tensor(x), tensor(y)), elementwise=True)
entry("bitwise_and bitwise_or", lambda x, y: (tensor(x), tensor(y)), elementwise=True, dtypes=(torch.bool,))


@entry("div/floor_rounding", elementwise=True)
def _(x, y, *, rounding_mode):
    return tensor(x), y


entry(
    "isclose allclose",
    lambda x, y, rtol=1e-5, atol=1e-8, equal_nan=False: (tensor(x), tensor(y), float(rtol), float(atol), equal_nan),
)


def scaled(x, y, *, alpha=1):
    """`add_(_:alpha:)` is the one with a factor, and writes in place."""
    if alpha != 1:
        need(isinstance(y, torch.Tensor), "a factor for a number")
        fits = torch.result_type(x, y) == x.dtype and y.shape == x.shape
        need(fits, "a factor, and a result of another type or shape")
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
def bounds(low, high):
    tensors = all(bound is None or isinstance(bound, torch.Tensor) for bound in (low, high))
    return (low, high) if tensors else numbered(low, high)


entry(
    "clamp",
    lambda x, min=None, max=None: (x, *bounds(min, max)),
    elementwise=True,
    more=lambda x: [
        ((x,), dict(zip(("min", "max"), bounds)))
        for bounds in ((0, None), (None, 2), (-1, 2), (2, -1), (0.0, None), (None, 1.5), (-2.5, 1.0), (-1, 1.5))
    ],
)


@entry("where", elementwise=True)
def _(x, condition, y):
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


def running(x, dim, dtype=None):
    need(dtype is None, "another type for the result")
    return x, dim


entry("cumsum", running)


@entry("cumprod", sizes=USUAL_SIZES)
def _(x, dim, dtype=None):
    need(x.isfinite().all(), "an element that is not finite, by which PyTorch divides for its gradient")
    return running(x, dim, dtype)



# Orders. Where PyTorch may take any of equal elements, samples may have none twice.


def distinct(x):
    apart = x.dim() > 0 and x.dtype != torch.bool and len(x.unique()) == x.numel() and x.isnan().sum() < 2
    need(apart, "elements that are equal")


@entry("sort argsort")
def _(x, dim=-1, descending=False, stable=False):
    if not stable:
        distinct(x)
    return x, dim, descending


@entry("topk")
def _(x, k, dim=-1, largest=True, sorted=True):
    distinct(x)
    need(sorted, "elements in no order")
    return x, k, dim, largest


@entry("median")
def _(x, dim=None, keepdim=False):
    distinct(x)
    return x, dim, keepdim


entry("logsumexp", lambda x, dim, keepdim=False: (x, listed(dim), keepdim))
entry("softmax log_softmax", lambda x, dim: (x, dim))
entry("softmax/with_dtype log_softmax/with_dtype", lambda x, dim, dtype: (x, dim, type_name(dtype)))

# Products.

entry("einsum", lambda operands, equation: (equation, *operands))

entry("addmm", lambda c, a, b, *, beta=1, alpha=1: (c, a, b, *numbered(beta, alpha)))
entry("mm mv dot vdot outer bmm matmul __rmatmul__", lambda x, y: (x, y))
entry("nn.functional.linear", lambda x, weight, bias=None: (x, weight, bias))
