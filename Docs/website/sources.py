"""Copies of the repository's files, for links that lead to one: a page for each, and one for each folder."""

from html import escape
from pathlib import Path

from checks.chapters import repository_files
from website.markdown import colored
from website.page import WORDS, Group, Page, relative

LONG = 400_000  # characters; a longer file, or one that is no text, is copied as it is
BY_FIRST_LINE = {"python": "script.py", "bash": "script.sh"}


class Sources:
    def __init__(self, root: Path):
        self.root = root
        self.files = repository_files(root)
        self.wanted: dict[str, str] = {}  # path in the repository: path in the site

    def href(self, page: str, path: str, line: int = 0) -> str:
        """The address of a file or folder as seen from a page, and a note to make its page."""
        return relative(page, self.target(path) + (f"#L{line}" if line else ""))

    def target(self, path: str) -> str:
        path = path.strip("/")
        if path not in self.wanted:
            full = self.root / path
            if full.is_dir():
                self.wanted[path] = f"source/{path}/index.html"
            elif path in self.files:
                self.wanted[path] = f"source/{path}.html" if self.text(path) is not None else f"source/{path}"
            else:
                raise FileNotFoundError(f"{path} is no file of the repository")
        return self.wanted[path]

    def text(self, path: str) -> str | None:
        content = (self.root / path).read_bytes()
        try:
            return content.decode() if len(content) < LONG else None
        except UnicodeDecodeError:
            return None

    def write(self, folder: Path, groups: list[Group]) -> int:
        """Writes what has been asked for, and what the pages of folders ask for in turn."""
        written: set[str] = set()
        while waiting := [path for path in self.wanted if path not in written]:
            for path in waiting:
                written.add(path)
                out = folder / self.wanted[path]
                out.parent.mkdir(parents=True, exist_ok=True)
                if (self.root / path).is_dir():
                    out.write_text(self.page(path, self.listing(path)).html(groups))
                elif (text := self.text(path)) is not None:
                    out.write_text(self.page(path, self.file(path, text)).html(groups))
                else:
                    out.write_bytes((self.root / path).read_bytes())
        return len(written)

    def page(self, path: str, content: str) -> Page:
        page = self.wanted[path]
        trail = []
        for above in reversed(Path(path).parents):
            if str(above) in self.wanted:
                trail.append(f'<a href="{self.href(page, str(above))}">{escape(above.name)}</a>')
            elif above.name:
                trail.append(escape(above.name))
        heading = f'<p class="trail">{" / ".join(trail)}</p><h1><code>{escape(Path(path).name)}</code></h1>'
        return Page(page, "en", path, heading + content, WORDS["vi"]["course"], kind="source")

    def listing(self, path: str) -> str:
        inside = sorted({name.removeprefix(f"{path}/").partition("/")[0] for name in self.files if name.startswith(f"{path}/")})
        page = self.wanted[path]
        rows = [f'<li><a href="{self.href(page, f"{path}/{name}")}"><code>{escape(name)}</code></a></li>' for name in inside]
        return f'<ul class="files">{"".join(rows)}</ul>'

    def file(self, path: str, text: str) -> str:
        name = Path(path).name
        if "." not in name.lstrip("."):
            first = text.partition("\n")[0]
            name = next((other for word, other in BY_FIRST_LINE.items() if first.startswith("#!") and word in first), "a.txt")
        name = name.removesuffix(".h") + ".hpp" if name.endswith(".h") else name
        lines = colored(text.rstrip("\n"), file=name).split("\n")
        numbered = "\n".join(f'<span class="line" id="L{number}">{line}</span>' for number, line in enumerate(lines, 1))
        return f'<pre class="file" tabindex="0"><code>{numbered}</code></pre>'
