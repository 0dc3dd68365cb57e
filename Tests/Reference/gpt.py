#!/usr/bin/env python3
"""The program of Lessons/GPT in PyTorch, with the same options, and the same losses for the same seed.

    .venv/bin/python Tests/Reference/gpt.py --record theirs.json        (torch 2.13.0+cpu)
    swift build -c release --product gpt
    .venv/bin/python Tests/Reference/gpt.py --steps 500 --compare .build/release/gpt

Nothing is handed from one program to the other: first weights, batches and what is dropped come out alike because both draw
the same numbers after the same seeds. What is written is not the same: other sums, other rounding, and in the end another
character.

`--compare` runs the other program too, and PyTorch's own training in float64. The first losses differ by the last bits of
float32, for sums are added up in another order. Then the rounding grows, as it does between PyTorch's float32 and float64.
Ends with status 1 where a loss of the first 100 steps is off by more than EARLY, or one of the first 500 by more than LATE.
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys
import tempfile
import time

import torch
from torch import nn
from torch.nn import functional as F

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Relative differences: what rounding in float32 explains, with room for a machine that adds up in another order.
EARLY, LATE = 1e-4, 2e-2


# Characters and numbers


class Vocabulary:
    """The characters of a text. The number of each, its token, is its place in the list."""

    def __init__(self, text):
        self.characters = sorted(set(text))
        self.tokens = {character: token for token, character in enumerate(self.characters)}

    def encode(self, text):
        return torch.tensor([self.tokens[character] for character in text])

    def decode(self, tokens):
        return "".join(self.characters[token] for token in tokens)


def random_batch(text, size, context):
    """Stretches of a text from places at random, and for each of their characters the one that follows."""
    starts = torch.randint(0, len(text) - context, (size,))
    places = starts[:, None] + torch.arange(context)  # [batch, context]
    return text[places], text[places + 1]


# The model


class CausalAttention(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.heads, self.dropout = size.heads, size.dropout
        self.queriesKeysValues = nn.Linear(size.width, 3 * size.width)
        self.out = nn.Linear(size.width, size.width)

    def forward(self, x):
        batch, length, width = x.shape
        parts = self.queriesKeysValues(x).reshape(batch, length, 3, self.heads, width // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)  # each [batch, heads, length, width / heads]
        found = F.scaled_dot_product_attention(q, k, v, dropout_p=self.dropout if self.training else 0, is_causal=True)
        return self.out(found.transpose(1, 2).reshape(batch, length, width))


class Block(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.norm1 = nn.LayerNorm(size.width)
        self.attention = CausalAttention(size)
        self.norm2 = nn.LayerNorm(size.width)
        self.mlp = nn.Sequential(nn.Linear(size.width, 4 * size.width), nn.GELU(), nn.Linear(4 * size.width, size.width))
        self.dropout = nn.Dropout(size.dropout)

    def forward(self, x):
        x = x + self.dropout(self.attention(self.norm1(x)))
        return x + self.dropout(self.mlp(self.norm2(x)))


class GPT(nn.Module):
    def __init__(self, vocabulary, size):
        super().__init__()
        self.tokens = nn.Embedding(vocabulary, size.width)
        self.positions = nn.Embedding(size.context, size.width)
        self.dropout = nn.Dropout(size.dropout)
        self.blocks = nn.ModuleList(Block(size) for _ in range(size.layers))
        self.norm = nn.LayerNorm(size.width)
        for table in self.tokens, self.positions:
            nn.init.normal_(table.weight, std=0.02)

    def forward(self, x):
        h = self.dropout(self.tokens(x) + self.positions(torch.arange(x.shape[1])))  # [batch, length, width]
        for block in self.blocks:
            h = block(h)
        return self.norm(h) @ self.tokens.weight.T  # [batch, length, vocabulary]


def loss_of(scores, y):
    return F.cross_entropy(scores.flatten(end_dim=1), y.flatten())


# Looking at it


@torch.no_grad()
def held_out_loss(model, text, context):
    model.eval()
    count = min((len(text) - 1) // context, 1024)
    x = text[: count * context].reshape(count, context)
    y = text[1 : count * context + 1].reshape(count, context)
    total = sum(loss_of(model(a), b).item() * len(a) for a, b in zip(x.split(64), y.split(64)))
    model.train()
    return total / count


@torch.no_grad()
def write(model, rows, first, length, options, generator):
    model.eval()
    tokens = torch.full((rows, 1), first)
    for _ in range(length):
        scores = model(tokens[:, -options.context :])[:, -1] / options.temperature
        if options.top_k and options.top_k < scores.shape[1]:
            least = scores.topk(options.top_k).values[:, -1:]
            scores = scores.masked_fill(scores < least, -math.inf)
        tokens = torch.cat([tokens, scores.softmax(1).multinomial(1, generator=generator)], 1)
    model.train()
    return tokens[:, 1:].tolist()


# The loop


def rate_factor(step, steps):
    warm_up = min(100, steps // 10)
    if step < warm_up:
        return (step + 1) / warm_up
    done = min(1, (step - warm_up) / max(1, steps - warm_up))
    return 0.1 + 0.45 * (1 + math.cos(math.pi * done))


def text_of(options):
    if options.text:
        return pathlib.Path(options.text).read_text(encoding="utf-8")
    if options.vietnamese:
        lines = pathlib.Path("/usr/share/hunspell/vi_VN.dic").read_text(encoding="utf-8").splitlines()[1:]
        words = [line for line in lines if line and all(character.islower() for character in line)]
    else:
        words = (ROOT / "Sources/KindlingData/Files/names.txt").read_text().split()
    order = torch.randperm(len(words), generator=torch.Generator().manual_seed(0))
    return "\n" + "".join(words[i] + "\n" for i in order)


def train(options, dtype=torch.float32, quiet=False):
    """Trains as the options say; every loss, and those on the text that is held out."""
    say = (lambda *words: None) if quiet else lambda *words: print(*words, flush=True)
    torch.manual_seed(options.seed)
    generator = torch.Generator().manual_seed(options.seed)
    text = text_of(options)
    vocabulary = Vocabulary(text)
    tokens = vocabulary.encode(text)
    training, held_out = tokens[: len(tokens) - len(tokens) // 10], tokens[len(tokens) - len(tokens) // 10 :]
    model = GPT(len(vocabulary.characters), options).to(dtype)
    optimizer = torch.optim.AdamW(model.parameters(), lr=options.learning_rate)
    schedule = torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: rate_factor(step, options.steps))
    run = torch.compile(model) if options.compile else model
    record = {"losses": [], "heldOut": []}
    start = time.perf_counter()

    def samples(count):
        end = vocabulary.tokens.get("\n")
        length = 4 * options.context if options.text else 24
        rows = write(model, count, end or 0, length, options, generator) if count else []
        return [vocabulary.decode(row if options.text else row[: (row + [end]).index(end)]) for row in rows]

    for step in range(options.steps):
        x, y = random_batch(training, options.batch, options.context)

        # Forward pass: scores for the next character at each place, [batch, context, vocabulary]
        loss = loss_of(run(x), y)

        # Backward pass, and a step of the optimizer, not too long
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1)
        optimizer.step()
        schedule.step()

        record["losses"].append(loss.item())
        if (step + 1) % 100 == 0 or step + 1 == options.steps:
            record["heldOut"].append({"step": step + 1, "loss": held_out_loss(model, held_out, options.context)})
            mean = sum(record["losses"][step // 100 * 100 :]) / (step % 100 + 1)
            say(f"step {step + 1} loss {mean:.4f} held out {record['heldOut'][-1]['loss']:.4f}  {', '.join(samples(3))}")
    record["milliseconds"] = (time.perf_counter() - start) * 1000 / max(1, options.steps)
    say("\n".join(samples(options.sample)))
    return record


# Comparing


def others(binary, options):
    """What the other program records."""
    names = "layers heads width context steps batch dropout learning-rate seed threads".split()
    chosen = [f"--{name}={getattr(options, name.replace('-', '_'))}" for name in names]
    chosen += [f"--text={options.text}"] * bool(options.text) + ["--vietnamese"] * options.vietnamese
    with tempfile.TemporaryDirectory() as folder:
        path = pathlib.Path(folder, "record.json")
        subprocess.run([binary, *chosen, "--sample=0", f"--record={path}"], check=True, stdout=subprocess.DEVNULL)
        return json.loads(path.read_text())


def compare(binary, options):
    """Prints how far the losses are apart. Whether that is within the bounds."""
    theirs, exact, ours = train(options, quiet=True), train(options, torch.float64, quiet=True), others(binary, options)

    def apart(one, other, steps):
        return max(abs(a - b) / abs(a) for a, b in zip(one["losses"][:steps], other["losses"]))

    print("| to step | Kindling from PyTorch | Kindling from float64 | PyTorch from float64 |\n|--:|--:|--:|--:|")
    for steps in [1, 10, 50, 100, 200, 300, 400, 500, 1000]:
        if steps <= options.steps:
            pairs = [(theirs, ours), (exact, ours), (exact, theirs)]
            print(f"| {steps} | " + " | ".join(f"{apart(*pair, steps):.1e}" for pair in pairs) + " |")
    if theirs["heldOut"]:
        print("\nheld out: PyTorch {:.4f}, Kindling {:.4f}".format(*(x["heldOut"][-1]["loss"] for x in (theirs, ours))))
    return apart(theirs, ours, 100) <= EARLY and apart(theirs, ours, 500) <= LATE


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--names", action="store_true")
    parser.add_argument("--vietnamese", action="store_true")
    parser.add_argument("--text", metavar="FILE")
    for name, value in {"layers": 4, "heads": 4, "width": 64, "context": 16, "steps": 1000, "batch": 32}.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--dropout", type=float, default=0.0)
    parser.add_argument("--learning-rate", type=float, default=0.003)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--sample", type=int, default=10)
    parser.add_argument("--temperature", type=float, default=1.0)
    parser.add_argument("--top-k", type=int)
    parser.add_argument("--compile", action="store_true", help="train what torch.compile makes of the model")
    parser.add_argument("--record", metavar="FILE", help="write every loss, as JSON")
    parser.add_argument("--compare", metavar="PROGRAM", help="Kindling's program, to compare the losses with")
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    if options.compare:
        sys.exit(0 if compare(options.compare, options) else 1)
    record = train(options)
    print(f"{record['milliseconds']:.2f} ms a step", file=sys.stderr)
    if options.record:
        pathlib.Path(options.record).write_text(json.dumps(record) + "\n")


if __name__ == "__main__":
    main()
