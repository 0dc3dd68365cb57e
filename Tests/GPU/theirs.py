"""PyTorch's side of gpu-bench (bench.c) and gpu-steps: the same work under the same names, on the same card. Its products
are in float32 (TF32 off), as Kindling's are. Without a GPU it runs everything once and small, to see that it runs."""

import time

import torch
from torch.nn import functional

torch.backends.cuda.matmul.allow_tf32 = False
IS_QUICK = not torch.cuda.is_available()
DEVICE = "cpu" if IS_QUICK else "cuda"
REPEATS, ROUNDS = (1, 1) if IS_QUICK else (10, 5)


def wait():
    if not IS_QUICK:
        torch.cuda.synchronize()


def microseconds(work):
    """The time of one call on the device: the best of several rounds, after one that does not count."""
    best = float("inf")
    for number in range(-1, ROUNDS):
        if IS_QUICK:
            start = time.perf_counter()
            work()
            took = (time.perf_counter() - start) * 1e6
        else:
            first, last = (torch.cuda.Event(enable_timing=True) for _ in range(2))
            first.record()
            for _ in range(REPEATS):
                work()
            last.record()
            last.synchronize()
            took = first.elapsed_time(last) * 1e3 / REPEATS
        if number >= 0:
            best = min(best, took)
    return best


def bandwidth(name, byte_count, work):
    took = microseconds(work)
    print(f"{name:32s}\t{took:10.2f} us\t{byte_count / took * 1e-3:8.1f} GB/s", flush=True)


def kernels(count):
    print(f"-- {count * 4 >> 20} MiB an operand")
    x, y, z = torch.rand(count, device=DEVICE), torch.rand(count, device=DEVICE), torch.empty(count, device=DEVICE)
    columns = 1024
    rows = count // columns
    xs, ys, zs = x.view(rows, columns), y.view(columns, rows), z.view(rows, columns)
    bandwidth("copy", 8 * count, lambda: z.copy_(x))
    bandwidth("add", 12 * count, lambda: torch.add(x, y, out=z))
    bandwidth("relu", 8 * count, lambda: torch.clamp(x, min=0, out=z))
    bandwidth("gelu", 8 * count, lambda: functional.gelu(x))
    bandwidth("add a row (strided)", 8 * count, lambda: torch.add(xs, y[:columns], out=zs))
    bandwidth("add a transpose", 12 * count, lambda: torch.add(xs, ys.t(), out=zs))
    bandwidth("compare with a number", 5 * count, lambda: x < 0)
    bandwidth("fill", 4 * count, lambda: z.fill_(0))
    bandwidth("copy of a transpose", 8 * count, lambda: zs.view(columns, rows).copy_(xs.t()))
    bandwidth("normal numbers", 4 * count, lambda: z.normal_())
    bandwidth("float32 to int64", 12 * count, lambda: x.to(torch.int64))
    bandwidth("sum of all", 4 * count, lambda: x.sum())
    bandwidth("sum of rows", 4 * count, lambda: xs.sum(1))
    bandwidth("sum of columns", 4 * count, lambda: xs.sum(0))
    bandwidth("sum of rows of 4", 4 * count, lambda: x.view(-1, 4).sum(1))
    if count >= 1 << 16:
        bandwidth("sum over N, H, W", 4 * count, lambda: x.view(-1, 64, 1024).sum((0, 2)))
    bandwidth("sum of a transpose", 4 * count, lambda: xs.t().sum())
    bandwidth("argmax of all", 4 * count, lambda: x.argmax())
    bandwidth("argmax of rows", 4 * count, lambda: xs.argmax(1))
    for length in [16, 256, 1024, 4096, 65536]:
        bandwidth(f"softmax of rows of {length}", 8 * count, lambda: torch.softmax(x.view(-1, length), 1))


def launches():
    print("-- launches")
    x, y = torch.rand(64, device=DEVICE), torch.rand(64, device=DEVICE)
    z = torch.empty_like(x)
    wait()
    start = time.perf_counter()
    for _ in range(5000):
        torch.add(x, y, out=z)
    queued = time.perf_counter() - start
    wait()
    done = time.perf_counter() - start
    print(f"one tiny add\t{queued / 5000 * 1e6:.3f} us queued\t{done / 5000 * 1e6:.3f} us done")
    start = time.perf_counter()
    for _ in range(200):
        x[0].item()
    print(f"read one number\t{(time.perf_counter() - start) / 200 * 1e6:.3f} us")


def copies(count):
    here, there = torch.ones(count), torch.empty(count, device=DEVICE)

    def timed(work):
        best = float("inf")
        for _ in range(3):
            wait()
            start = time.perf_counter()
            work()
            wait()
            best = min(best, time.perf_counter() - start)
        return best * 1e6

    for name, work in [("host to device", lambda: there.copy_(here)), ("device to host", lambda: here.copy_(there))]:
        took = timed(work)
        print(f"{name:32s}\t{took:10.2f} us\t{4 * count / took * 1e-3:8.1f} GB/s", flush=True)


def product(m, k, n):
    x, y, z = torch.randn(m, k, device=DEVICE), torch.randn(k, n, device=DEVICE), torch.empty(m, n, device=DEVICE)
    took = microseconds(lambda: torch.mm(x, y, out=z))
    print(f"matmul 1x{m}x{k}x{n} torch\t{took:10.2f} us\t{2 * m * k * n / took * 1e-6:8.2f} TFLOP/s", flush=True)


def lesson3():
    """Lesson 3's step, as a function that says whether to read the loss."""
    torch.manual_seed(0)
    x, y = torch.randn(64, 784, device=DEVICE), torch.randn(64, 10, device=DEVICE)
    w1 = torch.randn(784, 100, device=DEVICE, requires_grad=True)
    w2 = torch.randn(100, 10, device=DEVICE, requires_grad=True)

    def step(reads):
        loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
        if reads:
            loss.item()
        loss.backward()
        with torch.no_grad():
            w1.sub_(1e-6 * w1.grad)
            w2.sub_(1e-6 * w2.grad)
            w1.grad.zero_()
            w2.grad.zero_()

    return step


def recorded(step):
    """The step as a CUDA graph, as PyTorch's documentation makes one: warmed up on a stream of its own."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):
        step(False)
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        step(False)
    return graph


def per_step(work, count):
    for _ in range(20):
        work()
    wait()
    start = time.perf_counter()
    for _ in range(count):
        work()
    wait()
    return (time.perf_counter() - start) / count * 1e6


def steps():
    count = 20 if IS_QUICK else 1000
    step = lesson3()
    print(f"lesson 3's step, loss read\t{per_step(lambda: step(True), count):.1f} us")
    print(f"lesson 3's step, loss not read\t{per_step(lambda: step(False), count):.1f} us")
    if not IS_QUICK:
        graph = recorded(step)
        print(f"lesson 3's step, from a graph\t{per_step(graph.replay, count):.1f} us")


def main():
    for count in [1 << 16] if IS_QUICK else [4 << 20, 16 << 20, 64 << 20]:
        kernels(count)
    launches()
    copies(1 << 16 if IS_QUICK else 64 << 20)
    sizes = [(64, 784, 100), (784, 64, 100), (64, 100, 10)]
    if not IS_QUICK:
        sizes += [(512,) * 3, (1024,) * 3, (2048,) * 3, (4096,) * 3, (60000, 784, 128)]
    for size in sizes:
        product(*size)
    steps()


main()
