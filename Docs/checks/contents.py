"""The contents: each row in the tables of Docs/README.md is what its chapter says of itself, in a comment below its title.

  <!-- contents: lessons | 3 | [Autograd] | `backward()` | say how a gradient is found -->

The first word names the table, which stands below `<!-- contents: lessons -->`; what is in brackets becomes the link. A row stays
where it is; --update writes that of a new chapter behind the rows with lower numbers, or else at the end.
"""

import re
from pathlib import Path

from checks.chapters import Chapter

ROW = re.compile(r"^<!-- contents: (\w+) \| (.*) -->$", re.M)
TABLE = re.compile(r"<!-- contents: (\w+) -->")
LINK = re.compile(r"\]\((\d\d-[^)]*\.md)\)")


def check(chapter: Chapter, update: bool) -> None:
    """Of the contents, whether the tables have the chapters' rows; of any other page nothing."""
    tables = [(at, found[1]) for at, line in enumerate(chapter.lines) if (found := TABLE.fullmatch(line))]
    if not tables:
        return
    said = {name: rows(chapter.path.parent, name) for _, name in tables}
    for path in sorted(chapter.path.parent.glob("[0-9]*.md")):
        if not any(path.name in each for each in said.values()):
            chapter.problem(1, f"{path.name} has no row here: below its title a comment <!-- contents: … --> is missing")
    for at, name in reversed(tables):
        first = at + 4  # below the comment, an empty line and the table's head
        last = next((i for i in range(first, len(chapter.lines)) if not chapter.lines[i].startswith("|")), len(chapter.lines))
        there, wanted = chapter.lines[first:last], ordered(chapter.lines[first:last], said[name])
        if update:
            chapter.lines[first:last] = wanted
        elif wanted != there:
            other = min(set(wanted) ^ set(there), default="one that is there twice")
            chapter.problem(first + 1, f"the chapters' own rows are others, such as {other}")


def rows(folder: Path, table: str) -> dict[str, str]:
    """The rows of a table, by the file that each leads to."""
    found: dict[str, str] = {}
    for path in sorted(folder.glob("[0-9]*.md")):
        for name, cells in ROW.findall(path.read_text()):
            if name == table:
                linked = re.sub(r"\[([^]]*)\]", rf"[\1]({path.name})", cells, count=1)
                found[path.name] = f"| {linked} |"
    return found


def ordered(old: list[str], said: dict[str, str]) -> list[str]:
    """The rows that are said, those that were there in their order."""
    names = [found[1] for row in old if (found := LINK.search(row)) and found[1] in said]
    for name in said:
        if name not in names:
            before = [place for place, other in enumerate(names) if 0 < number(said[other]) < number(said[name])]
            names.insert(before[-1] + 1 if before else len(names), name)
    return [said[name] for name in names]


def number(row: str) -> int:
    """The number in the first cell, or 0."""
    found = re.match(r"\| (\d+) \|", row)
    return int(found[1]) if found else 0
