"""A chapter in Markdown as HTML: links lead to pages of the site, and a block of code says where it comes from."""

import re
from html import escape

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import get_lexer_by_name, get_lexer_for_filename
from pygments.util import ClassNotFound

from checks import links, visible
from checks.chapters import Chapter
from website import drawing

PLAIN = {"", "text"}
SHAPE = re.compile(r"\[[\w.…]+(?:, [\w.…]+)+\]")
BETWEEN_WORDS = re.compile(r"(?<=[a-z])(?=[A-Z0-9])|(?<=\d)(?=[A-Z])|(?=\.)")  # of a file's name, Exercise7Storage.swift
PROGRAM = re.compile(r"(^|[(;] ?|&& |do )(?:lesson(\d)|(practice|clinic|gpt))(?= )")  # at the start of a command
DIRECTIVE = re.compile(r"\s*<!--\s*(\w+)(?::\s*(.*?))?\s*-->\s*")


def colored(code: str, language: str = "", file: str = "") -> str:
    """Code as HTML with a class for each kind of word; plain where the language is not known."""
    try:
        lexer = get_lexer_for_filename(file) if file else get_lexer_by_name(language)
    except ClassNotFound:
        return escape(code)
    lexer.stripnl, lexer.ensurenl = False, False
    html = highlight(code, lexer, HtmlFormatter(nowrap=True))
    # Pygments takes the start of Swift's 0..<n for the number “0.”.
    return re.sub(r'<span class="mf">(\d+)\.</span>', r'<span class="mi">\1</span>.', html) if lexer.name == "Swift" else html


def typeset(formula: str, display: str) -> str:
    """A formula as MathML. How columns are aligned is said in CSS, as browsers want it."""
    html = re.sub(r' columnalign="(\w+)"', r' style="text-align: \1"', convert(formula.strip(), display=display))
    # What a function is of, such as the s of exp s, keeps its distance, unless it stands in parentheses.
    html = re.sub(r"(<mi>(?:cos|exp|ln|log|sin)</mi>)(?!<mo[^>]*>&#x00028;)", r'\1<mspace width="0.17em"/>', html)
    # A minus after a sign other than “)” belongs to its number, and has no space behind it.
    return re.sub(r"(?<!&#x00029;)(</mo>)<mo>&#x02212;", r'\1<mo form="prefix">&#x02212;', html)


def wrapping(formula: str) -> str:
    """A formula that stands alone. On a narrow screen it goes on in the next line at a wide gap, or at its second “=”."""
    groups, depth = [[""]], 0
    for token in re.findall(r"\\[A-Za-z]+|\\.|.", formula.strip().replace("\n", " ")):
        depth += (token in {"{", r"\begin", r"\left"}) - (token in {"}", r"\end", r"\right"})
        if depth == 0 and token in {r"\quad", r"\qquad"}:
            groups.append([""])
            continue
        if depth == 0 and token == "=" and "=" in re.sub(r"\{[^}]*\}", "", "".join(groups[-1])):
            groups[-1].append("")
        groups[-1][-1] += token
    return " ".join(f"<span>{'<wbr>'.join(map(piece, group))}</span>" for group in groups)


def piece(formula: str) -> str:
    """A part of a formula, where words alone are plain text, which breaks where it must."""
    words = re.fullmatch(r"\s*\\text\{([^}]*)\}\s*", formula)
    return escape(words[1].strip()) if words else typeset(formula, "block")


