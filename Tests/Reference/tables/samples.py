"""Samples of PyTorch's own databases of operators, modules and optimizers, with what PyTorch makes of them.

One file an entry, one case a line: the arguments as sampleEntries.py has them, the outputs, the gradients, and in
float64 the second derivatives. Cases marked as errors are those at which PyTorch raises.

Samples are made small: the databases' own sizes are turned down, values are rounded to hundredths (they then take few
digits), and of samples alike in all but their values a few are kept. Memory layouts other than an expanded one are not
here: OperatorSamples gives every case several.
"""

import collections
import hashlib
import itertools
import json
import math
import sys
import warnings

import numpy as np
import torch
from torch.testing import make_tensor
from torch.testing._internal.common_methods_invocations import op_db

import sampleArithmetic  # noqa: F401
import sampleMovement  # noqa: F401
import samplePictures  # noqa: F401
from inputs import upstream
from sampleEntries import ENTRIES, TYPES, USUAL_SIZES, LeftOut, need
from sampleModules import MODULES, OPTIMIZERS, module_samples, optimizer_samples
from sampleValues import special_samples

OPERATORS = {op.name + ("/" + op.variant_test_name if op.variant_test_name else ""): op for op in op_db}

# The most elements of a sample, of an output, of a module's sample, and of a case with second derivatives.
MOST_ELEMENTS = 130
MOST_OUTPUTS = 200
MOST_MODULE = 320
MOST_SECOND = 100
# The most samples of an entry in one type; and of those that differ in nothing but their values.
MOST_SAMPLES = 80
MOST_ALIKE = 3


def record():
    """The lines of each file."""
    files = {}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for name, entry in ENTRIES.items():
            files[name] = lines(name, operator_cases(OPERATORS[name], entry))
        for name, arguments in MODULES.items():
            files[name] = lines(name, module_cases(name, arguments))
        for name, options in OPTIMIZERS.items():
            files[name] = lines(name, optimizer_cases(name, options))
    return {name.replace("/", "-") + ".jsonl": text for name, text in files.items()}


def set_sizes(small, medium, large):
    """What the databases call S, M and L: 5, 10 and 20, of which three dimensions are too many elements here."""
    for name, module in list(sys.modules.items()):
        if name.startswith("torch.testing._internal") and hasattr(module, "S") and hasattr(module, "M"):
            module.S, module.M, module.L = small, medium, large


def lines(name, cases):
    """A first line with what follows and what was left out, and the cases."""
    left_out = collections.Counter()
    found = []
    for case in cases:
        if isinstance(case, LeftOut):
            left_out[str(case)] += 1
        else:
            found.append(case)
    head = {
        "entry": name,
        "cases": sum("error" not in case for case in found),
        "gradients": sum(case.get("gradients") is not None for case in found),
        "secondDerivatives": sum(case.get("second") is not None for case in found),
        "errors": sum("error" in case for case in found),
        "leftOut": dict(sorted(left_out.items())),
    }
    if not head["cases"]:
        raise SystemExit(f"{name} has no case; left out: {dict(left_out)}")
    return "".join(text(line) + "\n" for line in [head, *found])


# Operators.


def operator_cases(op, entry):
    raising = collections.Counter()
    for found in operator_outcomes(op, entry):
        # A sample at which PyTorch raises is as good as one that is meant to; one of each kind will do.
        if isinstance(found, dict) and "error" in found:
            kind = "".join(c for c in found["error"] if not c.isdigit())[:30]
            raising[kind] += 1
            if raising[kind] > MOST_ALIKE:
                found = LeftOut("PyTorch raises: " + kind)
        yield found
    yield from operator_errors(op, entry)


def operator_outcomes(op, entry):
    for dtype in entry.dtypes:
        if dtype in op.dtypes:
            kept = list(chosen(itertools.chain(sized(op, dtype, entry), added(op, dtype, entry)), entry))
            yield from (case(op.op, entry.arguments, sample) for sample in kept)
            specials = special_samples([s for s in kept if isinstance(s, tuple)], dtype, entry.elementwise)
            yield from (case(op.op, entry.arguments, sample) for sample in specials)


