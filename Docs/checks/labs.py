"""Blocks `lab: LESSON OPTIONS`: one changed line of a lesson, or of a file of Lessons/Practice or Lessons/GPT where LESSON is `practice` or `gpt`. The change is made in a copy of the package, the copy is
built and run, and the block `shows` that follows must be what it prints.

The copy stays in a folder of its own, so that only the changed lesson is compiled. So does what each lab printed, under
a digest of everything that went into it.
"""

import fcntl
import hashlib
import json
import os
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks import outputs
from checks.chapters import Block, Chapter, repository_files
from checks.outputs import Machine, Output

# What a lesson is made of. The rest is copied too, because the manifest names its folders.
FOLDERS = {"practice": "Lessons/Practice", "gpt": "Lessons/GPT"}
MADE_OF = ("Sources/", "Lessons/", "Package.")


@dataclass
class Change:
    product: str  # lesson1 … lesson5, practice or gpt
    options: str
    file: str
    text: str  # the whole changed file


class Workshop:
    """A copy of the package in which lessons are changed, built and run."""

    def __init__(self, root: Path, folder: Path):
        self.root, self.folder, self.package = root, folder, folder / "package"
        self.results = folder / "labs.json"
        self.known: dict[str, list] = {}
        self.digest = ""
        self.lock: IO | None = None

    def open(self) -> None:
        """Waits until nobody else works here, and makes the copy what the package is. No file that is the same is touched."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = (self.folder / "lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.known = self.read_results()
        wanted = {name for name in repository_files(self.root) if not name.startswith("Docs/")}
        for folder, folders, names in os.walk(self.package):
            folders[:] = [name for name in folders if name != ".build"]
            for name in names:
                path = Path(folder) / name
                if str(path.relative_to(self.package)) not in wanted | {"Package.resolved"}:
                    path.unlink()
        for name in wanted:
            write_if_changed(self.package / name, (self.root / name).read_bytes())

    def read_results(self) -> dict[str, list]:
        return json.loads(self.results.read_text()) if self.results.exists() else {}

    def result(self, change: Change) -> Output:
        if not self.digest:
            everything = hashlib.sha256(subprocess.run(["swift", "--version"], capture_output=True).stdout)
            for name in filter(is_part, repository_files(self.root)):
                everything.update(name.encode() + b"\0" + hashlib.sha256((self.root / name).read_bytes()).digest())
            self.digest = everything.hexdigest()
            self.known = self.read_results()
        key = hashlib.sha256("\0".join([self.digest, change.file, change.text, change.options]).encode()).hexdigest()
        if key not in self.known and not self.lock:
            self.open()
        if key not in self.known:
            output, was_built = self.build_and_run(change)
            if not was_built:
                return output
            self.known[key] = [output.text, output.status]
            self.results.write_text(json.dumps(self.known))
        return Output(*self.known[key])

    def build_and_run(self, change: Change) -> tuple[Output, bool]:
        lesson = self.package / change.file
        original = lesson.read_bytes()
        lesson.write_text(change.text)
        try:
            command = ["swift", "build", "--configuration", "release", "--quiet", "--product", change.product]
            built = subprocess.run(command, cwd=self.package, capture_output=True, text=True)
            if built.returncode:
                errors = [line for line in (built.stdout + built.stderr).splitlines() if "error:" in line]
                return Output("\n".join(re.sub(r"^.*?(?=error:)", "", line) for line in errors), built.returncode), False
            programs = self.package / ".build/release"
            return outputs.run(f"{change.product} {change.options}", self.package, programs), True
        finally:
            lesson.write_bytes(original)


def is_part(name: str) -> bool:
    return name.startswith(MADE_OF)


def write_if_changed(path: Path, content: bytes) -> None:
    if path.exists() and path.read_bytes() == content:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)


@dataclass
class Lab:
    block: Block
    shown: Block  # what the changed program prints
    change: Change


def read_all(root: Path, chapter: Chapter) -> list[Lab]:
    found = []
    for block, shown in zip(chapter.blocks, [*chapter.blocks[1:], None]):
        if block.kind != "lab":
            if shown and shown.kind == "shows":
                chapter.problem(shown.line - 1, "“shows” belongs after a lab")
        elif shown is None or shown.kind != "shows":
            chapter.problem(block.line, "no block “shows” follows this lab")
        elif change := read_change(root, chapter, block):
            found.append(Lab(block, shown, change))
    return found


def check(workshop: Workshop, machine: Machine, chapter: Chapter, labs: list[Lab], update: bool) -> None:
    for lab in labs:
        what = f"{lab.change.product} with this change"
        outputs.compare(machine, chapter, lab.shown, workshop.result(lab.change), what, update)


def files_of(root: Path, name: str) -> list[Path]:
    """The files that a lab may change: that of lesson `name`, or those of `practice` or `gpt`."""
    if folder := FOLDERS.get(name):
        return sorted(root.glob(f"{folder}/*.swift"))
    number = name.removeprefix("lesson")
    return list(root.glob(f"Lessons/Lesson{number}*/Lesson.swift")) if number.isdigit() else []


def read_change(root: Path, chapter: Chapter, block: Block) -> Change | None:
    name, _, options = block.argument.partition(" ")
    files = files_of(root, name)
    if not files:
        chapter.problem(block.line - 1, f"“{name}” is no lesson")
        return None
    rows = [line for line in block.lines if not line.startswith(("---", "+++", "@@"))]
    kept = [line for line in rows if not line.startswith("+")]
    old = [line[1:].strip() for line in kept]
    changed = [index for index, line in enumerate(kept) if line.startswith("-")]
    new = [line for line in rows if line.startswith("+")]
    if not changed or not new or changed != list(range(changed[0], changed[0] + len(changed))):
        chapter.problem(block.line, f"a lab changes one place; here are {len(changed)} old and {len(new)} new lines")
        return None
    places = [(file, at) for file in files for at in starts(file, old)]
    if len(places) != 1:
        where = files[0].relative_to(root) if len(files) == 1 else f"Lessons/{files[0].parent.name}"
        chapter.problem(block.line, f"{where} has these lines {len(places)} times; once is wanted")
        return None
    file, at = places[0]
    source = file.read_text().splitlines()
    at += changed[0]
    margin = source[at][: len(source[at]) - len(source[at].lstrip())]
    first = new[0][1:]
    removed = len(first) - len(first.lstrip())  # the other new lines stay indented against the first
    source[at : at + len(changed)] = [(margin + line[1:][removed:]).rstrip() for line in new]
    product = name if name in FOLDERS else f"lesson{name.removeprefix('lesson')}"
    return Change(product, options.strip(), str(file.relative_to(root)), "\n".join(source) + "\n")


def starts(file: Path, old: list[str]) -> list[int]:
    bare = [line.strip() for line in file.read_text().splitlines()]
    # A lab need not repeat the comment after a line.
    same = [[line == shown or line.partition("  // ")[0] == shown for line, shown in zip(bare[at:], old)] for at in range(len(bare))]
    return [at for at, equal in enumerate(same) if len(equal) == len(old) and all(equal)]
