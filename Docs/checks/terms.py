"""Terms before their explanation. The glossary says in comments which chapter explains a term:

  <!-- explained: 03 norm, topological order -->

In the order of Docs/README.md, no chapter before that one uses the term, unless the paragraph links to where it is explained.
"""

import re
from pathlib import Path

from checks.chapters import Chapter

EXPLAINED = re.compile(r"<!-- explained: (\d\d) (.*?) -->")


def explained(docs: Path) -> dict[str, str]:
    """The number of the chapter that explains each term."""
    found = EXPLAINED.findall((docs / "16-glossary.md").read_text())
    return {term.strip(): number for number, terms in found for term in terms.split(",")}


def order(docs: Path) -> list[str]:
    """The numbers of the chapters as a learner reads them."""
    return re.findall(r"^\|.*?\]\((\d\d)-[^)]*\.md\)", (docs / "README.md").read_text(), re.M)


def check(docs: Path, chapter: Chapter) -> None:
    numbers, number = order(docs), chapter.path.name[:2]
    if chapter.path.parent != docs or number not in numbers:
        return
    later = numbers[numbers.index(number) + 1 :]
    for term, place in explained(docs).items():
        if place not in later:
            continue
        for line, text in paragraphs(chapter):
            if re.search(rf"\b{term}(s|ing)?\b", re.sub(r"`[^`]*`", "", text), re.I) and "](" not in text:
                chapter.problem(line, f"“{term}” is explained in chapter {int(place)}; explain it here, or link to it")
                break


def paragraphs(chapter: Chapter) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    before = 0
    for line, text in chapter.prose:
        if not text.strip():
            before = 0
        elif before == line - 1 and not text.startswith(("#", "|")):
            found[-1] = (found[-1][0], f"{found[-1][1]} {text}")
            before = line
        else:
            found.append((line, text))
            before = line
    return found
