"""The README: the five training loops line by line, and the losses of the five, which are the same."""

import json
import re

from pictures.canvas import Axes, Picture
from pictures.runs import Runs, written

# A part of a loop begins with a comment.
PARTS = {"// Forward pass": "blue", "// Compute and print loss": "quiet", "// Backprop": "orange", "// Update weights": "green"}
WIDTH, LEFT, PITCH = 76, 12, 11


def stages(runs: Runs, say) -> Picture:
    report = json.loads(written(runs.programs, "compare", "--json"))
    names = [say("arrays", "mảng"), say("tensors", "tensor"), "autograd", "nn", "optim"]
    shown = report["stages"][: len(names)]  # the article's; there is no room for more
    paths = sorted(runs.root.glob("Lessons/Lesson[0-9]*/Lesson.swift"))
    loops = [loop(path.read_text()) for path in paths[: len(names)]]
    if [len(lines) for lines in loops] != [stage["loopLines"] for stage in shown]:
        raise ValueError("the lines of the loops are not as many as compare counts")
    picture = Picture(say("Five stages: a shorter loop each time, the same loss", "Năm chặng: vòng lặp ngắn dần, loss vẫn thế"), 402)
    picture.text(LEFT, 20, say("The loop that you write", "Vòng lặp mà bạn viết"), anchor="start", bold=True)
    longest = max(indent + length for lines in loops for _, indent, length in lines)
    charts = 282
    picture.text(LEFT, charts, say("Its loss, step 0 to 499", "Loss của nó, bước 0 đến 499"), anchor="start", bold=True)
    for index, (lines, stage, name) in enumerate(zip(loops, shown, names)):
        x = LEFT + WIDTH * index
        picture.text(x, 44, name, "ink", "start")
        for row, (colour, indent, length) in enumerate(lines):
            across = (WIDTH - 10) / longest
            picture.rect(x + indent * across, 56 + PITCH * row, length * across, PITCH - 4, colour, None, 2)
        picture.text(x, 56 + PITCH * len(lines) + 12, say(f"{len(lines)} lines", f"{len(lines)} dòng"), "ink", "start", bold=True)
        axes = Axes(picture, x, charts + 14, WIDTH - 12, 62, (0, report["steps"]), (1e-6, 1e8), log=True)
        picture.line([axes.at(0, 1e8), axes.at(0, 1e-6), axes.at(report["steps"], 1e-6)], "line", 1)
        axes.curve(list(enumerate(stage["losses"]))[::5], "ink", 2.5)
        picture.text(x, charts + 94, f"{stage['losses'][199]:.4f}", "ink", "start")
    picture.text(LEFT, charts + 112, say("at step 199", "ở bước 199"), "quiet", "start")
    parts = [say("forward", "xuôi"), "loss", say("backward", "ngược"), say("update", "cập nhật")]
    x = LEFT
    for colour, part in zip(PARTS.values(), parts):
        picture.rect(x, 242, 12, 12, colour, None, 2)
        picture.text(x + 17, 253, part, "ink", "start")
        x += 100
    return picture


def loop(source: str) -> list[tuple[str, int, int]]:
    """The lines that compare counts of a lesson's training loop: the colour of their part, indentation and length."""
    lines, colour, found = source.splitlines(), "quiet", []
    start = next(index for index, line in enumerate(lines) if "for t in 0..<run.steps {" in line)
    margin = len(lines[start]) - len(lines[start].lstrip())
    for line in lines[start:]:
        for comment, its in PARTS.items():
            colour = its if line.strip().startswith(comment) else colour
        code = line.partition("//")[0].strip()
        if re.search(r"[^})\s]", code) and not code.startswith("run.observe"):
            found.append((colour, len(line) - len(line.lstrip()) - margin, len(code)))
        if line == " " * margin + "}":
            return found
    raise ValueError("a loop without an end")
