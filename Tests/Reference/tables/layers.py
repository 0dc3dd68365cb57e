"""What layers compute, and what they keep in mind: rows under the names that OperationTableLayers.swift gives them."""

import itertools

import torch
import torch.nn.functional as F

from inputs import Input, Table, f32, f64, i32, i64

table = Table()

# Vectors, sequences and pictures of three channels, and others in memory.
BATCHES = [f32(4, 3), f64(4, 3), f64(2, 3, 4), f32(2, 3, 2, 2), f64(2, 3, 2, 2), f64(3, 4).view("transpose 0 1"), f32(0, 3)]


def channels(batch, *kinds):
    """Numbers of the batch's channels; those of a variance are positive, and running ones take no gradient."""
    make = f32 if batch.dtype == "float32" else f64
    over = {"variance": (1, 3), "mean": (-1, 1)}
    numbers = [make(3, over=over.get(kind)) for kind in kinds]
    return tuple(x.constant() if kind in over else x for kind, x in zip(kinds, numbers))


def batches(*kinds):
    return [(batch, *channels(batch, *kinds)) for batch in BATCHES]


def norm(x, mean=None, var=None, weight=None, bias=None, **options):
    return F.batch_norm(x, mean, var, weight, bias, **options)


def running(x, mean, var, **options):
    """The running numbers after a step, one under the other."""
    mean, var = mean.clone(), var.clone()
    F.batch_norm(x, mean, var, training=True, **options)
    return torch.cat([mean, var])


table("a.batchNorm(training: true)", lambda x: norm(x, training=True), batches())
table(
    "a.batchNorm(weight: b, bias: c, training: true)",
    lambda x, w, b: norm(x, weight=w, bias=b, training=True),
    batches("weight", "bias"),
)
table(
    "a.batchNorm(weight: b, training: true, eps: 0.1)",
    lambda x, w: norm(x, weight=w, training=True, eps=0.1),
    batches("weight"),
)
table("a.batchNorm(runningMean: b, runningVar: c)", norm, batches("mean", "variance"))
table(
    "a.batchNorm(runningMean: b, runningVar: c, weight: d, bias: e)",
    norm,
    batches("mean", "variance", "weight", "bias"),
)
table("running numbers of a.batchNorm(training: true)", running, batches("mean", "variance"))
table(
    "running numbers of a.batchNorm(training: true, momentum: 0.5)",
    lambda x, m, v: running(x, m, v, momentum=0.5),
    batches("mean", "variance"),
)

ROWS = [f32(4, 3), f64(4, 3), f64(3), f64(2, 2, 3), f64(3, 4).view("transpose 0 1"), f64(0, 3)]


def rows(*sizes, count=0):
    make = {"float32": f32, "float64": f64}
    return [(x, *(make[x.dtype](*sizes) for _ in range(count))) for x in ROWS if len(x.shape) >= len(sizes)]


table("a.layerNorm([3])", lambda x: F.layer_norm(x, (3,)), rows(3))
table("a.layerNorm([3], weight: b)", lambda x, w: F.layer_norm(x, (3,), w), rows(3, count=1))
table(
    "a.layerNorm([3], weight: b, bias: c, eps: 0.1)",
    lambda x, w, b: F.layer_norm(x, (3,), w, b, eps=0.1),
    rows(3, count=2),
)
table(
    "a.layerNorm([2, 3], weight: b, bias: c)",
    lambda x, w, b: F.layer_norm(x, (2, 3), w, b),
    [(f64(2, 2, 3), f64(2, 3), f64(2, 3)), (f32(3, 2, 3), f32(2, 3), f32(2, 3)), (f64(2, 3), f64(2, 3), f64(2, 3))],
)
table("a.rmsNorm([3])", lambda x: F.rms_norm(x, (3,)), rows(3))
table("a.rmsNorm([3], weight: b, eps: 0.1)", lambda x, w: F.rms_norm(x, (3,), w, eps=0.1), rows(3, count=1))
table(
    "a.rmsNorm([2, 3], weight: b)",
    lambda x, w: F.rms_norm(x, (2, 3), w),
    [(f64(2, 2, 3), f64(2, 3)), (f32(3, 2, 3), f32(2, 3))],
)

INDICES = [i64(4, over=(0, 4)), i64(2, 3, over=(0, 4)), i64(over=(0, 4)), i64(0, over=(0, 4)), i32(2, 3, over=(0, 4))]
TABLES = [f32(5, 3), f64(5, 3), f64(3, 5).view("transpose 0 1")]
LOOKUPS = [(index, weight) for index in INDICES for weight in TABLES]
table("a.embedding(b)", F.embedding, LOOKUPS)
table("a.embedding(b, paddingIndex: 2)", lambda i, w: F.embedding(i, w, padding_idx=2), LOOKUPS)
table("a.embedding(b, paddingIndex: -1)", lambda i, w: F.embedding(i, w, padding_idx=-1), LOOKUPS)

