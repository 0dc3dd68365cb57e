"""The puzzles: a sum in rounds, and the banks of shared memory."""

from pictures.canvas import Picture
from pictures.memory import cells
from pictures.runs import Runs


def rounds(runs: Runs, say) -> Picture:
    """Eight numbers and three rounds; each thread adds what lies half of the rest further on."""
    numbers, wide, left, step = [3, 1, 4, 1, 5, 9, 2, 6], 38, 84, 78
    picture = Picture(say("A sum in rounds", "Tổng theo từng lượt"), 326)
    picture.text(left - 12, 40, say("thread", "luồng"), "quiet", "end")
    for thread in range(8):
        picture.text(left + (thread + 0.5) * wide, 40, str(thread), "quiet")
    top, distance = 52, len(numbers)
    while True:
        cells(picture, left, top, numbers[:distance], wide, marked=range(distance), fill="soft blue", stroke="blue")
        for place in range(distance, 8):
            picture.rect(left + place * wide, top, wide, 30, None, "faint")
        if distance == 1:
            break
        distance //= 2
        picture.text(left - 12, top + 58, f"+ {distance}", "orange", "end", bold=True)
        for place in range(distance):
            below = (left + (place + 0.5) * wide, top + step - 2)
            picture.arrow((left + (place + distance + 0.5) * wide, top + 32), below, "orange", 1.5)
            picture.line([(below[0], top + 31), (below[0], top + step - 10)], "blue", 1.5)
            numbers[place] += numbers[place + distance]
        top += step
    return picture


def banks(runs: Runs, say) -> Picture:
    """A tile of 4 × 4 and one of 4 × 5 in a shared memory of four banks, with the places of a column."""
    picture = Picture(say("A column of a tile, and its banks", "Một cột của ô, và các bank của nó"), 236)
    wide, high, top = 36, 30, 84
    for left, width, colour, words in [
        (24, 4, "orange", say("4 wide: one bank", "rộng 4: một bank")),
        (224, 5, "blue", say("5 wide: four banks", "rộng 5: bốn bank")),
    ]:
        picture.text(left, 28, words, colour, "start", bold=True)
        for bank in range(4):
            picture.text(left + (bank + 0.5) * wide, top - 12, str(bank), "quiet")
        for place in range(4 * width):
            row, column, bank = place // width, place % width, place % 4
            x, y = left + bank * wide, top + place // 4 * 24
            marked = column == 0
            spare = column == 4
            fill, stroke = (f"soft {colour}", colour) if marked else (None, "faint") if spare else ("pale", "line")
            picture.rect(x, y, wide, 24, fill, stroke)
            if not spare:
                picture.text(x + wide / 2, y + 17, f"{row},{column}", "ink" if marked else "quiet", bold=marked)
    picture.text(24, top + 5 * 24 + 20, say("top row: which bank; empty: never used", "hàng đầu: số của bank; ô trống: không dùng"), "quiet", "start")
    return picture
