"""Blocks `lab: LESSON OPTIONS`: one changed line of a lesson, or of a file of Lessons/Practice or Lessons/GPT where LESSON is
`practice` or `gpt`. The changed program is built and run, and the block `shows` that follows must be what it prints.

The change is made in a copy of that one file, and compiled and linked in a folder of its own by the commands that `swift build`
wrote down when it built the program. What each lab printed is kept there, under a digest of all that the program is made of.
"""

import fcntl
import hashlib
import json
import re
import shlex
import subprocess
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from checks import outputs
from checks.chapters import Block, Chapter
from checks.outputs import Machine, Output

FOLDERS = {"practice": "Lessons/Practice", "gpt": "Lessons/GPT"}


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
        try:
            parts = Parts.of(change, self.programs)
        except (OSError, LookupError) as problem:
            return Output(f"{change.product} has not been built ({problem}); leave out --no-build", 1)
        key = hashlib.sha256("\0".join([parts.digest, change.file, change.text, change.options]).encode()).hexdigest()
        self.known = self.known or self.read_results()
        if key not in self.known and not self.lock:
            self.open()
        if key not in self.known:
            output = self.build(change, parts)
            if output.status:
                return output
            # Where the changed file lies as the file does in the repository: a message names it from there.
            output = outputs.run(f"{change.product} {change.options}", self.module(change), self.folder)
            self.known[key] = [output.text, output.status]
            self.results.write_text(json.dumps(self.known))
        return Output(*self.known[key])

    def module(self, change: Change) -> Path:
        return self.folder / f"{change.product}.build"

    def build(self, change: Change, parts: "Parts") -> Output:
        """Compiles the module of the changed file, and links the program with the objects of all others."""
        module = self.module(change)
        changed = module / change.file
        changed.parent.mkdir(parents=True, exist_ok=True)
        changed.write_text(change.text)
        sources = [changed if source.endswith(f"/{change.file}") else Path(source) for source in parts.sources]
        assert changed in sources, f"{change.product} has no {change.file}"
        objects = {str(source): str(module / f"{source.name}.o") for source in sources}
        (module / "files.json").write_text(json.dumps({source: {"object": place} for source, place in objects.items()}))
        (module / "sources").write_text(lines(objects))
        (module / "objects").write_text(lines([*parts.others, *objects.values()]))
        for command, instead in (
            (parts.compile, {"-output-file-map": module / "files.json",
                             "-emit-module-path": module / f"{change.product}.swiftmodule", "@": module / "sources"}),
            (parts.link, {"-o": self.folder / change.product, "@": module / "objects"}),
        ):
            done = subprocess.run(replaced(command, instead), cwd=self.root, capture_output=True, text=True)
            if done.returncode:
                said = (done.stdout + done.stderr).splitlines()
                errors = [re.sub(r"^.*?(?=error:)", "", line) for line in said if "error:" in line]
                return Output("\n".join(errors or said), done.returncode)
        return Output("", 0)


@dataclass
class Parts:
    """What `swift build` made a program of, and by which commands it compiled the program's own module and linked."""

    sources: list[str]
    others: list[str]  # the objects of all other modules
    digest: str
    compile: list[str]
    link: list[str]

    @classmethod
    def of(cls, change: Change, programs: Path) -> "Parts":
        found: dict[str, list[str]] = {}
        name = ""
        for line in (programs.parent / f"{programs.name}.yaml").read_text().splitlines():
            if line.startswith("  ") and not line.startswith("   "):
                name = line.strip().strip('":')
            elif name.startswith(f"C.{change.product}-") and line.startswith("    args: "):
                found[name.rsplit(".", 1)[1]] = json.loads(line.removeprefix("    args: "))
        sources = shlex.split((programs / f"{change.product}.build/sources").read_text())
        listed = shlex.split((programs / f"{change.product}.product/Objects.LinkFileList").read_text())
        others = [path for path in listed if f"/{change.product}.build/" not in path]
        # The other files of the module are compiled once more; all else is as it was built.
        rest = [path for path in sources if not path.endswith(f"/{change.file}")]
        digest = hashlib.sha256()
        for path in [*rest, *others]:
            digest.update(hashlib.sha256(Path(path).read_bytes()).digest())
        unwanted = ("-parseable-output", "-emit-dependencies", "-serialize-diagnostics")
        compile = [part for part in found["module"] if part not in unwanted]
        return cls(sources, others, digest.hexdigest(), compile, found["exe"])


def lines(paths: Iterable[str]) -> str:
    return "\n".join(map(shlex.quote, paths))


def replaced(command: list[str], instead: dict[str, Path]) -> list[str]:
    """The command with other files behind its options, and another list of files, which begins with @."""
    command = [f"@{instead['@']}" if part.startswith("@") else part for part in command]
    for option, path in instead.items():
        if option != "@":
            command[command.index(option) + 1] = str(path)
    return command


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