table("a.dropout(training: false)", lambda x: F.dropout(x, training=False), [f32(4, 3), f64(4, 3)])
table("a.dropout(0)", lambda x: F.dropout(x, 0), [f32(4, 3), f64(4, 3)])
table("a.dropout(1)", lambda x: F.dropout(x, 1), [f32(4, 3), f64(4, 3)])


def sequences(make, queries=4, keys=4, batch=(), size=3, width=2):
    """Queries, keys and values."""
    return make(*batch, queries, size), make(*batch, keys, size), make(*batch, keys, width)


ATTENTION = [
    *(sequences(make, batch=(2,)) for make in (f32, f64)),
    sequences(f64),
    sequences(f64, queries=2, keys=5, batch=(2, 2)),
    sequences(f64, queries=5, keys=2),
    (f64(3, 4).view("transpose 0 1"), f64(2, 4, 3), f64(2, 2, 4).view("transpose 1 2")),
    sequences(f64, queries=0, batch=(2,)),
]
# One query may look at nothing, and gets zeros.
SEEN = Input("bool", (4, 4), values=(1, 0, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 0, 0, 0, 1))
attention = F.scaled_dot_product_attention
table("scaledDotProductAttention(a, b, c)", attention, ATTENTION)
table(
    "scaledDotProductAttention(a, b, c, isCausal: true)", lambda q, k, v: attention(q, k, v, is_causal=True), ATTENTION
)
table("scaledDotProductAttention(a, b, c, scale: 0.3)", lambda q, k, v: attention(q, k, v, scale=0.3), ATTENTION[:3])
table(
    "scaledDotProductAttention(a, b, c, attnMask: d)",
    lambda q, k, v, m: attention(q, k, v, attn_mask=m),
    [(*x, mask) for x, mask in itertools.product(ATTENTION[1:3], (SEEN, f64(4, 4), f64(4)))]
    + [(*ATTENTION[0], SEEN), (*ATTENTION[0], f32(2, 4, 4)), (*ATTENTION[0], f32(4, 1))],
)


def attend(q, k, v, *weights, batch_first=False, **options):
    """Attention of two heads: what it gives, and its weights."""
    layer = torch.nn.MultiheadAttention(4, 2, batch_first=batch_first, dtype=q.dtype)
    names = ["in_proj_weight", "in_proj_bias", "out_proj.weight", "out_proj.bias"]
    return torch.func.functional_call(layer, dict(zip(names, weights)), (q, k, v), options)


def heads(make, *shapes):
    """Queries, keys and values of four numbers each, and the weights of a layer."""
    weights = [make(*shape, over=(-1, 1)).constant() for shape in ((12, 4), (12,), (4, 4), (4,))]
    # Small, so that no weight of attention is all but 1: rounding is large beside its gradient.
    return *(make(*shape, 4, over=(-1, 1)) for shape in shapes), *weights


HEADS = [
    heads(f32, (3, 2), (3, 2), (3, 2)),
    heads(f64, (3, 2), (5, 2), (5, 2)),
    heads(f64, (3,), (2,), (2,)),
]
AHEAD = Input("bool", (3, 3), values=(0, 1, 1, 0, 0, 1, 0, 0, 0))
PADDING = Input("bool", (2, 3), values=(0, 0, 0, 0, 0, 1))
table("MultiheadAttention(4, 2)(a, b, c).output", lambda *x: attend(*x)[0], HEADS)
table("MultiheadAttention(4, 2)(a, b, c).weights", lambda *x: attend(*x)[1], HEADS)
table(
    "MultiheadAttention(4, 2, batchFirst: true)(a, b, c, keyPaddingMask: h, attnMask: i).output",
    lambda *x: attend(*x[:7], batch_first=True, key_padding_mask=x[7], attn_mask=x[8])[0],
    [(*heads(f64, (2, 3), (2, 3), (2, 3)), PADDING, AHEAD)],
)
table(
    "MultiheadAttention(4, 2)(a, b, c, attnMask: h, averageAttnWeights: false).weights",
    lambda *x: attend(*x[:7], attn_mask=x[7], average_attn_weights=False)[1],
    [(*heads(f64, (3, 2), (3, 2), (3, 2)), mask) for mask in (AHEAD, f64(3, 3), f64(4, 3, 3))],
)
