"""The article's five programs, as `compare --against pytorch` runs them. Prints one JSON object.

    python3 programs.py '{"problem": "article", "seed": 0, "steps": 500, "lessons": [1, 2, 3, 4, 5]}'

Two settings more: "learningRate", a number, in place of each program's own; and "data", the path of a safetensors file of
float32 x, y, first.w1 and first.w2, from which all programs start, in place of random numbers.
"""

import json
import sys
import time

import numpy as np
import torch

LESSONS = range(1, 6)
ARTICLE_SIZES = (64, 784, 100, 10)
MODULE_SIZES = (64, 1000, 100, 10)


class Clock:
    """Keeps the losses, and the time from the first of them to the last."""

    def __init__(self):
        self.losses, self.times = [], []

    def report(self, loss):
        self.losses.append(float(loss))
        self.times.append(time.perf_counter())

    def result(self):
        steps = max(len(self.times) - 1, 1)
        return {"losses": self.losses, "secondsPerStep": (self.times[-1] - self.times[0]) / steps}


def numpy_arrays(x, y, w1, w2, rate, steps):
    clock = Clock()
    for _ in range(steps):
        h = x.dot(w1)
        h_relu = np.maximum(h, 0)
        y_pred = h_relu.dot(w2)
        clock.report(np.square(y_pred - y).sum())

        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T.dot(grad_y_pred)
        grad_h = grad_y_pred.dot(w2.T)
        grad_h[h < 0] = 0
        grad_w1 = x.T.dot(grad_h)

        w1 -= rate * grad_w1
        w2 -= rate * grad_w2
    return clock.result()


def torch_tensors(x, y, w1, w2, rate, steps):
    clock = Clock()
    for _ in range(steps):
        h = x.mm(w1)
        h_relu = h.clamp(min=0)
        y_pred = h_relu.mm(w2)
        clock.report((y_pred - y).pow(2).sum().item())

        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.t().mm(grad_y_pred)
        grad_h = grad_y_pred.mm(w2.t())
        grad_h[h < 0] = 0
        grad_w1 = x.t().mm(grad_h)

        w1 -= rate * grad_w1
        w2 -= rate * grad_w2
    return clock.result()


def torch_autograd(x, y, w1, w2, rate, steps):
    clock = Clock()
    w1.requires_grad_()
    w2.requires_grad_()
    for _ in range(steps):
        y_pred = x.mm(w1).clamp(min=0).mm(w2)
        loss = (y_pred - y).pow(2).sum()
        clock.report(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 -= rate * w1.grad
            w2 -= rate * w2.grad
            w1.grad.zero_()
            w2.grad.zero_()
    return clock.result()


def torch_nn(x, y, model, rate, steps):
    clock = Clock()
    loss_fn = torch.nn.MSELoss(reduction="sum")
    for _ in range(steps):
        loss = loss_fn(model(x), y)
        clock.report(loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for param in model.parameters():
                param -= rate * param.grad
    return clock.result()


def torch_optim(x, y, model, optimizer, steps):
    clock = Clock()
    loss_fn = torch.nn.MSELoss(reduction="sum")
    for _ in range(steps):
        loss = loss_fn(model(x), y)
        clock.report(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return clock.result()


class ClampAtZero(torch.nn.Module):
    """Where lessons are compared: the gradient passes at exactly 0, as in the programs before, unlike ReLU's."""

    def forward(self, x):
        return x.clamp(min=0)


class TwoLayerNet(torch.nn.Module):
    def __init__(self, d_in, h, d_out, bias=True):
        super().__init__()
        self.linear1 = torch.nn.Linear(d_in, h, bias=bias)
        self.linear2 = torch.nn.Linear(h, d_out, bias=bias)

    def forward(self, x):
        return self.linear2(self.linear1(x).clamp(min=0))


def sequential(d_in, h, d_out, bias=True):
    return torch.nn.Sequential(
        torch.nn.Linear(d_in, h, bias=bias),
        torch.nn.ReLU() if bias else ClampAtZero(),
        torch.nn.Linear(h, d_out, bias=bias),
    )


def load(path):
    """The float32 tensors of a safetensors file: a length, a head in JSON, the elements."""
    with open(path, "rb") as file:
        content = file.read()
    start = 8 + int.from_bytes(content[:8], "little")
    tensors = {}
    for name, entry in json.loads(content[8:start]).items():
        if entry.get("dtype") == "F32":
            begin, end = (start + offset for offset in entry["data_offsets"])
            values = np.frombuffer(content[begin:end], dtype="<f4").reshape(entry["shape"])
            tensors[name] = torch.tensor(values)
    return tensors


def randoms(seed, sizes, source):
    n, d_in, h, d_out = sizes
    return [source(*shape) for shape in ((n, d_in), (n, d_out), (d_in, h), (h, d_out))]


def run(lesson, settings):
    seed, steps, data = settings["seed"], settings["steps"], settings.get("data")
    article = settings["problem"] == "article"
    rate = settings.get("learningRate") or (1e-4 if article and lesson >= 4 else 1e-6)
    torch.manual_seed(seed)
    np.random.seed(seed % 2**32)

    if article and lesson >= 4:
        n, d_in, h, d_out = MODULE_SIZES
        x, y = torch.randn(n, d_in), torch.randn(n, d_out)
        model = (sequential if lesson == 4 else TwoLayerNet)(d_in, h, d_out)
    else:
        if article and lesson == 1:
            x, y, w1, w2 = randoms(seed, ARTICLE_SIZES, np.random.randn)
        elif data:
            x, y, w1, w2 = (load(data)[name] for name in ("x", "y", "first.w1", "first.w2"))
        else:
            x, y, w1, w2 = randoms(seed, ARTICLE_SIZES, torch.randn)
        if lesson == 1:
            arrays = (np.array(part, dtype=np.float64) for part in (x, y, w1, w2))
            return numpy_arrays(*arrays, rate, steps)
        if lesson <= 3:
            return (torch_tensors if lesson == 2 else torch_autograd)(x, y, w1, w2, rate, steps)
        model = (sequential if lesson == 4 else TwoLayerNet)(x.shape[1], w1.shape[1], y.shape[1], bias=False)
        with torch.no_grad():
            for parameter, value in zip(model.parameters(), (w1, w2)):
                parameter.copy_(value.t())
    if lesson == 4:
        return torch_nn(x, y, model, rate, steps)
    optimizer = (torch.optim.Adam if article else torch.optim.SGD)(model.parameters(), lr=rate)
    return torch_optim(x, y, model, optimizer, steps)


def main():
    settings = json.loads(sys.argv[1])
    curves = {str(lesson): run(lesson, settings) for lesson in settings["lessons"] if lesson in LESSONS}
    print(json.dumps({"torch": torch.__version__, "numpy": np.__version__, "curves": curves}))


if __name__ == "__main__":
    main()
