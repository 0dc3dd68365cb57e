"""Tests/run lab NUMBER: makes a lab's change in its file, builds, runs, and takes the change back, whatever happens."""

import difflib
import re
import signal
import subprocess
import sys
from pathlib import Path

sys.dont_write_bytecode = True
sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from checks import chapters, labs, visible  # noqa: E402
from checks.chapters import Chapter  # noqa: E402

ROOT = Path(__file__).resolve().parent.parent.parent
USAGE = """\
usage: Tests/run lab                     lists the labs
       Tests/run lab NUMBER [OPTIONS]    such as 3.2: makes the change, builds, runs, and takes the change back

OPTIONS stand in the place of the lab's own: Tests/run lab 3.2 --steps 5"""


def main(arguments: list[str]) -> int:
    if "-h" in arguments or "--help" in arguments:
        print(USAGE)
        return 0
    course = [chapters.read(path) for path in sorted((ROOT / "Docs").glob("[0-9]*.md"))]
    if not arguments:
        list_labs(course)
        return 0
    number, *options = arguments
    for chapter in course:
        for lab in labs.read_all(ROOT, chapter):
            if visible.lab_number(chapter, lab.block) == number:
                return run(lab.change, options)
        for block in chapter.blocks:
            if block.kind == "lab" and visible.lab_number(chapter, block) == number:
                return failed(f"{chapter.problems[0].message}. Is there an edit of yours in it? `git diff Lessons` shows it.")
    return failed(f"there is no lab {number}; Tests/run lab lists them", 2)


def list_labs(course: list[Chapter]) -> None:
    for chapter in course:
        for block in chapter.blocks:
            if block.kind == "lab":
                above = [heading.text for heading in chapter.headings if heading.line < block.line]
                print(f"{visible.lab_number(chapter, block):>5}  {plain(above[-1])}")


def plain(text: str) -> str:
    return re.sub(r"`|\[([^\]]*)\]\([^)]*\)", r"\1", text)


def run(change: labs.Change, options: list[str]) -> int:
    path = ROOT / change.file
    before = path.read_bytes()
    old, new = before.decode().splitlines(), change.text.splitlines()
    print("\n".join(difflib.unified_diff(old, new, change.file, f"{change.file}, changed", n=2, lineterm="")))
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, stop)
    status = 1
    try:
        path.write_text(change.text)
        if build(change.product):
            programs = subprocess.run(
                ["swift", "build", "--configuration", "release", "--show-bin-path"],
                cwd=ROOT, capture_output=True, text=True).stdout.strip()
            given = " ".join(options) or change.options
            print(f"\n$ Lessons/run {change.product.removeprefix('lesson')} {given}".rstrip(), flush=True)
            status = subprocess.run(["bash", "-c", f"exec '{programs}/{change.product}' {given}"], cwd=ROOT).returncode
    finally:
        path.write_bytes(before)
        print(f"\n{change.file} is as it was.", flush=True)
        # Else the changed program would be there for whoever runs it without building.
        build(change.product)
    return status


def build(product: str) -> bool:
    command = ["swift", "build", "--configuration", "release", "--quiet", "--product", product]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    errors = [line for line in (done.stdout + done.stderr).splitlines() if "error:" in line]
    if done.returncode:
        print("\nIt does not compile:\n" + "\n".join(line.replace(f"{ROOT}/", "") for line in errors), flush=True)
    return done.returncode == 0


def stop(number: int, frame: object) -> None:
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, signal.SIG_IGN)  # what follows puts the file back
    sys.exit(128 + number)


def failed(message: str, status: int = 1) -> int:
    print(f"Tests/run lab: {message}", file=sys.stderr)
    return status


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
