"""What the lessons give when they run: losses, tensors, and the numbers of a training. Each run is made once."""

import functools
import json
import math
import operator
import struct
import subprocess
import tempfile
from dataclasses import dataclass
from pathlib import Path

FORMATS = {"F32": "f", "F64": "d"}


@dataclass
class Matrix:
    shape: list[int]
    numbers: list[float]

    def row(self, i: int) -> list[float]:
        return self.numbers[i * self.shape[1] : (i + 1) * self.shape[1]]

    def column(self, j: int) -> list[float]:
        return self.numbers[j :: self.shape[1]]


@dataclass
class Runs:
    root: Path
    programs: Path

    def record(self, command: str) -> dict:
        return json.loads(written(self.programs, command, "--record"))

    def losses(self, command: str) -> list[float]:
        return self.record(command)["losses"]

    def tensors(self, command: str) -> dict[str, Matrix]:
        """The tensors of a safetensors file: data, first weights, first gradients, last weights."""
        data = written(self.programs, command, "--save")
        (length,) = struct.unpack("<Q", data[:8])
        found = {}
        for name, entry in json.loads(data[8 : 8 + length]).items():
            if name != "__metadata__":
                start, end = (8 + length + offset for offset in entry["data_offsets"])
                count = math.prod(entry["shape"])
                numbers = struct.unpack(f"<{count}{FORMATS[entry['dtype']]}", data[start:end])
                found[name] = Matrix(entry["shape"], list(numbers))
        return found

    def digits(self) -> list[tuple[list[int], int]]:
        """The pixels of every digit, from 0 to 16, and what it is."""
        folder = self.root / "Sources/KindlingData/Files"
        images = (folder / "digits-images-idx3-ubyte").read_bytes()[16:]
        labels = (folder / "digits-labels-idx1-ubyte").read_bytes()[8:]
        return [(list(images[64 * i : 64 * (i + 1)]), label) for i, label in enumerate(labels)]


@functools.cache
def written(programs: Path, command: str, option: str) -> bytes:
    """What the command writes into the file that follows the option."""
    program, *options = command.split()
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "file"
        done = subprocess.run([programs / program, *options, option, path], cwd=folder, capture_output=True, text=True)
        if done.returncode:
            raise ValueError(f"{command} says:\n{(done.stdout + done.stderr).strip()}")
        return path.read_bytes()


def product(x: Matrix, y: Matrix) -> Matrix:
    columns = [y.column(j) for j in range(y.shape[1])]
    rows = [x.row(i) for i in range(x.shape[0])]
    return Matrix([x.shape[0], y.shape[1]], [sum(map(operator.mul, row, column)) for row in rows for column in columns])
