"""Blocks `run: COMMAND`: what a command prints, run from the repository's root.

Words and whole numbers must be equal. Other numbers may differ from the chapter's by a fiftieth: the last digits of a
float32 sum depend on the processor, and over 500 steps that grows to a hundredth or two. `--exact` forgives nothing. A line wider than a chapter's is folded.
"""

import os
import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

from checks.chapters import Block, Chapter, folded, joined, parts

TOLERANCE = 2e-2
NUMBER = re.compile(r"(?<![\w.])[-+]?(?:\d+\.\d*(?:e[-+]?\d+)?|\d+e[-+]?\d+)(?!\w)")
# A program alone, before a filter.
PROGRAM = re.compile(r"(?:lesson\d|practice|gpt|compare)\b[^|<>;&$(]*")
PRODUCTS = ["compare", "devices", "practice", "clinic", "gpt"]  # the lessons are built beside compare


@dataclass
class Output:
    text: str
    status: int


@dataclass
class Machine:
    """Runs programs, each command once, and remembers how far their numbers are from the chapters'."""

    root: Path
    programs: Path
    exact: bool = False
    builds: bool = True  # whether a command may build: `Lessons/run` and `Tests/run` do
    outputs: dict[str, Output] = field(default_factory=dict)
    farthest: float = 0
    left_out: list[str] = field(default_factory=list)

    def run(self, command: str) -> Output:
        if command not in self.outputs:
            self.outputs[command] = self.filtered(command) or run(command, self.root, self.programs)
        return self.outputs[command]

    def filtered(self, command: str) -> Output | None:
        """What a filter leaves of a program that other blocks show other parts of: the program runs once for all of them."""
        program, bar, rest = command.partition(" | ")
        if not bar or not PROGRAM.fullmatch(program):
            return None
        whole = self.run(program)
        return None if whole.status else run(rest, self.root, self.programs, whole.text)

    def same(self, shown: str, printed: str) -> bool:
        if shown == printed:
            return True
        if self.exact or NUMBER.sub("#", shown).split() != NUMBER.sub("#", printed).split():
            return False
        distances = [distance(float(a), float(b)) for a, b in zip(NUMBER.findall(shown), NUMBER.findall(printed))]
        if max(distances, default=0) > TOLERANCE:
            return False
        self.farthest = max(self.farthest, *distances)
        return True

    def can_run(self, command: str) -> bool:
        if self.builds or not command.startswith(("Lessons/run", "Tests/run")):
            return True
        if command not in self.left_out:
            self.left_out.append(command)
        return False

    def notes(self) -> list[str]:
        notes = [f"“{command}” builds, and was left out" for command in self.left_out]
        if self.farthest:
            notes.append(f"some numbers have other last digits here, by {self.farthest:.0e} at most; --exact lists them")
        return notes


def distance(a: float, b: float) -> float:
    return 0 if a == b else abs(a - b) / max(abs(a), abs(b))


def run(command: str, directory: Path, programs: Path, given: str = "") -> Output:
    environment = os.environ | {"PATH": f"{programs}:{os.environ['PATH']}"}
    try:
        done = subprocess.run(
            ["bash", "-c", command], cwd=directory, env=environment, input=given, capture_output=True, text=True,
            timeout=600)
    except subprocess.TimeoutExpired:
        return Output("still running after 600 seconds", 124)
    # A program that stops says why on standard error.
    return Output(done.stdout + (done.stderr if done.returncode else ""), done.returncode)


def build(root: Path) -> str | None:
    """Builds the programs that chapters run; says what went wrong, if anything did."""
    for product in PRODUCTS:  # one by one: of several --product the last alone counts
        command = ["swift", "build", "--configuration", "release", "--quiet", "--product", product]
        done = subprocess.run(command, cwd=root, capture_output=True, text=True)
        if done.returncode:
            return (done.stdout + done.stderr).strip()
    return None


def check(machine: Machine, chapter: Chapter, update: bool) -> None:
    for block in chapter.blocks:
        if block.kind == "run" and machine.can_run(block.argument):
            compare(machine, chapter, block, machine.run(block.argument), f"“{block.argument}”", update)


def compare(machine: Machine, chapter: Chapter, block: Block, output: Output, what: str, update: bool) -> None:
    printed = [part for line in output.text.rstrip("\n").split("\n") for part in folded(line.rstrip())]
    wrong = first_difference(machine, block, printed, only_start=output.status != 0)
    if update and (renewed := reprint(block, printed)) is not None:
        if renewed != block.lines:
            chapter.replace(block, renewed)
    elif wrong:
        line, expected = wrong
        chapter.problem(line, f"{what} prints something else here: {expected}")


def first_difference(
    machine: Machine, block: Block, printed: list[str], only_start: bool
) -> tuple[int, str] | None:
    """The line of the chapter that was not printed, and what was. Parts between “…” follow one another anywhere."""
    found = parts(block.lines)
    at, line = 0, block.line + 1
    for index, part in enumerate(found):
        is_first, is_last = index == 0, index == len(found) - 1
        if is_last and part and not is_first and not only_start:
            places = range(max(at, len(printed) - len(part)), len(printed))
        else:
            places = range(at, at + 1 if is_first else len(printed))
        best, best_place = 0, at
        for place in places:
            length = common_length(machine, part, printed[place:])
            if length > best:
                best, best_place = length, place
            if length == len(part):
                break
        if best == 0 and part and not is_first:
            best_place = most_alike(part, printed, at) or best_place
        if best < len(part):
            there = best_place + best
            return line + best, printed[there] if there < len(printed) else "nothing more"
        at, line = best_place + len(part), line + len(part) + 1
        if is_last and part and at < len(printed) and not only_start:
            return line - 2, f"after it, {printed[at]}"
    return None


def common_length(machine: Machine, part: list[str], printed: list[str]) -> int:
    length = 0
    for shown, line in zip(part, printed):
        if not machine.same(shown, line):
            break
        length += 1
    return length


def reprint(block: Block, printed: list[str]) -> list[str] | None:
    """The block's lines as they are printed now; None if its parts cannot be found again."""
    found = parts(block.lines)
    if len(found) == 1:
        return printed
    at = 0
    for index, part in enumerate(found):
        if not part:
            continue
        if index == 0:
            place = 0
        elif index == len(found) - 1:
            place = len(printed) - len(part)
        else:
            place = most_alike(part, printed, at)
        if place is None or place < at or place + len(part) > len(printed):
            return None
        found[index] = printed[place : place + len(part)]
        at = place + len(part)
    return joined(found)


def most_alike(part: list[str], printed: list[str], at: int) -> int | None:
    """Where lines with the same words and whole numbers are printed."""
    bare = [NUMBER.sub("#", line).split() for line in part]
    for place in range(at, len(printed) - len(part) + 1):
        if bare == [NUMBER.sub("#", line).split() for line in printed[place : place + len(part)]]:
            return place
    return None
