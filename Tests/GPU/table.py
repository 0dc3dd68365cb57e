"""Makes one table of what Tests/GPU/run measured: gpu.json and gpu.md. Called as table.py RESULTS WORK."""

import json
import re
import sys
from pathlib import Path


def measurements(path):
    """The lines `name<TAB>number us<TAB>…` of a file, by name; a line `-- …` says to what they belong."""
    found, group = {}, ""
    if not path.exists():
        return found
    for line in path.read_text().splitlines():
        if line.startswith("-- "):
            group = line[3:].strip() if "operand" in line else ""
            continue
        fields = [field.strip() for field in line.split("\t")]
        number = re.match(r"([\d.]+) us", fields[1]) if len(fields) > 1 else None
        if number:
            name = re.sub(r"\s+", " ", fields[0]) + (f", {group}" if group else "")
            found[name] = {"us": float(number[1]), "figures": fields[2:]}
    return found


def products(found):
    """The measurements of products, by size and then by kernel."""
    sizes = {}
    for name, value in found.items():
        match = re.match(r"matmul 1?x?(\S+) (\S+)$", name)
        if match:
            sizes.setdefault(match[1], {})[match[2]] = value["us"]
    return sizes


def main():
    results, work = Path(sys.argv[1]), Path(sys.argv[2])
    ours, theirs = measurements(work / "ours.txt"), measurements(work / "theirs.txt")
    steps = measurements(work / "steps.txt")
    card = (results / "card.txt").read_text().strip() if (results / "card.txt").exists() else "no card"
    (results / "gpu.json").write_text(
        json.dumps({"card": card, "ours": ours, "theirs": theirs, "steps": steps}, indent=1) + "\n"
    )

    lines = [f"Card: {card}", "", "| work | ours, µs | PyTorch, µs | ours / PyTorch |", "|---|---|---|---|"]
    for name, value in ours.items():
        if name in theirs and not name.startswith("matmul"):
            other = theirs[name]["us"]
            lines.append(f"| {name} | {value['us']:.1f} | {other:.1f} | {value['us'] / other:.2f} |")
    lines += ["", "| product | automatic | naive | tiled | blocked | vectorized | cublas | PyTorch |", "|" + "---|" * 8]
    rungs = ["automatic", "naive", "tiled", "blocked", "vectorized", "cublas"]
    other = products(theirs)
    for size, times in products(ours).items():
        row = [times.get(rung) for rung in rungs] + [other.get(size, {}).get("torch")]
        lines.append(f"| {size} | " + " | ".join("" if t is None else f"{t:.1f}" for t in row) + " |")
    lines += ["", "| step | ours, µs | PyTorch, µs |", "|---|---|---|"]
    for name, value in steps.items():
        other = f"{theirs[name]['us']:.1f}" if name in theirs else ""
        lines.append(f"| {name} | {value['us']:.1f} | {other} |")
    (results / "gpu.md").write_text("\n".join(lines) + "\n")
    print("\n".join(lines))


main()
