"""Losses: one row each, under the name that LossTests.swift gives it, recorded as operations are.

a is the prediction, b the target, c and d the weights. Weights are constants, as PyTorch has it.
"""

from torch import nn

from inputs import Table, f32, f64, given, i64

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

table = Table()

for reduction, suffix in (("mean", ""), ("sum", "reduction: .sum"), ("none", "reduction: .none")):
    also = f", {suffix}" if suffix else ""

    def loss(kind, reduction=reduction, **options):
        return lambda a, b: kind(reduction=reduction, **options)(a, b)

    table(f"MSELoss({suffix})", loss(nn.MSELoss), PAIRS, KINKS)
    table(f"L1Loss({suffix})", loss(nn.L1Loss), PAIRS, KINKS)
    table(f"SmoothL1Loss({suffix})", loss(nn.SmoothL1Loss), PAIRS, KINKS)
    table(f"SmoothL1Loss({suffix + ', ' if suffix else ''}beta: 0.5)", loss(nn.SmoothL1Loss, beta=0.5), PAIRS, KINKS)

    # Classes: as numbers, with more dimensions behind them, and as probabilities.
    classes = given("int64", [2, 0, 1, 2])
    ahead = given("int64", [1, 0, 2, 2, 1, 0], 2, 3)
    numbered = [
        (f32(4, 3), classes),
        (f64(4, 3), classes),
        (f64(3, 4).view("transpose 0 1"), classes),
        (f32(1, 3), given("int64", [1])),
        (f64(2, 3, 3), ahead),
        (f64(3), i64(over=(0, 2))),
        (given("float32", [1000, 0, -1000, 0], 2, 2), given("int64", [0, 0])),
    ]
    probabilities = [
        (f32(2, 3), given("float32", [0.2, 0.3, 0.5, 1, 0, 0], 2, 3)),
        (f64(2, 3), given("float64", [0.2, 0.3, 0.5, 1, 0, 0], 2, 3)),
    ]
    weights = {"float32": given("float32", [0.5, 1, 2]).constant(), "float64": given("float64", [0.5, 1, 2]).constant()}
    weighed = [case + (weights[case[0].dtype],) for case in numbered[:5]]
    weighed_probabilities = [case + (weights[case[0].dtype],) for case in probabilities]

    table(f"CrossEntropyLoss({suffix})", loss(nn.CrossEntropyLoss), numbered, probabilities)
    table(f"CrossEntropyLoss(ignoreIndex: 2{also})", loss(nn.CrossEntropyLoss, ignore_index=2), numbered[:5])
    table(
        f"CrossEntropyLoss({suffix + ', ' if suffix else ''}labelSmoothing: 0.1)",
        loss(nn.CrossEntropyLoss, label_smoothing=0.1),
        numbered,
        probabilities,
    )
    table(
        f"CrossEntropyLoss(weight: c{also})",
        lambda a, b, c, r=reduction: nn.CrossEntropyLoss(c, reduction=r)(a, b),
        weighed,
        weighed_probabilities,
    )
    table(
        f"CrossEntropyLoss(weight: c, ignoreIndex: 0{also}, labelSmoothing: 0.2)",
        lambda a, b, c, r=reduction: nn.CrossEntropyLoss(c, ignore_index=0, reduction=r, label_smoothing=0.2)(a, b),
        weighed,
    )
    table(f"NLLLoss({suffix})", loss(nn.NLLLoss), numbered[:5])
    table(f"NLLLoss(ignoreIndex: 2{also})", loss(nn.NLLLoss, ignore_index=2), numbered[:5])
    table(f"NLLLoss(weight: c{also})", lambda a, b, c, r=reduction: nn.NLLLoss(c, reduction=r)(a, b), weighed)

    logits = [
        (f32(4, 3), f32(4, 3, over=(0, 1))),
        (f64(4, 3), f64(4, 3, over=(0, 1))),
        (given("float32", [100, -100, 0, 2]), given("float32", [0, 1, 1, 0])),
        (f64(3, 4).view("transpose 0 1"), f64(4, 3, over=(0, 1))),
    ]
    weighed_logits = [
        (f32(4, 3), f32(4, 3, over=(0, 1)), weights["float32"]),
        (f64(4, 3), f64(4, 3, over=(0, 1)), weights["float64"]),
    ]
    table(f"BCEWithLogitsLoss({suffix})", loss(nn.BCEWithLogitsLoss), logits)
    table(
        f"BCEWithLogitsLoss(weight: c{also})",
        lambda a, b, c, r=reduction: nn.BCEWithLogitsLoss(c, reduction=r)(a, b),
        weighed_logits,
    )
    table(
        f"BCEWithLogitsLoss({suffix + ', ' if suffix else ''}posWeight: c)",
        lambda a, b, c, r=reduction: nn.BCEWithLogitsLoss(reduction=r, pos_weight=c)(a, b),
        weighed_logits,
    )
    table(
        f"BCEWithLogitsLoss(weight: c{also}, posWeight: c)",
        lambda a, b, c, r=reduction: nn.BCEWithLogitsLoss(c, reduction=r, pos_weight=c)(a, b),
        weighed_logits,
    )
