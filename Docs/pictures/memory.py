"""Chapters 2 and 6: strides, the transpose, views that share one storage, and broadcasting."""

from pictures.canvas import Picture
from pictures.runs import Runs

CELL = 34


def cells(picture: Picture, x: float, y: float, numbers: list[int], width: float = CELL, height: float = 30, marked=(),
          fill: str = "soft orange", stroke: str = "orange") -> None:
    for index, number in enumerate(numbers):
        is_marked = index in marked
        picture.rect(x + index * width, y, width, height, fill if is_marked else "pale", stroke if is_marked else "line")
        picture.text(x + (index + 0.5) * width, y + height / 2 + 5, str(number), bold=is_marked)


def matrix(picture: Picture, x: float, y: float, rows: list[list[int]], marked: tuple[int, int] | None = None) -> None:
    for index, row in enumerate(rows):
        cells(picture, x, y + index * 30, row, marked=[marked[1]] if marked and marked[0] == index else [])


def strides(runs: Runs, say) -> Picture:
    """A matrix of 2 × 3, and the strip of memory it lies in."""
    picture = Picture(say("Strides", "Bước nhảy"), 262)
    left, top, strip, down = 150, 44, 98, 176
    matrix(picture, left, top, [[1, 2, 3], [4, 5, 6]])
    picture.text(left - 12, top + 36, "m", anchor="end", bold=True)
    picture.arrow((left + 8, top - 8), (left + 3 * CELL - 8, top - 8), "orange", 2)
    picture.text(left + 1.5 * CELL, top - 18, say("one column on: 1 place", "sang một cột: 1 chỗ"), "orange")
    picture.arrow((left + 3 * CELL + 9, top + 6), (left + 3 * CELL + 9, top + 54), "blue", 2)
    picture.text(left + 3 * CELL + 18, top + 28, say("one row on:", "sang một hàng:"), "blue", "start")
    picture.text(left + 3 * CELL + 18, top + 46, say("3 places", "3 chỗ"), "blue", "start")
    cells(picture, strip, down, [1, 2, 3, 4, 5, 6])
    picture.text(strip - 12, down + 20, say("memory", "bộ nhớ"), anchor="end")
    for place in range(6):
        picture.text(strip + (place + 0.5) * CELL, down + 76, str(place), "quiet")
        if place % 3 != 2:
            ends = [(strip + (place + part) * CELL, down - 3) for part in (0.6, 1.4)]
            picture.arrow(*ends, "orange", 2, bend=12)
    for place in range(3):
        ends = [(strip + (place + part) * CELL, down + 33) for part in (0.5, 3.5)]
        picture.arrow(*ends, "blue", 2, bend=-14)
    picture.text(strip - 12, down + 76, say("place", "vị trí"), "quiet", "end")
    return picture


def transpose(runs: Runs, say) -> Picture:
    """The same strip, read as m and as m.t()."""
    picture = Picture("m.t()", 250)
    strip, down = 98, 206
    matrix(picture, 30, 64, [[1, 2, 3], [4, 5, 6]], (1, 2))
    matrix(picture, 284, 64, [[1, 4], [2, 5], [3, 6]], (2, 1))
    for x, name, shape, steps in [(81, "m", "[2, 3]", "[3, 1]"), (318, "m.t()", "[3, 2]", "[1, 3]")]:
        picture.text(x, 22, f"{name}  {shape}", bold=True)
        picture.text(x, 46, say("strides ", "bước nhảy ") + steps, "blue", bold=True)
    picture.arrow((174, 34), (234, 34), "blue", 2)
    picture.arrow((234, 44), (174, 44), "blue", 2)
    cells(picture, strip, down, [1, 2, 3, 4, 5, 6], marked=[5])
    picture.text(strip - 12, down + 20, say("memory", "bộ nhớ"), anchor="end")
    end = strip + 5.5 * CELL
    picture.arrow((30 + 3 * CELL + 3, 118), (end - 6, down - 3), "orange", 2)
    picture.arrow((284 + 1.5 * CELL, 157), (end + 4, down - 3), "orange", 2)
    return picture


def views(runs: Runs, say) -> Picture:
    """Six windows on the twelve numbers of one storage: which places each sees, and in which order."""
    wide, strip, step = 30, 20, 84
    windows = [  # name, shape, strides, offset
        ("x", [3, 4], [4, 1], 0), ("x.t()", [4, 3], [1, 4], 0), ("x[1]", [4], [1], 4), ("x[.all, 1]", [3], [4], 1),
        ("x[0..<2, 1...]", [2, 3], [4, 1], 1), ("x.diagonal()", [3], [5], 0),
    ]
    picture = Picture(say("Six views of one storage", "Sáu khung nhìn trên một vùng lưu trữ"), step * len(windows) + 8)
    for number, (name, shape, steps, offset) in enumerate(windows):
        top = step * number
        seen = [offset]
        for size, stride in zip(shape, steps):
            seen = [place + i * stride for place in seen for i in range(size)]
        picture.text(strip, top + 22, name, anchor="start", bold=True)
        told = say(f"strides {steps}, offset {offset}", f"bước nhảy {steps}, độ dời {offset}")
        picture.text(380, top + 22, told, "quiet", "end")
        cells(picture, strip, top + 46, list(range(12)), wide, 28, seen, "soft blue", "blue")
        along = seen[:shape[-1]]  # the first row, and the arrow of the last stride
        for one, other in zip(along, along[1:]):
            ends = [(strip + (place + part) * wide, top + 44) for place, part in ((one, 0.6), (other, 0.4))]
            picture.arrow(*ends, "orange", 2, bend=6)
    return picture


def broadcast(runs: Runs, say) -> Picture:
    """[3, 1] + [1, 4]: each is read again and again along the dimension in which it has size 1."""
    picture = Picture("[3, 1] + [1, 4] → [3, 4]", 176)
    column, row, top = [10, 20, 30], [1, 2, 3, 4], 46
    x, y, z = 14, 84, 254
    picture.text(x + CELL / 2, 24, "[3, 1]", bold=True)
    picture.text(y + 2 * CELL, 24, "[1, 4]", bold=True)
    picture.text(z + 2 * CELL, 24, "[3, 4]", bold=True)
    for index, number in enumerate(column):
        cells(picture, x, top + index * 30, [number], marked=[0], fill="soft blue", stroke="blue")
        cells(picture, z, top + index * 30, [number + other for other in row])
    cells(picture, y, top, row, marked=range(4))
    for index in (1, 2):
        for place in range(4):
            picture.rect(y + place * CELL, top + index * 30, CELL, 30, None, "faint")
        picture.arrow((y + 2 * CELL, top + index * 30 - 8), (y + 2 * CELL, top + index * 30 + 20), "orange", 2)
    picture.text(x + CELL + 18, top + 51, "+", size=20, bold=True)
    picture.text(y + 4 * CELL + 17, top + 51, "=", size=20, bold=True)
    picture.text(y + 2 * CELL, top + 116, say("read again: stride 0", "đọc lại: bước nhảy 0"), "orange")
    return picture
