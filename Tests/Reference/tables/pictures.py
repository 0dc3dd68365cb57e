"""Convolutions and pools: one row each. Its name is its code in Swift, in OperationTablePictures.swift."""

import torch
import torch.nn.functional as F

from inputs import Table, f32, f64, given

table = Table()

# Convolutions: pictures and weights; for both types the same sizes.
SMALL = [(kind(2, 2, 4, 5), kind(3, 2, 3, 2)) for kind in (f32, f64)]
BIASED = [(*case, kind(3)) for case, kind in zip(SMALL, (f32, f64))]
LAID_OUT = [
    (f64(2, 4, 2, 5).view("transpose 1 2"), f64(3, 2, 2, 3).view("transpose 2 3")),
    (f32(1, 2, 4, 5).view("expand 2 2 4 5"), f32(6, 2, 3, 2).view("slice 0 0 6 2")),
]
table("conv2d(a, b)", lambda a, b: F.conv2d(a, b), SMALL, LAID_OUT,
      [(f64(2, 4, 5), f64(3, 2, 3, 2)), (f32(0, 2, 4, 5), f32(3, 2, 3, 2)), (f64(1, 1, 1, 1), f64(1, 1, 1, 1)),
       (f32(2, 3, 3, 3), f32(4, 3, 1, 1)), (f64(1, 2, 3, 3), f64(2, 2, 1, 1)), (f32(2, 1, 12, 9), f32(9, 1, 5, 3))])
table("conv2d(a, b, bias: c)", lambda a, b, c: F.conv2d(a, b, c), BIASED, [(f64(2, 4, 5), f64(3, 2, 3, 2), f64(3))])
table("conv2d(a, b, padding: 1)", lambda a, b: F.conv2d(a, b, padding=1), SMALL, LAID_OUT,
      [(f32(3, 2, 8, 8), f32(10, 2, 3, 3))])
table("conv2d(a, b, padding: [0, 2])", lambda a, b: F.conv2d(a, b, padding=(0, 2)), SMALL)
table("conv2d(a, b, padding: 3)", lambda a, b: F.conv2d(a, b, padding=3), [(f32(1, 1, 2, 2), f32(2, 1, 2, 2)),
                                                                          (f64(1, 1, 2, 1), f64(1, 1, 1, 2))])
table("conv2d(a, b, padding: .same)", lambda a, b: F.conv2d(a, b, padding="same"), SMALL)
table("conv2d(a, b, padding: .valid)", lambda a, b: F.conv2d(a, b, padding="valid"), SMALL)
table("conv2d(a, b, stride: 2)", lambda a, b: F.conv2d(a, b, stride=2), SMALL, LAID_OUT,
      [(f32(2, 2, 7, 9), f32(7, 2, 3, 3)), (f64(1, 2, 5, 4), f64(2, 2, 1, 1))])
table("conv2d(a, b, stride: [1, 3])", lambda a, b: F.conv2d(a, b, stride=(1, 3)), SMALL, [(f64(1, 1, 3, 8), f64(1, 1, 2, 2))])
table("conv2d(a, b, stride: 2, padding: 1)", lambda a, b: F.conv2d(a, b, stride=2, padding=1), SMALL,
      [(f64(1, 1, 6, 6), f64(2, 1, 3, 3)), (f32(2, 3, 8, 8), f32(5, 3, 4, 4))])
table("conv2d(a, b, dilation: 2)", lambda a, b: F.conv2d(a, b, dilation=2), [(kind(1, 2, 5, 6), kind(2, 2, 2, 3)) for kind in (f32, f64)])
table("conv2d(a, b, stride: [2, 3], padding: [2, 1], dilation: [3, 2])",
      lambda a, b: F.conv2d(a, b, stride=(2, 3), padding=(2, 1), dilation=(3, 2)),
      [(kind(1, 2, 7, 8), kind(2, 2, 2, 3)) for kind in (f32, f64)])
