"""A flowchart in Mermaid's language, as `ComputationGraph.mermaid` writes it, drawn as SVG without any program's help.

Every vertex stands one row above the highest vertex that reads from it, so that arrows point down; within a row, vertices
stand above the middle of what they lead to. A label stands where its arrow begins, beside it. That is enough for the graph
of a small network.
"""

import re
from html import escape

WIDTH, HEIGHT, ACROSS = 108, 48, 24  # of a box, and between boxes
VERTEX = re.compile(r'(\w+)(\(\["(.*)"\]\)|\["(.*)"\])')
ARROW = re.compile(r'(\w+) -->(?:\|"(.*)"\|)? (\w+)')


def flowchart(text: str) -> str:
    first, *lines = [line.strip() for line in text.strip().splitlines()]
    if first != "flowchart TD":
        raise ValueError(f"“{first}”: only “flowchart TD” can be drawn; see Docs/website/drawing.py")
    labels: dict[str, tuple[list[str], bool]] = {}
    arrows: list[tuple[str, str]] = []
    beside: dict[str, str] = {}  # what stands beside the arrows of a vertex
    for line in lines:
        if vertex := VERTEX.fullmatch(line):
            labels[vertex[1]] = ((vertex[3] or vertex[4]).split("<br>"), vertex[3] is not None)
        elif arrow := ARROW.fullmatch(line):
            arrows.append((arrow[1], arrow[3]))
            if arrow[2] and beside.setdefault(arrow[1], arrow[2]) != arrow[2]:
                raise ValueError(f"the arrows of {arrow[1]} have labels that differ; see Docs/website/drawing.py")
        else:
            raise ValueError(f"“{line}” cannot be drawn; see Docs/website/drawing.py")
    return svg(labels, arrows, beside, places(list(labels), arrows))


def places(names: list[str], arrows: list[tuple[str, str]]) -> dict[str, tuple[float, int]]:
    """The column, which may be a fraction, and the row of each vertex, counted from the last row."""
    above: dict[str, int] = {}

    def row(name: str) -> int:
        if name not in above:
            above[name] = max((row(reader) + 1 for source, reader in arrows if source == name), default=0)
        return above[name]

    rows: dict[int, list[str]] = {}
    for name in names:
        rows.setdefault(row(name), []).append(name)
    column: dict[str, float] = {}
    for number in sorted(rows):
        wished = {}
        for name in rows[number]:
            readers = [column[reader] for source, reader in arrows if source == name]
            wished[name] = sum(readers) / len(readers) if readers else 0
        ordered = sorted(rows[number], key=lambda name: wished[name])
        # Side by side around the middle of where they would all like to stand.
        middle = sum(wished.values()) / len(wished)
        for index, name in enumerate(ordered):
            column[name] = middle + index - (len(ordered) - 1) / 2
    return {name: (column[name], above[name]) for name in names}


def svg(labels, arrows, beside, place) -> str:
    down = 54 if beside else 34  # between boxes
    left = min(column for column, _ in place.values())
    last = max(row for _, row in place.values())

    def corner(name: str) -> tuple[float, float]:
        column, row = place[name]
        return 2 + (column - left) * (WIDTH + ACROSS), 2 + (last - row) * (HEIGHT + down)

    width = max(corner(name)[0] for name in labels) + WIDTH + 2
    height = (last + 1) * (HEIGHT + down) - down + 4
    parts = [f'<svg class="drawing" viewBox="0 0 {width:g} {height:g}" style="max-width: {width:g}px" role="img">']
    for source, reader in arrows:
        (x, y), (to_x, to_y) = corner(source), corner(reader)
        x, y, to_x, bend = x + WIDTH / 2, y + HEIGHT, to_x + WIDTH / 2 + (x - to_x) / 8, 17
        start = y + down - 34  # straight down as far as a label reaches
        parts.append(f'<path d="M{x:g} {y:g}V{start:g}C{x:g} {start + bend:g} {to_x:g} {to_y - bend - 6:g} {to_x:g} {to_y - 5:g}"/>')
        parts.append(f'<path class="head" d="M{to_x:g} {to_y:g}l-4 -8h8z"/>')
    for name, label in beside.items():
        x, y = corner(name)
        parts.append(f'<text class="beside" x="{x + WIDTH / 2 + 7:g}" y="{y + HEIGHT + 19:g}">{escape(label)}</text>')
    for name, (lines, is_round) in labels.items():
        x, y = corner(name)
        parts.append(f'<rect x="{x:g}" y="{y:g}" width="{WIDTH}" height="{HEIGHT}" rx="{HEIGHT / 2 if is_round else 4:g}"/>')
        for index, line in enumerate(lines):
            baseline = y + HEIGHT / 2 + 5 + (index - (len(lines) - 1) / 2) * 18
            parts.append(f'<text x="{x + WIDTH / 2:g}" y="{baseline:g}">{escape(line)}</text>')
    return '<figure class="picture">' + "".join(parts) + "</svg></figure>\n"
