"""A picture as SVG: shapes and words in a few colours that are told apart without telling red from green.

A picture is 400 units wide and a phone shows it 320 pixels wide, so no word is smaller than 14. It has a ground of its own and
follows the reader's light or dark. Two words that overlap, or one that leaves the picture, are an error.
"""

import math
from html import escape

WIDTH, SMALLEST = 400, 14
SHOWN = 500  # pixels on a wide screen

# Each colour on a light ground and on a dark one.
COLOURS = {
    "ground": ("#ffffff", "#15191f"), "ink": ("#1c2430", "#e8ecf2"), "quiet": ("#4d5866", "#b3bdca"),
    "line": ("#8b95a1", "#77818d"), "faint": ("#d8dce2", "#363e49"), "pale": ("#f0f2f4", "#262c35"),
    "blue": ("#1f5fae", "#86b1ec"), "orange": ("#b35900", "#eda84f"), "green": ("#00705a", "#52c9aa"),
    "soft blue": ("#dfeafa", "#1f3556"), "soft orange": ("#fce6c6", "#4f370f"), "soft green": ("#d5f1e8", "#12443a"),
}
NARROW, WIDE = set(" .,:;'|!()[]ijlft·-/ᵀ"), set("mwMW@%—→←…")


def short(number: float) -> str:
    """One decimal, and none where it is 0."""
    text = f"{number:.1f}".removesuffix(".0")
    return "0" if text == "-0" else text


def breadth(words: str, size: float, bold: bool = False) -> float:
    """About how wide words are, in a broad font."""
    units = sum(0.36 if letter in NARROW else 0.9 if letter in WIDE else 0.62 for letter in words)
    return units * size * (1.06 if bold else 1)


class Picture:
    def __init__(self, title: str, height: float):
        self.title, self.height = title, height
        self.parts: list[str] = []
        self.used: set[tuple[str, str]] = {("fill", "ground"), ("stroke", "ground")}
        self.words: list[tuple[float, float, float, float, str]] = []  # left, top, right, bottom

    def colours(self, **wanted: str | None) -> str:
        """The class attribute for colours such as fill="soft blue", stroke="blue"."""
        found = [(use, colour) for use, colour in wanted.items() if colour]
        self.used.update(found)
        names = [f"{use[0]}-{colour.replace(' ', '-')}" for use, colour in found]
        return f'class="{" ".join(names)}"'

    def text(self, x: float, y: float, words: str, colour: str = "ink", anchor: str = "middle", size: float = SMALLEST,
             bold: bool = False, halo: bool = False) -> None:
        """Words on the baseline y. A halo keeps lines behind them away."""
        if size < SMALLEST:
            raise ValueError(f"{self.title}: “{words}” is too small for a phone")
        wide = breadth(words, size, bold)
        left = x - {"start": 0, "middle": wide / 2, "end": wide}[anchor]
        box = (left, y - 0.74 * size, left + wide, y + 0.2 * size, words)
        if box[0] < 0 or box[1] < 0 or box[2] > WIDTH or box[3] > self.height:
            raise ValueError(f"{self.title}: “{words}” leaves the picture")
        for other in self.words:
            if box[0] < other[2] and other[0] < box[2] and box[1] < other[3] and other[1] < box[3]:
                raise ValueError(f"{self.title}: “{words}” overlaps “{other[4]}”")
        self.words.append(box)
        around = ' stroke-width="5" stroke-linejoin="round" paint-order="stroke"' if halo else ""
        more = f' text-anchor="{anchor}"' if anchor != "start" else ""
        more += f' font-size="{short(size)}"' if size != SMALLEST else ""
        more += ' font-weight="700"' if bold else ""
        style = self.colours(fill=colour, stroke="ground" if halo else None)
        self.parts.append(f'<text x="{short(x)}" y="{short(y)}" {style}{more}{around}>{escape(words)}</text>')

    def rect(self, x: float, y: float, width: float, height: float, fill: str | None = "pale", stroke: str | None = "line",
             radius: float = 0, thick: float = 1.2) -> None:
        style = self.colours(fill=fill, stroke=stroke) + ("" if fill else ' fill="none"')
        style += f' stroke-width="{thick:g}"' if stroke else ""
        round_ = f' rx="{short(radius)}"' if radius else ""
        bounds = f'x="{short(x)}" y="{short(y)}" width="{short(width)}" height="{short(height)}"'
        self.parts.append(f"<rect {bounds}{round_} {style}/>")

    def circle(self, x: float, y: float, radius: float, fill: str | None = "pale", stroke: str | None = "line",
               thick: float = 1.2) -> None:
        style = self.colours(fill=fill, stroke=stroke) + ("" if fill else ' fill="none"')
        style += f' stroke-width="{thick:g}"' if stroke else ""
        self.parts.append(f'<circle cx="{short(x)}" cy="{short(y)}" r="{short(radius)}" {style}/>')

    def ellipse(self, x: float, y: float, across: float, down: float, stroke: str = "faint") -> None:
        self.parts.append(f'<ellipse cx="{short(x)}" cy="{short(y)}" rx="{short(across)}" ry="{short(down)}" fill="none" '
                          f'{self.colours(stroke=stroke)}/>')

    def line(self, points: list[tuple[float, float]], colour: str = "line", thick: float = 1.2, dashes: str = "") -> None:
        places = "L".join(f"{short(x)} {short(y)}" for x, y in points)
        self.path(f"M{places}", colour, thick, dashes)

    def path(self, path: str, stroke: str | None = "line", thick: float = 1.2, dashes: str = "",
             fill: str | None = None) -> None:
        style = self.colours(fill=fill, stroke=stroke) + ("" if fill else ' fill="none"')
        style += f' stroke-width="{thick:g}" stroke-linejoin="round"' if stroke else ""
        style += f' stroke-dasharray="{dashes}"' if dashes else ""
        self.parts.append(f'<path d="{path}" {style}/>')

    def arrow(self, start: tuple[float, float], end: tuple[float, float], colour: str = "line", thick: float = 1.5,
              bend: float = 0, dashes: str = "") -> None:
        """From start to end. `bend` moves its middle to the left of its direction, in units."""
        (x, y), (to_x, to_y) = start, end
        length = math.dist(start, end)
        middle = ((x + to_x) / 2 + 2 * bend * (to_y - y) / length, (y + to_y) / 2 - 2 * bend * (to_x - x) / length)
        towards = math.atan2(to_y - middle[1], to_x - middle[0])
        tip = (to_x - 5 * math.cos(towards), to_y - 5 * math.sin(towards))
        curve = f"Q{short(middle[0])} {short(middle[1])} " if bend else "L"
        self.path(f"M{short(x)} {short(y)}{curve}{short(tip[0])} {short(tip[1])}", colour, thick, dashes)
        corners = [(to_x - 9 * math.cos(towards + turn), to_y - 9 * math.sin(towards + turn)) for turn in (0.42, -0.42)]
        head = "L".join(f"{short(a)} {short(b)}" for a, b in corners)
        self.path(f"M{short(to_x)} {short(to_y)}L{head}z", None, fill=colour)

    def pixel(self, x: float, y: float, side: float, share: float, colour: str) -> None:
        """A square that is coloured in part: share is from 0 to 1."""
        if percent := round(100 * min(share, 1)):
            self.parts.append(f'<path d="M{short(x)} {short(y)}h{short(side)}v{short(side)}h-{short(side)}z" '
                              f'{self.colours(fill=colour)} opacity="{percent}%"/>')

    def clipped(self, x: float, y: float, width: float, height: float):
        """What is drawn between `with` and its end is seen within these bounds only."""
        return Clip(self, x, y, width, height)

    def svg(self) -> str:
        def rules(which: int) -> str:
            return " ".join(f".{use[0]}-{colour.replace(' ', '-')} {{ {use}: {COLOURS[colour][which]} }}"
                            for use, colour in sorted(self.used))

        height = short(self.height)
        return "\n".join([
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{SHOWN}" '
            f'height="{short(self.height * SHOWN / WIDTH)}" role="img" '
            f'font-family="system-ui, sans-serif" font-size="{SMALLEST}">',
            f"<title>{escape(self.title)}</title>",
            f"<style>{rules(0)} @media (prefers-color-scheme: dark) {{ {rules(1)} }}</style>",
            '<rect width="100%" height="100%" class="f-ground"/>', *self.parts, "</svg>", ""])


