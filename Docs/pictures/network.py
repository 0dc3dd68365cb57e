"""Chapter 1: the network, its products as rectangles, and the case for paper."""

from pictures.canvas import Picture
from pictures.runs import Runs, product

PAPER = "lesson1 --problem paper --steps 1 --quiet"


def sizes(runs: Runs) -> tuple[int, int, int, int]:
    """Samples, inputs, hidden numbers, outputs of lesson 1."""
    run = runs.tensors("lesson1 --steps 1 --quiet")
    return *run["x"].shape, *run["first.w2"].shape


def network(runs: Runs, say) -> Picture:
    _, inputs, hidden, outputs = sizes(runs)
    picture = Picture(f"{inputs}-{hidden}-{outputs}", 288)
    rows, columns = [82, 116, 150, 218], [62, 200, 338]
    for left, right, colour, touched in [(columns[0], columns[1], "blue", 1), (columns[1], columns[2], "orange", 0)]:
        lines = [(a, b) for a in range(4) for b in range(4)]
        # Those of one hidden number come last, and so on top.
        for a, b in sorted(lines, key=lambda line: line[touched] == 1):
            marked = (a, b)[touched] == 1
            picture.line([(left, rows[a]), (right, rows[b])], colour if marked else "faint", 2 if marked else 1)
    for x, count, name in zip(columns, (inputs, hidden, outputs), ("x", "hRelu", "yPred")):
        for index, y in enumerate(rows):
            is_marked = x == columns[1] and index == 1
            colours = ("soft green", "green", 2) if is_marked else ("pale", "line", 1.2)
            picture.circle(x, y, 11, *colours)
        for y in (176, 184, 192):
            picture.circle(x, y, 1.8, "line", None)
        picture.text(x, 44, name, bold=True)
        picture.text(x, 62, str(count), "quiet")
    for x, name, shape in [(131, "w1", (inputs, hidden)), (269, "w2", (hidden, outputs))]:
        picture.text(x, 20, f"{name} [{shape[0]}, {shape[1]}]", "blue" if name == "w1" else "orange", bold=True)
    column = say(f"one column of w1: {inputs} weights lead in", f"một cột của w1: {inputs} trọng số dẫn vào")
    row = say(f"one row of w2: {outputs} weights lead on", f"một hàng của w2: {outputs} trọng số dẫn đi")
    picture.text(20, 256, column, "blue", "start")
    picture.text(20, 278, row, "orange", "start")
    return picture


# A product as three rectangles. Edges that must have the same size have the same colour. The inner ones, which the sum runs
# over, are thick.

LENGTH = {784: 96, 100: 66, 64: 46, 10: 22}


def rectangles(title: str, names: tuple[str, str, str], shape: tuple[int, int, int]) -> Picture:
    rows, inner, columns = (LENGTH[size] for size in shape)
    tall = max(rows, inner)
    picture = Picture(title, tall + 78)
    middle = 26 + tall / 2
    widths, gap = (inner, columns, columns), 66
    x = (400 - sum(widths) - 2 * gap) / 2 + 12
    boxes = []
    for width, height, name, (down, across) in zip(
            widths, (rows, inner, rows), names, ((0, 1), (1, 2), (0, 2))):
        y = middle - height / 2
        picture.rect(x, y, width, height, "pale", None)
        for edge, size in ((down, shape[down]), (across, shape[across])):
            colour, thick = [("blue", 3), ("orange", 6), ("green", 3)][edge]
            end = (x, y + height) if edge == down else (x + width, y)
            picture.line([(x, y), end], colour, thick)
            if edge == down:
                picture.text(x - 7, middle + 5, str(size), colour, "end", bold=True)
            else:
                picture.text(x + width / 2, y - 8, str(size), colour, bold=True)
        picture.text(x + width / 2, 26 + tall + 24, name, bold=True)
        picture.text(x + width / 2, 26 + tall + 44, f"[{shape[down]}, {shape[across]}]", "quiet")
        boxes.append(x)
        x += width + gap
    for index, sign in enumerate("·="):
        picture.text(boxes[index] + widths[index] + 16, middle + 6, sign, size=20, bold=True)
    return picture


def product_forward(runs: Runs, say) -> Picture:
    samples, inputs, hidden, _ = sizes(runs)
    return rectangles("A = X W1", ("X", "W1", "A"), (samples, inputs, hidden))


def product_weights(runs: Runs, say) -> Picture:
    samples, _, hidden, outputs = sizes(runs)
    return rectangles("dW2 = Rᵀ dP", ("Rᵀ", "dP", "dW2"), (hidden, samples, outputs))


def product_hidden(runs: Runs, say) -> Picture:
    samples, _, hidden, outputs = sizes(runs)
    return rectangles("dR = dP W2ᵀ", ("dP", "W2ᵀ", "dR"), (samples, outputs, hidden))


# The case for paper: a network of 2-2-1, once for each of its two samples.

COLUMNS = {"X": 34, "A": 146, "R": 226, "P": 322}
HIGH, LOW, RADIUS = 28, 112, 17


class Case:
    """All numbers of the first step, worked out from the data and the first weights that the lesson saves. The gradients of the
    weights must be those that it saves, too."""

    def __init__(self, runs: Runs):
        run = runs.tensors(PAPER)
        self.x, self.y, self.w1, self.w2 = (run[name] for name in ("x", "y", "first.w1", "first.w2"))
        a = product(self.x, self.w1)
        self.a = [a.row(i) for i in range(2)]
        self.r = [[max(value, 0) for value in row] for row in self.a]
        self.p = [sum(r * w for r, w in zip(row, self.w2.numbers)) for row in self.r]
        self.d_p = [2 * (p - y) for p, y in zip(self.p, self.y.numbers)]
        self.d_r = [[d * w for w in self.w2.numbers] for d in self.d_p]
        self.d_a = [[0 if a < 0 else d for d, a in zip(*rows)] for rows in zip(self.d_r, self.a)]
        self.d_w1, self.d_w2 = run["gradient.w1"], run["gradient.w2"]
        for j in range(2):
            assert self.d_w2.numbers[j] == sum(self.r[i][j] * self.d_p[i] for i in range(2))
            for d in range(2):
                assert self.d_w1.row(d)[j] == sum(self.x.row(i)[d] * self.d_a[i][j] for i in range(2))


