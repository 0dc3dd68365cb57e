#!/usr/bin/env python3
"""Trains in PyTorch what `practice` trains on the digits, and compares losses and accuracies, epoch by epoch.

    swift build -c release --product practice
    .venv/bin/python Tests/Reference/practice.py                        (torch 2.13.0+cpu, numpy)
    .venv/bin/python Tests/Reference/practice.py --models mlp --optimizer sgd --seed 7

Nothing is handed from one program to the other: data, split, first weights and order of the batches come out alike because
both draw the same numbers after the same seeds.

The first losses agree to the last bit or two of float32, for only rounding differs: sums are added up in another order. Then
the rounding grows:

- In the MLP slowly. The most that was seen after 20 epochs is 5e-6 with Adam, and 2e-4 with AdamW.
- In the CNN until two pixels of a max pool are so close that rounding decides which is the larger. The gradient goes to
  one pixel here and to another there, and from then on these are two trainings, equally good. With Adam and seed 0 PyTorch's
  own float32 parts from its float64 so in step 87, in one pool of 8,192. Kindling goes with the float32 there: losses differ
  by 1e-6 at most for three epochs. In the fourth these two part as well.

The last column shows that this is rounding: it has PyTorch's own training in float32 against the one in float64.

`--show 1 2 5 10 20` prints some epochs only: the tables of Docs/18-practice.md.

Ends with status 1 where more differs than that explains: a loss of the first steps by more than EARLY, one of the MLP ever by
more than MLP, or the test accuracy after an epoch by more than ACCURACY.
"""

import argparse
import json
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402
from torch.utils.data import DataLoader, TensorDataset, random_split  # noqa: E402

ROOT = pathlib.Path(__file__).resolve().parents[2]

# A few units in the last place of float32, for the first three steps.
EARLY = 1e-6
# Five times the largest that was seen in the MLP, with any optimizer.
MLP = 1e-3
# Of 359 test samples 8 were seen to differ once, and mostly none to two do.
ACCURACY = 0.03


def digits():
    """The training and the test samples of `--data digits`, as Choices.swift divides them."""
    files = ROOT / "Sources/KindlingData/Files"
    # The header of an IDX file has four bytes, and four more for each dimension.
    images = np.fromfile(files / "digits-images-idx3-ubyte", np.uint8, offset=16).reshape(-1, 1, 8, 8)
    labels = np.fromfile(files / "digits-labels-idx1-ubyte", np.uint8, offset=8)
    samples = TensorDataset(torch.tensor(images).float() / 16, torch.tensor(labels).long())
    return random_split(samples, [0.8, 0.2], generator=torch.Generator().manual_seed(0))


def network(name):
    """The network of `--model`."""
    if name == "mlp":
        return nn.Sequential(nn.Flatten(), nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 10))
    return nn.Sequential(
        nn.Conv2d(1, 16, 3, padding=1, bias=False), nn.BatchNorm2d(16), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(16, 32, 3, padding=1, bias=False), nn.BatchNorm2d(32), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(32 * 2 * 2, 10))  # fmt: skip


# As `--optimizer` makes them.
OPTIMIZERS = {
    "sgd": lambda parameters: torch.optim.SGD(parameters, lr=0.1, momentum=0.9),
    "adam": lambda parameters: torch.optim.Adam(parameters, lr=0.003),
    "adamw": lambda parameters: torch.optim.AdamW(parameters, lr=0.003),
    "rmsprop": lambda parameters: torch.optim.RMSprop(parameters, lr=0.001),
    "adagrad": lambda parameters: torch.optim.Adagrad(parameters, lr=0.02),
}


