"""The steps of Docs/build."""

import json
import re
import shutil
import subprocess
import tempfile
from collections.abc import Iterable
from pathlib import Path

from checks import chapters, outputs, parity, quotes
from checks import symbols as graphs
from website import linkcheck, reference, symbols
from website.chapters import LANDING, REPORT, Chapters
from website.page import WORDS, Group, Page, plain
from website.sources import Sources
from website.walks import Walks

HERE = Path(__file__).resolve().parent


class Problem(Exception):
    """What keeps the site from being made, in words for the person who runs Docs/build."""


def site(root: Path, programs: Path, docc: str, folder: Path, mark: str, builds: bool) -> int:
    """Makes the site beside `folder`, puts it in the place of what is there, and returns the number of pages."""
    if builds and (wrong := outputs.build(root)):
        raise Problem(f"swift build failed:\n{wrong}")
    if not (programs / "compare").exists():
        raise Problem(f"there is no compare in {programs}; leave out --no-build")
    folder.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".site-", dir=folder.parent) as name:
        work, new = Path(name), Path(name) / "site"
        new.mkdir()
        try:
            found = documented(root, programs, docc, work)
            report(programs, root, new / REPORT)
            walks = Walks()
            walks.make(root, programs, new)
            pages = write(root, new, found, walks)
        except (graphs.NotBuilt, reference.IncompleteCatalogue, ValueError, FileNotFoundError) as problem:
            raise Problem(str(problem)) from problem
        if faults := linkcheck.faults(new):
            more = [f"and {len(faults) - 20} more"] if len(faults) > 20 else []
            raise Problem("\n".join(["the links of the site:", *faults[:20], *more]))
        (new / mark).touch()
        if folder.exists():
            shutil.rmtree(folder)
        new.rename(folder)
    return pages


def documented(root: Path, programs: Path, docc: str, work: Path) -> dict[str, symbols.Symbol]:
    """What docc makes of the comments and the catalogues of all modules together, so that links between them resolve."""
    graphs.extract(root, programs, work / "graphs")
    catalogue = work / "Kindling.docc"
    for path in sorted(root.glob("Sources/*/*.docc")):
        shutil.copytree(path, catalogue, dirs_exist_ok=True)
    done = subprocess.run(
        [docc, "convert", str(catalogue), "--additional-symbol-graph-dir", str(work / "graphs"), "--output-dir",
         str(work / "archive"), "--fallback-display-name", "Kindling", "--fallback-bundle-identifier", "kindling",
         "--warnings-as-errors", "--no-transform-for-static-hosting"],
        capture_output=True, text=True)
    if done.returncode:
        raise Problem(f"docc:\n{(done.stdout + done.stderr).strip()}")
    written = graphs.read(work / "graphs")
    return symbols.read(
        work / "archive", {symbol.identifier: (str(symbol.path.relative_to(root)), symbol.line) for symbol in written})


def report(programs: Path, root: Path, path: Path) -> None:
    done = subprocess.run([programs / "compare", "--html", path], cwd=root, capture_output=True, text=True)
    if done.returncode:
        raise Problem(f"compare says:\n{(done.stdout + done.stderr).strip()}")
    # The way back to the site.
    html, changes = re.subn(r'(<p class="product">)(Kindling)', r'\1<a href="index.html">\2</a>', path.read_text())
    assert changes == 1, "the report has no line for the product's name"
    path.write_text(html)


def write(root: Path, folder: Path, found: dict[str, symbols.Symbol], walks: Walks) -> int:
    sources, names = Sources(root), symbols.Names(found)
    course = Chapters(root, sources, names, walks)
    landings = [chapters.read(root / path) for path in LANDING.values()]
    parity.check(*landings)
    for landing in landings:
        quotes.check(root, landing, update=False)
        for wrong in landing.problems:
            raise Problem(f"{wrong.path.relative_to(root)}:{wrong.line}: {wrong.message}")
    api = reference.Reference(found, names, sources.href)

    count = 0
    contents: dict[str, list[Group]] = {}
    for language, words in WORDS.items():
        more = [Group(words["more"], [(words["report"], REPORT), ("README", course.paths["README.md" if language == "en" else "README.vi.md"])])]
        more.insert(0, Group(words["walks"], walks.entries(language), is_open=False))
        contents[language] = [*course.groups(language), *api.groups(language, None), *more]
        made = [(page, contents[language]) for page in course.pages(language)]
        folded = [Group(group.title, group.entries, is_open=False) for group in course.groups(language)]
        made += api.pages(language, lambda language, module: [*api.groups(language, module), *folded, *more])
        for page, groups in made:
            path = folder / page.path
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(page.html(groups))
        count += len(made)
        entries = [*chapter_entries([page for page, _ in made]), *symbol_entries(api, language)]
        (folder / f"search.{language}.js").write_text(f"found({json.dumps(entries, ensure_ascii=False, indent=0)});\n")
    count += sources.write(folder, contents["en"])
    for name in ("site.css", "site.js"):
        shutil.copy(HERE / name, folder / name)
    (folder / "pictures").mkdir()
    for name in course.pictures:
        shutil.copy(root / name, folder / "pictures")
    return count + 1


# What can be searched for: name, where it stands, address from the site's root, and what it is.


def chapter_entries(pages: Iterable[Page]) -> list[tuple[str, str, str, str]]:
    found = []
    for page in pages:
        if page.kind == "chapter":
            found.append((page.title, "", page.path, ""))
            headings = [(text, anchor) for level, text, anchor in page.headings if level > 1]
            found += [(plain(text), page.title, f"{page.path}#{anchor}", "") for text, anchor in headings]
    return found


def symbol_entries(api: reference.Reference, language: str) -> list[tuple[str, str, str, str]]:
    found = []
    for symbol in api.symbols.values():
        if symbol.kind != "extension":
            api.begin(api.path(symbol, language), language, symbol)
            text = plain(api.inline(symbol.data.get("abstract", []), symbol.data))
            found.append((symbol.name, "" if symbol.kind == "module" else symbol.module, api.path(symbol, language), text[:120]))
    return sorted(found, key=lambda entry: (entry[0].lower(), entry[2]))
