#!/usr/bin/env python3
"""Trains with several processes in PyTorch, by DistributedDataParallel on gloo, what lesson 5 and `practice` train with as many.

    swift build -c release --product lesson5 && swift build -c release --product practice
    .venv/bin/python Tests/Reference/ddp.py                             (torch 2.13.0+cpu, numpy; Open MPI)
    .venv/bin/python Tests/Reference/ddp.py --mpich .venv               (and the wheel mpich of PyPI in that venv)

Nothing is handed from one program to the other: data, first weights and everybody's samples come out alike because all draw
the same numbers after the same seeds. Losses of a step are compared, relative to PyTorch's:

- Kindling on Open MPI with Kindling on MPICH, which must have the same bits with two processes, and with --ordered;
- Kindling with PyTorch, to LESSON and PRACTICE: rounding, which grows with the steps.

Ends with status 1 where more differs.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile

sys.dont_write_bytecode = True

import torch  # noqa: E402
import torch.distributed as dist  # noqa: E402
from torch import nn  # noqa: E402
from torch.nn.parallel import DistributedDataParallel  # noqa: E402
from torch.utils.data import DataLoader, DistributedSampler  # noqa: E402

from practice import OPTIMIZERS, ROOT, digits, network  # noqa: E402

LESSON = 1e-4  # within 100 steps; sixteen times what was seen
PRACTICE = 3e-6  # within 3 epochs of the MLP; ten times what was seen


class TwoLayerNet(nn.Module):
    def __init__(self):
        super().__init__()
        self.linear1, self.linear2 = nn.Linear(1000, 100), nn.Linear(100, 10)

    def forward(self, x):
        return self.linear2(self.linear1(x).clamp(min=0))


def total(loss):
    """The sum of what all processes have."""
    value = torch.tensor(loss.item(), dtype=torch.float64)
    dist.all_reduce(value)
    return value.item()


def lesson5(rank, size):
    torch.manual_seed(0)
    x, y = torch.randn(64, 1000), torch.randn(64, 10)
    rows = slice(rank * 64 // size, (rank + 1) * 64 // size)
    model = DistributedDataParallel(TwoLayerNet())
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    losses = []
    for _ in range(100):
        loss = ((model(x[rows]) - y[rows]) ** 2).sum()
        losses.append(total(loss))
        optimizer.zero_grad()
        (loss * size).backward()  # DDP divides by the number of processes, and this loss is a sum
        optimizer.step()
    return losses


def practice(rank, size):
    training, _ = digits()
    torch.manual_seed(0)
    model = DistributedDataParallel(network("mlp"))
    optimizer = OPTIMIZERS["adam"](model.parameters())
    sampler = DistributedSampler(training, seed=0)
    losses = []
    for epoch in range(3):
        sampler.set_epoch(epoch)
        for x, y in DataLoader(training, batch_size=32 // size, sampler=sampler):
            loss = nn.functional.cross_entropy(model(x), y)
            losses.append(total(loss) / size)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
    return losses


def work(rank, size, folder):
    torch.set_num_threads(1)
    dist.init_process_group("gloo", init_method=f"file://{folder}/meeting", rank=rank, world_size=size)
    losses = {"lesson5": lesson5(rank, size), "practice": practice(rank, size)}
    if rank == 0:
        pathlib.Path(folder, "losses").write_text(json.dumps(losses))
    dist.destroy_process_group()


def pytorch(size):
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(work, (size, folder), nprocs=size)
        return json.loads(pathlib.Path(folder, "losses").read_text())


def kindling(launcher, environment, program, options):
    with tempfile.TemporaryDirectory() as folder:
        command = [*launcher, ROOT / ".build/release" / program, *options, f"--record={folder}/record"]
        subprocess.run(command, check=True, env={**os.environ, **environment}, timeout=120, stdout=subprocess.DEVNULL,
                       stderr=subprocess.DEVNULL)  # fmt: skip
        return json.loads(pathlib.Path(folder, "record").read_text())["losses"]


def largest(ours, theirs):
    return max(abs(a - b) / b for a, b in zip(ours, theirs, strict=True))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--processes", type=int, nargs="+", default=[2, 4])
    parser.add_argument("--mpich", type=pathlib.Path, help="the prefix of an MPICH: bin/mpiexec, lib/libmpi_abi.so.1")
    arguments = parser.parse_args()
    yields = {"OMPI_MCA_mpi_yield_when_idle": "1", "OMPI_MCA_btl_vader_single_copy_mechanism": "none"}
    failed = False
    for size in arguments.processes:
        open_mpi = ["mpirun", "--allow-run-as-root", "--oversubscribe", "--bind-to", "none", "-n", str(size)]
        mpich = [arguments.mpich / "bin/mpiexec", "-n", str(size)] if arguments.mpich else None
        theirs = pytorch(size)
        for program, options, bound in [("lesson5", ["--steps=100"], LESSON), ("practice", ["--epochs=3"], PRACTICE)]:
            for order in [[], ["--ordered"]] if size > 2 else [[]]:
                ours = kindling(open_mpi, yields, program, options + order)
                difference = largest(ours, theirs[program])
                failed |= not difference <= bound
                line = f"{program}, {size} processes {' '.join(order)}: {difference:.1e} from PyTorch"
                if mpich:
                    library = {"LD_LIBRARY_PATH": str(arguments.mpich.resolve() / "lib")}
                    others = kindling(mpich, library, program, options + order)
                    same = ours == others
                    failed |= not (same if size == 2 or order else largest(ours, others) <= bound)
                    line += ", the same bits on MPICH" if same else f", {largest(ours, others):.1e} from MPICH"
                print(line, flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
