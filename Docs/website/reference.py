"""Pages of the reference, from the render JSON that docc writes (the format of the documentation archives)."""

import re
from collections.abc import Iterable
from html import escape

from website.markdown import colored
from website.page import WORDS, Group, Page, relative
from website.symbols import TYPES, Names, Symbol

# Members of a large type are grouped by the file that declares them, and files by folder, as a learner meets them.
FOLDERS = ["Tensor", "Operations", "Autograd"]
MANY = 40
SELF_EVIDENT = {"Copyable", "Escapable", "Sendable", "SendableMetatype"}  # every type has these conformances, or nearly


class IncompleteCatalogue(Exception):
    pass


class Reference:
    def __init__(self, symbols: dict[str, Symbol], names: Names, source_href):
        self.symbols, self.names, self.source_href = symbols, names, source_href
        self.modules = sorted((s for s in symbols.values() if s.kind == "module"), key=lambda s: len(s.title))
        self.page, self.language, self.scope = "", "en", self.modules[0]  # of what is being written

    def path(self, symbol: Symbol, language: str) -> str:
        return ("vi/" if language == "vi" else "") + "reference/" + symbol.target

    def topics(self, module: Symbol) -> list[tuple[str, list[Symbol]]]:
        """The catalogue's topics, which must name every symbol."""
        found = []
        for section in module.data["topicSections"]:
            entries = [self.by_identifier(module.data, identifier) for identifier in section["identifiers"]]
            if section.get("generated"):
                names = ", ".join(entry.title for entry in entries if entry)
                raise IncompleteCatalogue(f"Sources/{module.title}/{module.title}.docc has no topic for {names}")
            found.append((section["title"], [entry for entry in entries if entry]))
        return found

    def by_identifier(self, data: dict, identifier: str) -> Symbol | None:
        return self.symbols.get(data["references"].get(identifier, {}).get("url"))

    def pages(self, language: str, module_groups) -> list[tuple[Page, list[Group]]]:
        made = [(self.start(language), module_groups(language, None))]
        for symbol in sorted(self.symbols.values(), key=lambda symbol: symbol.url):
            if not symbol.anchor:
                made.append((self.symbol_page(symbol, language), module_groups(language, self.module_of(symbol))))
        return made

    def module_of(self, symbol: Symbol) -> Symbol:
        while symbol.parent:
            symbol = symbol.parent
        return symbol

    def groups(self, language: str, current: Symbol | None) -> list[Group]:
        """The contents' part for the reference: of the module that is being read every symbol, of the others the name."""
        words = WORDS[language]
        entries = [(words["start"], self.prefix(language) + "reference/index.html")]
        found = [Group(words["reference"], entries, is_open=current is None)]
        for module in self.modules:
            entries = [(words["start"], self.path(module, language))]
            for title, symbols in self.topics(module):
                entries.append((escape(title), ""))
                entries += [(escape(label), self.path(symbol, language)) for label, symbol in labelled(symbols)]
            found.append(Group(module.title, entries, is_open=module is current))
        return found

    @staticmethod
    def prefix(language: str) -> str:
        return "vi/" if language == "vi" else ""

    # Pages

    def start(self, language: str) -> Page:
        path = self.prefix(language) + "reference/index.html"
        self.begin(path, language, self.modules[0])
        parts = [f"<h1>{WORDS[language]['reference']}</h1>"]
        headings = []
        for module in self.modules:
            headings.append((2, module.title, module.title.lower()))
            parts.append(f'<h2 id="{module.title.lower()}"><a href="{self.href(module)}">{module.title}</a></h2>'
                         f'<p lang="en">{self.inline(module.data.get("abstract", []), module.data)}</p>')
            for title, symbols in self.topics(module):
                parts.append(f'<p class="names" lang="en"><b>{escape(title)}</b> {self.links(labelled(symbols))}</p>')
        return Page(path, language, WORDS[language]["reference"], "\n".join(parts), self.twin(path), headings, kind="reference")

    def begin(self, path: str, language: str, scope: Symbol) -> None:
        self.page, self.language, self.scope = path, language, scope

    @staticmethod
    def twin(path: str) -> str:
        return path.removeprefix("vi/") if path.startswith("vi/") else "vi/" + path

    def symbol_page(self, symbol: Symbol, language: str) -> Page:
        path = self.path(symbol, language)
        self.begin(path, language, symbol)
        trail = []
        above = symbol.parent
        while above:
            trail.insert(0, f'<a href="{self.href(above)}">{escape(above.title)}</a>')
            above = above.parent
        heading = "Module" if symbol.kind == "module" else symbol.data["metadata"]["roleHeading"]
        parts = [f'<p class="trail" lang="en">{" › ".join([*trail, heading])}</p>',
                 f'<h1 lang="en"><code>{breakable(symbol.title)}</code></h1><div lang="en">', self.description(symbol)]
        headings = []
        if symbol.kind == "module":
            groups = self.topics(symbol)
            for title, symbols in groups:
                headings.append((2, escape(title), slug(title)))
                parts.append(f'<h2 id="{slug(title)}">{escape(title)}</h2>{self.listing(symbols)}')
        else:
            parts.append(self.relationships(symbol))
            members = self.members(symbol)
            headings = [(2, escape(title), anchor) for title, anchor, _, _ in members]
            if sum(len(symbols) for *_, symbols in members) > 8:
                parts.append(self.overview(members))
            for title, anchor, file, symbols in members:
                source = f' <a class="file" href="{self.source_href(self.page, file, 0)}">{escape(file)}</a>' if file else ""
                parts.append(f'<h2 id="{anchor}">{escape(title)}{source}</h2>')
                parts += [self.member(member) for member in symbols]
        return Page(path, language, symbol.name, "\n".join(parts) + "</div>", self.twin(path), headings, kind="reference")

    def members(self, symbol: Symbol) -> list[tuple[str, str, str, list[Symbol]]]:
        """Groups of members: title, anchor, file if it is what they share, and the members in the order they were written in."""
        own = [child for child in symbol.children if child.anchor]
        nested = [child for child in symbol.children if not child.anchor and child.kind in TYPES]
        groups: dict[tuple, list[Symbol]] = {}
        if symbol.kind == "extension":
            return [(child.title, child.anchor, "", child.children) for child in sorted(own, key=lambda child: child.title)]
        for child in own:
            if len(own) > MANY:
                folder, _, file = child.file.removeprefix("Sources/").partition("/")[2].rpartition("/")
                order = FOLDERS.index(folder) if folder in FOLDERS else len(FOLDERS)
                words = re.sub(r"(?<=[a-z])([A-Z])", lambda found: " " + found[1].lower(), file.removesuffix(".swift"))
                is_own = words == symbol.title
                key = (order, not is_own, "Basics" if is_own else words, child.file)
            else:
                kind = child.data["metadata"]["roleHeading"]
                order = ["Case", "Initializer", "Instance Property", "Type Property", "Instance Method", "Type Method"]
                plural = kind[:-1] + "ies" if kind.endswith("y") else kind + "s"
                key = (order.index(kind) if kind in order else len(order), False, plural, "")
            groups.setdefault(key, []).append(child)
        found = [(key[2], f"group-{slug(key[2])}", key[3], groups[key]) for key in sorted(groups)]
        return [("Types", "group-types", "", nested), *found] if nested else found

    def overview(self, members) -> str:
        rows = []
        for title, _, _, symbols in members:
            first: dict[str, Symbol] = {}
            for symbol in symbols:
                first.setdefault(short(symbol), symbol)
            rows.append(f'<p class="names"><b>{escape(title)}</b> {self.links(first.items())}</p>')
        return f'<div class="overview">{"".join(rows)}</div>'

    def links(self, labelled: Iterable[tuple[str, Symbol]]) -> str:
        return " ".join(f'<a href="{self.href(symbol)}"><code>{escape(label)}</code></a>' for label, symbol in labelled)

    def listing(self, symbols: list[Symbol]) -> str:
        rows = [f'<dt><a href="{self.href(symbol)}"><code>{breakable(symbol.title)}</code></a></dt>'
                f'<dd>{self.inline(symbol.data.get("abstract", []), symbol.data)}</dd>' for symbol in symbols]
        return f'<dl class="listing">{"".join(rows)}</dl>'

    def member(self, symbol: Symbol) -> str:
        if not symbol.anchor:  # a nested type, which has its own page
            return self.listing([symbol])
        anchor = escape(symbol.anchor)
        return (f'<section class="member" id="{anchor}"><h3><a href="#{anchor}"><code>{breakable(symbol.title)}</code></a></h3>'
                f"{self.description(symbol)}</section>")

    def description(self, symbol: Symbol) -> str:
        data = symbol.data
        parts = []
        if symbol.kind not in {"module", "extension"}:
            href = self.source_href(self.page, symbol.file, symbol.line)
            parts.append(f'<div class="declaration"><pre tabindex="0"><code>{self.declaration(data)}</code></pre>'
                         f'<a class="source" href="{href}">{WORDS[self.language]["source"]}</a></div>')
        if abstract := self.inline(data.get("abstract", []), data):
            parts.append(f"<p>{abstract}</p>")
        sections = {section["kind"]: section for section in data.get("primaryContentSections", [])}
        if unknown := set(sections) - {"declarations", "parameters", "content"}:
            raise ValueError(f"{symbol.name}: docc wrote a section that is not known here: {unknown}")
        if "content" in sections:
            body = [block for block in sections["content"]["content"] if not is_overview(block)]
            before = [block for block in body if not is_return(block, body)]
            after = [block for block in body if is_return(block, body)]
            parts += [self.block(block, data) for block in before if block["type"] != "aside"]
            parts.append(self.parameters(sections, data))
            parts += [self.block(block, data) for block in after]
            parts += [self.block(block, data) for block in before if block["type"] == "aside"]
        else:
            parts.append(self.parameters(sections, data))
        return "\n".join(part for part in parts if part)

    def parameters(self, sections: dict, data: dict) -> str:
        if "parameters" not in sections:
            return ""
        rows = [f'<dt><code>{escape(parameter["name"])}</code></dt><dd>{self.blocks(parameter["content"], data)}</dd>'
                for parameter in sections["parameters"]["parameters"]]
        return f'<h4>{WORDS[self.language]["parameters"]}</h4><dl class="parameters">{"".join(rows)}</dl>'

    def relationships(self, symbol: Symbol) -> str:
        rows = []
        for section in symbol.data.get("relationshipsSections", []):
            links = []
            for identifier in section["identifiers"]:
                other = self.by_identifier(symbol.data, identifier)
                name = symbol.data["references"][identifier]["title"].removeprefix("Swift.")
                if other:
                    links.append(f'<a href="{self.href(other)}"><code>{escape(other.name)}</code></a>')
                elif name not in SELF_EVIDENT:
                    links.append(f"<code>{escape(name)}</code>")
            if links:
                rows.append(f'<p class="names"><b>{WORDS[self.language][section["title"]]}</b> {" ".join(links)}</p>')
        return "\n".join(rows)

    # Pieces of render JSON

    def declaration(self, data: dict) -> str:
        section = next(s for s in data["primaryContentSections"] if s["kind"] == "declarations")
        tokens = section["declarations"][0]["tokens"]
        length = sum(len(token["text"]) for token in tokens)
        depth, parts = 0, []
        for token in tokens:
            if token["kind"] in {"text", "identifier"} and length > 84:
                text = ""
                for character in token["text"]:
                    if character in "([":
                        depth += 1
                        text += character + ("\n  " if depth == 1 and character == "(" else "")
                    elif character in ")]":
                        depth -= 1
                        text += ("\n" if depth == 0 and character == ")" else "") + character
                    elif character == "," and depth == 1:
                        text += ",\n "
                    else:
                        text += character
            else:
                text = token["text"]
            parts.append(self.token(token, text, data))
        return "".join(parts)

    def token(self, token: dict, text: str, data: dict) -> str:
        kind = {"keyword": "k", "attribute": "k", "identifier": "nf", "typeIdentifier": "nc", "number": "m", "string": "s",
                "externalParam": "nl", "genericParameter": "nc"}.get(token["kind"])
        other = self.by_identifier(data, token.get("identifier", ""))
        if other and other is not self.scope:
            return f'<a class="nc" href="{self.href(other)}">{escape(text)}</a>'
        return f'<span class="{kind}">{escape(text)}</span>' if kind else escape(text)

    def blocks(self, blocks: list[dict], data: dict) -> str:
        return "".join(self.block(block, data) for block in blocks)

    def block(self, block: dict, data: dict) -> str:
        match block["type"]:
            case "paragraph":
                return f'<p>{self.inline(block["inlineContent"], data)}</p>'
            case "heading":
                return f'<h4>{WORDS[self.language].get(block["text"], escape(block["text"]))}</h4>'
            case "codeListing":
                code = "\n".join(block["code"])
                kind = "program" if block["syntax"] else "output"
                text = colored(code, block["syntax"]) if block["syntax"] else escape(code)
                return f'<figure class="code {kind}"><pre tabindex="0"><code>{text}</code></pre></figure>'
            case "aside":
                return f'<h4>{WORDS[self.language].get(block["name"], escape(block["name"]))}</h4>{self.blocks(block["content"], data)}'
            case "orderedList" | "unorderedList" as kind:
                tag = "ol" if kind == "orderedList" else "ul"
                items = "".join(f'<li>{self.blocks(item["content"], data)}</li>' for item in block["items"])
                return f"<{tag}>{items}</{tag}>"
            case other:
                raise ValueError(f"docc wrote a block that is not known here: {other}")

    def inline(self, pieces: list[dict], data: dict) -> str:
        parts = []
        for piece in pieces:
            match piece["type"]:
                case "text":
                    parts.append(escape(piece["text"]))
                case "codeVoice":
                    code = f'<code>{escape(piece["code"])}</code>'
                    other = None if piece["code"] in parameters(data) else self.names.find(piece["code"], self.scope)
                    parts.append(f'<a class="symbol" href="{self.href(other)}">{code}</a>' if self.leads_away(other) else code)
                case "reference":
                    other = self.by_identifier(data, piece["identifier"])
                    title = escape(other.title if other else data["references"][piece["identifier"]]["title"])
                    parts.append(f'<a class="symbol" href="{self.href(other)}"><code>{title}</code></a>' if other else title)
                case "emphasis" | "strong" as kind:
                    tag = "em" if kind == "emphasis" else "strong"
                    parts.append(f'<{tag}>{self.inline(piece["inlineContent"], data)}</{tag}>')
                case other:
                    raise ValueError(f"docc wrote a piece of text that is not known here: {other}")
        return "".join(parts)

    def leads_away(self, other: Symbol | None) -> bool:
        return other is not None and other is not self.scope

    def href(self, symbol: Symbol) -> str:
        return relative(self.page, self.path(symbol, self.language))


