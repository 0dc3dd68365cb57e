import Kindling

// Products, and the same elements in other shapes.
extension SampleEntry {
  static func products() -> [SampleEntry] {
    [
      SampleEntry("mm", ["mm(Tensor)"]) { a in a[0].mm(a[1]) },
      SampleEntry("einsum", ["einsum(String, [Tensor])"]) { a in
        einsum(a.text(0), (1..<a.count).map { a[$0] })
      },
      SampleEntry("addmm", ["addmm(Tensor, Tensor, beta: Double, alpha: Double)"]) { a in
        a[0].addmm(a[1], a[2], beta: a.real(3), alpha: a.real(4))
      },
      SampleEntry("mv", ["mv(Tensor)"]) { a in a[0].mv(a[1]) },
      SampleEntry("dot", ["dot(Tensor)"]) { a in a[0].dot(a[1]) },
      SampleEntry("vdot", ["dot(Tensor)"]) { a in a[0].dot(a[1]) },
      SampleEntry("outer", ["outer(Tensor)"]) { a in a[0].outer(a[1]) },
      SampleEntry("bmm", ["bmm(Tensor)"]) { a in a[0].bmm(a[1]) },
      SampleEntry("matmul", ["matmul(Tensor)"]) { a in a[0].matmul(a[1]) },
      SampleEntry("__rmatmul__", ["matmul(Tensor)"]) { a in a[1].matmul(a[0]) },
      SampleEntry("nn.functional.linear", ["matmul(Tensor)"]) { a in
        let product = a[0].matmul(a[1].t())
        return a.optionalTensor(2).map { product + $0 } ?? product
      },
    ]
  }

  static func views() -> [SampleEntry] { orders() + shapes() + parts() }

  private static func orders() -> [SampleEntry] {
    [
      SampleEntry("t", ["t()"]) { a in a[0].t() },
      SampleEntry("transpose", ["transpose(Int, Int)"]) { a in a[0].transpose(a.int(1), a.int(2)) },
      SampleEntry("T", []) { a in a[0].T },
      SampleEntry("permute", ["permute([Int])", "permute(Int...)"]) { a in
        let order = a.ints(1)
        return order.count == 3 ? a[0].permute(order[0], order[1], order[2]) : a[0].permute(order)
      },
    ]
  }

  private static func shapes() -> [SampleEntry] {
    [
      SampleEntry("reshape", ["reshape(Shape)", "reshape(Int...)"]) { a in
        let sizes = a.ints(1)
        return sizes.count == 2 ? a[0].reshape(sizes[0], sizes[1]) : a[0].reshape(Shape(sizes))
      },
      SampleEntry("reshape_as", ["reshape(Shape)"]) { a in a[0].reshape(a.shape(1)) },
      SampleEntry("view", ["view(Shape)", "view(Int...)"], layouts: [.contiguous, .offset]) { a in
        let sizes = a.ints(1)
        return sizes.count == 2 ? a[0].view(sizes[0], sizes[1]) : a[0].view(Shape(sizes))
      },
      SampleEntry("view_as", ["view(Shape)"], layouts: [.contiguous, .offset]) { a in a[0].view(a.shape(1)) },
      SampleEntry("flatten", ["flatten(startDim: Int, endDim: Int)"]) { a in
        a[0].flatten(startDim: a.int(1), endDim: a.int(2))
      },
      SampleEntry("ravel", ["flatten(startDim: Int, endDim: Int)"]) { a in a[0].flatten() },
      SampleEntry("squeeze", ["squeeze()", "squeeze(Int)"]) { a in
        a.isNull(1) ? a[0].squeeze() : a[0].squeeze(a.int(1))
      },
      SampleEntry("unsqueeze", ["unsqueeze(Int)"]) { a in a[0].unsqueeze(a.int(1)) },
      SampleEntry("expand", ["expand(Shape)", "expand(Int...)"]) { a in
        let sizes = a.ints(1)
        return sizes.count == 2 ? a[0].expand(sizes[0], sizes[1]) : a[0].expand(Shape(sizes))
      },
      SampleEntry("expand_as", ["expand(Shape)"]) { a in a[0].expand(a.shape(1)) },
      SampleEntry("broadcast_to", ["expand(Shape)"]) { a in a[0].expand(a.shape(1)) },
    ]
  }

