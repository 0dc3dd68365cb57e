"""PyTorch's modules and optimizers that Kindling has too, and how their samples are asked of it."""

import functools
import itertools

import torch
from torch.testing import make_tensor
from torch.testing._internal.common_modules import FunctionInput, ModuleInput, module_db
from torch.testing._internal.common_optimizers import OptimizerErrorEnum, optim_db

from sampleEntries import LeftOut, need, numbered


def batch_norm(m, x):
    return x, m.weight, m.bias, m.eps, m.momentum, m.affine, m.track_running_stats


def attention(
    m, q, k, v, key_padding_mask=None, need_weights=True, attn_mask=None, average_attn_weights=True, is_causal=False
):
    need(m.bias_k is None, "keys and values of the layer's own")
    need(not m.add_zero_attn, "a key of zeros")
    need(m._qkv_same_embed_dim, "keys and values of other sizes")
    weights = m.in_proj_weight, m.in_proj_bias, m.out_proj.weight, m.out_proj.bias
    masks = key_padding_mask, need_weights, attn_mask, average_attn_weights, is_causal
    return q, k, v, *weights, m.num_heads, m.batch_first, *masks


# Each module's arguments: what it is given, its parameters, its options.
MODULES = {
    "nn.Linear": lambda m, x: (x, m.weight, m.bias),
    "nn.ReLU": lambda m, x: (x,),
    "nn.LeakyReLU": lambda m, x: (x, m.negative_slope),
    "nn.GELU": lambda m, x: (x, m.approximate),
    "nn.SiLU": lambda m, x: (x,),
    "nn.Sigmoid": lambda m, x: (x,),
    "nn.Tanh": lambda m, x: (x,),
    "nn.Softplus": lambda m, x: (x, m.beta, m.threshold),
    "nn.Softmax": lambda m, x: (x, m.dim),
    "nn.LogSoftmax": lambda m, x: (x, m.dim),
    "nn.BatchNorm1d": lambda m, x: batch_norm(m, x),
    "nn.BatchNorm2d": lambda m, x: batch_norm(m, x),
    "nn.LayerNorm": lambda m, x: (x, list(m.normalized_shape), m.weight, m.bias, m.eps),
    "nn.RMSNorm": lambda m, x: (x, list(m.normalized_shape), m.weight, m.eps),
    "nn.Embedding": lambda m, x: (x, m.weight, m.padding_idx),
    "nn.MultiheadAttention": attention,
    "nn.BCELoss": lambda m, x, t: (x, t, m.weight, m.reduction),
    "nn.HuberLoss": lambda m, x, t: (x, t, m.reduction, m.delta),
    "nn.KLDivLoss": lambda m, x, t: (x, t, m.reduction, m.log_target),
    "nn.MSELoss": lambda m, x, t: (x, t, m.reduction),
    "nn.L1Loss": lambda m, x, t: (x, t, m.reduction),
    "nn.SmoothL1Loss": lambda m, x, t: (x, t, m.reduction, m.beta),
    "nn.BCEWithLogitsLoss": lambda m, x, t: (x, t, m.weight, m.reduction, m.pos_weight),
    "nn.NLLLoss": lambda m, x, t: (x, t, m.weight, m.ignore_index, m.reduction),
    "nn.CrossEntropyLoss": lambda m, x, t: (x, t, m.weight, m.ignore_index, m.reduction, m.label_smoothing),
}


def attentions(dtype):
    """Several sequences, as the database has none; heads of more than one number, and each kind of mask."""

    def random(*shape):
        return make_tensor(shape, dtype=dtype, device="cpu", low=-1, high=1, requires_grad=True)

    # Of the second sample the last key is padding; no query sees nothing at all.
    padding = torch.tensor([[False, False, False], [False, False, True]])
    hidden = torch.tensor([[False, True, False], [False, False, True]])
    masks = [
        {},
        {"key_padding_mask": padding},
        {"attn_mask": hidden},
        {"attn_mask": random(2, 3)},
        {"attn_mask": random(4, 2, 3)},
        {"attn_mask": hidden.expand(4, 2, 3), "key_padding_mask": padding},
        {"attn_mask": random(2, 3), "key_padding_mask": random(2, 3).detach()},
        {"average_attn_weights": False},
        {"need_weights": False},
    ]
    for bias, batch_first, options in itertools.product((True, False), (True, False), masks):
        made = FunctionInput(4, 2, bias=bias, batch_first=batch_first)
        shapes = ((2, 2, 4), (2, 3, 4)) if batch_first else ((2, 2, 4), (3, 2, 4))
        yield ModuleInput(made, FunctionInput(random(*shapes[0]), random(*shapes[1]), random(*shapes[1]), **options))
    for heads in (1, 3):
        causal = {"attn_mask": torch.ones(3, 3, dtype=torch.bool).triu(1), "is_causal": True}
        yield ModuleInput(FunctionInput(3, heads), FunctionInput(*(random(3, 1, 3) for _ in range(3)), **causal))


