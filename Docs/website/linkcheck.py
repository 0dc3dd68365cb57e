"""Links of the finished site: each leads to a file that is there and to an anchor that it has, and nothing is loaded from
elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import unquote

LOADED = {("script", "src"), ("img", "src"), ("link", "href"), ("iframe", "src"), ("source", "src"), ("object", "data"),
          ("use", "href"), ("video", "src"), ("audio", "src"), ("embed", "src"), ("form", "action")}
PLACE = re.compile(r"run=\d+(&\w+=[\d,]+)*")


class Reader(HTMLParser):
    def __init__(self):
        super().__init__()
        self.anchors: set[str] = set()
        self.twice: list[str] = []
        self.links: list[tuple[int, str, bool]] = []  # line, target, whether the page loads it

    def handle_starttag(self, tag, attributes):
        for name, value in attributes:
            if name == "id" and value in self.anchors:
                self.twice.append(value)
            if name in {"id", "name"} and value and (name == "id" or tag == "a"):
                self.anchors.add(value)
            if value and (name in {"href", "src"} or (tag, name) in LOADED):
                self.links.append((self.getpos()[0], value, (tag, name) in LOADED))


def faults(folder: Path) -> list[str]:
    read: dict[Path, Reader] = {}
    for path in sorted(folder.rglob("*.html")):
        reader = Reader()
        reader.feed(path.read_text())
        read[path] = reader
    found = []
    for path, reader in read.items():
        found += [f"{path.relative_to(folder)}: the anchor {anchor} is there twice" for anchor in reader.twice]
        for line, target, is_loaded in reader.links:
            if wrong := fault(folder, read, path, target, is_loaded):
                found.append(f"{path.relative_to(folder)}:{line}: {target}: {wrong}")
    for path in sorted(folder.rglob("*.css")):
        found += [f"{path.name}: loads {target}" for target in re.findall(r"url\(([^)]*)\)|@import", path.read_text())]
    return found


def fault(folder: Path, read: dict[Path, Reader], page: Path, target: str, is_loaded: bool) -> str | None:
    if re.match(r"[a-z][a-z0-9+.-]*:|//", target):
        if is_loaded:
            return None if target.startswith("data:") else "the page loads this from elsewhere"
        return None if target.startswith(("https:", "mailto:")) else "a link outward begins with https:"
    name, _, anchor = target.partition("#")
    name = name.partition("?")[0]
    path = (page.parent / unquote(name)).resolve() if name else page
    if not path.is_relative_to(folder.resolve()):
        return "this lies outside the site"
    if not path.is_file():
        return "there is no such file"
    if PLACE.fullmatch(anchor):  # in a page of steps; whoever wrote it has looked it up there
        return None
    if anchor and path.suffix == ".html" and unquote(anchor) not in read[path].anchors:
        return "there is no such anchor"
    return None
