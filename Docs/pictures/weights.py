"""Chapters 4, 5 and 18: first values, what the hidden units look for, what is read, and a convolution."""

import math
import operator

from pictures.canvas import Axes, Picture
from pictures.memory import cells
from pictures.runs import Runs, product

DIGITS = "--problem digits --samples 1500 --quiet"
SIDE = 8  # of a digit, in pixels


def hidden_values(runs: Runs, say) -> Picture:
    """x times the first weights: drawn with variance 1, by Linear, and by He's rule, which is Linear's draw times √6."""
    wide, narrow = runs.tensors("lesson2 --steps 1 --quiet"), runs.tensors("lesson4 --steps 1 --quiet")
    linear = product(narrow["x"], narrow["first.w1"]).numbers
    three = [(say("variance 1, lessons 1 to 3", "phương sai 1, bài 1 đến 3"), product(wide["x"], wide["first.w1"]).numbers),
             ("Linear: ±1/√D", linear),
             (say("He's rule: ±√6/√D", "quy tắc He: ±√6/√D"), [math.sqrt(6) * value for value in linear])]
    picture = Picture(say("Hidden values", "Các giá trị ẩn"), 130 * len(three) + 6)
    for index, (name, values) in enumerate(three):
        top = 130 * index
        deviation = math.sqrt(sum(value * value for value in values) / len(values))
        bins = 30
        counts = [0] * bins
        for value in values:
            place = math.floor((value / deviation + 3) / 6 * bins)
            if 0 <= place < bins:
                counts[place] += 1
        axes = Axes(picture, 20, top + 32, 360, 74, (-3 * deviation, 3 * deviation), (0, max(counts)))
        picture.text(12, top + 20, name, anchor="start", bold=True)
        picture.text(388, top + 20, say(f"standard deviation {deviation:.2g}", f"độ lệch chuẩn {deviation:.2g}"), "blue", "end")
        for place, count in enumerate(counts):
            x, y = axes.at(deviation * (6 * place / bins - 3), count)
            is_negative = place < bins // 2
            picture.rect(x + 0.6, y, 10.8, top + 106 - y, "line" if is_negative else "blue", None)
        picture.line([(20, top + 106), (380, top + 106)], "line", 1)
        for share in (-2, 0, 2):
            x, y = axes.at(share * deviation, 0)
            picture.line([(x, y), (x, y + 4)], "line", 1)
            picture.text(x, y + 19, f"{share * deviation:.2g}".replace("-", "−"), "quiet")
    return picture


def rows_of_w1(runs: Runs, say) -> Picture:
    """The weights that lead to six hidden units of lesson 4, as pictures of 8 × 8 pixels, before and after the training."""
    run = runs.tensors(f"lesson4 {DIGITS}")
    # Of the 100 units the six whose weights have changed most.
    def moved(unit: int) -> float:
        return sum((a - b) ** 2 for a, b in zip(run["first.w1"].column(unit), run["last.w1"].column(unit)))

    units = sorted(sorted(range(100), key=moved)[-6:])
    first, last = ({unit: run[f"{name}.w1"].column(unit) for unit in units} for name in ("first", "last"))
    learnt = {unit: [b - a for a, b in zip(first[unit], last[unit])] for unit in units}
    picture = Picture(say("Rows of w1", "Các hàng của w1"), 304)
    pixel, step = 7, 63
    for weights, top, words in [
        (first, 32, say("before the training", "trước khi huấn luyện")), (last, 122, say("after 500 steps", "sau 500 bước")),
        (learnt, 212, say("the difference: what was learnt", "hiệu của hai bên: điều đã học được")),
    ]:
        picture.text(12, top - 10, words, anchor="start", bold=True)
        largest = max(abs(value) for row in weights.values() for value in row)
        for place, unit in enumerate(units):
            left = 13 + place * step
            picture.rect(left - 1, top - 1, SIDE * pixel + 2, SIDE * pixel + 2, "ground", "line", thick=1)
            for at, value in enumerate(weights[unit]):
                picture.pixel(left + at % SIDE * pixel, top + at // SIDE * pixel, pixel, abs(value) / largest,
                              "blue" if value > 0 else "orange")
    for x, colour, words in [(14, "blue", say("positive: ink speaks for it", "dương: có mực thì tăng")),
                             (214, "orange", say("negative: against", "âm: có mực thì giảm"))]:
        picture.rect(x, 281, 11, 11, colour, None)
        picture.text(x + 18, 292, words, "quiet", "start")
    return picture


