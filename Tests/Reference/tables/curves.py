"""The losses of the article's five programs, and of one problem that all five solve, step by step.

The programs are the article's, lines and order of draws alike. Names: article/lesson1/seed0, shared/lesson1/seed0, …;
each is 500 losses. float32 losses are stored as float64, which holds them exactly.
"""

import numpy as np
import torch

STEPS = 500


def record():
    curves = {}
    for seed in (0, 1):
        curves[f"article/lesson1/seed{seed}"] = raw_arrays(*article_arrays(seed))
        for lesson, losses in shared(seed).items():
            curves[f"shared/{lesson}/seed{seed}"] = losses
    for seed in (0, 1, 7, 42):
        curves[f"article/lesson2/seed{seed}"] = tensors(*article_tensors(seed))
        curves[f"article/lesson3/seed{seed}"] = autograd(*article_tensors(seed))
        curves[f"article/lesson4/seed{seed}"] = nn(*article_model(seed, sequential))
        curves[f"article/lesson5/seed{seed}"] = optim(*article_model(seed, TwoLayerNet), torch.optim.Adam, 1e-4)
    return {name: np.array(losses, dtype=np.float64) for name, losses in curves.items()}


def shared(seed):
    """64-784-100-10 without bias, plain gradient descent at 1e-6, PyTorch's numbers; lesson 1 takes them as float64."""
    x, y, w1, w2 = article_tensors(seed)

    def model():
        linear1 = torch.nn.Linear(784, 100, bias=False)
        linear2 = torch.nn.Linear(100, 10, bias=False)
        with torch.no_grad():
            linear1.weight.copy_(w1.t())
            linear2.weight.copy_(w2.t())
        return torch.nn.Sequential(linear1, torch.nn.ReLU(), linear2)

    return {
        "lesson1": raw_arrays(*(t.double().numpy() for t in (x, y, w1, w2))),
        "lesson2": tensors(x, y, w1.clone(), w2.clone()),
        "lesson3": autograd(x, y, w1.clone(), w2.clone()),
        "lesson4": nn(x, y, model(), 1e-6),
        "lesson5": optim(x, y, model(), torch.optim.SGD, 1e-6),
    }


def article_arrays(seed):
    np.random.seed(seed)
    return np.random.randn(64, 784), np.random.randn(64, 10), np.random.randn(784, 100), np.random.randn(100, 10)


def article_tensors(seed):
    torch.manual_seed(seed)
    return torch.randn(64, 784), torch.randn(64, 10), torch.randn(784, 100), torch.randn(100, 10)


def article_model(seed, model):
    torch.manual_seed(seed)
    return torch.randn(64, 1000), torch.randn(64, 10), model(1000, 100, 10)


def raw_arrays(x, y, w1, w2, learning_rate=1e-6):
    w1, w2 = w1.copy(), w2.copy()
    losses = []
    for _ in range(STEPS):
        h = x.dot(w1)
        h_relu = np.maximum(h, 0)
        y_pred = h_relu.dot(w2)
        losses.append(np.square(y_pred - y).sum())
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.T.dot(grad_y_pred)
        grad_h_relu = grad_y_pred.dot(w2.T)
        grad_h = grad_h_relu.copy()
        grad_h[h < 0] = 0
        grad_w1 = x.T.dot(grad_h)
        w1 -= learning_rate * grad_w1
        w2 -= learning_rate * grad_w2
    return losses


def tensors(x, y, w1, w2, learning_rate=1e-6):
    losses = []
    for _ in range(STEPS):
        h = x.mm(w1)
        h_relu = h.clamp(min=0)
        y_pred = h_relu.mm(w2)
        losses.append((y_pred - y).pow(2).sum().item())
        grad_y_pred = 2.0 * (y_pred - y)
        grad_w2 = h_relu.t().mm(grad_y_pred)
        grad_h_relu = grad_y_pred.mm(w2.t())
        grad_h = grad_h_relu.clone()
        grad_h[h < 0] = 0
        grad_w1 = x.t().mm(grad_h)
        w1 -= learning_rate * grad_w1
        w2 -= learning_rate * grad_w2
    return losses


def autograd(x, y, w1, w2, learning_rate=1e-6):
    w1.requires_grad_()
    w2.requires_grad_()
    losses = []
    for _ in range(STEPS):
        y_pred = x.mm(w1).clamp(min=0).mm(w2)
        loss = (y_pred - y).pow(2).sum()
        losses.append(loss.item())
        loss.backward()
        with torch.no_grad():
            w1 -= learning_rate * w1.grad
            w2 -= learning_rate * w2.grad
            w1.grad.zero_()
            w2.grad.zero_()
    return losses


def sequential(d_in, h, d_out):
    return torch.nn.Sequential(torch.nn.Linear(d_in, h), torch.nn.ReLU(), torch.nn.Linear(h, d_out))


def nn(x, y, model, learning_rate=1e-4):
    loss_fn = torch.nn.MSELoss(reduction="sum")
    losses = []
    for _ in range(STEPS):
        loss = loss_fn(model(x), y)
        losses.append(loss.item())
        model.zero_grad()
        loss.backward()
        with torch.no_grad():
            for param in model.parameters():
                param -= learning_rate * param.grad
    return losses


class TwoLayerNet(torch.nn.Module):
    def __init__(self, d_in, h, d_out):
        super().__init__()
        self.linear1 = torch.nn.Linear(d_in, h)
        self.linear2 = torch.nn.Linear(h, d_out)

    def forward(self, x):
        return self.linear2(self.linear1(x).clamp(min=0))


def optim(x, y, model, kind, learning_rate):
    loss_fn = torch.nn.MSELoss(reduction="sum")
    optimizer = kind(model.parameters(), lr=learning_rate)
    losses = []
    for _ in range(STEPS):
        loss = loss_fn(model(x), y)
        losses.append(loss.item())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return losses
