import Kernels
import Kindling
import Testing

@Suite struct ViewTests {
  let x = Tensor.arange(24).reshape(2, 3, 4)

  @Test func stridesOfViews() {
    #expect(x.strides == [12, 4, 1])
    #expect(x.transpose(0, 2).strides == [1, 4, 12] && x.transpose(0, 2).shape == [4, 3, 2])
    #expect(x.permute(1, 2, 0).strides == [4, 1, 12] && x.permute(1, 2, 0).shape == [3, 4, 2])
    #expect(x[1].offset == 12 && x[1].strides == [4, 1])
    let part = x[.all, .slice(0, 3, step: 2), 1...]
    #expect(part.shape == [2, 2, 3] && part.strides == [12, 8, 1])
    #expect(part.offset == 1)
    #expect(part.toArray(of: Int.self) == [1, 2, 3, 9, 10, 11, 13, 14, 15, 21, 22, 23])
    #expect(x[0, 0, 0].expand(2, 3).strides == [0, 0])
    #expect(x.unsqueeze(1).shape == [2, 1, 3, 4] && x.unsqueeze(-1).squeeze(-1).shape == x.shape)
    #expect(Tensor.arange(9).reshape(3, 3).diagonal().strides == [4])
  }

  /// A view's stride along a dimension of size 1 may be anything; a result lies in row-major order, as in PyTorch.
  @Test func stridesOfResults() {
    let column = Tensor.zeros(1, 5).t()
    #expect(column.strides == [1, 5] && column.isContiguous)
    #expect((column + column).strides == [1, 1] && column.exp().strides == [1, 1])
  }

