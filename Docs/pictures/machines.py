"""Chapters 8, 11 and 12: a generator, tiles of a product, and how a warp reads memory."""

from pictures.canvas import Picture
from pictures.runs import Runs


def generator(runs: Runs, say) -> Picture:
    """The Mersenne Twister as a machine with a state; the words after seed 0 are computed here by its rule."""
    state = [0]
    for i in range(1, 624):
        state.append((1812433253 * (state[-1] ^ state[-1] >> 30) + i) & 0xFFFFFFFF)
    for i in range(624):
        mixed = (state[i] & 0x80000000) | (state[(i + 1) % 624] & 0x7FFFFFFF)
        state[i] = state[(i + 397) % 624] ^ mixed >> 1 ^ (0x9908B0DF if mixed & 1 else 0)

    def scrambled(word: int) -> int:
        word ^= word >> 11
        word ^= word << 7 & 0x9D2C5680
        word ^= word << 15 & 0xEFC60000
        return word ^ word >> 18

    picture = Picture(say("The generator", "Bộ sinh số"), 268)
    picture.rect(20, 16, 92, 34, "pale", "line", radius=17)
    picture.text(66, 38, say("seed 0", "hạt giống 0"))
    picture.arrow((66, 52), (66, 92), "line", 2)
    picture.text(76, 76, say("fill", "lấp đầy"), "quiet", "start")
    picture.rect(20, 94, 150, 60, "soft blue", "blue", radius=8, thick=2)
    picture.text(95, 119, say("state", "trạng thái"), bold=True)
    picture.text(95, 140, say("624 words", "624 từ"))
    picture.path("M60 156C60 214 130 214 130 162", "blue", 2)
    picture.path("M130 156l-4 9h8z", None, fill="blue")
    picture.text(95, 222, say("twist, after", "trộn, sau mỗi"), "blue")
    picture.text(95, 242, say("every 624 words", "624 từ"), "blue")
    picture.arrow((172, 124), (272, 124), "orange", 2)
    picture.text(222, 112, say("scramble", "xáo bit"), "orange")
    picture.text(222, 146, say("word i", "từ thứ i"), "quiet")
    for i in range(4):
        picture.text(278, 90 + 24 * i, f"w{'₀₁₂₃'[i]} = {scrambled(state[i]):08x}", anchor="start", bold=i == 0)
    picture.text(278, 186, "…", anchor="start")
    picture.text(278, 216, say("next: i + 1", "tiếp: i + 1"), "quiet", "start")
    return picture


def tile(runs: Runs, say) -> Picture:
    """A tile of the result stays in registers while a strip of each operand goes by."""
    picture = Picture(say("A tile of out", "Một ô của out"), 316)
    side = 130
    x, y, out = (36, 170), (212, 30), (212, 170)
    for (left, top), name, place in [(x, "x", (x[0] + side / 2, 158)), (y, "y", (y[0] + side + 16, 100)),
                                     (out, "out", (out[0] + side + 20, 240))]:
        picture.rect(left, top, side, side, "pale", "line")
        picture.text(*place, name, bold=True)
    band, at = 26, 52
    picture.rect(x[0], x[1] + at, side, band, "soft blue", "blue")
    picture.rect(y[0] + at, y[1], band, side, "soft green", "green")
    picture.rect(out[0] + at, out[1] + at, band, band, "soft orange", "orange", thick=3)
    picture.rect(x[0] + 78, x[1] + at, 9, band, "blue", None)
    picture.rect(y[0] + at, y[1] + 78, band, 9, "green", None)
    picture.arrow((x[0] + 6, x[1] + at + band / 2), (x[0] + 70, x[1] + at + band / 2), "blue", 2)
    picture.arrow((y[0] + at + band / 2, y[1] + 6), (y[0] + at + band / 2, y[1] + 70), "green", 2)
    picture.text(14, 40, say("k goes by,", "k chạy qua,"), "quiet", "start")
    picture.text(14, 60, say("one step at a time", "từng bước một"), "quiet", "start")
    picture.text(14, 94, say("the tile stays", "ô vẫn nằm lại"), "orange", "start", bold=True)
    picture.text(14, 114, say("in registers", "trong thanh ghi"), "orange", "start", bold=True)
    return picture


def warp(runs: Runs, say) -> Picture:
    """Eight of a warp's 32 threads: neighbours read in one load, and a stride that needs a load for each."""
    picture = Picture(say("How a warp reads", "Một warp đọc bộ nhớ"), 296)
    wide, left, threads = 22, 24, 8
    for top, stride, words in [
        (0, 1, say("neighbours: one load serves all", "kề nhau: một lần nạp cho tất cả")),
        (150, 2, say("every other: two loads, half wasted", "cách một chỗ: hai lần nạp, phí một nửa")),
    ]:
        picture.text(12, top + 24, words, "blue" if stride == 1 else "orange", "start", bold=True)
        colour = "blue" if stride == 1 else "orange"
        for place in range(16):
            is_read = place % stride == 0 and place // stride < threads
            colours = (f"soft {colour}", colour) if is_read else ("pale", "line")
            picture.rect(left + place * wide, top + 96, wide, 24, *colours)
        for thread in range(threads):
            x = left + (4 + thread + 0.5) * wide
            picture.circle(x, top + 50, 9.5, "ground", "quiet")
            picture.text(x, top + 55, str(thread))
            picture.arrow((x, top + 60), (left + (thread * stride + 0.5) * wide, top + 95), colour, 1.5)
        for start in range(0, threads * stride, 8):  # what one load brings
            picture.rect(left + start * wide, top + 96, 8 * wide, 24, None, "ink", thick=3)
        words = say("memory; a thick frame is one load", "bộ nhớ; khung đậm là một lần nạp")
        picture.text(left - 12, top + 138, words, "quiet", "start")
    return picture
