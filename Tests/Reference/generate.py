#!/usr/bin/env python3
"""Makes the reference numbers that the tests compare Kindling with, out of PyTorch and NumPy.

    python3 -m venv .venv && .venv/bin/pip install torch==2.13.0 'numpy==2.*' safetensors expecttest
    .venv/bin/python Tests/Reference/generate.py            writes every file
    .venv/bin/python Tests/Reference/generate.py losses     writes losses.json
    .venv/bin/python Tests/Reference/generate.py samples    writes samples/, PyTorch's samples of its own operators
    .venv/bin/python Tests/Reference/generate.py --check    makes all numbers again and compares; writes nothing

The tables are in tables/, one row an operation. Where a row's name is its code in Swift, the Swift tests' rows are written
along with the numbers; the tests of layers, of assignments and of what is no operation have rows of the same name.

--check expects every bit on a machine like the one the files were made on (x86-64 with AVX-512). Other machines
run other kernels; there the numbers may differ by what ALLOWED says.
"""

import os
import sys

# The tables are modules of their own, beside this script.
HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[0] = os.path.join(HERE, "tables")
# One thread, so that every sum is added up in one order.
for library in ("OMP", "MKL", "OPENBLAS"):
    os.environ[f"{library}_NUM_THREADS"] = "1"
sys.dont_write_bytecode = True

import argparse  # noqa: E402
import gzip  # noqa: E402
import json  # noqa: E402
import math  # noqa: E402
import warnings  # noqa: E402

import numpy as np  # noqa: E402
import safetensors.numpy  # noqa: E402
import torch  # noqa: E402

import batches  # noqa: E402
import curves  # noqa: E402
import elementwise  # noqa: E402
import indexing  # noqa: E402
import initialisers  # noqa: E402
import layers  # noqa: E402
import losses  # noqa: E402
import movement  # noqa: E402
import optimizers  # noqa: E402
import pictures  # noqa: E402
import printing  # noqa: E402
import reductions  # noqa: E402
import schedules  # noqa: E402
import swiftRows  # noqa: E402
import writes  # noqa: E402


def sample_files():
    """Imported only where it is asked for: the database of operators takes seconds to load, and needs expecttest."""
    import samples

    return samples.record()


FILES = {
    "elementwise.json": elementwise.table.record,
    "reductions.json": reductions.table.record,
    "movement.json": movement.table.record,
    "indexing.json": indexing.table.record,
    "writes.json": writes.table.record,
    "layers.json": layers.table.record,
    "pictures.json": pictures.table.record,
    "losses.json": losses.table.record,
    "optimizers.json": optimizers.record,
    "schedules.json": schedules.record,
    "initialisers.json": initialisers.record,
    "printing.json": printing.record,
    "batches.json": batches.record,
    "curves.safetensors": curves.record,
    "samples": sample_files,
}

# The tables whose rows in Swift are written too.
TABLES = {table.__name__: table for table in (elementwise, reductions, movement, indexing, pictures, losses)}


def swift_rows(name):
    """The rows in Swift that belong to a file of numbers: path and text, where they are written."""
    source = name.removesuffix(".json")
    if source == "optimizers":
        return [swiftRows.optimizers(optimizers.ROWS)]
    return [swiftRows.operations(source, TABLES[source].table)] if source in TABLES else []


# How far numbers may be off on another machine, relative to the number or, below 1, absolute. Single operations: some
# units in the last place of float32; with AVX-512 off, 9.5e-7 was seen. 500 steps of training: what rounding alone does
# to the losses, up to 2 %, and 3 % with Adam.
ALLOWED = {"curves.safetensors": 3e-2}
ALLOWED_OTHERWISE = 2e-6


def number(value):
    """The shortest digits that read back as the same number; JSON has no NaN and no infinity, so they are strings."""
    if isinstance(value, (bool, np.bool_)):
        return "true" if value else "false"
    if isinstance(value, (int, np.integer)):
        return str(value)
    if math.isnan(value):
        return '"nan"'
    if math.isinf(value):
        return '"inf"' if value > 0 else '"-inf"'
    text = str(value)
    return text[:-2] if text.endswith(".0") and text != "-0.0" else text


