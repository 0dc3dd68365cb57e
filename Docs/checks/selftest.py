"""Shows on copies of the repository that each kind of drift is found: each case changes one thing and must fail."""

import re
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from checks import labs, outputs
from checks.chapters import Block, read, repository_files

CHAPTER = "01-raw-arrays"


def run(check: Callable, root: Path, programs: Path, workshop_folder: Path) -> int:
    failures = 0
    with tempfile.TemporaryDirectory() as folder:
        original = Path(folder) / "original"
        for name in repository_files(root):
            copy = original / name
            copy.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(root / name, copy)
        for name, change, expected in [("nothing changed", lambda _: None, None), *CASES]:
            copy = Path(folder) / "copy"
            shutil.copytree(original, copy)
            change(copy)
            # A changed line of a lesson would have every lab built anew, and its case needs none.
            workshop = labs.Workshop(copy, workshop_folder, programs) if "lesson" not in name else None
            only = "README" if "README" in name else CHAPTER
            machine = outputs.Machine(copy, programs, builds=False)
            problems = check(copy, machine, workshop, only)
            messages = [f"{problem.path.relative_to(copy)}:{problem.line}: {problem.message}" for problem in problems]
            fits = not messages if expected is None else any(expected in message for message in messages)
            failures += not fits
            print(f"{'ok' if fits else 'FAILED'}: {name}", *[f"\n    {message}" for message in messages[:3]], sep="")
            if not fits and expected:
                print(f"    expected: {expected}")
            shutil.rmtree(copy)
    print(f"Docs/check --self-test: {failures or 'no'} failure{'' if failures == 1 else 's'}", file=sys.stderr)
    return 1 if failures else 0


def block_of(copy: Path, kind: str) -> tuple[Path, Block]:
    page = copy / f"Docs/{CHAPTER}.md"
    return page, next(block for block in read(page).blocks if block.kind == kind)


def edit(page: Path, line: int, change: Callable[[str], str]) -> None:
    lines = page.read_text().splitlines()
    changed = change(lines[line - 1])
    assert changed != lines[line - 1], f"{page}:{line} has nothing to change: {lines[line - 1]}"
    lines[line - 1] = changed
    page.write_text("\n".join(lines) + "\n")


def other_digit(text: str) -> str:
    """The text with the first digit of its last number changed."""
    return re.sub(r"(.*(?<![\d.]))(\d)", lambda found: found[1] + str((int(found[2]) + 1) % 10), text, count=1)