class Clip:
    def __init__(self, picture: Picture, x: float, y: float, width: float, height: float):
        self.picture = picture
        self.name = f"clip{sum('<clipPath' in part for part in picture.parts)}"
        self.bounds = f'x="{short(x)}" y="{short(y)}" width="{short(width)}" height="{short(height)}"'

    def __enter__(self):
        self.picture.parts.append(f'<clipPath id="{self.name}"><rect {self.bounds}/></clipPath>')
        self.picture.parts.append(f'<g clip-path="url(#{self.name})">')

    def __exit__(self, *_):
        self.picture.parts.append("</g>")


class Axes:
    """Two axes in a picture, with their numbers; the second may be logarithmic."""

    def __init__(self, picture: Picture, x: float, y: float, width: float, height: float, across: tuple[float, float],
                 up: tuple[float, float], log: bool = False):
        self.picture, self.x, self.y, self.width, self.height = picture, x, y, width, height
        self.across, self.up, self.log = across, up, log

    def at(self, a: float, b: float) -> tuple[float, float]:
        scaled = [(a - self.across[0]) / (self.across[1] - self.across[0])]
        low, high = (math.log10(bound) for bound in self.up) if self.log else self.up
        scaled.append(((math.log10(b) if self.log else b) - low) / (high - low))
        return self.x + scaled[0] * self.width, self.y + (1 - scaled[1]) * self.height

    def ticks(self, across: list[float], up: list[float], name: str, side: str) -> None:
        """Lines and numbers at these values, the name of the first axis under it and that of the second above it."""
        for value in up:
            _, y = self.at(self.across[0], value)
            self.picture.line([(self.x, y), (self.x + self.width, y)], "faint", 1)
            self.picture.text(self.x - 6, y + 5, power(value) if self.log else f"{value:g}", "quiet", "end")
        for value in across:
            x, y = self.at(value, self.up[0])
            self.picture.line([(x, y), (x, y + 4)], "line", 1)
            self.picture.text(x, y + 18, f"{value:g}", "quiet")
        right, low = self.x + self.width, self.y + self.height
        self.picture.line([(self.x, self.y), (self.x, low), (right, low)], "line", 1)
        self.picture.text(right, low + 35, name, "ink", "end")
        self.picture.text(4, self.y - 12, side, "ink", "start")

    def curve(self, points: list[tuple[float, float]], colour: str, thick: float = 2, dashes: str = "") -> None:
        self.picture.line([self.at(*point) for point in points], colour, thick, dashes)


def power(value: float) -> str:
    exponent = round(math.log10(value))
    if 0 <= exponent <= 2:
        return str(10**exponent)
    return "10" + str(exponent).translate(str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"))