table("conv2d(a, b, bias: c, padding: 1, groups: 2)", lambda a, b, c: F.conv2d(a, b, c, padding=1, groups=2),
      [(kind(2, 4, 3, 3), kind(2, 2, 2, 3), kind(2)) for kind in (f32, f64)])
table("conv2d(a, b, stride: 2, groups: 3)", lambda a, b: F.conv2d(a, b, stride=2, groups=3),
      [(kind(2, 3, 5, 4), kind(6, 1, 3, 2)) for kind in (f32, f64)])

# Pools.
PICTURES = [kind(*shape) for kind in (f32, f64) for shape in ((2, 2, 4, 5), (2, 5, 4))]
VIEWS = [f64(2, 4, 2, 5).view("transpose 1 2"), f32(1, 2, 5, 7).view("expand 2 2 5 7"), f64(2, 2, 8, 5).view("slice 2 0 8 2")]
nan, inf = float("nan"), float("inf")
# The gradient at a tie goes to the first, and NaN wins: the last, where there are several.
TIES = [given("float32", [1, 1, 0, 1, nan, 2, 3, nan, -inf, -inf, nan, 0, -inf, -inf, 5, inf], 1, 4, 4)]
table("maxPool2d(a, kernelSize: 2)", lambda a: F.max_pool2d(a, 2), PICTURES, VIEWS, TIES, [f32(0, 2, 4, 4)])
table("maxPool2d(a, kernelSize: [3, 2], stride: 1)", lambda a: F.max_pool2d(a, (3, 2), stride=1), PICTURES, VIEWS, TIES)
table("maxPool2d(a, kernelSize: 3, stride: 2, padding: 1)", lambda a: F.max_pool2d(a, 3, 2, 1), PICTURES, TIES)
table("maxPool2d(a, kernelSize: 2, padding: [0, 1], dilation: 2)",
      lambda a: F.max_pool2d(a, 2, None, (0, 1), 2), PICTURES)
table("maxPool2d(a, kernelSize: 2, stride: 3, ceilMode: true)", lambda a: F.max_pool2d(a, 2, 3, ceil_mode=True), PICTURES)
table("maxPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)",
      lambda a: F.max_pool2d(a, 3, 2, 1, ceil_mode=True), PICTURES)
table("avgPool2d(a, kernelSize: 2)", lambda a: F.avg_pool2d(a, 2), PICTURES, VIEWS, [f32(0, 2, 4, 4)])
table("avgPool2d(a, kernelSize: [3, 2], stride: 1)", lambda a: F.avg_pool2d(a, (3, 2), stride=1), PICTURES, VIEWS)
table("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1)", lambda a: F.avg_pool2d(a, 3, 2, 1), PICTURES)
table("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, countIncludePad: false)",
      lambda a: F.avg_pool2d(a, 3, 2, 1, count_include_pad=False), PICTURES)
table("avgPool2d(a, kernelSize: 3, stride: 2, padding: 1, ceilMode: true)",
      lambda a: F.avg_pool2d(a, 3, 2, 1, ceil_mode=True), PICTURES)
table("avgPool2d(a, kernelSize: 2, stride: 3, ceilMode: true, countIncludePad: false)",
      lambda a: F.avg_pool2d(a, 2, 3, ceil_mode=True, count_include_pad=False), PICTURES)
table("avgPool2d(a, kernelSize: 2, padding: [1, 0], divisorOverride: 3)",
      lambda a: F.avg_pool2d(a, 2, padding=(1, 0), divisor_override=3), PICTURES)
table("adaptiveAvgPool2d(a, outputSize: 1)", lambda a: F.adaptive_avg_pool2d(a, 1), PICTURES, VIEWS)
table("adaptiveAvgPool2d(a, outputSize: [3, 2])", lambda a: F.adaptive_avg_pool2d(a, (3, 2)), PICTURES, VIEWS)
table("adaptiveAvgPool2d(a, outputSize: 6)", lambda a: F.adaptive_avg_pool2d(a, 6), [f32(1, 4, 4), f64(1, 5, 3)])
