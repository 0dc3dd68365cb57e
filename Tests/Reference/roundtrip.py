#!/usr/bin/env python3
"""Takes checkpoints from `practice` to PyTorch and back, and sees that the training goes on as one.

    swift build -c release --product practice
    .venv/bin/python Tests/Reference/roundtrip.py                       (torch 2.13.0+cpu, numpy, safetensors)

For the MLP and for the CNN with batch norm:

1. practice trains three epochs and saves. PyTorch loads model and optimizer, and must read the test samples as practice does.
2. PyTorch goes on for an epoch but its last step, and writes model, optimizer and the place in the epoch into a checkpoint.
3. practice resumes it and takes that last step; PyTorch takes it too. The loss of the step, the mean loss of the epoch, each
   weight, each buffer and Adam's averages must agree to ALLOWED.

Ends with status 1 where something differs.
"""

import argparse
import pathlib
import sys
import tempfile

sys.dont_write_bytecode = True

import torch  # noqa: E402
from safetensors import safe_open  # noqa: E402
from safetensors.torch import save_file  # noqa: E402

from practice import OPTIMIZERS, ROOT, digits, network, practise, predictions, step  # noqa: E402

# Of a tensor's largest number. Rounding of one step makes some 1e-7.
ALLOWED = 1e-5
BATCH = 32


def read(path):
    with safe_open(path, "pt") as file:
        return {name: file.get_tensor(name) for name in file.keys()}, file.metadata()


def part(tensors, name):
    return {key.removeprefix(name): value for key, value in tensors.items() if key.startswith(name)}


def adam_state(tensors):
    """The optimizer's tensors as what `torch.optim.Adam.load_state_dict` takes."""
    state, group = {}, {}
    for name, value in part(tensors, "optimizer.state.").items():
        index, key = name.split(".")
        state.setdefault(int(index), {})[key] = value.float() if key == "step" else value
    for name, value in part(tensors, "optimizer.param_groups.0.").items():
        group[name] = value.tolist()
    group["betas"] = (group.pop("betas.0"), group.pop("betas.1"))
    return {"state": state, "param_groups": [group]}


def tensors_of(model, optimizer):
    """Model and averages under the names of the checkpoint."""
    tensors = {f"model.{name}": value for name, value in model.state_dict().items()}
    for index, entry in optimizer.state_dict()["state"].items():
        for key, value in entry.items():
            tensors[f"optimizer.state.{index}.{key}"] = value
    return tensors


def loaded(name, tensors):
    model = network(name)
    model.load_state_dict(part(tensors, "model."))
    optimizer = OPTIMIZERS["adam"](model.parameters())
    optimizer.load_state_dict(adam_state(tensors))
    return model, optimizer


def printed_confusion(output):
    """The rows that practice prints, each with the class's name and ten counts."""
    lines = output.splitlines()
    start = next(i for i, line in enumerate(lines) if line.startswith("rows:")) + 2
    return torch.tensor([[0 if cell == "." else int(cell) for cell in line.split()[1:]] for line in lines[start : start + 10]])


def confusion(model, samples):
    taken, y = predictions(model, samples)
    return torch.bincount(y * 10 + taken, minlength=100).reshape(10, 10)


def difference(a, b):
    a, b = torch.as_tensor(a).double(), torch.as_tensor(b).double()
    return ((a - b).abs().max() / a.abs().max().clamp(min=1e-12)).item()


def check(label, passed):
    print(f"  {'ok' if passed else 'FAILED'}: {label}")
    return passed


def check_tensors(theirs, ours):
    """Compares all that PyTorch and practice have after the step, and says which differ most."""
    passed = []
    for start in ("model.", "optimizer.state."):
        keys = [key for key in theirs if key.startswith(start)]
        passed.append(check(f"{start}* has {len(keys)} tensors", set(keys) == {key for key in ours if key.startswith(start)}))
        apart = {key: difference(theirs[key], ours[key]) for key in keys if key in ours}
        worst = max(apart, key=apart.get)
        passed.append(check(f"{start}* differs by at most {apart[worst]:.1e}, in {worst}", apart[worst] <= ALLOWED))
    return all(passed)


def epoch_but_last(model, optimizer, samples, tensors):
    """PyTorch's part of an epoch: what its checkpoint has, the last batch, and the sum of the losses."""
    order = torch.randperm(len(samples), generator=torch.Generator().manual_seed(1))
    batches = order.split(BATCH)
    model.train()
    loss_sum, right = 0.0, 0
    for indices in batches[:-1]:
        loss, hits = step(model, optimizer, *samples[indices.tolist()])
        loss_sum += loss * len(indices)
        right += hits
    epoch, steps = tensors["progress"][:2].tolist()
    done = len(batches) - 1
    progress = torch.tensor([epoch, steps + done, done * BATCH, right])
    changed = tensors | tensors_of(model, optimizer)
    changed |= {"loader.order": order, "loader.position": torch.tensor(done), "progress": progress}
    changed["progress.loss"] = torch.tensor([loss_sum], dtype=torch.float64)
    return changed, batches[-1].tolist(), loss_sum


def roundtrip(name, binary, folder):
    print(f"{name}:")
    training, test = digits()
    saved, changed_path, ended = (folder / f"{name}-{part}.safetensors" for part in ("saved", "changed", "ended"))
    output, _ = practise(binary, "--model", name, "--epochs", 3, "--save", saved)
    tensors, metadata = read(saved)
    model, optimizer = loaded(name, tensors)
    rows = confusion(model, test)
    passed = [check(f"PyTorch reads the {len(test)} test samples as practice does, {rows.trace()} of them right",
                    torch.equal(rows, printed_confusion(output)))]  # fmt: skip

    changed, last, loss_sum = epoch_but_last(model, optimizer, training, tensors)
    save_file(changed, changed_path, metadata)
    output, record = practise(binary, "--model", name, "--epochs", 4, "--resume", changed_path, "--save", ended)
    loss, _ = step(model, optimizer, *training[last])
    ours, theirs = read(ended)[0], tensors_of(model, optimizer)
    mean_loss = (loss_sum + loss * len(last)) / len(training)
    passed.append(check("practice takes the one step that was left", len(record["losses"]) == 1))
    for label, a, b in [("its loss", loss, record["losses"][0]), ("the epoch's loss", mean_loss, record["epochs"][0]["loss"])]:
        passed.append(check(f"{label} differs by {difference(a, b):.1e}", difference(a, b) <= ALLOWED))
    passed.append(check_tensors(theirs, ours))
    rows = confusion(loaded(name, ours)[0], test)
    passed.append(check(f"PyTorch reads the test samples as practice does, {rows.trace()} of them right",
                        torch.equal(rows, printed_confusion(output))))  # fmt: skip
    return all(passed)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--practice", default=ROOT / ".build/release/practice", help="the program", metavar="FILE")
    options = parser.parse_args()
    torch.set_num_threads(1)
    with tempfile.TemporaryDirectory() as folder:
        passed = [roundtrip(name, options.practice, pathlib.Path(folder)) for name in ("mlp", "cnn")]
    print("all agrees" if all(passed) else "not all agrees")
    sys.exit(0 if all(passed) else 1)


if __name__ == "__main__":
    main()
