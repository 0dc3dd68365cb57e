"""The symbols of docc's archive as a tree, with the page and the place on it where each is described.

A type has a page with its members on it, and so has each free function. Extensions of Swift's own types share one.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

PAGES = {"class", "struct", "enum", "protocol", "module", "func", "var"}  # at the top; nested ones only if they are types
TYPES = {"class", "struct", "enum", "protocol"}


@dataclass
class Symbol:
    url: str  # docc's, such as /documentation/kindling/tensor/mm(_:)
    data: dict
    file: str = ""  # where it is declared, from the repository's root
    line: int = 0
    page: str = ""  # within reference/
    anchor: str = ""  # empty if the page is its own
    parent: "Symbol | None" = None
    children: list["Symbol"] = field(default_factory=list)

    @property
    def title(self) -> str:
        return self.data["metadata"]["title"]

    @property
    def kind(self) -> str:
        return self.data["metadata"]["symbolKind"]

    @property
    def module(self) -> str:
        return self.data["metadata"]["modules"][0]["name"]

    @property
    def name(self) -> str:
        """Such as `Tensor.mm(_:)`. The title of a nested type has the outer one's already."""
        outer = self.parent.name if self.parent and self.parent.kind != "module" and self.kind not in TYPES else ""
        return f"{outer}.{self.title}" if outer else self.title

    @property
    def target(self) -> str:
        return f"{self.page}#{self.anchor}" if self.anchor else self.page


def read(archive: Path, places: dict[str, tuple[str, int]]) -> dict[str, Symbol]:
    """All symbols by docc's address. `places` has file and line for the compiler's names; what has none nobody wrote."""
    found: dict[str, Symbol] = {}
    for path in (archive / "data/documentation").rglob("*.json"):
        data = json.loads(path.read_text())
        if data["kind"] != "symbol":
            continue
        symbol = Symbol(data["variants"][0]["paths"][0], data, *places.get(data["metadata"]["externalID"], ("", 0)))
        if symbol.file or symbol.kind in {"module", "extension"}:
            found[symbol.url] = symbol
    for symbol in sorted(found.values(), key=lambda symbol: (symbol.file, symbol.line, symbol.url)):
        symbol.parent = found.get(symbol.url.rpartition("/")[0])
        if symbol.parent:
            symbol.parent.children.append(symbol)
    give_places(found)
    return found


def give_places(found: dict[str, Symbol]) -> None:
    taken: set[str] = set()
    # Types first: they get the short names.
    for symbol in sorted(found.values(), key=lambda symbol: (symbol.kind not in TYPES | {"module"}, symbol.url)):
        is_top = symbol.parent is None or symbol.parent.kind == "module"
        if symbol.kind in TYPES or is_top:
            symbol.page = page_name(symbol, taken)
            taken.add(symbol.page)
    for symbol in found.values():
        owner = symbol
        while not owner.page:
            owner = owner.parent
        if owner is not symbol:
            symbol.anchor = symbol.url.removeprefix(owner.url + "/").replace(" ", "")
    for symbol in found.values():  # only now, since a page found is a page of one's own
        owner = symbol
        while not owner.page:
            owner = owner.parent
        symbol.page = owner.page


def page_name(symbol: Symbol, taken: set[str]) -> str:
    folder = symbol.module.lower()
    if symbol.kind == "module":
        return f"{folder}/index.html"
    short = re.sub(r"\(.*", "", symbol.name).lower().replace(".", "-")
    long = re.sub(r"[^\w]+", "-", symbol.name.replace("_:", "").lower()).strip("-")
    names = [short, long, *(f"{long}-{number}" for number in range(2, 10))]
    return next(page for name in names if (page := f"{folder}/{name}.html") not in taken)


class Names:
    """Finds the symbol that a name in code means: `Tensor`, `backward()`, `clamp(min: 0)`, `Tensor.shape`."""

    def __init__(self, symbols: dict[str, Symbol]):
        self.known: dict[str, list[Symbol]] = {}
        for symbol in symbols.values():
            for key in self.keys(symbol):
                self.known.setdefault(key, []).append(symbol)

    @staticmethod
    def keys(symbol: Symbol) -> set[str]:
        full, title = symbol.name, symbol.title
        if symbol.kind in TYPES:
            return {full, full + "()"} if any(child.kind == "init" for child in symbol.children) else {full}
        if symbol.kind in {"method", "func"}:
            return {full, title} | {re.sub(r"\(.*", "()", name) for name in (full, title)}
        if symbol.kind in {"property", "var", "case"}:
            # A short word, such as `m`, is more often something else.
            return {full, title} if len(title) > 4 and symbol.kind != "case" else {full}
        return set()

    def find(self, text: str, scope: Symbol | None = None) -> Symbol | None:
        found = self.known.get(text) or self.known.get(re.sub(r"\(.*\)$", "()", text), [])
        near = [symbol for symbol in found if scope and symbol.page == scope.page]
        found = near or found
        # Overloads stand together on a page; names on several pages are left alone.
        return found[0] if len({symbol.page for symbol in found}) == 1 else None
