import Kernels
import Kindling

// Single operations: small ones, chains of them, and passes over 10^3, 10^5 and 10^7 numbers.

extension Work {
  /// One operation on tensors of one element: what it costs to be an operation at all.
  static func small() -> [Work] {
    let goal = Goal(0.08, 0.08)
    return [
      Work(
        name: "small add, unrecorded", peer: .torch,
        ours: .call {
          let (x, y) = (Tensor([1.0]), Tensor([2.0]))
          return { for _ in 0..<100 { _ = x + y } }
        }, floors: [{ _ in objects(count: 1, buffers: 1, times: 100) }], repetitions: 100, goal: goal),
      Work(
        name: "small add, recorded", peer: .torch,
        ours: .call {
          let (x, y) = (Tensor([1.0], requiresGrad: true), Tensor([2.0]))
          return { for _ in 0..<100 { _ = x + y } }
        }, floors: [{ _ in objects(count: 2, buffers: 1, times: 100) }], repetitions: 100, goal: goal),
    ]
  }

  /// Forward and backward through a chain of additions; the cost of one.
  static func chains() -> [Work] {
    [100, 1000, 10_000, 100_000, 1_000_000].map { length in
      Work(
        name: "add and backward, chain of \(length)", peer: .torch,
        ours: .call {
          let (x, y) = (Tensor([1.0], requiresGrad: true), Tensor([2.0]))
          return {
            var sum = x
            for _ in 0..<length { sum = sum + y }
            sum.backward()
            x.grad = nil
          }
        }, floors: length == 100 ? [{ _ in objects(count: 3, buffers: 2, times: 100) }] : [], repetitions: length,
        goal: Goal(0.15, 0.15))
    }
  }

  /// The least for a tensor: instances of classes (itself, its place in the graph, its gradient) and memory for elements.
  private static func objects(count: Int, buffers: Int, times: Int) -> Call {
    final class Object {
      var fields: (Int, Int, Int, Int, Int, Int, Int, Int) = (0, 0, 0, 0, 0, 0, 0, 0)
    }
    // Kept from one to the next, or the compiler would see that nobody looks at them and make none.
    var kept: [Object?] = [nil, nil, nil]
    return {
      for _ in 0..<times {
        for i in 0..<count { kept[i] = Object() }
        for _ in 0..<buffers { KindlingDeallocate(KindlingAllocate(4)!, 4) }
      }
    }
  }

  // MARK: Large

  /// The sizes that operations on many numbers are measured with. theirs.py has the same.
  private static let sizes: [(name: String, rows: Int, columns: Int)] = [
    ("10^3", 10, 100), ("10^5", 100, 1000), ("10^7", 10_000, 1000),
  ]

  /// A row for each size; `goals` go with the sizes, `reads` and `writes` are float32 numbers for each element.
  private static func sized(
    _ name: String, goals: [Goal], reads: Int, writes: Int, _ make: @escaping (_ rows: Int, _ columns: Int) -> Call
  ) -> [Work] {
    zip(sizes, goals).map { size, goal in
      let count = size.rows * size.columns
      let pass = MemoryPass(bytesRead: 4 * count * reads, bytesWritten: 4 * count * writes)
      return Work(
        name: "\(name) \(size.name)", peer: .torch, ours: .call { make(size.rows, size.columns) },
        floors: Floor(products: [], pass: pass).calls, goal: goal,
        floorGoal: name == "add" && count == 10_000_000 ? Goal(1.1, 1.1) : nil)
    }
  }

  private static func unary(
    _ name: String, goals: [Goal], _ operation: @escaping (Tensor) -> Tensor
  ) -> [Work] {
    sized(name, goals: goals, reads: 1, writes: 1) { rows, columns in
      let x = Tensor.randn(rows, columns)
      return { _ = operation(x) }
    }
  }

  private static let equalGoals = [Goal(1, 1), Goal(1, 1), Goal(1, 1)]
  private static let functionGoals = [Goal(1, 1), Goal(0.7, 0.6), Goal(1, 1)]

  /// Element by element, also where one operand is a row or a column that broadcasts.
  static func elementwise() -> [Work] {
    func binary(
      _ name: String, reads: Int = 2, _ other: @escaping (_ rows: Int, _ columns: Int) -> Shape,
      _ operation: @escaping (Tensor, Tensor) -> Tensor
    ) -> [Work] {
      sized(name, goals: equalGoals, reads: reads, writes: 1) { rows, columns in
        let (x, y) = (Tensor.randn(rows, columns), Tensor.randn(other(rows, columns)))
        return { _ = operation(x, y) }
      }
    }
    return binary("add", { [$0, $1] }, +) + binary("add a row", reads: 1, { [$1] }, +)
      + binary("mul", { [$0, $1] }, *) + binary("mul by a column", reads: 1, { rows, _ in [rows, 1] }, *)
      + unary("relu", goals: equalGoals) { $0.relu() }
      + unary("exp", goals: functionGoals) { $0.exp() }
      + unary("tanh", goals: functionGoals) { $0.tanh() }
      + unary("gelu", goals: functionGoals) { $0.gelu() }
      + unary("softmax", goals: [Goal(1, 1), Goal(0.7, 0.7), Goal(1, 1)]) { $0.softmax(dim: 1) }
  }

  static func reductions() -> [Work] {
    func reduction(
      _ name: String, goals: [Goal] = equalGoals, _ operation: @escaping (Tensor) -> Tensor
    ) -> [Work] {
      sized(name, goals: goals, reads: 1, writes: 0) { rows, columns in
        let x = Tensor.randn(rows, columns)
        return { _ = operation(x) }
      }
    }
    return reduction("sum", goals: [Goal(1, 1), Goal(1, 0.8), Goal(1, 1)]) { $0.sum() }
      + reduction("sum of rows") { $0.sum(dim: 1) }
      + reduction("sum of columns") { $0.sum(dim: 0) } + reduction("max") { $0.amax() }
  }

  static func movement() -> [Work] {
    unary("copy of a transpose", goals: equalGoals) { $0.t().contiguous() }
  }
}
