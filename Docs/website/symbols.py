"""The symbols of docc's archive as a tree, with the page and the place on it where each is described.

A type has a page with its members on it, and so has each free function. Extensions of Swift's own types share one.
"""

import json
import re
from dataclasses import dataclass, field
from pathlib import Path

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
    pages: dict[str, str] = {}  # by docc's address
    # Types first: they get the short names.
    for symbol in sorted(found.values(), key=lambda symbol: (symbol.kind not in TYPES | {"module"}, symbol.url)):
        if symbol.kind in TYPES or symbol.parent is None or symbol.parent.kind == "module":
            pages[symbol.url] = page_name(symbol, set(pages.values()))
    for symbol in found.values():
        owner = symbol
        while owner.url not in pages:
            owner = owner.parent
        symbol.page = pages[owner.url]
        symbol.anchor = symbol.url.removeprefix(owner.url).lstrip("/")


def page_name(symbol: Symbol, taken: set[str]) -> str:
    folder = symbol.module.lower()
    if symbol.kind == "module":
        return f"{folder}/index.html"
    short = re.sub(r"\(.*", "", symbol.name).lower().replace(".", "-")
    long = re.sub(r"[^\w]+", "-", symbol.name.replace("_:", "").lower()).strip("-")
    names = [short, long, *(f"{long}-{number}" for number in range(2, 10))]
    return next(page for name in names if (page := f"{folder}/{name}.html") not in taken)


NOT_TENSORS = "torch|np|nn|optim|run|model|optimizer"  # what stands before a dot in code and is no tensor


class Names:
    """Finds the symbol that a piece of code means: `Tensor`, `clamp(min: 0)`, `w.grad`, `noGrad { }`, `dim: 1`."""

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
            return {full, title} if symbol.kind != "case" else {full}
        return set()

    def find(self, text: str, scope: Symbol | None = None) -> Symbol | None:
        if ";" in text or ")." in text:  # more than one name
            return None
        text = re.sub(r"(?<=\w): (true|false|\d+)$", "", re.sub(r" \{.*\}$", "()", text))
        text = re.sub(rf"^(?!{NOT_TENSORS})[a-z]\w*\.(?=\w+!?(\(.*\))?$)", "Tensor.", text).rstrip("!")
        found = self.known.get(text) or self.known.get(re.sub(r"\(.*\)$", "()", text), [])
        given = labels(text)
        found = [symbol for symbol in found if given == labels(symbol.title)] or [
            symbol for symbol in found if takes(labels(symbol.title), given)] or found
        near = [symbol for symbol in found if scope and symbol.page == scope.page]
        # A bare word may mean much; only a property of what is being spoken of is taken for one.
        found = near if near or re.fullmatch("[a-z]\\w*", text) else found
        found = [symbol for symbol in found if symbol.kind == "func"] or found
        # Overloads stand together on a page; names on several pages are left alone.
        return found[0] if len({symbol.page for symbol in found}) == 1 else None


def labels(text: str) -> list[str]:
    """The labels of a call, or of a name such as `sum(dim:keepDim:)`; `_` where there is none."""
    inside = re.sub(r"^[^(]*\(|\)$", "", text) if "(" in text else ""
    if re.fullmatch(r"(\w+:)+", inside):
        return inside.split(":")[:-1]
    while (flat := re.sub(r"\([^()]*\)|\[[^\[\]]*\]", "", inside)) != inside:  # what is nested has commas of its own
        inside = flat
    return [found[1] if (found := re.match(r"(\w+):", part.strip())) else "_" for part in inside.split(",") if inside]


def takes(parameters: list[str], given: list[str]) -> bool:
    """Whether a call with these labels could be meant for a function with these; those that are left out have defaults."""
    rest = iter(parameters)
    return all(label in rest for label in given)