class Renderer:
    """Renders one file. `href` gives the address of a link's target, `symbol` that of a name in code, or None, and `walk` the
    HTML of a place in a page of steps."""

    def __init__(self, href, symbol, walk):
        self.href, self.symbol, self.walk = href, symbol, walk
        self.linked: set[str] = set()
        self.lab = ""  # the command of the last one
        self.parser = MarkdownIt("commonmark", {"html": True}).enable("table")
        rules = {"fence": self.fence, "code_inline": self.code_inline, "table_open": self.table_open,
                 "table_close": self.table_close}
        for name, rule in rules.items():
            self.parser.add_render_rule(name, lambda _, tokens, index, options, env, rule=rule: rule(tokens, index))

    def render(self, chapter: Chapter) -> tuple[str, list[tuple[int, str, str]]]:
        """The HTML, and each heading's level, HTML and anchor."""
        tokens = self.parser.parse("\n".join(chapter.lines) + "\n")
        anchors = iter(links.slugs(chapter.headings))
        headings, kept = [], []
        columns: list[str] = []  # the heads of the table being read, and the cells of its row so far
        cells = 0
        for index, token in enumerate(tokens):
            if token.type == "html_block" and token.content.lstrip().startswith("<!--"):
                following = tokens[index + 1] if index + 1 < len(tokens) else None
                found = DIRECTIVE.fullmatch(token.content)
                if found and following and following.type == "fence":
                    following.meta["directive"] = (found[1], found[2] or "")
                    # The caption says what the line above says on GitHub.
                    if found[1] in {"source", "run"} and kept[-1:] and kept[-1].type == "paragraph_close" and visible.is_line(
                            kept[-2].content):
                        del kept[-3:]
                if not found or found[1] != "page":
                    continue
                token.content = self.walk(found[2] or "")
            elif token.type == "html_block":  # a table that is written as HTML, for blocks of code beside each other
                token.content = re.sub(r"^<table>", '<div class="scroll beside" tabindex="0"><table>', token.content)
                token.content = re.sub(r"</table>$", "</table></div>", token.content.rstrip()) + "\n"
            kept.append(token)
            if token.type == "heading_open":
                anchor = next(anchors)
                token.attrSet("id", anchor)
            elif token.type == "table_open":
                columns = []
            elif token.type == "tr_open":
                cells = 0
            elif token.type == "inline":
                around = kept[-2].type
                if around == "th_open":
                    columns.append(token.content)
                elif around == "td_open":
                    cells += 1
                # A heading should not lead elsewhere, and what PyTorch's column names is not in this library.
                self.rewrite(token, bare=around == "heading_open" or around == "td_open" and columns[cells - 1] == "PyTorch")
                if around == "heading_open":
                    text = self.parser.renderer.renderInline(token.children or [], self.parser.options, {})
                    headings.append((int(kept[-2].tag[1]), re.sub(r"</?a\b[^>]*>", "", text), anchor))
        return self.parser.renderer.render(kept, self.parser.options, {}), headings

    def rewrite(self, token, bare: bool) -> None:
        inside = False
        for child in token.children or []:
            if child.type == "link_open":
                child.attrSet("href", self.href(str(child.attrGet("href"))))
                inside = True
            elif child.type == "link_close":
                inside = False
            elif child.type == "image":
                child.attrSet("src", self.href(str(child.attrGet("src"))))
                child.attrSet("loading", "lazy")
            elif child.type == "code_inline" and (bare or inside):
                child.meta["bare"] = True
            elif child.type == "text" and inside and re.fullmatch(r"\w{15,}\.\w+", child.content):
                child.type, child.content = "html_inline", BETWEEN_WORDS.sub("<wbr>", escape(child.content))
            elif child.type == "text":  # a shape stays in one line, also in a narrow table
                child.content = SHAPE.sub(lambda found: found[0].replace(" ", "\u00a0"), child.content)
        self.take_formulas(token.children or [])

    def take_formulas(self, children: list) -> None:
        """What GitHub takes for a formula: code between two dollars."""
        for before, child, after in zip(children, children[1:], children[2:]):
            is_between = before.type == after.type == "text" and before.content.endswith("$") and after.content.startswith("$")
            if child.type == "code_inline" and is_between:
                before.content, after.content = before.content[:-1], after.content[1:]
                child.type, child.content = "html_inline", typeset(child.content, "inline")

    def code_inline(self, tokens, index) -> str:
        token = tokens[index]
        target = None if token.meta.get("bare") or token.content in self.linked else self.symbol(token.content)
        if not target:
            # No line ends within --name.
            code = re.sub(r"(?<!\S)--?\w[\w-]*", r'<span class="option">\g<0></span>', escape(token.content))
            return f"<code>{code}</code>"
        self.linked.add(token.content)  # the first time is enough
        return f'<a class="symbol" href="{target}"><code>{escape(token.content)}</code></a>'

    def table_open(self, tokens, index) -> str:
        return '<div class="scroll" tabindex="0"><table>\n'

    def table_close(self, tokens, index) -> str:
        return "</table></div>\n"

    def fence(self, tokens, index) -> str:
        token = tokens[index]
        language = token.info.strip()
        if language == "mermaid":
            return drawing.flowchart(token.content)
        if language == "math":
            return f'<div class="formula scroll" tabindex="0">{wrapping(token.content)}</div>\n'
        code = escape(token.content) if language in PLAIN else colored(token.content, language)
        caption = self.caption(*token.meta.get("directive", ("", "")))
        kind = "output" if language in PLAIN else "program"
        return f'<figure class="code {kind}">{caption}<pre tabindex="0"><code>{code}</code></pre></figure>\n'

    def caption(self, kind: str, argument: str) -> str:
        if kind == "source":
            return f'<figcaption><a href="{self.href("/" + argument)}">{escape(argument)}</a></figcaption>'
        if kind == "lab":
            self.lab = re.sub(r"^(?=\d)", "lesson", argument)
        if kind in {"run", "shows"}:
            argument = self.lab if kind == "shows" else argument
            command = visible.command(argument) or PROGRAM.sub(r"\1Lessons/run \2\3", argument)
            return f"<figcaption><code>$ {escape(command)}</code></figcaption>"
        return ""
