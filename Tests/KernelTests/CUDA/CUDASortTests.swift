import Kindling
import TestSupport
import Testing

/// Sorting by CUDA's kernels: rows that a block takes whole, rows of several runs, and what is hard to put in order.
@Suite struct CUDASortTests {
  /// Around the lengths of a warp, of a run, and of runs that are merged once, twice and three times; many rows, none, and
  /// other layouts.
  static let shapes: [Shape] = [
    [0], [1], [2], [3], [31], [32], [33], [1023], [1024], [1025], [2047], [2048], [2049], [4096], [5000], [0, 5],
    [5, 0],
    [700, 3], [3, 1030], [2, 3, 4], [4, 1, 2100],
  ]

  /// Numbers many of which are equal, and everything that is no ordinary number.
  static func numbers(_ count: Int, _ dtype: DType) -> [Double] {
    let special = [Double.nan, .infinity, -.infinity, 0, -0.0]
    return (0..<count).map { i in
      let mixed = i * 7919 % 10_007
      if dtype.isFloatingPoint && mixed % 11 == 0 { return special[mixed / 11 % 5] }
      return Double(mixed % 97 - 48) / (dtype.isFloatingPoint ? 4 : 1)
    }
  }

  /// The places in order, by Swift's own sort, which is stable: NaN is larger than any number.
  static func order(_ row: [Double], descending: Bool) -> [Int] {
    func isLess(_ a: Double, _ b: Double) -> Bool { a < b || (b.isNaN && !a.isNaN) }
    return row.indices.sorted {
      let (a, b) = descending ? (row[$1], row[$0]) : (row[$0], row[$1])
      return isLess(a, b) || (!isLess(b, a) && $0 < $1)
    }
  }

  static func problems(on device: Device, shapes: [Shape] = shapes) -> [String] {
    var problems: [String] = []
    for shape in shapes {
      for dtype in DType.allCases {
        let x = Tensor(numbers(shape.elementCount, dtype), shape: shape, dtype: .float64).to(dtype)
        let (values, columns) = (x.toArray(), shape.last!)
        for descending in [false, true] {
          let got = x.to(device).argsort(descending: descending).toArray(of: Int.self)
          let rows = columns == 0 ? 0 : values.count / columns
          let expected = (0..<rows).flatMap {
            order(Array(values[$0 * columns..<($0 + 1) * columns]), descending: descending)
          }
          if got != expected { problems.append("\(shape), \(dtype), descending: \(descending)") }
        }
      }
    }
    return problems
  }

  @Test(arguments: CUDADevices.names) func rowsOfEveryLengthAreSorted(_ name: String) throws {
    report(Self.problems(on: try Device(name)))
  }

  @Test(arguments: CUDADevices.names) func otherLayoutsAreSorted(_ name: String) throws {
    let device = try Device(name)
    let x = Tensor(Self.numbers(1200, .float64), shape: [40, 30], dtype: .float64)
    let (y, there) = (x.t(), x.to(device).t())
    for d in [0, 1] {
      #expect(there.argsort(dim: d).toArray() == y.argsort(dim: d).toArray())
      #expect(there.topk(7, dim: d).indices.toArray() == y.topk(7, dim: d).indices.toArray())
      #expect(there.median(dim: d).indices.toArray() == y.median(dim: d).indices.toArray())
    }
    #expect(there[.slice(1, step: 3)].argsort().toArray() == y[.slice(1, step: 3)].argsort().toArray())
    let one = Tensor.zeros(1, 1, device: device).expand(3, 1500)
    #expect(one.argsort().toArray(of: Int.self) == (0..<3).flatMap { _ in Array(0..<1500) })
  }

  /// In every order of the threads, and with every access watched.
  @Test func sortingPassesTheChecks() async {
    await #expect(processExitsWith: .success) {
      let shapes: [Shape] = [[5], [33], [70, 3], [1024], [1025], [2, 2049]]
      for order in EmulatorTests.orders {
        Emulator.order = order
        report(Self.problems(on: .cudaEmulator, shapes: shapes))
      }
      Emulator.isChecking = true
      report(Self.problems(on: .cudaEmulator, shapes: shapes))
    }
  }

  /// A sort by the processor would have to wait for the device, and could not be recorded.
  @Test func sortingStaysOnTheDevice() async {
    await #expect(processExitsWith: .success) {
      let device = Device.cudaEmulator
      let x = Tensor((0..<3000).map { Double($0 * 7 % 3000) }, device: device)
      let sorted = Tensor.zeros(3000, device: device)
      let kernels = device.launches { _ = x.argsort() }.map(\.kernel)
      #expect(kernels == ["sort_runs_float32", "sort_merge_float32", "sort_merge_float32"])
      let step = captureStep(on: device) { _ = sorted.copy_(x.sort().values) }
      for _ in 0..<2 {
        step.replay()
        #expect(sorted.toArray() == (0..<3000).map(Double.init))
        _ = x.copy_(sorted.flip([0]))
      }
    }
  }
}
