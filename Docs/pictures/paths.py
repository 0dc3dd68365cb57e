"""Chapters 5 and 13: where optimizers go in the valley 0.04 (a - 2)² + (b - 1)²."""

from pictures.canvas import Picture
from pictures.runs import Runs

SCALE, LEFT, TOP = 26.0, -7.0, 4.2  # units for 1, and the valley's corner
ACROSS, DOWN = 14.0, 5.6
X, CURVATURE, MINIMUM = 30, (0.04, 1.0), (2.0, 1.0)


def places(runs: Runs) -> dict[str, list[tuple[float, float]]]:
    """The places of each run, by its name."""
    found = {}
    for line in (runs.root / "Docs/pictures/optimizer-paths/paths.txt").read_text().splitlines():
        name, _, rest = line.partition(": ")
        found[name] = [tuple(map(float, place.split(","))) for place in rest.split()]
    return found


def valley(picture: Picture, y: float, paths: list[tuple[list[tuple[float, float]], str]], say, bottom: bool = True) -> None:
    """Lines of equal loss, the axes, the minimum, the start, and the paths. The origin is where weight decay pulls."""

    def at(a: float, b: float) -> tuple[float, float]:
        return X + SCALE * (a - LEFT), y + SCALE * (TOP - b)

    right, low = X + SCALE * ACROSS, y + SCALE * DOWN
    with picture.clipped(X, y, SCALE * ACROSS, SCALE * DOWN):
        for level in [0.05, 0.2, 0.5, 1, 2, 3.5, 5.5, 8]:
            picture.ellipse(*at(*MINIMUM), *(SCALE * (level / c) ** 0.5 for c in CURVATURE))
        for path, colour in paths:
            points = [at(*place) for place in path]
            picture.line(points, colour, 1.5)
            for x, height in points[1:]:
                if -20 < height < y + 400:
                    picture.circle(x, height, 2.6, colour, None)
    picture.rect(X, y, right - X, low - y, None, "line", thick=1)
    for b in (0, 2, 4):
        _, height = at(0, b)
        picture.line([(X - 4, height), (X, height)], "line", 1)
        picture.text(X - 7, height + 5, str(b), "quiet", "end")
    if bottom:
        for a in (-6, -4, -2, 0, 2, 4, 6):
            x, _ = at(a, 0)
            picture.line([(x, low), (x, low + 4)], "line", 1)
            picture.text(x, low + 19, str(a).replace("-", "−"), "quiet")
    for (a, b), colour, label in [(MINIMUM, "ink", say("minimum", "cực tiểu")), ((0, 0), "line", "")]:
        x, height = at(a, b)
        picture.line([(x - 7, height), (x + 7, height)], colour, 2)
        picture.line([(x, height - 7), (x, height + 7)], colour, 2)
        if label:
            picture.text(x + 10, height + 20, label, colour, "start", halo=True)
    x, height = at(*paths[0][0][0])
    picture.circle(x, height, 5, "ground", "ink", 2)
    picture.text(x + 10, height + 2, say("start", "xuất phát"), "ink", "start", halo=True)


def one(*names: str):
    def draw(runs: Runs, say) -> Picture:
        found = places(runs)
        picture = Picture(", ".join(names), SCALE * DOWN + 62)
        colours = ("blue", "orange")
        valley(picture, 32, [(found[name], colour) for name, colour in zip(names, colours)], say)
        picture.text(6, 20, "b", "quiet", "start")
        picture.text(394, 32 + SCALE * DOWN + 19, "a", "quiet", "end")
        x = X
        for name, colour in zip(names, colours):
            picture.circle(x + 5, 15, 4, colour, None)
            picture.text(x + 14, 20, name, colour, "start", bold=True)
            x += 180
        return picture

    return draw


def learning_rates(runs: Runs, say) -> Picture:
    found = places(runs)
    rates = [("0.05", 40, say("too small", "quá nhỏ")), ("0.7", 40, say("right", "vừa")),
             ("1.03", 12, say("too large", "quá lớn"))]
    down = SCALE * DOWN + 40
    picture = Picture(say("Three learning rates", "Ba tốc độ học"), len(rates) * down + 24)
    for index, (rate, steps, words) in enumerate(rates):
        top = index * down
        heading = f"η = {rate}, {words}: " + say(f"{steps} steps", f"{steps} bước")
        picture.text(X, top + 22, heading, "blue", "start", bold=True)
        valley(picture, top + 32, [(found[f"SGD, η = {rate}"][: steps + 1], "blue")], say, bottom=index == 2)
    return picture
