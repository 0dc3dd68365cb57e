"""Pages in which a learner walks through training steps: the lessons and `compare` write them, and chapters show places in
them. A chapter names a place with a comment that GitHub does not show:

  <!-- page: lesson3-paper step=0 tensor=w2.grad at=0,1 -->

`tensor` is a name that the page gives to a tensor of that step; `op`, the number of an operation, may stand in its place, and
`run` chooses among the runs of one page. Without all of these the page opens at its start.
"""

import json
import re
import subprocess
from dataclasses import dataclass, field
from html import escape
from pathlib import Path

from website.page import WORDS

FOLDER = "walk"
PAPER = ["--problem", "paper"]
LESSONS = len(list((Path(__file__).resolve().parents[2] / "Lessons").glob("Lesson[0-9]*")))
PROGRAMS = {
    **{f"lesson{number}-paper": [f"lesson{number}", *PAPER, "--quiet"] for number in range(1, LESSONS + 1)},
    "digits": ["lesson5", "--problem", "digits", "--samples", "1500", "--optimizer", "adam", "--quiet"],
    "compare": ["compare", *PAPER],
    "gpt": ["gpt", "--threads", "1", "--layers", "1", "--width", "32", "--context", "12", "--batch", "4",
            "--page-name", "margaret"],
}
KEYS = {"run", "step", "tensor", "op", "at"}
RUN = re.compile(r'<script type="application/json" class="run">(.*?)</script>', re.S)


@dataclass
class Walks:
    """The pages, by name: the runs that each shows."""

    runs: dict[str, list[dict]] = field(default_factory=dict)

    def make(self, root: Path, programs: Path, folder: Path) -> None:
        """Writes all pages into the site in `folder`."""
        (folder / FOLDER).mkdir()
        for name, (program, *options) in PROGRAMS.items():
            path = folder / FOLDER / f"{name}.html"
            done = subprocess.run(
                [programs / program, *options, "--page", path], cwd=root, capture_output=True, text=True)
            if done.returncode:
                raise ValueError(f"{program} {' '.join(options)} says:\n{(done.stdout + done.stderr).strip()}")
            self.runs[name] = [json.loads(text) for text in RUN.findall(path.read_text())]

    def path(self, name: str, language: str) -> str:
        """Where a page is in the site, in the reader's language."""
        return f"{FOLDER}/{name}.html?lang={language}"

    def entries(self, language: str) -> list[tuple[str, str]]:
        return [(title(name, language), self.path(name, language)) for name in PROGRAMS]

    def figure(self, argument: str, language: str, href) -> str:
        """What a chapter shows of a place: a frame that loads nothing until it is opened, and a link to the whole page."""
        name, *words = argument.split()
        if name not in self.runs:
            raise ValueError(f"page: {argument}: there is no page {name}; there are {', '.join(self.runs)}")
        asked = dict(word.partition("=")[::2] for word in words)
        if unknown := asked.keys() - KEYS:
            raise ValueError(f"page: {argument}: {', '.join(sorted(unknown))} is not understood")
        try:
            place = self.place(name, asked)
        except LookupError as problem:
            raise ValueError(f"page: {argument}: {problem}") from problem
        address, told = href(self.path(name, language) + place), escape(caption(name, asked, language))
        return (f'<figure class="walk"><details><summary>{told}</summary></details>'
                f'<figcaption><a href="{escape(address)}">{WORDS[language]["whole"]}</a></figcaption></figure>\n')

    def place(self, name: str, asked: dict[str, str]) -> str:
        """The part of the address that says where in the page: tensors and operations by number, as the page has them."""
        run = self.runs[name][int(asked.get("run", 0))]
        found = {"run": asked.get("run", "0")}
        if "step" not in asked:
            return "" if "run" not in asked else f"#run={found['run']}"
        numbers = [step["step"] for step in run["steps"]]
        if int(asked["step"]) not in numbers:
            raise LookupError(f"the page has the steps {', '.join(map(str, numbers))}")
        operations = run["steps"][numbers.index(int(asked["step"]))]["operations"]
        found |= {"step": asked["step"], "op": asked.get("op", "0")}
        if int(found["op"]) >= len(operations):
            raise LookupError(f"the step has {len(operations)} operations")
        if "tensor" in asked:
            op, tensor = made(run["tensors"], operations, asked["tensor"])
            shape, index = run["tensors"][tensor]["shape"], [int(i) for i in asked.get("at", "0").split(",")]
            if len(index) != len(shape) or any(i >= size for i, size in zip(index, shape)):
                raise LookupError(f"{asked['tensor']} has the shape {shape}")
            for i, size in zip(index, shape):
                if i not in (run["kept"].get(str(size)) or range(size)):
                    raise LookupError(f"of {size} the page shows {run['kept'][str(size)]}")
            found |= {"op": str(op), "tensor": str(tensor), "at": ",".join(map(str, index))}
        return "#" + "&".join(f"{key}={value}" for key, value in found.items())


def made(tensors: list[dict], operations: list[dict], name: str) -> tuple[int, int]:
    """The operation of a step that makes the tensor of a name, and the tensor."""
    for place, operation in enumerate(operations):
        for output in operation["outputs"]:
            if tensors[output["tensor"]]["name"] == name:
                return place, output["tensor"]
    names = [tensors[output["tensor"]]["name"] for operation in operations for output in operation["outputs"]]
    raise LookupError(f"no operation of the step makes it; they make {', '.join(map(str, names))}")


def title(name: str, language: str) -> str:
    words = WORDS[language]
    if found := re.fullmatch(r"lesson(\d)-paper", name):
        return words["paper"].format(found[1])
    return words[name]


def caption(name: str, asked: dict[str, str], language: str) -> str:
    """Such as “Lesson 3 on paper, step 0: w2.grad[0, 1]”."""
    words, told = WORDS[language], title(name, language)
    if "step" in asked:
        told += ", " + words["step"].format(asked["step"])
    if "tensor" in asked:
        told += f": {asked['tensor']}[{', '.join(asked.get('at', '0').split(','))}]"
    return told
