import Kindling
import Testing

/// Views and writes that are recorded. Every kind of view, read after a write and written itself, has rows in
/// OperationTableWrites.swift; here is what no row can say. Numbers are PyTorch's.
@Suite struct ViewHistoryTests {
  let w = Tensor([2.0, 3.0], requiresGrad: true)

  @Test func aViewOfConstantsSeesTheHistoryWrittenToItsBase() {
    let base = Tensor.zeros(2)
    let view = base.view(2, 1)
    base.add_(w)
    #expect(view.requiresGrad && !view.isLeaf && base.requiresGrad)
    (view.reshape(2) * w).sum().backward()
    #expect(w.grad?.toArray() == [4, 6])
  }

  @Test func rowsAndTransposesSeeIt() {
    let table = Tensor.zeros(2, 2)
    let row = table[0]
    let column = row.view(2, 1)
    table[0] = w
    (column * column).sum().backward()
    #expect(row.requiresGrad && w.grad?.toArray() == [4, 6])
    let v = Tensor([[2.0, 3.0], [4.0, 5.0]], requiresGrad: true)
    let cache = Tensor.zeros(2, 2)
    let transpose = cache.t()
    cache.copy_(v)
    (transpose * Tensor([[1.0, 2.0], [3.0, 4.0]])).sum().backward()
    #expect(v.grad?.toArray() == [1, 3, 2, 4])
  }

  /// PyTorch forbids it: whether the view or the write was meant to be recorded, it cannot tell. Here the write decides.
  @Test func aViewTakenInNoGradSeesItToo() {
    let base = Tensor.zeros(2)
    let view = noGrad { base.view(2, 1) }
    base.add_(w)
    (view * view).sum().backward()
    #expect(w.grad?.toArray() == [4, 6])
    // split and chunk, which PyTorch forbids as well.
    let other = Tensor.zeros(2)
    let parts = other.chunk(2)
    other.add_(w)
    parts[1].mul_(5)
    w.grad = nil
    (parts[0] * parts[1] + other.sum()).sum().backward()
    #expect(other.toArray() == [2, 15] && w.grad?.toArray() == [16, 15])
  }

  @Test func aDetachedTensorSeesTheNumbersAndNoHistory() {
    let base = Tensor.zeros(2)
    let detached = base.detach()
    base.add_(w)
    #expect(detached.toArray() == [2, 3] && !detached.requiresGrad)
    detached.mul_(w)
    #expect(base.toArray() == [4, 9] && detached.requiresGrad)
    base.sum().backward()
    #expect(w.grad?.toArray() == [1, 1])
  }

  @Test func aBaseThatOnlyItsViewHoldsKeepsItsHistory() {
    func view() -> Tensor {
      let base = Tensor.zeros(2)
      let view = base.view(2, 1)
      base.add_(w)
      return view
    }
    let kept = view()
    (kept * kept).sum().backward()
    #expect(w.grad?.toArray() == [4, 6])
  }

  @Test func aBaseThatRequiresAGradientLaterGivesItToItsViews() {
    let base = Tensor.zeros(2)
    let view = base.view(2, 1)
    base.requiresGrad_()
    #expect(view.requiresGrad)
    (view * 3).sum().backward()
    #expect(base.grad?.toArray() == [3, 3])
  }

  @Test func gradientsAskedForAtAViewThatHasFollowed() {
    let base = Tensor.zeros(2)
    let view = base.view(2, 1)
    base.add_(w)
    let gradients = grad(of: (view * 3).sum(), wrt: [view, w, base], retainGraph: true)
    #expect(gradients.map(\.shape) == [[2, 1], [2], [2]] && gradients.allSatisfy { $0.toArray() == [3, 3] })
    var seen: [Double] = []
    view.retainGrad()
    view.registerHook {
      seen = $0.toArray()
      return nil
    }
    (view * 4).sum().backward()
    #expect(seen == [4, 4] && view.grad?.toArray() == [4, 4])
  }

  @Test func readingInNoGradRecordsNothing() {
    let base = Tensor.zeros(2)
    let view = base.view(2, 1)
    base.add_(w)
    #expect(!noGrad { view * 2 }.requiresGrad && (view * 2).requiresGrad)
  }

  @Test func whatWasReadBeforeAWriteKeepsItsHistory() {
    let y = w * 1
    let view = y[0]
    let before = view * 2
    y.mul_(3)
    (before + view).backward()
    #expect(w.grad?.toArray() == [5, 0])
  }

  @Test func writesThroughAViewBecomePartOfTheBase() {
    let y = w * 1
    let view = y[0]
    view.mul_(3)
    view.mul_(2)
    (view + y.sum()).backward()
    #expect(y.toArray() == [12, 3] && w.grad?.toArray() == [12, 1])
    // Through one view, seen through another one.
    let table = Tensor.ones(2, 2)
    let (row, column) = (table[0], table[.all, 0])
    row.mul_(w)
    w.grad = nil
    (3 * column.sum() + table.sum()).backward()
    #expect(w.grad?.toArray() == [4, 1])
  }

  /// A base need not lie in row-major order, nor from the start of its storage, nor without gaps.
  @Test(arguments: ["transposed", "with gaps", "further on"]) func basesThatLieAnyhow(_ kind: String) {
    let memory = Tensor.zeros(3, 4)
    let base =
      switch kind {
      case "transposed": memory[..<2, ..<2].t().detach()
      case "with gaps": memory[0..<2, .slice(0, 4, step: 3)].detach()
      default: memory[1..., 2...].detach()
      }
    let m = Tensor([[1.0, 2.0], [3.0, 4.0]], requiresGrad: true)
    let row = base[1]
    base.add_(m).mul_(m)
    row.add_(m[0])
    ((row * Tensor([10.0, 20.0])).sum() + base.sum()).backward()
    #expect(base.toArray() == [1, 4, 10, 18] && m.grad?.toArray() == [13, 25, 66, 168])
    #expect(memory.sum().item() == 33 && !memory.requiresGrad)
  }