def digits_read(runs: Runs, say) -> Picture:
    """Digits that lesson 5 was not trained on, with what it reads: the first six read right, and the first six read wrong."""
    run = runs.tensors(f"lesson5 {DIGITS} --optimizer adam")
    columns = [[run[name].column(j) for j in range(run[name].shape[1])] for name in ("last.w1", "last.w2")]

    def read(pixels: list[int]) -> int:
        values = [pixel / 16 for pixel in pixels]
        hidden = [max(0, sum(map(operator.mul, values, column))) for column in columns[0]]
        scores = [sum(map(operator.mul, hidden, column)) for column in columns[1]]
        return scores.index(max(scores))

    held_out = [(pixels, label, read(pixels)) for pixels, label in runs.digits()[1500:]]
    right = [sample for sample in held_out if sample[1] == sample[2]]
    wrong = [sample for sample in held_out if sample[1] != sample[2]]
    picture = Picture(say("Digits and predictions", "Chữ số và dự đoán"), 256)
    pixel, step = 6.8, 63
    for top, samples, words in [
        (34, right, say(f"read right: {len(right)} of {len(held_out)}", f"đọc đúng: {len(right)} trên {len(held_out)}")),
        (158, wrong, say(f"read wrong: {len(wrong)} of {len(held_out)}", f"đọc sai: {len(wrong)} trên {len(held_out)}")),
    ]:
        picture.text(12, top - 11, words, anchor="start", bold=True)
        for place, (pixels, label, guess) in enumerate(samples[:6]):
            left = 13 + place * step
            is_right = label == guess
            colour, mark = ("blue", "✓") if is_right else ("orange", "✗")
            picture.rect(left - 1, top - 1, SIDE * pixel + 2, SIDE * pixel + 2, "ground", colour, thick=1.5)
            for at, value in enumerate(pixels):
                picture.pixel(left + at % SIDE * pixel, top + at // SIDE * pixel, pixel, value / 16, "ink")
            middle = left + SIDE * pixel / 2
            picture.text(middle, top + 74, f"{mark} {guess}", colour, bold=True)
            if not is_right:
                picture.text(middle, top + 92, say(f"is {label}", f"là {label}"), "quiet")
    return picture


def convolution(runs: Runs, say) -> Picture:
    """The first digit under a filter of 3 × 3 that says how much brighter it gets from left to right."""
    pixels, _ = runs.digits()[0]
    filter_, size = [-1, 0, 1], SIDE - 2
    result = [[sum(pixels[(i + di) * SIDE + j + dj] * filter_[dj] for di in range(3) for dj in range(3)) for j in range(size)]
              for i in range(size)]
    picture = Picture(say("A convolution", "Một phép tích chập"), 222)
    pixel, top = 18, 44
    left, right = 14, 272
    picture.text(left + 4 * pixel, 26, say("pixels", "điểm ảnh"), bold=True)
    picture.rect(left - 1, top - 1, 8 * pixel + 2, 8 * pixel + 2, "ground", "line", thick=1)
    for at, value in enumerate(pixels):
        picture.pixel(left + at % SIDE * pixel, top + at // SIDE * pixel, pixel, value / 16, "ink")
    picture.rect(left, top, 3 * pixel, 3 * pixel, None, "orange", thick=3)
    picture.text(216, 26, say("filter", "bộ lọc"), bold=True)
    for row in range(3):
        cells(picture, 177, top + row * 26, filter_, 26, 26)
    picture.text(right + 3 * pixel, 26, say("result", "kết quả"), bold=True)
    largest = max(abs(value) for row in result for value in row)
    picture.rect(right - 1, top - 1, size * pixel + 2, size * pixel + 2, "ground", "line", thick=1)
    for i, row in enumerate(result):
        for j, value in enumerate(row):
            picture.pixel(right + j * pixel, top + i * pixel, pixel, abs(value) / largest, "blue" if value > 0 else "orange")
    picture.rect(right, top, pixel, pixel, None, "orange", thick=3)
    terms = [pixels[i * SIDE + 2] for i in range(3)]
    picture.text(386, top + size * pixel + 22, " + ".join(map(str, terms)) + f" = {result[0][0]}", "ink", "end")
    for y, colour, words in [(182, "blue", say("brighter to the right", "sáng hơn về phải")),
                             (202, "orange", say("darker to the right", "tối hơn về phải"))]:
        picture.rect(177, y, 11, 11, colour, None)
        picture.text(195, y + 11, words, "quiet", "start")
    return picture
