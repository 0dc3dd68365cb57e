"""The two languages side by side: the same chapters, headings of the same levels in the same order, the same code
blocks, the same places in pages, and in each section the same formulas and numbers. Words in drawings (`text`, `mermaid`) may be translated."""

import re
from collections import Counter
from pathlib import Path

from checks import formulas
from checks.chapters import Block, Chapter, Problem

DRAWINGS = {"text", "mermaid", "math"}
NUMBER = re.compile(r"(?<![\w.])\d+(?:[.,]\d+)*(?:e[-+]?\d+)?")


def missing(docs: Path) -> list[Problem]:
    problems = []
    english = {path.name for path in docs.glob("*.md")}
    vietnamese = {path.name for path in (docs / "vi").glob("*.md")}
    for name in sorted(english - vietnamese):
        problems.append(Problem(docs / "vi" / name, 1, f"the translation of Docs/{name} is missing"))
    for name in sorted(vietnamese - english):
        problems.append(Problem(docs / name, 1, f"there is no English chapter for Docs/vi/{name}"))
    return problems


def check(english: Chapter, vietnamese: Chapter) -> None:
    """Everything that differs is a problem of the Vietnamese chapter."""
    check_headings(english, vietnamese)
    for ours, theirs in zip(english.blocks, vietnamese.blocks):
        if not check_block(ours, theirs, vietnamese):
            break
    else:
        if len(english.blocks) != len(vietnamese.blocks):
            line = vietnamese.blocks[-1].line if vietnamese.blocks else 1
            vietnamese.problem(line, f"{len(vietnamese.blocks)} blocks here, {len(english.blocks)} in English")
    check_pages(english, vietnamese)
    formulas.check_parity(english, vietnamese)
    check_numbers(english, vietnamese)


def check_pages(english: Chapter, vietnamese: Chapter) -> None:
    ours, theirs = ([place for _, place in chapter.pages] for chapter in (english, vietnamese))
    if ours != theirs:
        line = next((line for line, place in vietnamese.pages if place not in ours), len(vietnamese.lines))
        vietnamese.problem(line, f"the places in pages are {theirs} here, and {ours} in English")


def check_headings(english: Chapter, vietnamese: Chapter) -> None:
    for ours, theirs in zip(english.headings, vietnamese.headings):
        if ours.level != theirs.level:
            vietnamese.problem(theirs.line, f"a heading of level {theirs.level}; in English, “{ours.text}” of level {ours.level}")
            return
    extra = len(vietnamese.headings) - len(english.headings)
    if extra:
        longer, index = (vietnamese, len(english.headings)) if extra > 0 else (english, len(vietnamese.headings))
        line = longer.headings[index].line if extra > 0 else len(vietnamese.lines)
        which = f"“{longer.headings[index].text}” stands in one language only"
        vietnamese.problem(line, f"{len(vietnamese.headings)} headings here, {len(english.headings)} in English: {which}")


def check_block(ours: Block, theirs: Block, vietnamese: Chapter) -> bool:
    if (ours.language, ours.directive) != (theirs.language, theirs.directive):
        vietnamese.problem(theirs.line, f"in English this block is “{ours.directive or ours.language}” (line {ours.line})")
        return False
    if ours.language in DRAWINGS and not ours.kind:
        return True
    for offset, (one, other) in enumerate(zip([*ours.lines, None], [*theirs.lines, None]), 1):
        if one != other:
            vietnamese.problem(theirs.line + offset, f"in English this line is: {'the end' if one is None else one}")
            return True
    return True


def check_numbers(english: Chapter, vietnamese: Chapter) -> None:
    for (_, ours), (line, theirs) in zip(sections(english), sections(vietnamese)):
        for number in sorted((ours - theirs) + (theirs - ours)):
            vietnamese.problem(
                line, f"{number} stands {times(theirs[number])} in this section, and {times(ours[number])} in the English one")


def times(count: int) -> str:
    return "once" if count == 1 else f"{count} times"


def sections(chapter: Chapter) -> list[tuple[int, Counter[str]]]:
    """For each heading its line, and the numbers from there to the next, in prose and drawings."""
    starts = [heading.line for heading in chapter.headings]
    found: list[tuple[int, Counter[str]]] = [(line, Counter()) for line in [1, *starts]]
    texts = list(chapter.prose)
    for block in chapter.blocks:
        if block.language in DRAWINGS and not block.kind:
            texts += [(block.line, line) for line in block.lines]
    for line, text in texts:
        text = re.sub(r"\]\([^)]*\)", "]", text)  # where a link leads is not prose
        section = sum(start <= line for start in starts)
        found[section][1].update(NUMBER.findall(text))
    return found