  @Test func viewsShareStorageAndSeeWrites() {
    let views = [
      x.t3, x.permute(2, 0, 1), x[0], x[.all, 1], x[.ellipsis, 0..<2], x.reshape(6, 4), x.flatten(), x.view(24),
      x.unsqueeze(0), x.expand(5, 2, 3, 4), x.narrow(dim: 2, start: 1, length: 2), x.detach(), x.split(1)[1],
      x.chunk(2)[0],
    ]
    for view in views { #expect(view.storage === x.storage) }
    x[0, 0, 0] = 100
    #expect(x.reshape(6, 4)[0, 0].item() == 100)
    x.flatten()[23] = -1
    #expect(x[1, 2, 3].item() == -1)
    x.transpose(0, 2)[3, 2, 1] = 7
    #expect(x[1, 2, 3].item() == 7)
  }

  @Test func copiesDoNotShare() {
    let copies = [
      x.clone(), x.to(.float32), x.flip([0]), x.repeat(1, 1, 1), x.roll(1, dims: 0), x[Tensor([0, 1])], x + 0,
    ]
    for copy in copies { #expect(copy.storage !== x.storage) }
    let row = Tensor.arange(3)
    #expect(row.repeat(1, 1).storage !== row.storage && row.repeat(1, 1).shape == [1, 3])
  }

  @Test func reshapeCopiesOnlyWhereItMust() {
    let t = x.transpose(0, 1)  // [3, 2, 4] with strides [4, 12, 1]
    #expect(t.reshape(3, 2, 2, 2).storage === x.storage)
    #expect(t.reshape(3, 2, 2, 2).strides == [4, 12, 2, 1])
    #expect(t.reshape(6, 4).storage !== x.storage)
    #expect(t.reshape(6, 4)[1].toArray() == [12, 13, 14, 15])
    #expect(x[.all, .all, 0].reshape(6).storage === x.storage)
    #expect(x[.all, 0].reshape(8).storage !== x.storage)
    #expect(x.expand(5, 2, 3, 4).reshape(5, 24).storage === x.storage)
    #expect(x.reshape(-1, 8).shape == [3, 8])
  }

  @Test func contiguousCopiesOnlyWhereItMust() {
    #expect(x.contiguous() === x && x.isContiguous)
    #expect(x[1].isContiguous && x[1].contiguous().storage === x.storage)
    let t = x.transpose(0, 2)
    #expect(!t.isContiguous && t.contiguous().isContiguous && t.contiguous().storage !== x.storage)
    #expect(t.contiguous().toArray() == t.toArray())
    #expect(x[.all, 0..<1].isContiguous == false && x[0..<1].isContiguous)
  }

  @Test func readsElementsOfViews() {
    #expect(x[1, 2, 3].item() == 23 && x[1, 2, 3].item(as: Int.self) == 23 && x[1, 2, 3].item(as: Float.self) == 23)
    #expect(x[0].t().toArray(of: Int.self) == [0, 4, 8, 1, 5, 9, 2, 6, 10, 3, 7, 11])
    #expect(Tensor([1.5, -2.5]).toArray(of: Int.self) == [1, -2])
    #expect(Tensor([0.0, 0.5]).toArray(of: Bool.self) == [false, true])
    #expect(Tensor([1 << 53 + 1]).item(as: Int.self) == 1 << 53 + 1)
    #expect(Tensor([0.1]).item() == Double(Float(0.1)) && Tensor([0.1], dtype: .float64).item() == 0.1)
  }
}

extension Tensor {
  fileprivate final var t3: Tensor { transpose(0, 2) }
}

@Suite struct IndexingTests {
  @Test func partsAsInPython() {
    let x = Tensor.arange(10)
    #expect(x[2..<5].toArray() == [2, 3, 4] && x[2...4].toArray() == [2, 3, 4])
    #expect(x[7...].toArray() == [7, 8, 9] && x[..<2].toArray() == [0, 1] && x[...2].toArray() == [0, 1, 2])
    #expect(x[(-3)...].toArray() == [7, 8, 9] && x[..<(-8)].toArray() == [0, 1])
    #expect(
      x[-3 ... -1].toArray() == [7, 8, 9] && x[-3 ..< -1].toArray() == [7, 8] && x[...(-9)].toArray() == [0, 1])
    #expect(x[.slice(1, 8, step: 3)].toArray() == [1, 4, 7] && x[.slice(-4, -1)].toArray() == [6, 7, 8])
    #expect(x[5..<100].toArray() == [5, 6, 7, 8, 9] && x[20..<30].shape == [0] && x[-1].item() == 9)
    let m = x.reshape(2, 5)
    #expect(m[.newAxis, 0].shape == [1, 5] && m[.all, .newAxis].shape == [2, 1, 5])
    #expect(m[.ellipsis, -1].toArray() == [4, 9] && m[1, .ellipsis].shape == [5] && m[.ellipsis].shape == [2, 5])
  }

  @Test func masksAndIndices() {
    let x = Tensor.arange(6).reshape(3, 2)
    #expect(x[x > 2].toArray() == [3, 4, 5] && x[x > 9].shape == [0])
    #expect(x[Tensor([true, false, true])].toArray() == [0, 1, 4, 5])
    #expect(x[Tensor([2, -3, 2])].toArray() == [4, 5, 0, 1, 4, 5])
    #expect(x[Tensor([[0, 1], [2, 0]])].shape == [2, 2, 2])
    #expect(x.nonzero().toArray() == [0, 1, 1, 0, 1, 1, 2, 0, 2, 1])
  }

  @Test func writesToParts() {
    let x = Tensor.zeros(3, 4)
    x[0] = 1
    x[.all, 1] = Tensor([5.0, 6.0, 7.0])
    x[1, 2...] = Tensor([2.0])
    x[2, 3] = 9
    #expect(x.toArray() == [1, 5, 1, 1, 0, 6, 2, 2, 0, 7, 0, 9])
    x[x > 4] = 0
    #expect(x.toArray() == [1, 0, 1, 1, 0, 0, 2, 2, 0, 0, 0, 0])
    x[x == 2] = Tensor([10.0, 20.0])
    #expect(x[1].toArray() == [0, 0, 10, 20])
    x[Tensor([true, false, false])] = Tensor([1.0, 2.0, 3.0, 4.0])
    #expect(x[0].toArray() == [1, 2, 3, 4])
    x[Tensor([true, false, true])] = Tensor([[1.0, 1.0, 1.0, 1.0], [2.0, 2.0, 2.0, 2.0]])
    #expect(x.sum(dim: 1).toArray() == [4, 30, 8])
    x[Tensor([0, -1])] = Tensor([[8.0], [9.0]])
    #expect(x.toArray() == [8, 8, 8, 8, 0, 0, 10, 20, 9, 9, 9, 9])
    let flags = Tensor.zeros(3, dtype: .bool)
    flags[1] = true
    #expect(flags.toArray(of: Bool.self) == [false, true, false])
  }

  @Test func theArticlesMask() {
    let h = Tensor([-1.0, 0.0, 2.0]), gradH = Tensor([5.0, 6.0, 7.0])
    gradH[h < 0] = 0
    #expect(gradH.toArray() == [0, 6, 7])
  }

  /// A part copied over another of the same tensor must be read as it was before.
  @Test func overlappingWrites() {
    let x = Tensor.arange(6)
    x[1...] = x[..<5]
    #expect(x.toArray() == [0, 0, 1, 2, 3, 4])
    let m = Tensor.arange(9).reshape(3, 3)
    m += m.t()
    #expect(m.toArray() == [0, 4, 8, 4, 8, 12, 8, 12, 16])
    let y = Tensor([1.0, 2.0, 3.0])
    y -= y[0]
    #expect(y.toArray() == [0, 1, 2])
    let z = Tensor([1.0, 2.0, 3.0])
    z.copy_(z.flip([0]))
    z[0..<2].copy_(z[1...])
    #expect(z.toArray() == [2, 1, 1])
  }
}

@Suite struct TypeTests {
  @Test func promotionOfTensors() {
    let types = DType.allCases  // float32, float64, int32, int64, bool
    let table: [[DType]] = [
      [.float32, .float64, .float32, .float32, .float32], [.float64, .float64, .float64, .float64, .float64],
      [.float32, .float64, .int32, .int64, .int32], [.float32, .float64, .int64, .int64, .int64],
      [.float32, .float64, .int32, .int64, .bool],
    ]
    for (i, a) in types.enumerated() {
      for (j, b) in types.enumerated() {
        let (x, y) = (Tensor.ones(2, dtype: a), Tensor.ones(2, dtype: b))
        #expect((x + y).dtype == table[i][j] && (x * y).dtype == table[i][j], "\(a) and \(b)")
        #expect((x / y).dtype == (table[i][j].isFloatingPoint ? table[i][j] : .float32), "\(a) over \(b)")
        #expect((x < y).dtype == .bool && Tensor.where(x == y, x, y).dtype == table[i][j])
        #expect(cat([x, y]).dtype == table[i][j])
        // One that has no dimensions lifts the category only.
        let single = Tensor.ones(dtype: b)
        let isHigher = (b.isFloatingPoint && !a.isFloatingPoint) || (a == .bool && b != .bool)
        #expect((x + single).dtype == (isHigher ? b : a), "\(a) and a single \(b)")
      }
    }
  }

