"""Samples whose values are special: zeros of both signs, ties, infinities, NaN, the ends of the number line."""

import itertools

import torch

NAN, INF = float("nan"), float("inf")

# Elementwise operators are given each of these, or each pair or each triple of them.
ORDINARY = [0.0, -0.0, 1.0, -1.0, 0.5, -2.5, 3.0]
EXTREME = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.5, 1e30, -1e30, 1e-30, -1e-42, 88.0, -104.0, 20.5, -17.0]
EXTREME_PAIRS = [NAN, INF, -INF, 0.0, -0.0, 1.0, -2.5, 1e30, 1e-30]
WHOLE = [0, 1, -1, 2, -7, 2**53 + 1, 2**63 - 1, -(2**63)]
FLAGS = [True, False]

# All others find these among their elements, over and over.
PATTERNS = {
    "zeros": [0.0],
    "zeros of both signs and ties": [0.0, -0.0, 1.0, -1.0, 0.0, 2.0, 2.0, -1.0, 0.5, 0.0, 1.0],
    "ties": [1.0],
    "extreme, one NaN": [None, NAN] + [None] * 97,
    "extreme, one infinity": [INF] + [None] * 97,
    "extreme, minus infinity": [-INF],
    "extreme, of all kinds": [INF, 1.0, NAN, -INF, 0.0, 2.0, -3.0],
}
# How many samples of an entry are varied so.
VARIED = 4


def special_samples(samples, dtype, elementwise):
    varied = distinct(samples, elementwise)[:VARIED]
    if elementwise:
        for origin, arguments, options in varied:
            for kind, sets in value_sets(dtype).items():
                yield f"{kind}, of {origin}", *filled(arguments, options, sets)
        return
    if dtype.is_floating_point:
        for (origin, arguments, options), (kind, pattern) in itertools.product(varied, PATTERNS.items()):
            yield f"{kind}, of {origin}", *patterned(arguments, options, pattern)
    for origin, arguments, options in varied[:2]:
        changed = [expanded(arguments), options]
        if changed[0] is not None:
            yield f"expanded, of {origin}", *changed


def distinct(samples, elementwise):
    """Samples with different numbers of dimensions, or with other arguments beside the tensors."""
    seen = {}
    for sample in samples:
        floats = [x for x in leaves(sample[1:]) if x.numel() > 1 or elementwise]
        if floats:
            ranks = () if elementwise else tuple(x.dim() for x in floats)
            key = (len(floats), ranks, repr([x for x in others(sample[1:])]))
            seen.setdefault(key, sample)
    return list(seen.values())


def value_sets(dtype):
    """For each kind the values for one, two or three tensors."""
    if dtype == torch.bool:
        return {"flags": (FLAGS, FLAGS, FLAGS)}
    if dtype == torch.int64:
        return {"extreme integers": (WHOLE, WHOLE, WHOLE[:4])}
    return {"special": (ORDINARY, ORDINARY, ORDINARY[:3]), "extreme": (EXTREME, EXTREME_PAIRS, EXTREME_PAIRS[:3])}


def filled(arguments, options, sets):
    """The same sample with every combination of the values in its tensors."""
    places = [x for x in leaves((arguments, options))]
    values = sets[min(len(places), 3) - 1]
    columns = list(zip(*itertools.product(values, repeat=len(places))))
    news = {}
    for place, column in zip(places, columns):
        numbers = [bool(v) for v in column] if place.dtype == torch.bool else column
        kept = [int(v) if place.dtype == torch.int64 else v for v in numbers]
        news[id(place)] = torch.tensor(kept, dtype=place.dtype).requires_grad_(place.requires_grad)
    return replaced(arguments, news), replaced(options, news)


def patterned(arguments, options, pattern):
    news = {}
    for shift, x in enumerate(leaves((arguments, options))):
        if x.is_floating_point():
            flat = x.detach().reshape(-1).tolist()
            values = [pattern[(i + shift) % len(pattern)] for i in range(len(flat))]
            kept = [old if new is None else new for old, new in zip(flat, values)]
            news[id(x)] = torch.tensor(kept, dtype=x.dtype).reshape(x.shape).requires_grad_(x.requires_grad)
    return replaced(arguments, news), replaced(options, news)


def expanded(arguments):
    """The first tensor with its first row in the place of all others, one in memory."""
    first = next((x for x in leaves(arguments) if x.dim() > 0 and x.shape[0] > 1 and x.numel() > 0), None)
    if first is None:
        return None
    row = first.detach()[:1].clone().expand(first.shape).requires_grad_(first.requires_grad)
    return replaced(arguments, {id(first): row})


def replaced(item, news):
    if isinstance(item, torch.Tensor):
        return news.get(id(item), item)
    if isinstance(item, (list, tuple)):
        return type(item)(replaced(entry, news) for entry in item)
    if isinstance(item, dict):
        return {key: replaced(entry, news) for key, entry in item.items()}
    return item


def leaves(item):
    if isinstance(item, torch.Tensor):
        yield item
    elif isinstance(item, (list, tuple)):
        for entry in item:
            yield from leaves(entry)
    elif isinstance(item, dict):
        yield from leaves(list(item.values()))


def others(item):
    if isinstance(item, (list, tuple)):
        for entry in item:
            yield from others(entry)
    elif isinstance(item, dict):
        for key, entry in item.items():
            yield key
            yield from others(entry)
    elif not isinstance(item, torch.Tensor):
        yield type(item), item