def whole(value: float) -> str:
    return f"{value:g}".replace("-", "−")


def node(picture: Picture, x: float, y: float, value: float, colour: str) -> None:
    picture.circle(x, y, RADIUS, f"soft {colour}" if colour else "pale", colour or "line")
    picture.text(x, y + 5, whole(value), bold=True)


def wires(picture: Picture, top: float, first, second, colour: str, back: bool) -> None:
    """The arrows of w1 and w2, each with a label, and those of the maximum."""
    heights = (HIGH, LOW)

    def wire(left: str, a: int, right: str, b: float, label: str) -> None:
        start, end = (COLUMNS[left] + RADIUS + 2, top + heights[a]), (COLUMNS[right] - RADIUS - 2, top + b)
        picture.arrow(end if back else start, start if back else end, colour)
        if not label:
            return
        # Beside the end that the arrows of one node share, those that cross lie apart from one another.
        is_level = start[1] == end[1]
        x, y = (start[i] + (0.62 if is_level else 0.32 if left == "X" else 0.5) * (end[i] - start[i]) for i in range(2))
        picture.text(x, y + 5 if not is_level else y - 6 if a == 0 else y + 17, label, colour, halo=not is_level)

    for a in range(2):
        for b in range(2):
            wire("X", a, "A", heights[b], first[a][b])
        wire("A", a, "R", heights[a], "")
        wire("R", a, "P", (HIGH + LOW) / 2, second[a])


def paper_forward(runs: Runs, say) -> Picture:
    case = Case(runs)
    picture = Picture(say("The case for paper, forward", "Ví dụ trên giấy, lượt xuôi"), 366)
    for name, x in COLUMNS.items():
        picture.text(x, 18, name, bold=True)
    for i, top in enumerate((34, 186)):
        first = [[whole(w) for w in case.w1.row(a)] for a in range(2)]
        wires(picture, top, first, [whole(w) for w in case.w2.numbers], "quiet", False)
        for j, y in enumerate((HIGH, LOW)):
            node(picture, COLUMNS["X"], top + y, case.x.row(i)[j], "")
            node(picture, COLUMNS["A"], top + y, case.a[i][j], "blue")
            node(picture, COLUMNS["R"], top + y, case.r[i][j], "blue")
        middle = top + (HIGH + LOW) / 2
        node(picture, COLUMNS["P"], middle, case.p[i], "blue")
        target = case.y.numbers[i]
        square = f"({whole(case.p[i])} − {whole(target)})² = {whole((case.p[i] - target) ** 2)}"
        picture.text(390, middle + 40, square, anchor="end")
        picture.text(390, middle - 28, f"Y = {whole(target)}", "quiet", "end")
    terms = [(p - y) ** 2 for p, y in zip(case.p, case.y.numbers)]
    picture.text(200, 350, f"L = {whole(terms[0])} + {whole(terms[1])} = {whole(sum(terms))}", bold=True, size=16)
    return picture


def paper_backward(runs: Runs, say) -> Picture:
    case = Case(runs)
    picture = Picture(say("The case for paper, backward", "Ví dụ trên giấy, lượt ngược"), 486)
    for name, x in COLUMNS.items():
        picture.text(x, 18, name if name == "X" else f"d{name}", bold=True)
    for i, top in enumerate((34, 186)):
        x, d_a, r, d_p = case.x.row(i), case.d_a[i], case.r[i], case.d_p[i]
        wires(picture, top, [[f"{whole(x[d])}·{whole(d_a[j])}" for j in range(2)] for d in range(2)],
              [f"{whole(r[j])}·{whole(d_p)}" for j in range(2)], "orange", True)
        for j, y in enumerate((HIGH, LOW)):
            node(picture, COLUMNS["X"], top + y, x[j], "")
            erased = case.d_a[i][j] != case.d_r[i][j]
            node(picture, COLUMNS["A"], top + y, case.d_a[i][j], "" if erased else "orange")
            node(picture, COLUMNS["R"], top + y, case.d_r[i][j], "orange")
            if erased:
                picture.text((COLUMNS["A"] + COLUMNS["R"]) / 2, top + y + 34, f"A = {whole(case.a[i][j])} < 0", "quiet")
        middle = top + (HIGH + LOW) / 2
        node(picture, COLUMNS["P"], middle, d_p, "orange")
        picture.text(390, middle + 40, f"2 ({whole(case.p[i])} − {whole(case.y.numbers[i])}) = {whole(d_p)}", anchor="end")

    def sums(left, right) -> str:
        terms = " + ".join(f"{whole(a)}·{whole(b)}" for a, b in zip(left, right))
        return f"{terms} = {whole(sum(a * b for a, b in zip(left, right)))}".replace("−1·", "(−1)·")

    d_a, r = list(zip(*case.d_a)), list(zip(*case.r))
    lines = [f"dW2[{j},0] = {sums(r[j], case.d_p)}" for j in range(2)]
    lines += [f"dW1[{d},{j}] = {sums(case.x.column(d), d_a[j])}" for d in range(2) for j in range(2)]
    for number, words in enumerate(lines):
        picture.text(12, 366 + 22 * number, words, anchor="start")
    return picture
