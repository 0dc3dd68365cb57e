"""Chapters read from Markdown: headings, fenced blocks with what the comment before them says, and prose."""

import re
import subprocess
from dataclasses import dataclass, field
from pathlib import Path

SKIP = "…"  # a line of its own in a block: any lines may stand here
KINDS = {"source", "run", "lab", "shows", "example"}
FREE_LANGUAGES = {"text", "mermaid", "sh", "math"}  # blocks that need no comment
WIDTH = 80  # of a block's lines, at most: more is cut off beside the contents, and on a phone


@dataclass
class Problem:
    path: Path
    line: int
    message: str


@dataclass
class Block:
    language: str
    line: int  # of the opening fence, counted from 1
    indent: str
    lines: list[str]
    kind: str = ""
    argument: str = ""

    @property
    def directive(self) -> str:
        return f"{self.kind}: {self.argument}" if self.argument else self.kind


@dataclass
class Heading:
    level: int
    text: str
    line: int


@dataclass
class Chapter:
    path: Path
    lines: list[str]
    blocks: list[Block] = field(default_factory=list)
    headings: list[Heading] = field(default_factory=list)
    prose: list[tuple[int, str]] = field(default_factory=list)  # line number and text, without blocks and comments
    pages: list[tuple[int, str]] = field(default_factory=list)  # line number and place in a page that the site shows there
    problems: list[Problem] = field(default_factory=list)

    def problem(self, line: int, message: str) -> None:
        self.problems.append(Problem(self.path, line, message))

    def replace(self, block: Block, lines: list[str]) -> None:
        """Puts other lines into a block; the file is written by `save`."""
        self.lines[block.line : block.line + len(block.lines)] = [block.indent + line for line in lines]
        moved = len(lines) - len(block.lines)
        block.lines = lines
        for other in self.blocks:
            if other.line > block.line:
                other.line += moved

    def save(self) -> None:
        self.path.write_text("\n".join(self.lines) + "\n")


def read(path: Path) -> Chapter:
    chapter = Chapter(path, path.read_text().splitlines())
    block, before, in_comment = None, "", False
    for number, line in enumerate(chapter.lines, 1):
        fence = re.match(r"(\s*)(`{3,}|~{3,})\s*(\S*)", line)
        if block is not None:
            if fence and fence[2].startswith(mark) and not fence[3]:
                block = None
            else:
                block.lines.append(line.removeprefix(block.indent))
        elif fence:
            mark = fence[2]
            block = Block(fence[3], number, fence[1], [])
            read_directive(chapter, block, before)
            chapter.blocks.append(block)
        else:
            if page := re.fullmatch(r"\s*<!--\s*page:\s*(.*?)\s*-->\s*", line):
                chapter.pages.append((number, page[1]))
            text = re.sub(r"<!--.*?-->", "", line)
            if in_comment:
                in_comment = "-->" not in text
                text = text.partition("-->")[2]
            elif "<!--" in text:
                text, in_comment = text.partition("<!--")[0], True
            if heading := re.match(r"(#{1,6})\s+(.*?)\s*#*$", text):
                chapter.headings.append(Heading(len(heading[1]), heading[2], number))
            chapter.prose.append((number, text))
        before = line
    if block is not None:
        chapter.problem(block.line, "this block is never closed")
    return chapter


def read_directive(chapter: Chapter, block: Block, before: str) -> None:
    comment = re.fullmatch(r"\s*<!--\s*(\w+)(?::\s*(.*?))?\s*-->\s*", before)
    if comment:
        block.kind, block.argument = comment[1], comment[2] or ""
        if block.kind not in KINDS:
            chapter.problem(block.line - 1, f"“{block.kind}” is no kind of block; there are {', '.join(sorted(KINDS))}")
        elif (block.kind in {"source", "run", "lab"}) != bool(block.argument):
            chapter.problem(block.line - 1, f"a block “{block.kind}” {'lacks' if not block.argument else 'has no'} argument")
    elif block.language not in FREE_LANGUAGES:
        chapter.problem(block.line, "no comment before this block says where it comes from")


def check_width(chapter: Chapter) -> None:
    for block in chapter.blocks:
        for line, text in enumerate(block.lines, block.line + 1):
            if len(text) > WIDTH and block.language != "math":
                chapter.problem(line, f"this line is {len(text)} wide; {WIDTH} fit in a block")


def folded(line: str, is_code: bool = False) -> list[str]:
    """A line of an output or a file as a chapter has it: one that is too wide goes on, indented further, in the next."""
    if len(line) <= WIDTH:
        return [line]
    comment = re.match(r" *(//+ )", line) if is_code else None
    margin = " " * (len(line) - len(line.lstrip())) + (comment[1] if comment else " " * 4)
    found: list[str] = []
    while len(line) > WIDTH and (place := fold(line, is_code and not comment, len(margin) if found else 0)):
        found.append(line[:place].rstrip())
        line = margin + line[place:].lstrip()
    return [*found, line]


def fold(line: str, is_code: bool, margin: int) -> int:
    """Where a line is best divided, or 0: in code before a comment, else outside of parentheses, after a comma, late."""
    depth, places = 0, []
    for place, letter in enumerate(line[: WIDTH + 1]):
        depth += (letter in "([{") - (letter in ")]}")
        if letter == " " and place > max(20, margin) and line[:place].strip() and line[place + 1 :].strip():
            before, after = line[:place].rstrip()[-1], line[place:].lstrip()
            if not is_code:
                places.append((False, 0, False, place))
            elif not (after.startswith("{") or "  // " in line[:place]):
                outside = depth - (before == "{")
                places.append((after.startswith("// "), -outside, before in ",;{)}", place))
    return max(places)[3] if places else 0


def parts(lines: list[str]) -> list[list[str]]:
    """The lines between the “…” of a block. A block that begins or ends with “…” has an empty part there."""
    found: list[list[str]] = [[]]
    for line in lines:
        if line.strip() == SKIP:
            found.append([])
        else:
            found[-1].append(line.rstrip())
    return found


def joined(found: list[list[str]]) -> list[str]:
    """The lines that `parts` took apart."""
    lines = list(found[0])
    for part in found[1:]:
        lines += [SKIP, *part]
    return lines


def repository_files(root: Path) -> list[str]:
    """What git tracks or would track; in a folder that is no repository, every file outside hidden folders."""
    command = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    done = subprocess.run(command, cwd=root, capture_output=True, text=True)
    if done.returncode == 0:
        names = done.stdout.split("\0")
    else:
        names = [str(path.relative_to(root)) for path in root.rglob("*")]
        names = [name for name in names if not name.startswith((".build/", ".git/"))]
    return sorted(name for name in set(names) if name and (root / name).is_file())
