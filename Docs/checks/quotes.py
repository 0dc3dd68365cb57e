"""Blocks `source: PATH`: runs of consecutive lines of a file of the repository, with their common indentation removed, and
folded where they are wider than a block may be."""

import difflib
from pathlib import Path

from checks.chapters import Block, Chapter, folded, joined, parts


def check(root: Path, chapter: Chapter, update: bool) -> None:
    for block in chapter.blocks:
        if block.kind != "source":
            continue
        path = root / block.argument
        if not path.is_file():
            chapter.problem(block.line - 1, f"there is no file {block.argument}")
            continue
        source = [line.rstrip() for line in path.read_text().splitlines()]
        wrong = first_difference(source, block)
        if wrong is None:
            continue
        renewed = requote(source, block) if update else None
        if renewed is None:
            line, text = wrong
            chapter.problem(line, f"not in {block.argument} at this place: {text.strip()}")
        else:
            chapter.replace(block, renewed)


def indentation(line: str) -> int:
    return len(line) - len(line.lstrip(" "))


def first_difference(source: list[str], block: Block) -> tuple[int, str] | None:
    """The line of the chapter that is not what the file has, or None. All parts have lost the same indentation."""
    found = parts(block.lines)
    reached = (block.line + 1, block.lines[0] if block.lines else "nothing")
    for removed in sorted({indentation(line) for line in source if line} | {0}):
        shown = without(removed, source)
        at, line, complete = 0, block.line + 1, True
        for part in found:
            length, place = longest_start(shown, part, at)
            if length < len(part):
                reached = max(reached, (line + length, part[length]), key=lambda pair: pair[0])
                complete = False
                break
            at, line = place + len(part), line + len(part) + 1
        if complete and any(found):
            return None
    return reached


def without(removed: int, source: list[str]) -> list[str]:
    """The lines as a block shows them that has lost so much indentation. Lines with less are nowhere in it."""
    return [part for line in source if not line or indentation(line) >= removed for part in folded(line[removed:], is_code=True)]


def longest_start(source: list[str], part: list[str], at: int) -> tuple[int, int]:
    """How many of the part's lines stand in the file from some place on, at best, and that place."""
    best, best_place = 0, at
    for place in range(at, len(source)):
        length = 0
        while length < len(part) and place + length < len(source) and source[place + length] == part[length]:
            length += 1
        if length > best:
            best, best_place = length, place
        if best == len(part):
            break
    return best, best_place


def requote(source: list[str], block: Block) -> list[str] | None:
    """What stands in the file where the block's lines stood, by the lines that are still alike."""
    bare = [line.strip() for line in source]
    places, at = [], 0
    for part in parts(block.lines):
        if not part:
            places.append((at, at))
            continue
        alike = difflib.SequenceMatcher(None, [line.strip() for line in part], bare[at:], autojunk=False)
        matches = [match for match in alike.get_matching_blocks() if match.size and any(part[match.a : match.a + match.size])]
        if not matches:
            return None
        first, last = matches[0], matches[-1]
        begin = max(at, at + first.b - first.a)
        end = min(len(source), at + last.b + len(part) - last.a)
        places.append((begin, end))
        at = end
    quoted = [line for begin, end in places for line in source[begin:end] if line]
    removed = min(map(indentation, quoted))
    return joined([without(removed, source[begin:end]) for begin, end in places])
