"""The rows of all else: views and copies, indices, new tensors, losses."""

import torch

from sampleEntries import USUAL_SIZES, TYPES, entry, listed, need, numbered, reals, tensor, type_name, whole

# Views and copies.

entry("t ravel", lambda x: (x,))


@entry("fliplr flipud")
def _(x):
    need(x.dim() > 1, "fewer dimensions than this function asks for, and flip does not")
    return (x,)


entry("argwhere", lambda x: (x,), sizes=USUAL_SIZES)
entry("T", lambda x: (x,))
entry("unbind", lambda x, dim=0: (x, dim))


@entry("meshgrid/list_of_tensors")
def _(tensors, *, indexing="ij"):
    return list(tensors), indexing


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
    need(max_norm is None and not scale_grad_by_freq and not sparse, "an option")
    return weight, index, padding_idx


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


entry(
    "nn.functional.binary_cross_entropy",
    lambda x, target, weight=None, reduction="mean": (x, target, weight, reduction),
)


@entry("nn.functional.huber_loss")
def _(x, target, reduction="mean", delta=1.0):
    need(reduction in ("none", "mean", "sum"), "a word that Swift's compiler refuses")
    return x, target, reduction, *reals(delta)


entry(
    "nn.functional.kl_div",
    lambda x, target, reduction="mean", log_target=False: (x, target, reduction, log_target),
)


@entry("nn.functional.batch_norm")
def _(x, mean, var, weight=None, bias=None, training=False, momentum=0.1, eps=1e-5):
    need(x.dim() > 1, "an input without channels")
    return x, mean, var, weight, bias, training, *reals(momentum, eps)


entry(
    "nn.functional.layer_norm",
    lambda x, shape, weight=None, bias=None, eps=1e-5: (x, list(shape), weight, bias, *reals(eps)),
)

entry(
    "nn.functional.rms_norm",
    lambda x, shape, weight=None, eps=None: (x, list(shape), weight, *numbered(eps)),
)


def attention_samples(x):
    """Those of the database are large. Here 3 queries look at 4 keys, and each two numbers are 1 batch, or 2."""

    def made(shape, factor):
        count = torch.Size(shape).numel()
        numbers = torch.cat([x.detach().flatten()] * (count // x.numel() + 1))[:count]
        return (torch.sin(numbers * factor) * 1.5).reshape(shape).requires_grad_(x.requires_grad)

    def sizes(*batch):
        return [made(shape, factor) for shape, factor in (((*batch, 3, 2), 1), ((*batch, 4, 2), 2), ((*batch, 4, 3), 3))]

    allowed = torch.tensor([[True, True, False, False], [False] * 4, [True] * 4])
    yield sizes(), {}
    yield sizes(), {"is_causal": True}
    yield sizes(), {"scale": 0.3}
    yield sizes(), {"attn_mask": allowed}
    yield sizes(), {"attn_mask": made((3, 4), 5)}
    yield sizes(2), {}
    yield sizes(2), {"is_causal": True, "scale": 2.0}
    yield sizes(2), {"attn_mask": allowed}
    yield [sizes(2)[0], *sizes()[1:]], {}
    yield [sizes()[0], *sizes()[:2]], {}
    yield [made((1, 2), 1), made((1, 2), 2), made((1, 2), 3)], {"is_causal": True}


@entry(
    "nn.functional.scaled_dot_product_attention", dtypes=(torch.float32, torch.float64), more=attention_samples
)
def _(query, key, value, attn_mask=None, dropout_p=0.0, is_causal=False, scale=None, enable_gqa=False):
    need(dropout_p == 0, "weights that are dropped at random")
    need(not enable_gqa, "heads that share keys")
    return query, key, value, attn_mask, is_causal, scale


@entry("nn.functional.dropout")
def _(x, p=0.5, training=True, inplace=False):
    need(not training or p in (0, 1), "random numbers, which random.json has")
    return x, p, training