def short(symbol: Symbol) -> str:
    return re.sub(r"(?<=\w)\(.*", "", symbol.title) if symbol.kind != "op" else re.sub(r"\(.*", "", symbol.title)


def labelled(symbols: list[Symbol]) -> list[tuple[str, Symbol]]:
    """Each with its name, and with its arguments where several have that name."""
    names = [short(symbol) for symbol in symbols]
    return [(name if names.count(name) == 1 else symbol.title, symbol) for name, symbol in zip(names, symbols)]


def breakable(name: str) -> str:
    """Long names may be broken after a colon."""
    return escape(name).replace(":", ":<wbr>")


def slug(title: str) -> str:
    return re.sub(r"\W+", "-", title.lower()).strip("-")


def parameters(data: dict) -> set[str]:
    sections = [section for section in data.get("primaryContentSections", []) if section["kind"] == "declarations"]
    return {token["text"] for section in sections for token in section["declarations"][0]["tokens"]
            if token["kind"] in {"internalParam", "externalParam"}}


def is_overview(block: dict) -> bool:
    return block["type"] == "heading" and block["text"] in {"Overview", "Discussion"}


def is_return(block: dict, body: list[dict]) -> bool:
    """Whether a block stands under the heading “Return Value”, which docc puts before or after the discussion."""
    under = False
    for other in body:
        if other["type"] == "heading":
            under = other["text"] == "Return Value"
        if other is block:
            return under
    return False
