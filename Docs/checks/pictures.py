"""Pictures: those of the chapters that are checked are what their scripts draw, and each has alternative text."""

import re
from collections.abc import Iterable
from pathlib import Path

from checks.chapters import Chapter, Problem
from pictures import gallery

IMAGE = re.compile(r"!\[([^\]]*)\]\((?:\.\./|(?:\.\./\.\./)?Docs/)?pictures/([\w-]+)(\.vi)?\.svg\)")


def check(root: Path, programs: Path, read: Iterable[Chapter], everything: bool) -> list[Problem]:
    shown: set[str] = set()
    for chapter in read:
        is_vietnamese = chapter.path.parent.name == "vi" or chapter.path.name.endswith(".vi.md")
        for line, text in chapter.prose:
            for words, name, vietnamese in IMAGE.findall(text):
                shown.add(name)
                if len(words) < 20:
                    chapter.problem(line, f"the picture {name} has no text that says what is to be seen")
                if vietnamese and not is_vietnamese:
                    chapter.problem(line, f"the picture {name} has Vietnamese words")
                if is_vietnamese and not vietnamese and (root / gallery.FOLDER / f"{name}.vi.svg").exists():
                    chapter.problem(line, f"there is a {name}.vi.svg with Vietnamese words")
    problems = [Problem(root / gallery.FOLDER / f"{name}.svg", 1, "no chapter shows it")
                for name in gallery.DRAWINGS if everything and name not in shown]
    names = None if everything else sorted(shown & gallery.DRAWINGS.keys())
    if everything or names:
        problems += [Problem(path, 1, message) for path, message in gallery.differences(root, programs, names)]
    return problems
