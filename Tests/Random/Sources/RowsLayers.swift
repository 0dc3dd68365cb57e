import Kindling

// What layers are made of: normalizations, convolutions, pools, embeddings.

/// Numbers that keep a divisor from 0.
private func eps(_ chooser: inout Chooser) -> Double { chooser.random.element([1e-5, 0.01, 0.5]) }

/// A normalization over the last dimensions, with a weight, and with a bias where there is a place for one.
private func lastDimensions(
  _ swift: String, _ python: String, hasBias: Bool, _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python,
    choose: { chooser in
      let a = chooser.operand(.floating, .rank(1))
      let shape = chooser.shape(a)
      let last = Array(shape.suffix(chooser.random.integer(1...max(1, shape.count))))
      let kind = Kind(chooser.type(a).dtype)
      let others = (0..<(hasBias ? 2 : 1)).map { _ in chooser.operand(kind, .exactly(last)) }
      return Choice(operands: [a] + others, integers: last, reals: [eps(&chooser)])
    },
    type: { call in
      let others = call.operands.dropFirst()
      if others.contains(where: { $0.dtype != call.a.dtype }) { return .undefined }
      // One number less its mean is 0; PyTorch's is what rounding leaves of it.
      if hasBias && call.integers.reduce(1, *) == 1 { return .undefined }
      if call.integers.isEmpty || Array(call.a.shape.suffix(call.integers.count)) != call.integers { return .refused }
      return others.allSatisfy { $0.shape == call.integers } ? .gives(call.a.dtype, call.a.shape) : .refused
    }, apply: apply
  ).cancellingInDerivative.overflowing
}

/// A pool whose windows have the size `{i}`, the stride `{j}` and the padding `{k}`; for some `{l}` is how far apart the
/// numbers of a window lie, and `{flag}` whether the last window may hang over the end.
private func pool(
  _ swift: String, _ python: String, dilates: Bool = false, hasCeiling: Bool = true,
  _ apply: @escaping @Sendable (Call<Tensor>) -> Tensor
) -> Row {
  Row(
    swift: swift, python: python,
    choose: { chooser in
      let a = chooser.operand(.floating, .ranks(3...4))
      let size = chooser.random.integer(1...3)
      let padding = chooser.random.integer(0...(size / 2 + (chooser.isWild ? 1 : 0)))
      let windows = [size, chooser.random.integer(1...3), padding]
      let dilation = dilates ? [chooser.random.element([1, 1, 2])] : []
      return Choice(operands: [a], integers: windows + dilation + (hasCeiling ? [chooser.random.integer(0...1)] : []))
    },
    type: { call in
      let shape = call.a.shape
      if shape.count != 3 && shape.count != 4 { return .refused }
      if shape.suffix(3).contains(0) || call.i < 1 || call.j < 1 || (dilates && call.l < 1) { return .undefined }
      let (stride, padding) = (call.j, call.k)
      let reach = (call.i - 1) * (dilates ? call.l : 1)
      // Of a window that is spread PyTorch's documents say one thing and its code another.
      if dilates && call.l > 1 && padding > 0 { return .undefined }
      if padding > (reach + 1) / 2 { return .refused }
      var result = shape
      for d in [shape.count - 2, shape.count - 1] {
        let room = shape[d] + 2 * padding - reach - 1
        if room < 0 { return .refused }
        let isRoundedUp = hasCeiling && call.flag
        let count = (room + (isRoundedUp ? stride - 1 : 0)) / stride + 1
        result[d] = isRoundedUp && (count - 1) * stride >= shape[d] + padding ? count - 1 : count
      }
      return .gives(call.a.dtype, result)
    }, apply: apply)
}