def sized(op, dtype, entry):
    """Samples in the entry's sizes; and where others will do, in those as well, and with other values."""
    yield from drawn(op, dtype, entry.sizes)
    if entry.sizes != USUAL_SIZES:
        again = drawn(op, dtype, (2, 4, 3), set_seed=False)
        yield from ((f"{origin}, again", *sample) for origin, *sample in again)


def drawn(op, dtype, sizes, **options):
    """The database's samples, as (where it is from, positional arguments, named ones)."""
    set_sizes(*sizes)
    wants = dtype.is_floating_point and op.supports_autograd
    seed(op.name)
    try:
        samples = list(op.reference_inputs("cpu", dtype, requires_grad=wants, **options))
    except ValueError:  # some ask for gradients of integers
        seed(op.name)
        samples = list(op.reference_inputs("cpu", dtype, requires_grad=False, **options))
        for x in tensors([[sample.input, *sample.args] for sample in samples]):
            x.requires_grad_(x.is_floating_point())
    for number, sample in enumerate(samples):
        yield f"sample {number}", [sample.input, *sample.args], dict(sample.kwargs)


def added(op, dtype, entry):
    """Samples of our own, where the database has none with arguments that Kindling takes."""
    wants = dtype.is_floating_point and op.supports_autograd
    x = make_tensor((3, 4), dtype=dtype, device="cpu", requires_grad=wants)
    for number, (arguments, options) in enumerate(entry.more(x)):
        yield f"added {number}", list(arguments), options


def chosen(samples, entry):
    """Those that Kindling can be asked, are small, and are not many times the same; evenly spread if still too many."""
    alike = collections.Counter()
    seen = set()
    kept = []
    for origin, arguments, options in samples:
        if sum(base(x).numel() for x in tensors([arguments, list(options.values())])) > MOST_ELEMENTS:
            yield LeftOut("many elements")
            continue
        try:
            arguments, options = mapped(tidy, arguments), mapped(tidy, options)
            canonical = asked(entry.arguments, arguments, options)
        except LeftOut as reason:
            yield reason
            continue
        kind = text(mapped(lambda x: [TYPES[x.dtype], list(x.shape), list(x.stride())], canonical))
        alike[kind] += 1
        whole = text(canonical)
        if alike[kind] <= MOST_ALIKE and whole not in seen:
            seen.add(whole)
            kept.append((origin, arguments, options))
    step = max(1, len(kept) / MOST_SAMPLES)
    yield from (kept[int(i * step)] for i in range(min(len(kept), MOST_SAMPLES)))


def asked(function, arguments, options):
    """The arguments as Kindling is asked, or why it cannot be."""
    try:
        canonical = list(function(*arguments, **options))
    except TypeError as error:
        raise LeftOut(str(error).split(") ")[-1].split("() ")[-1]) from None
    need(all(x.dtype in TYPES for x in tensors(canonical)), "another type")
    need(all(x.dim() <= 8 for x in tensors(canonical)), "more than eight dimensions")
    need(not any(isinstance(x, complex) for x in flat(canonical)), "a complex number")
    return canonical


def operator_errors(op, entry):
    """What PyTorch refuses: its database's examples, and the element types that an operator does not take."""
    set_sizes(*entry.sizes)
    seed(op.name)
    examples = op.error_inputs("cpu") if op.error_inputs_func is not None else []
    for number, example in enumerate(examples):
        sample = example.sample_input
        yield error_case(f"error {number}", op.op, entry.arguments, [sample.input, *sample.args], dict(sample.kwargs))
    known = next(dtype for dtype in TYPES if dtype in op.dtypes)
    for dtype in entry.dtypes:
        if dtype in op.dtypes:
            continue
        for origin, arguments, options in drawn(op, known, entry.sizes):
            if not list(tensors(arguments)) or any(x.numel() == 0 for x in tensors(arguments)):
                continue
            convert = lambda x: x.detach().to(dtype) if x.dtype == known else x  # noqa: E731
            cast = mapped(convert, arguments), mapped(convert, options)
            found = error_case(f"{TYPES[dtype]}, {origin}", op.op, entry.arguments, *cast)
            if not isinstance(found, LeftOut):
                yield found
                break