def compact(entry):
    if entry is None:
        return "null"
    if isinstance(entry, dict):
        return "{" + ",".join(f"{json.dumps(key)}:{compact(value)}" for key, value in entry.items()) + "}"
    if isinstance(entry, (list, tuple)):
        return "[" + ",".join(map(compact, entry)) + "]"
    return json.dumps(entry) if isinstance(entry, str) else number(entry)


def document(content):
    """JSON with one case a line, so that a diff shows which cases moved."""
    rows = []
    for name, cases in content.items():
        lines = ",\n".join("    " + compact(case) for case in cases)
        rows.append(f"  {json.dumps(name)}: [\n{lines}\n  ]")
    return "{\n" + ",\n".join(rows) + "\n}\n"


def encoded(name, content):
    """The files that a table makes, by name."""
    if name == "samples":
        return {f"samples/{file}.gz": gzip.compress(text.encode(), 9, mtime=0) for file, text in content.items()}
    if name.endswith(".safetensors"):
        return {name: safetensors.numpy.save(content)}
    made = {name: document(content).encode()}
    return made | {path: text.encode() for path, text in swift_rows(name)}


def differences(name, committed, made):
    """How the new numbers differ from the committed ones, in a few words, and which differ by more than allowed."""
    if committed == made:
        return "bit for bit as committed", []
    allowed = ALLOWED.get(name, ALLOWED_OTHERWISE)
    if name.endswith(".swift"):
        return "other rows than the table's", [f"{name}: write it again"]
    if name.endswith(".gz"):
        # Compressed by another zlib the bytes may differ where the text does not.
        old, new = ([json.loads(line) for line in gzip.decompress(data).splitlines()] for data in (committed, made))
    elif name.endswith(".safetensors"):
        read = safetensors.numpy.load
        old, new = ({key: list(value) for key, value in read(data).items()} for data in (committed, made))
    else:
        old, new = json.loads(committed), json.loads(made)
    found = []
    largest = compare(old, new, name, allowed, found)
    return f"off by up to {largest:.2g}, of {allowed:g} allowed; {len(found)} beyond", found


def compare(old, new, path, allowed, found):
    if isinstance(old, dict) and isinstance(new, dict) and old.keys() == new.keys():
        return max([compare(old[key], new[key], f"{path}/{key}", allowed, found) for key in old], default=0.0)
    if isinstance(old, list) and isinstance(new, list) and len(old) == len(new):
        pairs = enumerate(zip(old, new))
        return max([compare(a, b, f"{path}/{index}", allowed, found) for index, (a, b) in pairs], default=0.0)
    if isinstance(old, (int, float)) and isinstance(new, (int, float)):
        if old == new or (math.isnan(old) and math.isnan(new)):
            return 0.0
        difference = abs(old - new) / max(1.0, abs(old))
        if not difference <= allowed:
            found.append(f"{path}: committed {old}, now {new}")
        return difference
    if old != new:
        found.append(f"{path}: committed {str(old)[:60]}, now {str(new)[:60]}")
    return 0.0


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="files to make, without their extension; all where none is named")
    parser.add_argument("--check", action="store_true", help="compare with the files, write none")
    options = parser.parse_args()
    torch.set_num_threads(1)
    warnings.filterwarnings("ignore", "var|std", UserWarning)  # the spread of one element is meant to be NaN
    warnings.filterwarnings("ignore", "reduction: 'mean'", UserWarning)  # KLDivLoss says that it is over all elements
    known = {name.split(".")[0]: name for name in FILES}
    unknown = [name for name in options.names if name not in known]
    if unknown:
        parser.error(f"no such file: {', '.join(unknown)}; there are {', '.join(known)}")
    failed = False
    for short, name in known.items():
        if options.names and short not in options.names:
            continue
        made = encoded(name, FILES[name]())
        for file, data in made.items():
            failed = (check(file, data) if options.check else write(file, data)) or failed
    sys.exit(1 if failed else 0)


def write(name, made):
    os.makedirs(os.path.dirname(os.path.join(HERE, name)), exist_ok=True)
    with open(os.path.join(HERE, name), "wb") as file:
        file.write(made)
    print(f"{name}: {len(made):,} bytes")
    return False


def check(name, made):
    """Whether the committed file differs by more than is allowed."""
    with open(os.path.join(HERE, name), "rb") as file:
        verdict, found = differences(name, file.read(), made)
    print(f"{name}: {verdict}")
    for line in found[:20]:
        print("  " + line)
    return bool(found)


if __name__ == "__main__":
    main()
