"""Formulas: blocks `math` and, in a line, $`…`$, as GitHub typesets them. They must be readable by MathJax and by the
converter to MathML of Docs/build alike, so only what both know is allowed; in two languages only the words may differ.
"""

import re

from checks.chapters import Chapter

INLINE = re.compile(r"\$`([^`]+)`\$")
KNOWN = set(
    "begin end sum frac sqrt hat bar underset left right bigl bigr cdot times leftarrow rightarrow quad qquad text mathsf max min "
    "log ln exp cos sin alpha beta gamma delta epsilon varepsilon eta theta lambda mu pi sigma tau partial le ge ne in dots ldots".split())
ENVIRONMENTS = {"pmatrix", "cases"}


def check(chapter: Chapter) -> None:
    for line, formula in found(chapter):
        if wrong := fault(formula):
            chapter.problem(line, f"{wrong}: {formula}")


def found(chapter: Chapter) -> list[tuple[int, str]]:
    blocks = [(block.line, "\n".join(block.lines)) for block in chapter.blocks if block.language == "math"]
    return sorted(blocks + [(line, formula) for line, text in chapter.prose for formula in INLINE.findall(text)])


def check_parity(english: Chapter, vietnamese: Chapter) -> None:
    ours, theirs = found(english), found(vietnamese)
    for (_, one), (line, other) in zip(ours, theirs):
        if wordless(one) != wordless(other):
            vietnamese.problem(line, f"in English this formula is: {one}")
            return
    if len(ours) != len(theirs):
        line = theirs[-1][0] if theirs else 1
        vietnamese.problem(line, f"{len(theirs)} formulas here, {len(ours)} in English")


def wordless(formula: str) -> str:
    return re.sub(r"\\text\{[^}]*\}", r"\\text{}", formula)


def fault(formula: str) -> str | None:
    """What keeps a formula from being typeset, or None."""
    depth = 0
    for letter in re.sub(r"\\[{}]", "", formula):
        depth += (letter == "{") - (letter == "}")
        if depth < 0:
            break
    if depth:
        return "braces that do not match"
    if unknown := set(re.findall(r"\\([A-Za-z]+)", formula)) - KNOWN:
        return f"\\{min(unknown)} is not known here"
    open_now: list[str] = []
    for word, name in re.findall(r"\\(begin|end)\{(\w+)\}", formula):
        if name not in ENVIRONMENTS:
            return f"there is no environment {name} here"
        if word == "begin":
            open_now.append(name)
        elif not open_now or open_now.pop() != name:
            return f"\\end{{{name}}} ends nothing"
    if open_now:
        return f"\\begin{{{open_now[-1]}}} never ends"
    if len(re.findall(r"\\left\b", formula)) != len(re.findall(r"\\right\b", formula)):
        return "\\left and \\right do not match"
    return None