  @Test func promotionWithNumbers() {
    let integers = Tensor([1, 2]), flags = Tensor([true, false]), doubles = Tensor([1.0], dtype: .float64)
    #expect((integers + 1).dtype == .int64 && (integers * 2.5).dtype == .float32 && (integers / 2).dtype == .float32)
    #expect((flags + 1).dtype == .int64 && (flags * 0.5).dtype == .float32 && (doubles * 2).dtype == .float64)
    #expect((doubles * 0.1).item() == 0.1 && (0.1 + doubles).item() == 1.1)
    #expect(
      (integers * 2.5).toArray() == [2.5, 5] && (integers - 1).toArray() == [0, 1]
        && (5 - integers).toArray() == [4, 3])
    #expect((integers > 1.5).toArray(of: Bool.self) == [false, true])
    let (n, d) = (3, 0.5)
    #expect((integers * n).dtype == .int64 && (integers * d).dtype == .float32)
  }

  @Test func boolArithmetic() {
    let a = Tensor([true, true, false]), b = Tensor([true, false, false])
    #expect(
      (a + b).toArray(of: Bool.self) == [true, true, false] && (a * b).toArray(of: Bool.self) == [true, false, false])
    #expect(
      (a .& b).toArray(of: Bool.self) == [true, false, false] && (!a).toArray(of: Bool.self) == [false, false, true])
    #expect(
      a.sum().item(as: Int.self) == 2 && a.sum().dtype == .int64
        && a.to(.float32).mean().item() == Double(Float(2.0 / 3)))
    b += a
    #expect(b.toArray(of: Bool.self) == [true, true, false])
    #expect(Tensor.full([2], 0.5, dtype: .bool).toArray(of: Bool.self) == [true, true])
  }

  @Test func literalsAndArrays() {
    #expect(Tensor(3).dtype == .int64 && Tensor(2.5).dtype == .float32 && Tensor(true).dtype == .bool)
    #expect(
      Tensor(3).shape == [] && Tensor([[1, 2], [3, 4]]).shape == [2, 2] && Tensor([[[1.0]]]).shape == [1, 1, 1])
    #expect(Tensor([1.5, 2.5], dtype: .int64).toArray() == [1, 2])
    #expect(Tensor([[Int]]()).shape == [0, 0] && Tensor([Double]()).shape == [0])
    #expect(
      Tensor.eye(2, 3).toArray() == [1, 0, 0, 0, 1, 0]
        && Tensor.linspace(0, 1, steps: 5).toArray() == [0, 0.25, 0.5, 0.75, 1])
    #expect(
      Tensor.arange(1, 8, step: 3).toArray() == [1, 4, 7] && Tensor.arange(3, 0, step: -1).toArray() == [3, 2, 1])
    #expect(Tensor.arange(0.0, 1, step: 0.25).toArray() == [0, 0.25, 0.5, 0.75])
  }

  @Test func inPlaceOperatorsOnALet() {
    let x = Tensor([1.0, 2.0])
    let alias = x
    x += 1
    x *= Tensor([2.0, 3.0])
    x -= Tensor(1.0)
    x /= 2
    #expect(alias.toArray() == [1.5, 4])
    for part in [x] { part.zero_() }
    #expect(alias.toArray() == [0, 0])
    x.add_(Tensor([1.0, 2.0]), alpha: 3).mul_(2).clamp_(max: 10).sub_(Tensor(1.0), alpha: 2)
    #expect(x.toArray() == [4, 8])
    let n = Tensor([5, -5])
    n.clamp_(max: 3)
    #expect(n.toArray() == [3, -5] && n.dtype == .int64)
  }
}

