"""What every page has around its content: the head, the contents, the switch between the languages, before and after."""

import os
import re
from dataclasses import dataclass, field
from html import escape
from pathlib import PurePosixPath
from urllib.parse import quote

WORDS = {
    "en": {
        "code": "en", "name": "English", "other": "vi", "home": "index.html", "course": "course.html",
        "contents": "Contents", "close": "Close", "skip": "Skip to the text", "search": "Search", "hits": "Hits",
        "none": "Nothing found", "here": "On this page", "before": "Previous", "after": "Next", "start": "Overview",
        "reference": "Reference", "report": "Report: the five side by side", "source": "source",
        "parameters": "Parameters", "Return Value": "Returns", "Throws": "Throws", "more": "More",
        "Inherits From": "Inherits from", "Inherited By": "Inherited by", "Conforms To": "Conforms to",
        "Conforming Types": "Conforming types", "walks": "Walk through a step", "write": "Write it yourself",
        "paper": "Lesson {} on paper",
        "digits": "Lesson 5 on the digits, Adam", "compare": "The five on paper, side by side", "step": "step {}",
        "gpt": "A GPT of one layer: where it looks, and its first step",
        "whole": "open the whole page",
    },
    "vi": {
        "code": "vi", "name": "Tiếng Việt", "other": "en", "home": "vi/index.html", "course": "vi/course.html",
        "contents": "Mục lục", "close": "Đóng", "skip": "Đến phần chữ", "search": "Tìm", "hits": "Kết quả",
        "none": "Không tìm thấy", "here": "Trong trang này", "before": "Trước", "after": "Tiếp", "start": "Tổng quan",
        "reference": "Tra cứu API", "report": "Báo cáo: năm bài cạnh nhau", "source": "mã nguồn",
        "parameters": "Tham số", "Return Value": "Trả về", "Throws": "Ném lỗi", "more": "Thêm",
        "Inherits From": "Kế thừa từ", "Inherited By": "Được kế thừa bởi", "Conforms To": "Tuân theo",
        "Conforming Types": "Các kiểu tuân theo", "walks": "Xem từng phép tính", "write": "Tự viết lấy",
        "paper": "Bài {} trên giấy",
        "digits": "Bài 5 với chữ số viết tay, Adam", "compare": "Năm bài trên giấy, cạnh nhau", "step": "bước {}",
        "gpt": "GPT một tầng: nó nhìn vào đâu, và bước đầu tiên của nó",
        "whole": "mở cả trang",
    },
}


def relative(source: str, target: str) -> str:
    """The address of a page as seen from another; both are paths in the site, the target's may have an anchor."""
    name, mark, anchor = target.partition("#")
    name, question, query = name.partition("?")
    path = os.path.relpath(name, PurePosixPath(source).parent) if name != source or not mark else ""
    return quote(path) + question + query + mark + quote(anchor, safe="():,!=<>*+-_.&|/^~@$")


@dataclass
class Group:
    """A part of the contents: entries are (title, path), or (title, "") for a heading between them."""

    title: str
    entries: list[tuple[str, str]]
    is_open: bool = True


@dataclass
class Page:
    path: str
    language: str
    title: str
    content: str
    twin: str  # the page in the other language
    headings: list[tuple[int, str, str]] = field(default_factory=list)
    before: tuple[str, str] | None = None  # title and path
    after: tuple[str, str] | None = None
    kind: str = ""

    def html(self, groups: list[Group]) -> str:
        words, there = WORDS[self.language], lambda path: relative(self.path, path)
        other = WORDS[words["other"]]
        title = "Kindling" if self.title == "Kindling" else f"{self.title} · Kindling"
        return f"""<!doctype html>
<html lang="{self.language}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>{escape(title)}</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="{there("site.css")}">
<script defer src="{there("site.js")}"></script>
</head>
<body class="{self.kind}" data-root="{there("index.html").removesuffix("index.html")}" data-language="{self.language}">
<a class="skip" href="#text">{words["skip"]}</a>
<header>
<a class="menu" href="#contents">{words["contents"]}</a>
<a class="name" href="{there(words["home"])}">Kindling</a>
<search hidden><input type="search" placeholder="{words["search"]}" aria-label="{words["search"]}"
 autocomplete="off" spellcheck="false" role="combobox" aria-expanded="false" aria-controls="hits">
<ol id="hits" role="listbox" aria-label="{words["hits"]}" data-none="{words["none"]}" hidden></ol></search>
<a class="language" href="{there(self.twin)}" lang="{other["code"]}" hreflang="{other["code"]}"><span>{other["name"]}</span></a>
</header>
<main id="text">
{self.content}
{self.neighbours(words, there)}</main>
{self.here(words)}{self.contents(words, there, groups)}</body>
</html>
"""

    def neighbours(self, words, there) -> str:
        links = []
        for name, neighbour in (("before", self.before), ("after", self.after)):
            if neighbour:
                links.append(f'<a class="{name}" rel="{"prev" if name == "before" else "next"}" '
                             f'href="{there(neighbour[1])}"><small>{words[name]}</small>{neighbour[0]}</a>')
        return f'<nav class="neighbours">{"".join(links)}</nav>\n' if links else ""

    def here(self, words) -> str:
        entries = [f'<li><a href="#{anchor}">{text}</a></li>' for level, text, anchor in self.headings if level == 2]
        if len(entries) < 2:
            return ""
        return f'<nav class="here" aria-label="{words["here"]}"><p>{words["here"]}</p><ul>{"".join(entries)}</ul></nav>\n'

    def contents(self, words, there, groups: list[Group]) -> str:
        parts = []
        for group in groups:
            entries = []
            for title, path in group.entries:
                if not path:
                    entries.append(f'<li class="topic">{title}</li>')
                    continue
                current = ' aria-current="page"' if path == self.path else ""
                entries.append(f'<li><a href="{there(path)}"{current}>{title}</a></li>')
            is_open = " open" if group.is_open or any(path == self.path for _, path in group.entries) else ""
            parts.append(f'<details{is_open}><summary>{group.title}</summary><ul>{"".join(entries)}</ul></details>')
        return (f'<nav id="contents" aria-label="{words["contents"]}"><a class="close" href="#text">{words["close"]}</a>'
                f'{"".join(parts)}</nav>\n')


def plain(html: str) -> str:
    """The words of a piece of HTML."""
    text = re.sub(r"<[^>]+>", "", html)
    return text.replace("&lt;", "<").replace("&gt;", ">").replace("&quot;", '"').replace("&#x27;", "'").replace("&amp;", "&")