  private static func parts() -> [SampleEntry] {
    [
      SampleEntry("narrow", ["narrow(dim: Int, start: Int, length: Int)"]) { a in
        a[0].narrow(dim: a.int(1), start: a.int(2), length: a.int(3))
      },
      SampleEntry("select", ["select(dim: Int, index: Int)"]) { a in a[0].select(dim: a.int(1), index: a.int(2)) },
      SampleEntry("diag", ["diag(diagonal: Int)"]) { a in a[0].diag(diagonal: a.int(1)) },
      SampleEntry("diagonal", ["diagonal(offset: Int, dim1: Int, dim2: Int)"]) { a in
        a[0].diagonal(offset: a.int(1), dim1: a.int(2), dim2: a.int(3))
      },
      SampleEntry("linalg.diagonal", ["diagonal(offset: Int, dim1: Int, dim2: Int)"]) { a in
        a[0].diagonal(offset: a.int(1), dim1: a.int(2), dim2: a.int(3))
      },
      SampleEntry("tril", ["tril(diagonal: Int)"]) { a in a[0].tril(diagonal: a.int(1)) },
      SampleEntry("triu", ["triu(diagonal: Int)"]) { a in a[0].triu(diagonal: a.int(1)) },
    ] + splits()
  }

  private static func splits() -> [SampleEntry] {
    let split: @Sendable (Arguments) -> [Tensor] = { a in
      a.value(1).list == nil ? a[0].split(a.int(1), dim: a.int(2)) : a[0].split(a.ints(1), dim: a.int(2))
    }
    return [
      SampleEntry(severalOf: "split", ["split(Int, dim: Int)"]) { split($0) },
      SampleEntry(severalOf: "unsafe_split", ["split(Int, dim: Int)"]) { split($0) },
      SampleEntry(severalOf: "split/list_args", ["split([Int], dim: Int)"]) { split($0) },
      SampleEntry(severalOf: "split_with_sizes", ["split([Int], dim: Int)"]) { split($0) },
      SampleEntry(severalOf: "unbind", ["unbind(dim: Int)"]) { a in a[0].unbind(dim: a.int(1)) },
      SampleEntry(severalOf: "meshgrid/list_of_tensors", ["meshgrid([Tensor], indexing: MeshgridIndexing)"]) { a in
        meshgrid(a.tensorList(0), indexing: a.text(1) == "xy" ? .xy : .ij)
      },
      SampleEntry(severalOf: "chunk", ["chunk(Int, dim: Int)"]) { a in a[0].chunk(a.int(1), dim: a.int(2)) },
      SampleEntry(severalOf: "unsafe_chunk", ["chunk(Int, dim: Int)"]) { a in a[0].chunk(a.int(1), dim: a.int(2)) },
    ]
  }

  static func joining() -> [SampleEntry] {
    [
      SampleEntry("cat", ["cat([Tensor], dim: Int)"]) { a in cat(a.tensorList(0), dim: a.int(1)) },
      SampleEntry("stack", ["stack([Tensor], dim: Int)"]) { a in stack(a.tensorList(0), dim: a.int(1)) },
      SampleEntry("flip", ["flip([Int])"]) { a in a[0].flip(a.ints(1)) },
      SampleEntry("fliplr", ["flip([Int])"]) { a in a[0].flip([1]) },
      SampleEntry("flipud", ["flip([Int])"]) { a in a[0].flip([0]) },
      SampleEntry("roll", ["roll(Int, dims: Int?)", "roll([Int], dims: [Int])"]) { a in
        let (shifts, dims) = (a.ints(1), a.ints(2))
        if shifts.count == 1 && dims.count <= 1 { return a[0].roll(shifts[0], dims: dims.first) }
        return a[0].roll(shifts, dims: dims)
      },
      SampleEntry("repeat", ["repeat(Int...)"]) { a in a.repeated() },
      SampleEntry("tile", ["repeat(Int...)"]) { a in a.repeated() },
      SampleEntry("contiguous", ["contiguous()"]) { a in a[0].contiguous() },
      SampleEntry("clone", ["clone()"]) { a in a[0].clone() },
      SampleEntry("to", ["to(DType)"]) { a in a[0].to(a.dtype(1)) },
      SampleEntry("float", ["to(DType)"]) { a in a[0].to(.float32) },
      SampleEntry("double", ["to(DType)"]) { a in a[0].to(.float64) },
      SampleEntry("long", ["to(DType)"]) { a in a[0].to(.int64) },
      SampleEntry("bool", ["to(DType)"]) { a in a[0].to(.bool) },
    ]
  }
}

extension Arguments {
  fileprivate func repeated() -> Tensor {
    let counts = ints(1)
    switch counts.count {
    case 1: return self[0].repeat(counts[0])
    case 2: return self[0].repeat(counts[0], counts[1])
    case 3: return self[0].repeat(counts[0], counts[1], counts[2])
    default: return self[0].repeat(counts[0], counts[1], counts[2], counts[3])
    }
  }
}
