"""PyTorch's samples of convolutions and pools. Integers, which some pools of PyTorch take, have none in Kindling."""

import torch

from sampleEntries import entry, need

FLOATS = (torch.float32, torch.float64)


def pair(value):
    """A number for rows and columns alike, or one for each, as both."""
    values = [value] if isinstance(value, int) else list(value)
    need(len(values) in (1, 2) and all(isinstance(v, int) for v in values), "sizes that are not one number or two")
    return values * 2 if len(values) == 1 else values


def padding_of(value):
    return value if isinstance(value, str) else pair(value)


@entry("nn.functional.conv2d", dtypes=(*FLOATS, torch.bool))
def conv2d(input, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    return input, weight, bias, pair(stride), padding_of(padding), pair(dilation), groups


@entry("nn.functional.max_pool2d", dtypes=FLOATS)
def max_pool2d(input, kernel_size, stride=None, padding=0, dilation=1, ceil_mode=False, return_indices=False):
    need(not return_indices, "the places of the largest numbers")
    return input, pair(kernel_size), pair(stride or kernel_size), pair(padding), pair(dilation), ceil_mode


@entry("nn.functional.avg_pool2d", dtypes=FLOATS)
def avg_pool2d(
    input, kernel_size, stride=None, padding=0, ceil_mode=False, count_include_pad=True, divisor_override=None
):
    sizes = pair(kernel_size), pair(stride or kernel_size), pair(padding)
    return input, *sizes, ceil_mode, count_include_pad, divisor_override


@entry("nn.functional.adaptive_avg_pool2d", dtypes=FLOATS)
def adaptive_avg_pool2d(input, output_size):
    need(isinstance(output_size, int) or None not in output_size, "an output as large as the input")
    return input, pair(output_size)
