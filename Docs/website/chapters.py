"""The chapters as pages, in both languages, with the contents that Docs/README.md gives."""

import posixpath
import re
from html import escape
from pathlib import Path
from urllib.parse import unquote

from checks import chapters
from website.markdown import Renderer
from website.page import WORDS, Group, Page, plain, relative
from website.sources import Sources
from website.symbols import Names
from website.walks import Walks

LANDING = {"en": "Docs/website/landing.md", "vi": "Docs/website/landing.vi.md"}
REPORT = "report.html"


class Chapters:
    def __init__(self, root: Path, sources: Sources, names: Names, walks: Walks):
        self.root, self.sources, self.names, self.walks = root, sources, names, walks
        self.pictures: set[str] = set()
        self.paths = {"README.md": "readme.html", "README.vi.md": "vi/readme.html", "Docs/README.md": "course.html",
                      "Docs/vi/README.md": "vi/course.html"}
        for path in sorted((root / "Docs").glob("[0-9]*.md")):
            self.paths[f"Docs/{path.name}"] = f"{path.stem}.html"
            self.paths[f"Docs/vi/{path.name}"] = f"vi/{path.stem}.html"
        for file in (root / "Lessons").glob("*/README*.md"):  # exercises, and what else is to be written by the reader
            name = file.parent.name.lower()
            self.paths[str(file.relative_to(root))] = f"vi/{name}.html" if file.name == "README.vi.md" else f"{name}.html"
        self.order = {language: self.read_order(language) for language in WORDS}

    def read_order(self, language: str) -> list[tuple[str, list[tuple[str, str]]]]:
        """From the tables of Docs/README.md: under each heading the title and the page of its chapters."""
        folder = "Docs" if language == "en" else "Docs/vi"
        groups: list[tuple[str, list[tuple[str, str]]]] = []
        for line in (self.root / folder / "README.md").read_text().splitlines():
            if line.startswith("## "):
                groups.append((line.removeprefix("## "), []))
            elif line.startswith("|") and (link := re.search(r"\[([^\]]+)\]\((\d[^)]+\.md)\)", line)):
                groups[-1][1].append((escape(link[1]), self.paths[f"{folder}/{link[2]}"]))
        groups = [group for group in groups if group[1]]
        listed = {path for _, entries in groups for _, path in entries}
        if missing := {path for name, path in self.paths.items() if re.match(rf"{folder}/\d", name)} - listed:
            raise ValueError(f"{folder}/README.md has no row for {', '.join(sorted(missing))}")
        return groups

    def groups(self, language: str) -> list[Group]:
        words = WORDS[language]
        groups = []
        for title, entries in self.order[language]:
            numbers = [int(posixpath.basename(path)[:2]) for _, path in entries]
            groups.append(Group(title, [(f"<b>{number}</b> {name}", path) for number, (name, path) in zip(numbers, entries)]))
        groups[0].entries.insert(0, (words["start"], words["course"]))
        if written := self.written(language):
            groups.insert(1, Group(words["write"], [(title, path) for _, title, path in written]))
        return groups

    def written(self, language: str) -> list[tuple[str, str, str]]:
        """File, title and page of what readers write themselves: the folders of Lessons that have a README."""
        file = "README.vi.md" if language == "vi" else "README.md"
        names = sorted(name for name in self.paths if re.fullmatch(rf"Lessons/\w+/{re.escape(file)}", name))
        return [(name, escape(chapters.read(self.root / name).headings[0].text), self.paths[name]) for name in names]

    def pages(self, language: str) -> list[Page]:
        words, other = WORDS[language], WORDS[WORDS[language]["other"]]
        in_order = [entry for _, entries in self.order[language] for entry in entries]
        made = [self.page(LANDING[language], words["home"], language, other["home"], kind="landing"),
                self.page("Docs/README.md" if language == "en" else "Docs/vi/README.md", words["course"], language,
                          other["course"])]
        made[1].after = in_order[0]
        for name, path in self.paths.items():
            if not re.match(r"Docs/\d" if language == "en" else r"Docs/vi/\d", name):
                continue
            twin = path.removeprefix("vi/") if language == "vi" else f"vi/{path}"
            page = self.page(name, path, language, twin)
            at = [entry[1] for entry in in_order].index(path)
            page.before = in_order[at - 1] if at else (words["start"], words["course"])
            page.after = in_order[at + 1] if at + 1 < len(in_order) else None
            made.append(page)
        for name, _, path in self.written(language):
            other_file = name.replace("README.md", "README.vi.md") if language == "en" else name.replace(".vi.md", ".md")
            made.append(self.page(name, path, language, self.paths.get(other_file, other["home"])))
        readmes = {"en": "README.md", "vi": "README.vi.md"}
        made.append(self.page(readmes[language], self.paths[readmes[language]], language, self.paths[readmes[words["other"]]]))
        return made

    def page(self, name: str, path: str, language: str, twin: str, kind: str = "chapter") -> Page:
        prefix = "vi/" if language == "vi" else ""
        tensor = self.names.find("Tensor")  # what a method that several types have is most likely meant to be of

        def symbol(text: str) -> str | None:
            found = self.names.find(text, tensor)
            return relative(path, f"{prefix}reference/{found.target}") if found else None

        def walk(argument: str) -> str:
            return self.walks.figure(argument, language, lambda target: relative(path, target))

        renderer = Renderer(lambda target: self.href(name, path, target), symbol, walk)
        content, headings = renderer.render(chapters.read(self.root / name))
        title = next((plain(text) for level, text, _ in headings if level == 1), name)
        return Page(path, language, title, content, twin, headings, kind=kind)

    def href(self, name: str, page: str, target: str) -> str:
        """The address in the site of what a chapter links to. A path that begins with / starts at the repository's root."""
        if re.match(r"[a-z][a-z0-9+.-]*:", target) or target.startswith("#"):
            return target
        file, mark, anchor = unquote(target).partition("#")  # the parser has quoted what is not ASCII
        inside = file.strip("/") if file.startswith("/") else posixpath.normpath(posixpath.join(posixpath.dirname(name), file))
        if inside.startswith("site/"):  # the landing pages link to pages of the site that no file of the repository is
            return relative(page, inside.removeprefix("site/") + mark + anchor)
        if inside in self.paths:
            return relative(page, self.paths[inside] + mark + anchor)
        if inside.endswith((".svg", ".png")):
            self.pictures.add(inside)
            return relative(page, "pictures/" + posixpath.basename(inside))
        return self.sources.href(page, inside) + mark + anchor
