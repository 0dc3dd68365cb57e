"""Losses: one row each, recorded as operations are. Its name is how Swift makes it, in OperationTableLosses.swift.

a is the prediction, b the target, c the weights: constants, as PyTorch has it.
"""

from torch import nn

from inputs import Table, f32, f64, given, i64

table = Table(applied_to="(a, b)")

# The arguments in the order in which a name has them, and as Swift spells them.
SPELLING = {
    "weight": "weight",
    "ignore_index": "ignoreIndex",
    "reduction": "reduction",
    "beta": "beta",
    "label_smoothing": "labelSmoothing",
    "pos_weight": "posWeight",
    "delta": "delta",
    "log_target": "logTarget",
}


def rows(kind, *sets, weights=(), reductions=("mean", "sum", "none"), **options):
    """One row for each reduction. `weights` names the arguments that c is handed to."""
    for reduction in reductions:
        written = {name: str(value).lower() for name, value in options.items()}
        written |= {argument: "c" for argument in weights}
        if reduction != "mean":
            written["reduction"] = f".{reduction.replace('batchmean', 'batchMean')}"
        arguments = ", ".join(f"{swift}: {written[name]}" for name, swift in SPELLING.items() if name in written)

        def loss(a, b, c=None, reduction=reduction):
            return kind(reduction=reduction, **options, **{argument: c for argument in weights})(a, b)

        table(f"{kind.__name__}({arguments})", loss, *sets)


PAIRS = [
    (f32(4, 3), f32(4, 3)),
    (f64(4, 3), f64(4, 3)),
    (f32(5), f32(5)),
    (f64(3, 4).view("transpose 0 1"), f64(4, 3)),
    (f32(1), f32(1)),
    (f64(), f64()),
]
# A difference of 0, and of exactly beta.
KINKS = [
    (given("float32", [1, 2, 3, 0.5]), given("float32", [1, 3, 2.5, 1.0])),
    (given("float64", [1, 2, 3, 0.5]), given("float64", [1, 3, 2.5, 1.0])),
]
rows(nn.MSELoss, PAIRS, KINKS)
rows(nn.L1Loss, PAIRS, KINKS)
rows(nn.SmoothL1Loss, PAIRS, KINKS)
rows(nn.SmoothL1Loss, PAIRS, KINKS, beta=0.5)

WEIGHTS = {dtype: given(dtype, [0.5, 1, 2]).constant() for dtype in ("float32", "float64")}


def weighed(cases):
    return [case + (WEIGHTS[case[0].dtype],) for case in cases]


# Classes by number, also with dimensions behind them, one sample alone, one that is certain; and as probabilities.
CLASSES = given("int64", [2, 0, 1, 2])
SAMPLES = [
    (f32(4, 3), CLASSES),
    (f64(4, 3), CLASSES),
    (f64(3, 4).view("transpose 0 1"), CLASSES),
    (f32(1, 3), given("int64", [1])),
    (f64(2, 3, 3), given("int64", [1, 0, 2, 2, 1, 0], 2, 3)),
]
SINGLE = [
    (f64(3), i64(over=(0, 2))),
    (given("float32", [1000, 0, -1000, 0], 2, 2), given("int64", [0, 0])),
]
PROBABILITIES = [(logits, given(logits.dtype, [0.2, 0.3, 0.5, 1, 0, 0], 2, 3)) for logits in (f32(2, 3), f64(2, 3))]
rows(nn.CrossEntropyLoss, SAMPLES, SINGLE, PROBABILITIES)
rows(nn.CrossEntropyLoss, SAMPLES, ignore_index=2)
rows(nn.CrossEntropyLoss, SAMPLES, SINGLE, PROBABILITIES, label_smoothing=0.1)
rows(nn.CrossEntropyLoss, weighed(SAMPLES), weighed(PROBABILITIES), weights=["weight"])
rows(nn.CrossEntropyLoss, weighed(SAMPLES), weights=["weight"], ignore_index=0, label_smoothing=0.2)
rows(nn.NLLLoss, SAMPLES)
rows(nn.NLLLoss, SAMPLES, ignore_index=2)
rows(nn.NLLLoss, weighed(SAMPLES), weights=["weight"])

TARGETS = [(f32(4, 3), f32(4, 3, over=(0, 1))), (f64(4, 3), f64(4, 3, over=(0, 1)))]
LAYOUTS = [
    (given("float32", [100, -100, 0, 2]), given("float32", [0, 1, 1, 0])),
    (f64(3, 4).view("transpose 0 1"), f64(4, 3, over=(0, 1))),
]
rows(nn.BCEWithLogitsLoss, TARGETS, LAYOUTS)
rows(nn.BCEWithLogitsLoss, weighed(TARGETS), weights=["weight"])
rows(nn.BCEWithLogitsLoss, weighed(TARGETS), weights=["pos_weight"])
rows(nn.BCEWithLogitsLoss, weighed(TARGETS), weights=["weight", "pos_weight"])

# Probabilities, 0 and 1 among them, where a logarithm is bounded.
CERTAIN = [
    (given("float32", [0, 1, 1, 0, 0.5]), given("float32", [0, 0, 1, 1, 1]).constant()),
    (given("float64", [0.001, 0.999, 1e-5, 0.5, 0.25]), given("float64", [1, 0, 1, 0, 0.25]).constant()),
]
CHANCES = [(make(4, 3, over=(0, 1)), make(4, 3, over=(0, 1))) for make in (f32, f64)]
TURNED = [(f64(3, 4, over=(0, 1)).view("transpose 0 1"), f64(4, 3, over=(0, 1)))]
rows(nn.BCELoss, CHANCES, CERTAIN, TURNED)
rows(nn.BCELoss, weighed(CHANCES), weights=["weight"])

rows(nn.HuberLoss, PAIRS, KINKS)
rows(nn.HuberLoss, PAIRS, KINKS, delta=0.5)

# Logarithms of probabilities, and targets that are probabilities; one of them is 0.
ALL = ("mean", "sum", "none", "batchmean")
ZERO = [(given("float64", [-1, -2, -0.5, -3]), given("float64", [0, 0.5, 0.25, 0.25]).constant())]
rows(nn.KLDivLoss, CHANCES, TURNED, ZERO, reductions=ALL)
rows(nn.KLDivLoss, PAIRS[:4], reductions=ALL, log_target=True)
