"""Mistakes that are known: files of edits of a solution, one after the other.

  # what the mistake is
  - lines of the solution, without their indentation
  + lines to put in their place
  = words of the message
  ! or words that come beside what the compiler says, where it refuses these lines
"""

import sys
from dataclasses import dataclass, field
from pathlib import Path


@dataclass
class Mistake:
    name: str
    wrong: list[str] = field(default_factory=list)
    instead: list[str] = field(default_factory=list)
    words: str = ""
    refused: bool = False  # by the compiler


def read(path: Path) -> list[Mistake]:
    found: list[Mistake] = []
    for line in path.read_text().splitlines():
        sign, text = line[:1], line[2:]
        if sign == "#":
            found.append(Mistake(text))
        elif sign == "-":
            found[-1].wrong.append(text.strip())
        elif sign == "+":
            found[-1].instead.append(text)
        elif sign in ("=", "!"):
            found[-1].words, found[-1].refused = text, sign == "!"
    return found


def edited(solution: Path, mistake: Mistake) -> str:
    lines = solution.read_text().splitlines()
    stripped = [line.strip() for line in lines]
    size = len(mistake.wrong)
    places = [i for i in range(len(lines)) if stripped[i : i + size] == mistake.wrong]
    if not mistake.words:
        sys.exit(f"{solution.name}, {mistake.name}: it has no words")
    if len(places) != 1:
        sys.exit(f"{solution.name}, {mistake.name}: its lines are there {len(places)} times")
    lines[places[0] : places[0] + size] = mistake.instead
    return "\n".join(lines) + "\n"