def step(model, optimizer, x, y):
    """One step of training: the loss before it, and how many samples were read right."""
    scores = model(x)
    loss = nn.functional.cross_entropy(scores, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    return loss.item(), (scores.argmax(1) == y).sum().item()


def predictions(model, samples, dtype=torch.float32):
    """The class that each sample is taken for, and the class that it is."""
    x, y = samples[:]
    model.eval()
    with torch.no_grad():
        return model(x.to(dtype)).argmax(1), y


def train(name, optimizer_name, epochs, seed, dtype=torch.float32):
    """What `practice --record` writes, by PyTorch."""
    training, test = digits()
    torch.manual_seed(seed)
    loader = DataLoader(training, batch_size=32, shuffle=True)
    model = network(name).to(dtype)
    optimizer = OPTIMIZERS[optimizer_name](model.parameters())
    record = {"losses": [], "epochs": []}
    for _ in range(epochs):
        model.train()
        loss_sum, right = 0.0, 0
        for x, y in loader:
            loss, hits = step(model, optimizer, x.to(dtype), y)
            record["losses"].append(loss)
            loss_sum += loss * len(y)
            right += hits
        taken, y = predictions(model, test, dtype)
        test_accuracy = (taken == y).double().mean().item()
        record["epochs"].append(
            {"loss": loss_sum / len(training), "accuracy": right / len(training), "testAccuracy": test_accuracy})
    return record


def practise(binary, *options):
    """Runs practice. What it prints, and what it records."""
    if not pathlib.Path(binary).exists():
        sys.exit(f"there is no {binary}; swift build -c release --product practice makes it")
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "record.json")
        command = [binary, "--record", path, *options]
        # One thread, so that every sum is added up in one order.
        done = subprocess.run([str(word) for word in [*command, "--threads", 1]], capture_output=True, text=True)
        if done.returncode != 0:
            sys.exit(done.stderr)
        return done.stdout, json.loads(path.read_text())


def differences(losses, others):
    return [abs(a - b) / max(abs(a), 1e-12) for a, b in zip(losses, others, strict=True)]


def compare(name, options):
    """Prints the table of a model. What is beyond the bounds, in words."""
    chosen = ["--model", name, "--optimizer", options.optimizer, "--epochs", options.epochs, "--seed", options.seed]
    theirs = train(name, options.optimizer, options.epochs, options.seed)
    exact = train(name, options.optimizer, options.epochs, options.seed, torch.float64)
    ours = practise(options.practice, *chosen)[1]
    found = differences(theirs["losses"], ours["losses"])
    rounding = differences(exact["losses"], theirs["losses"])
    steps = len(found) // options.epochs

    print(f"{name}, {options.optimizer}, seed {options.seed}: PyTorch's numbers, and Kindling's beside them\n")
    print("| epoch | loss | Kindling | test accuracy | Kindling | farthest loss | float32 from float64 |")
    print("|--:|--:|--:|--:|--:|--:|--:|")
    problems = []
    for epoch, (a, b) in enumerate(zip(theirs["epochs"], ours["epochs"], strict=True), 1):
        pairs = [f"{a[key]:.5f} | {b[key]:.5f}" for key in ("loss", "testAccuracy")]
        largest = [f"{max(values[: epoch * steps]):.1e}" for values in (found, rounding)]
        if options.show is None or epoch in options.show:
            print(f"| {epoch} | {' | '.join(pairs + largest)} |")
        if not abs(a["testAccuracy"] - b["testAccuracy"]) <= ACCURACY:
            problems.append(f"{name}: the test accuracy after epoch {epoch} is off by more than {ACCURACY}")
    parted = next((f"from step {i} on" for i, value in enumerate(found, 1) if value > EARLY), "never")
    print(f"\nThe first loss differs by {found[0]:.1e}; more than {EARLY} {parted}.\n")
    if not max(found[:3]) <= EARLY:
        problems.append(f"{name}: the first three losses differ by {max(found[:3]):.1e}, and {EARLY} is allowed")
    if name == "mlp" and not max(found) <= MLP:
        problems.append(f"{name}: a loss differs by {max(found):.1e}, and {MLP} is allowed")
    return problems


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--practice", default=ROOT / ".build/release/practice", help="the program", metavar="FILE")
    parser.add_argument("--models", nargs="+", default=["mlp", "cnn"], choices=["mlp", "cnn"])
    parser.add_argument("--optimizer", default="adam", choices=OPTIMIZERS)
    parser.add_argument("--epochs", type=int, default=20)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--show", nargs="+", type=int, help="the epochs in the table; all if not given", metavar="EPOCH")
    options = parser.parse_args()
    torch.set_num_threads(1)
    problems = [problem for name in options.models for problem in compare(name, options)]
    print("\n".join(problems) if problems else "within the bounds")
    sys.exit(1 if problems else 0)


if __name__ == "__main__":
    main()