# Samples of our own, where the database has none with arguments that Kindling takes.
MORE = {"nn.MultiheadAttention": attentions}


def module_samples(name, arguments, dtype):
    """The samples: where each is from, the module, what it is given, and the arguments for Kindling."""
    info = next(info for info in module_db if info.module_cls.__name__ == name.removeprefix("nn."))
    inputs = list(info.module_inputs_func(info, device="cpu", dtype=dtype, requires_grad=True, training=True))
    inputs = [(f"module sample {number}", sample) for number, sample in enumerate(inputs)]
    if name in MORE:
        inputs += [(f"added {number}", sample) for number, sample in enumerate(MORE[name](dtype))]
    for origin, sample in inputs:
        made, given = sample.constructor_input, sample.forward_input
        module = info.module_cls(*made.args, **made.kwargs).to(dtype)
        values = [rounded(x) for x in given.args]
        named = {key: rounded(x) for key, x in given.kwargs.items()}
        with torch.no_grad():
            for parameter in module.parameters():
                parameter.copy_(rounded(parameter))
        try:
            asTensors = all(isinstance(x, torch.Tensor) for x in values) and (not named or name in MORE)
            need(asTensors, "other arguments than tensors")
            canonical = list(arguments(module, *values, **named))
        except LeftOut as reason:
            yield None, None, None, reason
            continue
        yield origin, functools.partial(module, **named), values, canonical


def rounded(x):
    if not isinstance(x, torch.Tensor) or not x.is_floating_point():
        return x
    return ((x.detach() * 100).round() / 100).requires_grad_(x.requires_grad)


def adagrad(lr=1e-2, lr_decay=0, weight_decay=0, initial_accumulator_value=0, eps=1e-10, maximize=False):
    return *numbered(lr, lr_decay, weight_decay, initial_accumulator_value, eps), maximize


# Each optimizer's options, in the order of Kindling's initialiser.
OPTIMIZERS = {
    "optim.SGD": lambda lr=1e-3, momentum=0, dampening=0, weight_decay=0, nesterov=False, maximize=False: (
        *numbered(lr, momentum, dampening, weight_decay),
        nesterov,
        maximize,
    ),
    "optim.Adagrad": adagrad,
    "optim.RMSprop": lambda lr=1e-2, alpha=0.99, eps=1e-8, weight_decay=0, momentum=0, centered=False, maximize=False: (
        *numbered(lr, alpha, eps, weight_decay, momentum),
        centered,
        maximize,
    ),
    "optim.Adam": lambda lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0, amsgrad=False, maximize=False: (
        *numbered(lr, *betas, eps, weight_decay),
        amsgrad,
        maximize,
    ),
    "optim.AdamW": lambda lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2, amsgrad=False, maximize=False: (
        *numbered(lr, *betas, eps, weight_decay),
        amsgrad,
        maximize,
    ),
}

STEPS = 4


def optimizer_samples(name, options, dtype):
    """Some steps of one parameter along fixed gradients: the parameter after each."""
    info = next(info for info in optim_db if info.optim_cls.__name__ == name.removeprefix("optim."))
    for sample in info.optim_inputs_func("cpu", dtype):
        yield stepped(info.optim_cls, options, sample, dtype)
    if dtype == torch.float64:
        return
    for number, example in enumerate(info.optim_error_inputs_func("cpu", dtype)):
        sample = example.optimizer_error_input
        if example.error_on != OptimizerErrorEnum.CONSTRUCTION_ERROR or sample.params is not None:
            yield LeftOut("a mistake in the list of parameters")
            continue
        try:
            arguments = [start(dtype), gradients(dtype), *options(**sample.kwargs)]
        except LeftOut as reason:
            yield reason
            continue
        except TypeError as error:
            yield LeftOut(str(error).split("() ")[-1])
            continue
        yield {"error": example.error_regex, "from": f"error {number}", "arguments": arguments}


def start(dtype):
    return torch.tensor([0.5, -1.25, 2.0, 0.75], dtype=dtype)


def gradients(dtype):
    numbers = [((11 * step + 7 * i + step * i) % 19 - 9) / 4 for step, i in itertools.product(range(STEPS), range(4))]
    return torch.tensor(numbers, dtype=dtype).reshape(STEPS, 4)


def stepped(optimizer, options, sample, dtype):
    try:
        isTensor = any(isinstance(value, torch.Tensor) for value in sample.kwargs.values())
        need(not isTensor, "a learning rate that is a tensor")
        canonical = options(**sample.kwargs)
    except LeftOut as reason:
        return reason
    except TypeError as error:
        return LeftOut(str(error).split("() ")[-1])
    weight = start(dtype).requires_grad_()
    rule = optimizer([weight], **sample.kwargs)
    after = []
    for gradient in gradients(dtype):
        weight.grad = gradient.clone()
        rule.step()
        after.append(weight.detach().clone())
    return {"from": sample.desc, "arguments": [start(dtype), gradients(dtype), *canonical], "outputs": after}
