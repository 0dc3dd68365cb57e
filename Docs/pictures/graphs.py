"""Chapters 3 and 7: gradients that fill in backwards, and who waits for whom."""

from pictures.canvas import Picture
from pictures.runs import Runs

WIDTH, HEIGHT = 74, 28


def box(picture: Picture, place: tuple[float, float], words: str, state: str = "") -> None:
    """Of a value: done, waiting, or not reached."""
    x, y = place
    fill, stroke = {"": ("pale", "line"), "done": ("soft orange", "orange"), "waits": ("ground", "orange")}[state]
    picture.rect(x - WIDTH / 2, y - HEIGHT / 2, WIDTH, HEIGHT, fill, stroke, radius=HEIGHT / 2, thick=2 if state else 1.2)
    picture.text(x, y + 5, words)


def fork(runs: Runs, say) -> Picture:
    """c is used twice, so it waits for two gradients before its own rule runs."""
    a = 3
    c = 2 * a
    values = {"a": a, "c": c, "d": 5 * c, "e": c * c, "L": 5 * c + c * c}
    from_d, from_e = 5, 2 * c
    arrived = from_d + from_e
    places = {"a": (42, 60), "c": (144, 60), "d": (250, 36), "e": (250, 84), "L": (356, 60)}
    edges = [("a", "c"), ("c", "d"), ("c", "e"), ("d", "L"), ("e", "L")]
    done = {"L": "1", "d": "1", "e": "1"}
    frames = [  # words, gradients so far, arrows in use, who waits
        (say("forward: the values", "lượt xuôi: các giá trị"), {}, [], ""),
        (say("L hands 1 to d and 1 to e", "L trao 1 cho d và 1 cho e"), done, ["dL", "eL"], ""),
        (say("d hands 5 to c; c waits for e", "d trao 5 cho c; c đợi e"), done | {"c": f"{from_d} + ?"}, ["cd"], "c"),
        (say(f"e hands 2 · {c} = {from_e} to c", f"e trao 2 · {c} = {from_e} cho c"),
         done | {"c": f"{from_d} + {from_e} = {arrived}"}, ["ce"], ""),
        (say(f"c hands 2 · {arrived} = {2 * arrived} to a", f"c trao 2 · {arrived} = {2 * arrived} cho a"),
         done | {"c": str(arrived), "a": str(2 * arrived)}, ["ac"], ""),
    ]
    picture = Picture(say("The fork", "Chỗ rẽ"), 148 * len(frames) + 6)
    for number, (words, gradients, used, waiting) in enumerate(frames):
        top = 148 * number + 26
        if number:
            picture.line([(12, top - 26), (388, top - 26)], "faint", 1)
        picture.text(12, top - 6, f"{number + 1}  {words}", anchor="start", bold=True)
        for left, right in edges:
            (x, y), (to_x, to_y) = places[left], places[right]
            start, end = (x + WIDTH / 2 + 1, top + y), (to_x - WIDTH / 2 - 1, top + to_y)
            if left + right in used:
                picture.arrow(end, start, "orange", 3)
            else:
                picture.arrow(start, end, "line" if not gradients else "faint")
        for name, (x, y) in places.items():
            state = "waits" if name == waiting else "done" if name in gradients else ""
            box(picture, (x, top + y), f"{name} = {values[name]}", state)
            if name in gradients:
                picture.text(x, top + y + (-19 if name == "d" else 31), gradients[name], "orange", bold=True)
    return picture


def engine(runs: Runs, say) -> Picture:
    """y = 2x and z = y · y + y, with x = 3: the order of the rules, and what has arrived at y after each."""
    x = 3
    y = 2 * x
    values = {"x": x, "y": y, "y·y": y * y, "z": y * y + y}
    places = {"x": (42, 60), "y": (150, 60), "y·y": (258, 36), "z": (356, 60)}
    done, arrived = {"z": "1", "y·y": "1"}, 1 + 2 * y
    steps = [
        (say("z = y·y + y: 1 to y·y, and 1 to y", "z = y·y + y: 1 cho y·y, và 1 cho y"),
         done | {"y": "1 + ?"}, ["z y·y", "z y"], "y"),
        (say(f"y·y is done: {y} and {y} to y", f"y·y đã xong: {y} và {y} cho y"),
         done | {"y": f"1 + {y} + {y} = {arrived}"}, ["y·y y"], ""),
        (say(f"y has all three: 2 · {arrived} to x", f"y đã đủ cả ba: 2 · {arrived} cho x"),
         done | {"y": str(arrived), "x": str(2 * arrived)}, ["y x"], ""),
    ]
    picture = Picture(say("The order of the walk", "Thứ tự đi"), 148 * len(steps) + 2)
    edges = [("x", "y", 0), ("y", "y·y", 10), ("y", "y·y", -10), ("y", "z", 0), ("y·y", "z", 0)]
    for number, (words, gradients, used, waiting) in enumerate(steps):
        top = 148 * number + 26
        if number:
            picture.line([(12, top - 26), (388, top - 26)], "faint", 1)
        picture.text(12, top - 6, f"{number + 1}  {words}", anchor="start", bold=True)
        for left, right, bend in edges:
            (a, b), (to_a, to_b) = places[left], places[right]
            lower = 16 if (left, right) == ("y", "z") else 0
            start, end = (a + WIDTH / 2 + 1, top + b + lower / 2), (to_a - WIDTH / 2 - 1, top + to_b + lower / 2)
            if lower:
                start, end = (a + 30, top + b + 14), (to_a - 30, top + to_b + 14)
                bend = -18
            if f"{right} {left}" in used:
                picture.arrow(end, start, "orange", 3, bend=-bend)
            else:
                picture.arrow(start, end, "faint", bend=bend)
        for name, place in places.items():
            state = "waits" if name == waiting else "done" if name in gradients else ""
            box(picture, (place[0], top + place[1]), f"{name} = {values[name]}", state)
            if name in gradients:
                picture.text(place[0], top + place[1] + (-20 if name == "y·y" else 31), gradients[name], "orange", bold=True)
    return picture