def error_case(origin, function, canonical, arguments, options):
    try:
        line = {"error": "", "from": origin, "arguments": asked(canonical, arguments, options)}
        need(sum(x.numel() for x in tensors(line["arguments"])) <= MOST_ELEMENTS, "an error of many elements")
        text(line)
    except LeftOut as reason:
        return reason
    try:
        function(*arguments, **options)
    except Exception as error:
        return line | {"error": brief(error)}
    return LeftOut("an error that is none")


def brief(error):
    return str(error).split("\n")[0][:200]


# Modules and optimizers.


def module_cases(name, arguments):
    for dtype in (torch.float32, torch.float64):
        seed(name)
        kept = []
        for origin, module, inputs, canonical in module_samples(name, arguments, dtype):
            if isinstance(canonical, LeftOut):
                yield canonical
                continue
            # The module's own parameters stand among the arguments, so that their gradients are recorded too.
            if sum(x.numel() for x in tensors(canonical)) <= MOST_MODULE:
                kept.append((origin, module, inputs, canonical))
        for origin, module, inputs, canonical in kept[:MOST_SAMPLES]:
            run = lambda *_, m=module, i=inputs: m(*i)  # noqa: E731
            yield case(run, lambda *_, c=canonical: c, (origin, canonical, {}), as_is=True)


def optimizer_cases(name, options):
    for dtype in (torch.float32, torch.float64):
        for sample in optimizer_samples(name, options, dtype):
            yield sample


# One case.


def case(function, canonical, sample, as_is=False):
    """What PyTorch makes of a sample, or why it is left out."""
    if isinstance(sample, LeftOut):
        return sample
    origin, arguments, options = sample
    if not as_is:
        arguments, options = (
            mapped(lambda x: x.detach().requires_grad_(x.requires_grad), item) for item in (arguments, options)
        )
    try:
        wanted = asked(canonical, arguments, options)
    except LeftOut as reason:  # of the special values that stand in the place of the sample's own
        return reason
    try:
        outputs = function(*arguments, **options)
    except (RuntimeError, IndexError, ValueError) as error:
        return {"error": brief(error), "from": origin, "arguments": wanted}
    if outputs is NotImplemented:
        return {"error": "not implemented", "from": origin, "arguments": wanted}
    outputs = [torch.tensor(outputs, dtype=wide(outputs))] if isinstance(outputs, (bool, int, float)) else outputs
    # Attention has no weights where none are wanted.
    outputs = [outputs] if isinstance(outputs, torch.Tensor) else [x for x in outputs if x is not None]
    line = {"from": origin, "arguments": wanted, "outputs": outputs}
    if any(x.dtype not in TYPES for x in outputs) or sum(x.numel() for x in outputs) > MOST_OUTPUTS:
        return LeftOut("a large output, or one of another type")
    leaves = [x for x in tensors(line["arguments"]) if x.requires_grad]
    if leaves and any(x.requires_grad for x in outputs):
        try:
            line |= derivatives(leaves, [x for x in outputs if x.requires_grad], "extreme" in origin)
        except RuntimeError as error:
            return LeftOut("PyTorch has no derivative: " + brief(error)[:60])
    return line


def wide(number):
    return {bool: torch.bool, int: torch.int64, float: torch.float64}[type(number)]


