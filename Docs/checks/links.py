"""Links of a chapter: relative ones, to files that exist, and to headings that exist."""

import re
from collections import Counter
from pathlib import Path

from checks.chapters import Chapter, Heading, read

INLINE = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
REFERENCE = re.compile(r"^\s{0,3}\[[^\]]+\]:\s*<?(\S+?)>?(?:\s|$)")
HTML = re.compile(r"<(?:a|img|source)\b[^>]*?\b(?:href|src|srcset)\s*=\s*[\"']([^\"']+)[\"']")
CODE = re.compile(r"(`+)(?!`).*?(?<!`)\1(?!`)")


def check(root: Path, chapter: Chapter) -> None:
    for line, text in chapter.prose:
        text = CODE.sub("", text)
        for target in [*INLINE.findall(text), *REFERENCE.findall(text), *HTML.findall(text)]:
            if wrong := fault(root, chapter.path, target):
                chapter.problem(line, f"{target}: {wrong}")


def fault(root: Path, page: Path, target: str) -> str | None:
    if re.match(r"[a-z][a-z0-9+.-]*:", target):
        return None if target.startswith(("https:", "mailto:")) else "a link outward begins with https:"
    if target.startswith("/"):
        return "an absolute path means nothing on another machine"
    name, _, anchor = target.partition("#")
    path = (page.parent / name).resolve() if name else page
    if not path.is_relative_to(root.resolve()):
        return "this lies outside the repository"
    if not path.exists():
        return "there is no such file"
    if not anchor:
        return None
    if path.suffix == ".md":
        return None if anchor in anchors(read(path).headings) else "no heading there has this anchor"
    if lines := re.fullmatch(r"L(\d+)(?:-L(\d+))?", anchor):
        last = int(lines[2] or lines[1])
        return None if last <= len(path.read_text().splitlines()) else "the file has fewer lines"
    return "anchors are for Markdown files"


def anchors(headings: list[Heading]) -> set[str]:
    return set(slugs(headings))


def slugs(headings: list[Heading]) -> list[str]:
    """The anchors that GitHub gives headings: lower case, no punctuation, hyphens for spaces, numbered when repeated."""
    seen: Counter[str] = Counter()
    found = []
    for heading in headings:
        text = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading.text)
        slug = re.sub(r"[^\w\- ]", "", text.lower()).replace(" ", "-")
        found.append(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return found
