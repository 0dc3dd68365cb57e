"""Blocks `lab: LESSON OPTIONS`: one changed line of a lesson, or of a file of Lessons/Practice or Lessons/GPT where LESSON is
`practice` or `gpt`. The changed program is built and run, and the block `shows` that follows must be what it prints.

The change is made in a copy of that one file, and compiled and linked in a folder of its own by the commands that `swift build`
wrote down when it built the program. What each lab printed is kept there, under a digest of everything that went into it.
"""

import fcntl
import hashlib
import json
import re
import subprocess
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks import outputs
from checks.chapters import Block, Chapter, repository_files
from checks.outputs import Machine, Output

# What a lesson is made of.
FOLDERS = {"practice": "Lessons/Practice", "gpt": "Lessons/GPT"}
MADE_OF = ("Sources/", "Lessons/", "Package.")


@dataclass
class Change:
    product: str  # lesson1 … lesson5, practice or gpt
    options: str
    file: str
    text: str  # the whole changed file


class Workshop:
    """A folder in which changed lessons are built and run."""

    def __init__(self, root: Path, folder: Path, programs: Path):
        self.root, self.folder, self.programs = root, folder, programs
        self.results = folder / "labs.json"
        self.known: dict[str, list] = {}
        self.digest = ""
        self.lock: IO | None = None

    def open(self) -> None:
        """Waits until nobody else works here."""
        self.folder.mkdir(parents=True, exist_ok=True)
        self.lock = (self.folder / "lock").open("w")
        fcntl.flock(self.lock, fcntl.LOCK_EX)
        self.known = self.read_results()

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
            output = self.build(change)
            if output.status:
                return output
            # Where the changed file lies as the file does in the repository: a message names it from there.
            output = outputs.run(f"{change.product} {change.options}", self.module(change), self.folder)
            self.known[key] = [output.text, output.status]
            self.results.write_text(json.dumps(self.known))
        return Output(*self.known[key])

    def module(self, change: Change) -> Path:
        return self.folder / f"{change.product}.build"

    def build(self, change: Change) -> Output:
        """Compiles the module of the changed file, and links the program with the objects of all others."""
        module = self.module(change)
        changed = module / change.file
        changed.parent.mkdir(parents=True, exist_ok=True)
        changed.write_text(change.text)
        built = (self.programs / f"{change.product}.build").resolve()
        sources = (built / "sources").read_text().splitlines()
        objects = {source: module / f"{Path(source).name}.o" for source in sources}
        files = {str(changed) if source.endswith(f"/{change.file}") else source: path for source, path in objects.items()}
        (module / "sources").write_text("\n".join(files))
        (module / "files.json").write_text(json.dumps({source: {"object": str(path)} for source, path in files.items()}))
        listed = (self.programs / f"{change.product}.product/Objects.LinkFileList").read_text()
        for source in sources:
            name = f"{Path(source).name}.o"
            listed = listed.replace(str(built / name), str(module / name))
        (module / "objects").write_text(listed)
        compile, link = commands(self.programs, change.product)
        replace(compile, "-output-file-map", module / "files.json")
        replace(compile, "-emit-module-path", module / f"{change.product}.swiftmodule")
        compile = [f"@{module / 'sources'}" if part.endswith("/sources") else part for part in compile]
        compile = [part for part in compile if part not in ("-parseable-output", "-emit-dependencies", "-serialize-diagnostics")]
        replace(link, "-o", self.folder / change.product)
        link = [f"@{module / 'objects'}" if part.endswith("/Objects.LinkFileList") else part for part in link]
        for command in (compile, link):
            done = subprocess.run(command, cwd=self.root, capture_output=True, text=True)
            if done.returncode:
                errors = [line for line in (done.stdout + done.stderr).splitlines() if "error:" in line]
                return Output("\n".join(re.sub(r"^.*?(?=error:)", "", line) for line in errors), done.returncode)
        return Output("", 0)


def commands(programs: Path, product: str) -> tuple[list[str], list[str]]:
    """How `swift build` compiles the product's own module, and how it links the product."""
    found: dict[str, list[str]] = {}
    name = ""
    for line in (programs.parent / f"{programs.name}.yaml").read_text().splitlines():
        if line.startswith("  ") and not line.startswith("   "):
            name = line.strip().strip('":')
        elif name.startswith(f"C.{product}-") and line.startswith("    args: "):
            found[name.rsplit(".", 1)[1]] = json.loads(line.removeprefix("    args: "))
    return found["module"], found["exe"]


def replace(command: list[str], option: str, path: Path) -> None:
    command[command.index(option) + 1] = str(path)


def is_part(name: str) -> bool:
    return name.startswith(MADE_OF)


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
