# PyTorch's side of gpu-bench, same card, same sizes. TF32 off, as in Kindling.
import time, torch
dev = "cuda" if torch.cuda.is_available() else "cpu"
quick = dev == "cpu"
torch.backends.cuda.matmul.allow_tf32 = False
torch.set_float32_matmul_precision("highest")
sync = torch.cuda.synchronize if dev == "cuda" else (lambda: None)
def us(f, n=10, rounds=5):
    if quick: n, rounds = 1, 1
    for _ in range(3): f()
    best = 1e30
    for _ in range(rounds):
        if dev == "cuda":
            a, b = torch.cuda.Event(enable_timing=True), torch.cuda.Event(enable_timing=True)
            a.record(); [f() for _ in range(n)]; b.record(); b.synchronize(); t = a.elapsed_time(b) * 1e3 / n
        else:
            s = time.perf_counter(); [f() for _ in range(n)]; t = (time.perf_counter() - s) * 1e6 / n
        best = min(best, t)
    return best
def bw(name, f, bytes): t = us(f); print(f"{name:44s}\t{t:10.2f} us\t{bytes / t * 1e-3:8.1f} GB/s", flush=True)
big = 1 << 16 if quick else 64 << 20
n = big if quick else 4 << 20
while n <= big:
    print(f"-- {n * 4 >> 20} MiB an operand")
    x, y, z = torch.rand(n, device=dev), torch.rand(n, device=dev), torch.empty(n, device=dev)
    c = 1024; r = n // c; X, Y, Z = x.view(r, c), y.view(c, r), z.view(r, c)
    bw("copy", lambda: z.copy_(x), 8 * n); bw("add", lambda: torch.add(x, y, out=z), 12 * n)
    bw("relu", lambda: torch.clamp(x, min=0, out=z), 8 * n); bw("gelu", lambda: torch.nn.functional.gelu(x), 8 * n)
    bw("add a row (strided)", lambda: torch.add(X, y[:c], out=Z), 8 * n); bw("add a transpose", lambda: torch.add(X, Y.t(), out=Z), 12 * n)
    bw("compare with a number", lambda: x < 0, 5 * n); bw("fill", lambda: z.fill_(0), 4 * n)
    bw("copy of a transpose", lambda: Z.view(c, r).copy_(X.t()), 8 * n); bw("float32 to int64", lambda: x.to(torch.int64), 12 * n)
    bw("sum of all", lambda: x.sum(), 4 * n); bw("sum of rows", lambda: X.sum(1), 4 * n); bw("sum of columns", lambda: X.sum(0), 4 * n)
    bw("argmax of all", lambda: x.argmax(), 4 * n); bw("sum of a transpose", lambda: X.t().sum(), 4 * n)
    bw("softmax of rows of 1024", lambda: torch.softmax(X, 1), 8 * n); bw("normal numbers", lambda: z.normal_(), 4 * n)
    n *= 4
print("-- launches")
a, b = torch.rand(64, device=dev), torch.rand(64, device=dev); o = torch.empty_like(a)
sync(); s = time.perf_counter()
for _ in range(5000): torch.add(a, b, out=o)
q = time.perf_counter() - s; sync(); print(f"one tiny add\t{q / 5000 * 1e6:.3f} us queued\t{(time.perf_counter() - s) / 5000 * 1e6:.3f} us done")
for m, k, nn in [(64, 784, 100), (784, 64, 100), (64, 100, 10)] + ([] if quick else [(512,) * 3, (1024,) * 3, (2048,) * 3, (4096,) * 3, (60000, 784, 128)]):
    A, B = torch.randn(m, k, device=dev), torch.randn(k, nn, device=dev); C = torch.empty(m, nn, device=dev)
    t = us(lambda: torch.mm(A, B, out=C)); print(f"matmul 1x{m}x{k}x{nn} torch       \t{t:10.2f} us\t{2 * m * k * nn / t * 1e-6:8.2f} TFLOP/s", flush=True)
# lesson 3's step: as written, and as a graph
def lesson3(steps, read):
    torch.manual_seed(0)
    x, y = torch.randn(64, 784, device=dev), torch.randn(64, 10, device=dev)
    w1, w2 = torch.randn(784, 100, device=dev, requires_grad=True), torch.randn(100, 10, device=dev, requires_grad=True)
    def step():
        loss = (x.mm(w1).clamp(min=0).mm(w2) - y).pow(2).sum()
        if read: loss.item()
        loss.backward()
        with torch.no_grad():
            w1.sub_(1e-6 * w1.grad); w2.sub_(1e-6 * w2.grad); w1.grad.zero_(); w2.grad.zero_()
    for _ in range(20): step()
    sync(); s = time.perf_counter()
    for _ in range(steps): step()
    sync(); eager = (time.perf_counter() - s) / steps * 1e6
    replay = float("nan")
    if dev == "cuda" and not read:
        st = torch.cuda.Stream(); st.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(st): step()
        torch.cuda.current_stream().wait_stream(st); g = torch.cuda.CUDAGraph()
        with torch.cuda.graph(g): step()
        g.replay(); sync(); s = time.perf_counter()
        for _ in range(steps): g.replay()
        sync(); replay = (time.perf_counter() - s) / steps * 1e6
    return eager, replay
count = 20 if quick else 1000
print(f"lesson 3's step, loss read\t{lesson3(count, True)[0]:.1f} us")
eager, graph = lesson3(count, False)
print(f"lesson 3's step, loss not read\t{eager:.1f} us")
print(f"lesson 3's step, from a graph\t{graph:.1f} us")