def derivatives(leaves, outputs, extreme):
    """Gradients given `upstream` at the outputs; and those of their sum, weighted by `upstream` again, with respect to
    the inputs and to what was given at the outputs."""
    given = [upstream(x).requires_grad_() for x in outputs]
    size = sum(x.numel() for x in leaves + outputs)
    twice = outputs[0].dtype == torch.float64 and size <= MOST_SECOND and not extreme
    gradients = torch.autograd.grad(outputs, leaves, given, allow_unused=True, create_graph=twice)
    line = {"gradients": [None if x is None else numbers(x) for x in gradients]}
    followed = [x for x in gradients if x is not None and x.requires_grad]
    if twice and followed:
        total = sum((x * upstream(x.detach())).sum() for x in followed)
        second = torch.autograd.grad(total, leaves + given, allow_unused=True)
        line["second"] = [None if x is None else numbers(x) for x in second]
    return line


def seed(name):
    """Each entry draws its own numbers, so that a new row changes no other."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    torch.manual_seed(number)
    np.random.seed(number)


# Values.


def tidy(x):
    """The tensor with its values rounded to hundredths, where they are neither tiny nor huge."""
    need(x.dtype in TYPES or not (x.dtype.is_complex or x.dtype.is_floating_point), "another type")
    wants = x.requires_grad
    x = x.detach()
    values = base(x).clone(memory_format=torch.contiguous_format)
    if values.is_floating_point():
        usual = (values.abs() >= 0.01) & (values.abs() < 1000)
        rounded = torch.tensor(
            [round(v, 2) if math.isfinite(v) else v for v in values.reshape(-1).tolist()], dtype=values.dtype
        ).reshape(values.shape)
        values = torch.where(usual, rounded, values)
    return values.expand(x.shape).requires_grad_(wants)


def base(x):
    """The tensor without the repetitions that `expand` makes."""
    return x[tuple(slice(0, 1) if step == 0 and size > 1 else slice(None) for size, step in zip(x.shape, x.stride()))]


def mapped(function, item):
    if isinstance(item, torch.Tensor):
        return function(item)
    if isinstance(item, (list, tuple)) and not isinstance(item, torch.Size):
        return type(item)(mapped(function, entry) for entry in item)
    if isinstance(item, dict):
        return {key: mapped(function, entry) for key, entry in item.items()}
    return item


def flat(item):
    if isinstance(item, (list, tuple)):
        for entry in item:
            yield from flat(entry)
    else:
        yield item


def tensors(item):
    return (x for x in flat(list(item.values()) if isinstance(item, dict) else item) if isinstance(x, torch.Tensor))


def numbers(x):
    """The elements, with the shortest digits that read back as the same numbers."""
    if x.dtype == torch.bool:
        return [int(v) for v in x.reshape(-1).tolist()]
    x = torch.zeros(x.shape, dtype=x.dtype) if x._is_zerotensor() else x.detach()
    return list(x.contiguous().numpy().ravel())


def written(x):
    part = base(x.detach())
    entry = {"dtype": TYPES[x.dtype], "shape": list(part.shape), "values": numbers(part)}
    if part.shape != x.shape:
        entry["expanded"] = list(x.shape)
    if x.requires_grad and x.is_leaf:
        entry["wantsGradient"] = True
    return entry


def text(item):
    """JSON, with Python's NaN and Infinity. A number with a point, such as 2.0, is a float, and 2 is an integer."""
    if isinstance(item, torch.Tensor):
        return text(written(item))
    if isinstance(item, np.floating):
        if not np.isfinite(item):
            return text(float(item))
        digits = str(item)
        return digits[:-2] if digits.endswith(".0") and digits != "-0.0" else digits
    if isinstance(item, np.integer):
        return str(item)
    if isinstance(item, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{text(value)}" for key, value in item.items()) + "}"
    if isinstance(item, (list, tuple)):
        return "[" + ",".join(map(text, item)) + "]"
    need(item is None or isinstance(item, (bool, int, float, str)), f"an argument of type {type(item).__name__}")
    return json.dumps(item)