extension Table {
  static let norms: [Row] = [
    lastDimensions(
      "{a}.layerNorm({list}, weight: {b}, bias: {c}, eps: {x})",
      "F.layer_norm({a}, {list}, weight={b}, bias={c}, eps={x})", hasBias: true
    ) { $0.a.layerNorm(Shape($0.integers), weight: $0.b, bias: $0.c, eps: $0.x) },
    lastDimensions(
      "{a}.rmsNorm({list}, weight: {b}, eps: {x})", "F.rms_norm({a}, {list}, weight={b}, eps={x})", hasBias: false
    ) { $0.a.rmsNorm(Shape($0.integers), weight: $0.b, eps: $0.x) },
    Row(
      swift: "{a}.batchNorm(weight: {b}, bias: {c}, training: true, eps: {x})",
      python: "F.batch_norm({a}, None, None, weight={b}, bias={c}, training=True, eps={x})",
      choose: { chooser in
        let a = chooser.operand(.floating, .rank(2))
        let channels = chooser.shape(a).dropFirst().first ?? 1
        let kind = Kind(chooser.type(a).dtype)
        let (b, c) = (chooser.operand(kind, .exactly([channels])), chooser.operand(kind, .exactly([channels])))
        return Choice(operands: [a, b, c], reals: [eps(&chooser)])
      },
      type: { call in
        let (a, b, c) = (call.a, call.b, call.c)
        if a.dtype != b.dtype || a.dtype != c.dtype { return .undefined }
        if a.rank < 2 { return .refused }
        if a.count == 0 { return .undefined }
        if a.count == a.shape[1] || b.shape != [a.shape[1]] || c.shape != [a.shape[1]] { return .refused }
        return .gives(a.dtype, a.shape)
      },
      apply: { $0.a.batchNorm(weight: $0.b, bias: $0.c, training: true, eps: $0.x) }
    ).cancellingInDerivative.overflowing,
    // Without a weight: PyTorch multiplies mean and weight first, and makes NaN of ∞ - ∞ where the weight is infinite.
    Row(
      swift: "{a}.batchNorm(runningMean: .full([{i}], {x}, dtype: {a}.dtype), "
        + "runningVar: .full([{i}], {y}, dtype: {a}.dtype))",
      python: "F.batch_norm({a}, torch.full(({i},), {x}, dtype={a}.dtype), torch.full(({i},), {y}, dtype={a}.dtype))",
      choose: { chooser in
        let a = chooser.operand(.floating, .rank(2))
        let channels = chooser.shape(a).dropFirst().first ?? 1
        return Choice(operands: [a], integers: [channels], reals: [chooser.random.element([0, -0.5, 2]), 0.25])
      },
      type: { call in
        if call.a.count == 0 { return .undefined }
        return call.a.rank < 2 || call.i != call.a.shape[1] ? .refused : .gives(call.a.dtype, call.a.shape)
      },
      apply: { call in
        func numbers(_ x: Double) -> Tensor { .full([call.i], x, dtype: call.a.dtype, device: call.a.device) }
        return call.a.batchNorm(runningMean: numbers(call.x), runningVar: numbers(call.y))
      }),
  ]

