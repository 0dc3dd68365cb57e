"""Chapter 22: where the characters of a name look."""

from pictures.canvas import Picture
from pictures.runs import Runs

NAME = "margaret"
CELL = 17


def attention(runs: Runs, say) -> Picture:
    """The second layer of the GPT after its training, a square for each head."""
    attention = runs.record(f"gpt --threads 1 --attention {NAME}")["attention"]
    letters = ["⏎", *NAME]
    size = CELL * len(letters)
    picture = Picture(say("Where the characters of a name look", "Các ký tự của một cái tên nhìn vào đâu"), 2 * (size + 50) + 10)
    for head, weights in enumerate(attention["weights"][1]):
        left, top = 34 + head % 2 * 196, 46 + head // 2 * (size + 50)
        picture.text(left, top - 26, f"head {head + 1}", anchor="start", bold=True)
        for place, letter in enumerate(letters):
            middle = (place + 0.5) * CELL
            picture.text(left + middle, top - 6, letter, "quiet")
            picture.text(left - 11, top + middle + 5, letter, "quiet")
        for row, taken in enumerate(weights):
            picture.rect(left, top + row * CELL, (row + 1) * CELL, CELL, "pale", None)
            for column in range(row + 1):
                # At least a trace, so that a picture from another processor has the same squares.
                picture.pixel(left + column * CELL, top + row * CELL, CELL - 1, max(taken[column], 0.01), "blue")
        picture.rect(left - 1, top - 1, size + 1, size + 1, None, "line", thick=1)
    return picture