  /// A gradient may lie in memory just as the view does that it belongs to, and be no part of a whole.
  @Test func gradientsThatLieAsTheViewDoes() {
    let v = Tensor.arange(6, dtype: .float32).reshape(2, 3).requiresGrad_()
    let base = Tensor.zeros(2, 3)
    let ends = base[.all, .slice(0, 3, step: 2)]
    base.copy_(v)
    let gradient = Tensor([[1.0, 9, 2], [3, 9, 4]])[.all, .slice(0, 3, step: 2)]
    #expect(gradient.strides == ends.strides)
    ends.backward(gradient: gradient)
    #expect(v.grad?.toArray() == [1, 0, 2, 3, 0, 4])
  }

  @Test func newElementsLeaveOldViewsAlone() {
    let base = Tensor.zeros(2)
    let view = base[0]
    base.setData(Tensor.ones(2))
    base.add_(w)
    #expect(view.item() == 0 && !view.requiresGrad)
    view.add_(w[0])
    #expect(view.item() == 2 && base.toArray() == [3, 4])
  }

  @Test func theGraphNamesWhatHappened() {
    let base = Tensor.zeros(2)
    let view = base.view(2, 1)
    base.add_(w)
    let graph = ComputationGraph(of: view.sum())
    #expect(graph.vertices.map(\.name) == ["constant", "leaf", "add", "as_strided", "sum"])
  }
}

/// Where PyTorch hands out a tensor of its own, which can require gradients by itself, so does Kindling; and where it hands
/// back the very same one.
@Suite struct IdentityTests {
  let x = Tensor.ones(2, 3)

  @Test func viewsAreTensorsOfTheirOwn() {
    let row = Tensor.ones(3), number = Tensor(1.0)
    let views: [(name: String, base: Tensor, view: Tensor)] = [
      ("reshape", x, x.reshape(2, 3)), ("view", x, x.view(2, 3)), ("expand", x, x.expand(2, 3)),
      ("expand shape", x, x.expand([2, -1])), ("squeeze", x, x.squeeze()), ("squeeze(0)", x, x.squeeze(0)),
      ("transpose", x, x.transpose(1, 1)), ("permute", x, x.permute(0, 1)),
      ("narrow", x, x.narrow(dim: 0, start: 0, length: 2)),
      ("[.all]", x, x[.all]), ("[.ellipsis]", x, x[.ellipsis]), ("[.all, .all]", x, x[.all, .all]),
      ("[0..<2]", x, x[0..<2]), ("split", x, x.split(2)[0]), ("split sizes", x, x.split([2])[0]),
      ("chunk", x, x.chunk(1)[0]), ("detach", x, x.detach()), ("t of a vector", row, row.t()),
      ("reshape of a vector", row, row.reshape(-1)), ("squeeze of a number", number, number.squeeze()),
      ("squeeze(0) of a number", number, number.squeeze(0)), ("t of a number", number, number.t()),
      ("expand of a number", number, number.expand([])), ("flatten of a number", number, number.flatten()),
      ("transpose of a number", number, number.transpose(0, -1)), ("permute of a number", number, number.permute([])),
    ]
    for (name, base, view) in views {
      #expect(view !== base && view.storage === base.storage, "\(name)")
      view.requiresGrad_()
      #expect(!base.requiresGrad, "\(name)")
    }
    let empty = Tensor.zeros(0, 3)
    #expect(empty.split(2)[0] !== empty && empty.chunk(2)[0] !== empty)
  }

  @Test func copiesAreTensorsOfTheirOwn() {
    let copies: [(name: String, copy: Tensor)] = [
      ("roll", x.roll(0, dims: 0)), ("roll all", x.roll(6)), ("repeat", x.repeat(1, 1)), ("cat", cat([x])),
      ("flip", x.flip([])), ("tril", x.tril(diagonal: 9)), ("clone", x.clone()), ("diag", x.diag()),
      ("round", x.round()),
      ("clamp", x.clamp(min: -5)), ("sum", x.sum(dims: [0], keepDim: true)), ("cumsum", x.cumsum(dim: 0)),
      ("mask", x[x > 0]), ("indices", x[Tensor([0, 1])]),
      ("indexSelect", x.indexSelect(dim: 0, index: Tensor([0, 1]))),
      ("pow", x.pow(1)), ("where", Tensor.where(x > 0, x, x)), ("abs", x.abs()), ("+ 0", x + 0),
    ]
    for (name, copy) in copies { #expect(copy !== x && copy.storage !== x.storage, "\(name)") }
    let number = Tensor(1.0)
    #expect(number.cumsum(dim: 0) !== number && number.max(dim: 0).values.storage !== number.storage)
    #expect(Tensor.zeros(0).roll(1).storage !== Tensor.zeros(0).storage)
  }

  @Test func whatHasNothingToDoAnswersWithItself() {
    let row = Tensor.ones(3)
    #expect(x.contiguous() === x && x.to(.float32) === x && x.to(.cpu) === x)
    #expect(row.flatten() === row && x.flatten(startDim: 1) === x && x.requiresGrad_(false) === x)
  }
}
