"""Chapters 1, 9 and 18: losses of real runs."""

from pictures.canvas import Axes, Picture
from pictures.runs import Runs


def curve(values: list[float], first: int = 0) -> list[tuple[float, float]]:
    return list(enumerate(values, first))


def loss(runs: Runs, say) -> Picture:
    """Lesson 1, 500 steps."""
    losses = runs.losses("lesson1 --quiet")
    picture = Picture(say("The loss of lesson 1", "Loss của bài 1"), 264)
    axes = Axes(picture, 52, 36, 328, 180, (0, 500), (1e-6, 1e8), log=True)
    axes.ticks([0, 100, 200, 300, 400, 500], [1e-4, 1e-2, 1, 1e2, 1e4, 1e6, 1e8], say("step", "bước"), "loss")
    axes.curve(curve(losses), "blue", 2.5)
    for step in (0, 499):
        picture.circle(*axes.at(step, losses[step]), 4, "blue", None)
    x, y = axes.at(0, losses[0])
    first = f"{losses[0] / 1e6:.0f} " + say("million", "triệu")
    picture.text(x + 12, y + 4, first, "blue", "start", halo=True)
    x, y = axes.at(499, losses[499])
    picture.text(x - 10, y + 12, f"{losses[499]:.6f}", "blue", "end", halo=True)
    return picture


def floor(runs: Runs, say) -> Picture:
    """Lessons 1 and 2 on one problem for 1000 steps: float64 falls on where float32 is stuck."""
    double, single = (runs.losses(f"lesson{number} --problem shared --steps 1000 --quiet") for number in (1, 2))
    picture = Picture(say("The floor of float32", "Sàn của float32"), 300)
    axes = Axes(picture, 52, 36, 328, 216, (0, 1000), (1e-14, 1e8), log=True)
    axes.ticks([0, 200, 400, 600, 800, 1000], [1e-14, 1e-10, 1e-6, 1e-2, 1e2, 1e6], say("step", "bước"), "loss")
    axes.curve(curve(double)[::4], "blue", 2.5)
    axes.curve(curve(single)[::4], "orange", 2.5, "7 4")
    x, y = axes.at(860, single[860])
    picture.text(x, y - 12, say("float32: the floor", "float32: mặt sàn"), "orange", halo=True)
    x, y = axes.at(760, double[760])
    picture.text(x - 14, y + 12, "float64", "blue", "end", halo=True)
    return picture


def differences(runs: Runs, say) -> Picture:
    """How far lesson 2 on the processor is from lesson 2 on the emulator and from lesson 1, the largest of each ten steps."""
    steps = 300
    here = runs.losses(f"lesson2 --problem shared --steps {steps} --quiet")
    others = [
        (say("another order of sums", "cộng theo thứ tự khác"), "orange",
         f"lesson2 --problem shared --device cuda-emulator --steps {steps} --quiet"),
        ("float64", "blue", f"lesson1 --problem shared --steps {steps} --quiet"),
    ]
    picture = Picture(say("Differences grow", "Sai khác lớn dần"), 290)
    axes = Axes(picture, 52, 56, 328, 190, (0, steps), (1e-8, 1e-2), log=True)
    axes.ticks([0, 100, 200, 300], [1e-8, 1e-7, 1e-6, 1e-5, 1e-4, 1e-3, 1e-2], say("step", "bước"),
               say("relative difference of the loss", "sai khác tương đối của loss"))
    for index, (name, colour, command) in enumerate(others):
        apart = [abs(a - b) / abs(b) for a, b in zip(here, runs.losses(command))]
        points = [(start + 5, max(1e-8, *apart[start : start + 10])) for start in range(0, steps, 10)]
        axes.curve(points, colour, 2.5, "7 4" if index == 0 else "")
        picture.line([(66, 70 + 22 * index), (92, 70 + 22 * index)], colour, 2.5, "7 4" if index == 0 else "")
        picture.text(98, 75 + 22 * index, name, colour, "start", halo=True)
    return picture


def overfitting(runs: Runs, say) -> Picture:
    """The practice program, 100 epochs on the digits: mistakes on what it trained on, and on what it never saw."""
    epochs = runs.record("practice --epochs 100 --threads 1")["epochs"]
    picture = Picture(say("Overfitting", "Quá khớp"), 280)
    axes = Axes(picture, 44, 36, 336, 194, (0, 100), (0, 12))
    axes.ticks([0, 20, 40, 60, 80, 100], [0, 2, 4, 6, 8, 10, 12], say("epoch", "epoch"), say("% read wrong", "% đọc sai"))
    for name, key, colour, place, dashes in [
        (say("test: never seen", "kiểm tra: chưa từng thấy"), "testAccuracy", "orange", 4.2, ""),
        (say("training", "huấn luyện"), "accuracy", "blue", 0.9, "7 4"),
    ]:
        with picture.clipped(44, 36, 340, 198):
            axes.curve([(epoch["epoch"], 100 * (1 - epoch[key])) for epoch in epochs], colour, 2.5, dashes)
        x, y = axes.at(64, place)
        picture.text(x, y, name, colour, halo=True)
    return picture
