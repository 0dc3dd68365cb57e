"""What the comment before a block says, said again in the text, since GitHub shows no comments: one line above the comment.

  source   the file, as a link
  run      the command, where it is one program with options
  lab      the file, the command, how to take the edit back, and the number for `Tests/run lab`

`Docs/check --update` writes these lines; nobody else need.
"""

import os
import re
from pathlib import Path

from checks.chapters import Block, Chapter

PROGRAM = re.compile(r"(?:lesson(\d)|practice|clinic|gpt)\b[^|<>;&$(]*")
LINES = [re.compile(r"\[`[^`]+`\]\([^)]+\)"), re.compile(r"`Lessons/run [^`]+`"), re.compile(r".*`Tests/run lab [\d.]+`.*")]
LAB = {
    "en": "In {file}, then `{command}`; `git checkout {folder}` takes it back. `Tests/run lab {number}` does all three.",
    "vi": "Sửa trong {file}, rồi chạy `{command}`; `git checkout {folder}` trả lại như cũ. `Tests/run lab {number}` làm cả ba việc.",
}


def is_chapter(path: Path) -> bool:
    return re.match(r"\d\d-", path.name) is not None


def is_line(text: str) -> bool:
    return any(line.fullmatch(text.strip()) for line in LINES)


def command(argument: str) -> str | None:
    """What a reader types for `lesson3 --steps 1` or `practice`; None where it is more than one program with options."""
    program = re.sub(r" (2>/dev/null|\| grep .*|2>&1 \| fold .*)$", "", argument)  # what only makes the block shorter
    return "Lessons/run " + program.removeprefix("lesson") if PROGRAM.fullmatch(program) else None


def lab_number(chapter: Chapter, block: Block) -> str:
    labs = [other for other in chapter.blocks if other.kind == "lab"]
    return f"{int(chapter.path.name[:2])}.{next(at for at, other in enumerate(labs, 1) if other is block)}"


def wanted(root: Path, chapter: Chapter, block: Block, lab_file: str | None) -> str | None:
    """The line that belongs above the block's comment, or None if none does."""

    def link(file: str) -> str:
        return f"[`{file}`]({os.path.relpath(root / file, chapter.path.parent)})"

    if block.kind == "source":
        return link(block.argument)
    if block.kind == "run" and (typed := command(block.argument)):
        return f"`{typed}`"
    if block.kind == "lab" and lab_file:
        language = "vi" if chapter.path.parent.name == "vi" else "en"
        return LAB[language].format(
            file=link(lab_file), folder=os.path.dirname(lab_file), number=lab_number(chapter, block),
            command=command(re.sub(r"^(?=\d)", "lesson", block.argument)))
    return None


def check(root: Path, chapter: Chapter, lab_files: dict[int, str], update: bool) -> bool:
    """Whether lines were written; the chapter must then be read again. `lab_files` has each lab's file, by the block's line."""
    if not is_chapter(chapter.path):
        return False
    changed = False
    for block in reversed(chapter.blocks):
        if block.kind not in {"source", "run", "lab"}:
            continue
        comment = block.line - 2  # its index in the chapter's lines
        line = wanted(root, chapter, block, lab_files.get(block.line))
        has_line = comment >= 2 and not chapter.lines[comment - 1] and is_line(chapter.lines[comment - 2])
        shown = chapter.lines[comment - 2].strip() if has_line else None
        if shown == line or block.kind == "lab" and line is None:
            continue
        if update:
            new = [block.indent + line, ""] if line else []
            chapter.lines[comment - 2 * has_line : comment] = new
            changed = True
        else:
            chapter.problem(comment - 1 if has_line else comment + 1, f"the line above this comment should be: {line}"
                            if line else "no line belongs above this comment")
    return changed
