import Kindling
import KindlingDistributed
import KindlingNN

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

// What several processes do together, for the tests, which start it with mpirun: `process-checks NAME`. Rank 0 prints.

@main
struct ProcessChecks {
  static func main() throws {
    StandardOutput.begin("process-checks")
    numThreads = 1
    let name = CommandLine.arguments.dropFirst().first ?? ""
    let ordered = CommandLine.arguments.contains("--ordered")
    do {
      let group = try ProcessGroup(isOrdered: ordered)
      if group.rank > 0 { StandardOutput.silence() }
      switch name {
      case "collectives": collectives(group)
      case "model", "type": otherModel(group, name)
      case "data": group.requireSame("samples", Tensor([1, group.rank == group.size - 1 ? 2.5 : 2]))
      case "unused": unused(group)
      case "accumulation": accumulation(group)
      case "buffers": buffers(group)
      case "abort": if group.rank == 1 { group.abort("no more", status: 7) }
      case "mistake": if group.rank == 1 { _ = Tensor([1, 2]) + Tensor([1, 2, 3]) }
      case "leaves": if group.rank == 1 { return }
      case "time": time(group)
      default: break
      }
      group.barrier()
      group.end()
    } catch let error as KindlingError {
      StandardError.print("process-checks: \(error)")
      exit(1)
    }
  }

  /// Each check is made in all processes.
  static func check(_ what: String, _ holds: Bool, _ group: ProcessGroup) {
    if !holds { StandardError.print("rank \(group.rank): \(what)") }
    if group.allReduce(holds ? 0 : 1) > 0 { group.endTogether("\(what) does not hold") }
    print(what)
  }

  static func collectives(_ group: ProcessGroup) {
    let (rank, size) = (group.rank, group.size)
    print("library \(group.library ?? "none")")
    for device in [Device.cpu, .cudaEmulator] {
      for dtype in [DType.float32, .float64, .int32, .int64] {
        let x = (Tensor.arange(5).to(dtype) + rank).to(device)
        group.allReduce(x)
        let sum = (0..<5).map { Double($0 * size + size * (size - 1) / 2) }
        check("sum of \(dtype) on \(device)", x.toArray() == sum && x.device == device, group)
        let y = Tensor([rank, -rank]).to(dtype).to(device)
        group.allReduce(y, .max)
        check("max of \(dtype) on \(device)", y.toArray() == [Double(size - 1), 0], group)
      }
      let root = size - 1
      let flags = Tensor([rank == root, rank != root]).to(device)
      group.broadcast(flags, from: root)
      check("broadcast on \(device)", flags.toArray(of: Bool.self) == [true, false], group)
      let all = group.allGather(Tensor([[rank], [10 * rank]]).to(device))
      check(
        "gather on \(device)",
        all.map { $0.toArray(of: Int.self) } == (0..<size).map { [$0, 10 * $0] } && all[0].shape == [2, 1], group)
    }
    let mean = Tensor([Double(rank)])
    group.allReduce(mean, .mean)
    check("mean", mean.item() == Double(size - 1) / 2, group)
    let column = Tensor.zeros(3, 2)
    noGrad { _ = column[.all, 1].fill_(1) }
    group.allReduce(column[.all, 1])
    check("a view that is no row", column.toArray() == [0, 1, 0, 1, 0, 1].map { $0 * Double(size) }, group)
    manyElements(group)
  }

  /// More than fit into one part of an ordered sum, and sums of which the order tells.
  static func manyElements(_ group: ProcessGroup) {
    let count = 1 << 20 + 3
    let shards = (0..<group.size).map { Tensor.randn(count, generator: Generator(seed: $0)) }
    let x = shards[group.rank].clone()
    group.allReduce(x)
    let inOrder = shards.dropFirst().reduce(shards[0].clone()) { $0.add_($1) }
    if group.isOrdered || group.size == 2 {
      check("added by rank", x.toArray() == inOrder.toArray(), group)
    } else {
      check("added within rounding", (x - inOrder).abs().max().item() < 1e-5, group)
    }
    let all = group.allGather(x)
    check("the same bits everywhere", all.allSatisfy { $0.toArray() == all[0].toArray() }, group)
  }

  static func otherModel(_ group: ProcessGroup, _ what: String) {
    let isLast = group.rank == group.size - 1
    let model = Sequential(Linear(3, what == "model" && isLast ? 5 : 4), ReLU())
    if what == "type" && isLast { model.to(.float64) }
    _ = DistributedDataParallel(model, group)
  }

  static func time(_ group: ProcessGroup) {
    print("processes \(group.size), \(group.isOrdered ? "ordered" : "in the library's order"), \(group.library ?? "")")
    for exponent in stride(from: 0, through: 24, by: 2) {
      let x = Tensor.zeros(1 << exponent)
      let count = max(5, min(2000, 1 << 22 / (1 << exponent)))
      var times: [Double] = []
      for _ in 0..<count + 2 {
        group.barrier()
        let start = ContinuousClock.now
        group.allReduce(x)
        times.append(group.allReduce((ContinuousClock.now - start) / .seconds(1), .max))
      }
      let middle = times.dropFirst(2).sorted()[count / 2]
      print("\(1 << exponent) numbers: \(Int((middle * 1e7).rounded()) / 10) µs")
    }
  }
}