  static let pictures: [Row] = [
    Row(
      swift: "conv2d({a}, {b}, bias: {c}, stride: {i}, padding: {j}, dilation: {k}, groups: {l})",
      python: "F.conv2d({a}, {b}, {c}, stride={i}, padding={j}, dilation={k}, groups={l})",
      choose: { chooser in
        let a = chooser.operand(.floating, .ranks(3...4))
        let shape = chooser.shape(a)
        let channels = shape.count > 2 ? shape[shape.count - 3] : 1
        let groups = chooser.random.element((1...5).filter { channels % $0 == 0 })
        let out = groups * chooser.random.integer(1...3)
        let sizes = [chooser.random.integer(1...3), chooser.random.integer(1...3)]
        let kind = Kind(chooser.type(a).dtype)
        let b = chooser.operand(kind, .exactly([out, channels / groups] + sizes))
        let c = chooser.operand(kind, .exactly([out]))
        let moves = [chooser.random.integer(1...3), chooser.random.integer(0...2), chooser.random.element([1, 1, 2])]
        return Choice(operands: [a, b, c], integers: moves + [groups])
      },
      type: { call in
        let (a, b, c) = (call.a, call.b, call.c)
        if a.dtype != b.dtype || a.dtype != c.dtype || b.rank != 4 || (a.rank != 3 && a.rank != 4) { return .refused }
        if a.shape.suffix(3).contains(0) || b.shape.contains(0) { return .undefined }
        if call.i < 1 || call.k < 1 || call.l < 1 { return .undefined }
        if b.shape[0] % call.l != 0 || a.shape[a.rank - 3] != b.shape[1] * call.l || c.shape != [b.shape[0]] {
          return .refused
        }
        var shape = a.shape.replacing(a.rank - 3, with: b.shape[0])
        for (d, size) in [(a.rank - 2, b.shape[2]), (a.rank - 1, b.shape[3])] {
          let room = a.shape[d] + 2 * call.j - (size - 1) * call.k - 1
          if room < 0 { return .refused }
          shape[d] = room / call.i + 1
        }
        return .gives(a.dtype, shape)
      },
      apply: { conv2d($0.a, $0.b, bias: $0.c, stride: $0.i, padding: $0.j, dilation: $0.k, groups: $0.l) }
    ).overflowing,
    pool(
      "maxPool2d({a}, kernelSize: {i}, stride: {j}, padding: {k}, dilation: {l}, ceilMode: {flag})",
      "F.max_pool2d({a}, {i}, stride={j}, padding={k}, dilation={l}, ceil_mode={flag})", dilates: true
    ) { maxPool2d($0.a, kernelSize: $0.i, stride: $0.j, padding: $0.k, dilation: $0.l, ceilMode: $0.flag) }.exact,
    pool(
      "avgPool2d({a}, kernelSize: {i}, stride: {j}, padding: {k}, ceilMode: {flag})",
      "F.avg_pool2d({a}, {i}, stride={j}, padding={k}, ceil_mode={flag})"
    ) { avgPool2d($0.a, kernelSize: $0.i, stride: $0.j, padding: $0.k, ceilMode: $0.flag) }.overflowing,
    pool(
      "avgPool2d({a}, kernelSize: {i}, stride: {j}, padding: {k}, countIncludePad: false)",
      "F.avg_pool2d({a}, {i}, stride={j}, padding={k}, count_include_pad=False)", hasCeiling: false
    ) { avgPool2d($0.a, kernelSize: $0.i, stride: $0.j, padding: $0.k, countIncludePad: false) }.overflowing,
    Row(
      swift: "adaptiveAvgPool2d({a}, outputSize: [{i}, {j}])", python: "F.adaptive_avg_pool2d({a}, ({i}, {j}))",
      choose: { chooser in
        let a = chooser.operand(.floating, .ranks(3...4))
        return Choice(operands: [a], integers: [chooser.random.integer(1...4), chooser.random.integer(1...4)])
      },
      type: { call in
        let (shape, rank) = (call.a.shape, call.a.rank)
        if rank != 3 && rank != 4 { return .refused }
        if shape.suffix(3).contains(0) || call.i < 1 || call.j < 1 { return .undefined }
        return .gives(call.a.dtype, shape.replacing(rank - 2, with: call.i).replacing(rank - 1, with: call.j))
      }, apply: { adaptiveAvgPool2d($0.a, outputSize: [$0.i, $0.j]) }
    ).overflowing,
  ]

  // With a padding index the gradient leaves out a row on purpose, which finite differences do not.
  static let embeddings: [Row] = [
    Row(
      swift: "{a}.embedding({b})", python: "F.embedding({a}, {b})", isExact: true,
      choose: { chooser in
        let table = chooser.operand(.floating, .ranks(2...2))
        let rows = chooser.shape(table).first ?? 1
        return Choice(operands: [chooser.indices(below: rows, chooser.someShape(0...3)), table])
      },
      type: { call in
        guard let known = call.a.known, call.a.dtype == .int64 else { return .undefined }
        let table = call.b.shape
        if table.count != 2 { return .refused }
        if !known.allSatisfy({ $0 >= 0 && $0 < Double(table[0]) }) { return table[1] == 0 ? .undefined : .refused }
        return .gives(call.b.dtype, call.a.shape + [table[1]])
      }, apply: { $0.a.embedding($0.b) })
  ]
}
