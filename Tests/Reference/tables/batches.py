"""Which samples torch.utils.data puts into which batch: the rows of batches.json.

A row is a loader and the epochs that are walked through, some of them not to their end. After them come the next numbers of the
thread's generator and of the loader's own, so that a draw too many or too few shows.
"""

import torch
from torch.utils.data import DataLoader, TensorDataset, random_split

LOADERS = [
    # samples, batch size, shuffle, drop last, seed of the loader's own generator, batches to take of each epoch
    (10, 3, False, False, None, (None, None)),
    (10, 3, False, True, None, (None,)),
    (10, 3, True, False, None, (None, None, None)),
    (10, 3, True, True, None, (None, None)),
    (12, 3, True, False, None, (None, None)),
    (12, 3, True, True, 5, (None, None)),
    (12, 3, True, False, 5, (None, 2, None)),
    (10, 3, True, False, 5, (None, 2, None)),
    (10, 3, True, False, 5, (4, 4, 0, None)),
    (12, 3, True, False, 5, (4, 4, 0, None)),
    (10, 3, True, True, 5, (3, None, None)),
    (10, 3, False, False, 5, (None, 1)),
    (10, 100, True, False, 7, (None, None)),
    (10, 100, True, True, 7, (None, None)),
    (1, 1, True, False, None, (None, None)),
    (100, 32, True, False, 2**40 + 3, (None, None)),
]

SPLITS = [
    (10, [7, 3], 0),
    (10, [0, 10], 1),
    (10, [0.7, 0.3], 0),
    (10, [0.25, 0.25, 0.5], 2),
    (7, [0.5, 0.3, 0.2], 3),
    (11, [0.1] * 10, 4),
    (3, [0.9, 0.05, 0.05], 5),
]


def loaded(seed, count, size, shuffle, drop_last, own, takes):
    torch.manual_seed(seed)
    generator = None if own is None else torch.Generator().manual_seed(own)
    loader = DataLoader(TensorDataset(torch.arange(count)), size, shuffle, drop_last=drop_last, generator=generator)
    epochs = []
    for take in takes:
        batches = []
        iterator = iter(loader)
        while take is None or len(batches) < take:
            batch = next(iterator, None)
            if batch is None:
                break
            batches.append(batch[0].tolist())
        epochs.append(batches)
    after = [torch.randint(2**20, (), generator=source).item() for source in (None, generator)]
    return {
        "seed": seed, "count": count, "batchSize": size, "shuffle": shuffle, "dropLast": drop_last, "own": own,
        "takes": [-1 if take is None else take for take in takes], "epochs": epochs, "after": after,
    }  # fmt: skip


def split(count, lengths, seed):
    generator = torch.Generator().manual_seed(seed)
    parts = [list(part.indices) for part in random_split(range(count), lengths, generator)]
    whole = all(isinstance(length, int) for length in lengths)
    return {"count": count, "lengths": lengths if whole else [], "shares": [] if whole else lengths, "seed": seed,
            "parts": parts}  # fmt: skip


def record():
    return {
        "loaders": [loaded(seed, *loader) for loader in LOADERS for seed in (0, 42)],
        "splits": [split(*row) for row in SPLITS],
    }