def contents_row(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    line = next(line for line, text in enumerate(page.read_text().splitlines(), 1) if text.startswith("<!-- contents: "))
    edit(page, line, lambda text: text.replace(" -->", "x -->"))


def quoted_line(copy: Path) -> None:
    page, block = block_of(copy, "source")
    edit(page, block.line + 1, lambda text: text + "x")


def lesson_line(copy: Path) -> None:
    lesson = copy / "Lessons/Lesson1RawArrays/Lesson.swift"
    changed = lesson.read_text().replace("let h ", "let H ")
    assert changed != lesson.read_text()
    lesson.write_text(changed)


def printed_number(copy: Path) -> None:
    page, block = block_of(copy, "run")
    edit(page, block.line + 1, other_digit)


def lab_output(copy: Path) -> None:
    page, block = block_of(copy, "shows")
    edit(page, block.line + 1, other_digit)


def lab_change(copy: Path) -> None:
    page, block = block_of(copy, "lab")
    line = next(index for index, text in enumerate(block.lines, block.line + 1) if text.startswith("-"))
    edit(page, line, lambda text: text + " // not in the lesson")


def prose_number(copy: Path) -> None:
    page = copy / f"Docs/vi/{CHAPTER}.md"
    line = next(number for number, text in read(page).prose if re.search(r"(?<![\w.])784(?![\w.])", text))
    edit(page, line, lambda text: text.replace("784", "785"))


def readme_number(copy: Path) -> None:
    page = copy / "README.vi.md"
    line = next(number for number, text in read(page).prose if "Debian 12" in text)
    edit(page, line, lambda text: text.replace("Debian 12", "Debian 13"))


def translated_code(copy: Path) -> None:
    page = copy / f"Docs/vi/{CHAPTER}.md"
    block = next(block for block in read(page).blocks if block.kind == "example")
    edit(page, block.line + 1, lambda text: text + " # khác")


def heading(copy: Path) -> None:
    page = copy / f"Docs/vi/{CHAPTER}.md"
    edit(page, read(page).headings[-1].line, lambda text: "#" + text)


def other_place(copy: Path) -> None:
    page = copy / f"Docs/vi/{CHAPTER}.md"
    line, _ = read(page).pages[0]
    edit(page, line, lambda text: text.replace("step=0", "step=1"))


def dead_link(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    line = next(number for number, text in read(page).prose if "Lesson.swift)" in text)
    edit(page, line, lambda text: text.replace("Lesson.swift)", "Lesson0.swift)", 1))


def dead_anchor(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    page.write_text(page.read_text() + "\n[nowhere](#no-such-heading)\n")


def wide_block(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    page.write_text(page.read_text() + "\n```text\n" + "x" * 81 + "\n```\n")


def other_command(copy: Path) -> None:
    page, block = block_of(copy, "lab")
    edit(page, block.line - 3, lambda text: text.replace("--print-every 100", "--print-every 10"))


def early_term(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    page.write_text(page.read_text() + "\nThe threads of a warp go on together.\n")


def other_formula(copy: Path) -> None:
    page = copy / f"Docs/vi/{CHAPTER}.md"
    block = next(block for block in read(page).blocks if block.language == "math")
    edit(page, block.line + 1, lambda text: text.replace("-", "+", 1))


def broken_formula(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    page.write_text(page.read_text() + "\nSo $`\\frac{1}{2`$ is left.\n")


def bare_block(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    page.write_text(page.read_text() + "\n```swift\nlet x = 1\n```\n")


def moved_picture(copy: Path) -> None:
    picture = copy / "Docs/pictures/paper-forward.svg"
    changed = re.sub(r'<circle cx="(\d+)', lambda found: f'<circle cx="{int(found[1]) + 9}', picture.read_text(), count=1)
    assert changed != picture.read_text()
    picture.write_text(changed)


def worded_picture(copy: Path) -> None:
    picture = copy / "Docs/pictures/loss.svg"
    changed = picture.read_text().replace(">30 million<", ">40 million<")
    assert changed != picture.read_text()
    picture.write_text(changed)


def silent_picture(copy: Path) -> None:
    page = copy / f"Docs/{CHAPTER}.md"
    line = next(number for number, text in read(page).prose if text.startswith("!["))
    edit(page, line, lambda text: re.sub(r"\[.*\]", "[]", text))


CASES = [
    ("a quoted line changed in the chapter", quoted_line, "not in Lessons/"),
    ("a quoted line changed in the lesson", lesson_line, "not in Lessons/Lesson1RawArrays/Lesson.swift"),
    ("a printed number changed", printed_number, "prints something else here"),
    ("the output of a lab changed", lab_output, "with this change prints something else here"),
    ("a lab that fits no line", lab_change, "0 times; once is wanted"),
    ("a number in the prose of one language changed", prose_number, "in the English one"),
    ("a number in one README changed", readme_number, "README.vi.md:"),
    ("code in one language changed", translated_code, "in English this line is"),
    ("a heading of another level", heading, "in English, “"),
    ("a page opened at another place", other_place, "the places in pages are"),
    ("a dead link", dead_link, "there is no such file"),
    ("a dead anchor", dead_anchor, "no heading there has this anchor"),
    ("a block that is too wide", wide_block, "this line is 81 wide"),
    ("a command above a lab that is not the lab's", other_command, "the line above this comment should be"),
    ("a term before its explanation", early_term, "“warp” is explained in chapter 12"),
    ("a formula that differs between the languages", other_formula, "in English this formula is"),
    ("a formula that cannot be typeset", broken_formula, "braces that do not match"),
    ("a block of unknown origin", bare_block, "no comment before this block"),
    ("a picture with a shape that its script does not draw", moved_picture, "is not what its script draws"),
    ("a picture with a number that its run does not give", worded_picture, "is not what its script draws"),
    ("a picture without words for those who cannot see it", silent_picture, "has no text that says"),
    ("a row of the contents in the README changed", contents_row, "the chapters' own rows are others"),
    ("a missing translation", lambda copy: (copy / f"Docs/vi/{CHAPTER}.md").unlink(), f"Docs/vi/{CHAPTER}.md:1: the translation of"),
]