@Suite struct EmptyTests {
  @Test func emptyTensors() {
    let x = Tensor.zeros(0, 3)
    #expect(
      x.toArray() == [] && (x + 1).shape == [0, 3] && x.sum().item() == 0 && x.sum(dim: 0).toArray() == [0, 0, 0])
    #expect(x.mm(Tensor.ones(3, 2)).shape == [0, 2] && x.t().mm(x).toArray() == [Double](repeating: 0, count: 9))
    #expect(x.t().shape == [3, 0] && x.reshape(3, 0).shape == [3, 0] && x.mean().item().isNaN)
    #expect(x.amax(dims: [1]).shape == [0] && x.softmax(dim: 1).shape == [0, 3] && x.prod().item() == 1)
    #expect(
      cat([x, Tensor.ones(1, 3)]).shape == [1, 3] && x.all().item(as: Bool.self) && !x.any().item(as: Bool.self))
    #expect(x[x > 0].shape == [0] && x.logSumExp(dim: 0).toArray() == [-Double.infinity, -.infinity, -.infinity])
  }

  @Test func tensorsOfNoDimensions() {
    let x = Tensor(3.0)
    #expect(x.rank == 0 && x.elementCount == 1 && (x * x).item() == 9 && x.sum(dim: 0).item() == 3)
    #expect(
      x.reshape(1, 1).shape == [1, 1] && x.flatten().shape == [1] && x.t().shape == [] && x.squeeze().shape == [])
    #expect(x.expand(2, 2).toArray() == [3, 3, 3, 3] && x.max(dim: 0).indices.item() == 0 && x.argmax().item() == 0)
    #expect(x.softmax(dim: 0).item() == 1 && x.cumsum(dim: -1).item() == 3 && x.clone().fill_(2).item() == 2)
    #expect(stack([x, x]).shape == [2] && x[.newAxis].shape == [1] && (x > 2).item(as: Bool.self))
  }
}

/// In a process of its own: other tests would be counted too.
@Suite struct MemoryTests {
  @Test func aTrainingStepInSteadyStateAsksTheSystemForNothing() async {
    await #expect(processExitsWith: .success) {
      let w1 = Tensor.randn(64, 32, requiresGrad: true), w2 = Tensor.randn(32, 10, requiresGrad: true)
      let x = Tensor.randn(16, 64), y = Tensor.randn(16, 10)
      func step() {
        let loss = (x.mm(w1).clamp(min: 0).mm(w2) - y).pow(2).sum()
        loss.backward()
        noGrad {
          w1 -= 1e-6 * w1.grad!
          w2 -= 1e-6 * w2.grad!
          w1.grad!.zero_()
          w2.grad!.zero_()
        }
      }
      for _ in 0..<10 { step() }
      let before = KindlingMemoryStatistics()
      for _ in 0..<50 { step() }
      let after = KindlingMemoryStatistics()
      precondition(after.systemAllocations == before.systemAllocations, "\(before) \(after)")
      precondition(
        after.bytesInUse == before.bytesInUse && after.allocations > before.allocations, "\(before) \(after)")
    }
  }
}
