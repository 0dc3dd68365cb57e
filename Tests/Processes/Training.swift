import Kindling
import KindlingDistributed
import KindlingNN

// What DistributedDataParallel does with gradients and buffers.

/// Two layers, of which a process can leave one out.
private final class Fork: Module {
  let left = Linear(2, 1, bias: false)
  let right = Linear(2, 1, bias: false)
  let never = Linear(2, 1, bias: false)
  var usesRight = true
  override func forward(_ x: Tensor) -> Tensor { usesRight ? left(x) + right(x) : left(x) }
}

extension ProcessChecks {
  /// A third is no number of float32.
  private static func isNear(_ gradient: Tensor?, _ expected: [Double]) -> Bool {
    guard let gradient else { return false }
    return zip(gradient.toArray(), expected).allSatisfy { abs($0 - $1) < 1e-6 }
  }

  static func unused(_ group: ProcessGroup) {
    manualSeed(group.rank)  // only the broadcast makes them equal
    let model = Fork()
    let parallel = DistributedDataParallel(model, group)
    let start = group.allGather(model.left.weight)
    check("all begin with rank 0's weights", start.allSatisfy { $0.toArray() == start[0].toArray() }, group)
    for step in 0..<2 {
      model.zeroGrad()
      model.usesRight = group.rank != 1
      parallel(Tensor([[1.0, 2.0]]) * (group.rank + 1)).sum().backward()
      let size = Double(group.size)
      let mean = (size + 1) / 2
      check("left in step \(step)", isNear(model.left.weight.grad, [mean, 2 * mean]), group)
      // Rank 1 would have brought 2 and 4.
      let right = (mean * size - 2) / size
      check("right in step \(step)", isNear(model.right.weight.grad, [right, 2 * right]), group)
      check("never in step \(step)", model.never.weight.grad == nil, group)
    }
  }

  static func accumulation(_ group: ProcessGroup) {
    let model = Linear(1, 1, bias: false)
    let parallel = DistributedDataParallel(model, group, gradients: .sum)
    parallel.noSync { parallel(Tensor([[Double(group.rank)]])).sum().backward() }
    check("not yet", model.weight.grad?.toArray() == [Double(group.rank)], group)
    parallel(Tensor([[10.0]])).sum().backward()
    let ranks = Double(group.size * (group.size - 1) / 2)
    check("both batches of all", model.weight.grad?.toArray() == [ranks + Double(10 * group.size)], group)
    // Where nothing is recorded there is nothing to wait for.
    if group.rank == 0 { _ = noGrad { parallel(Tensor([[1.0]])) } }
    check("evaluation alone", true, group)
  }

  static func buffers(_ group: ProcessGroup) {
    let model = BatchNorm1d(2)
    let parallel = DistributedDataParallel(model, group)
    for step in 0..<3 {
      let x = Tensor.randn(4, 2, generator: Generator(seed: 10 * step + group.rank))
      parallel(x).sum().backward()
    }
    print("running mean \(model.runningMean!.toArray())")
    let shards = DistributedDataParallel(BatchNorm1d(2), ProcessGroup(shards: group.size))
    for step in 0..<3 {
      for rank in 0..<group.size {
        shards(Tensor.randn(4, 2, generator: Generator(seed: 10 * step + rank))).sum().backward()
      }
    }
    let alone = (shards.module as! BatchNorm1d).runningMean!.toArray()
    group.barrier()
    if group.rank == 0 && model.runningMean!.toArray() != alone { group.abort("with shards it is \(alone)") }
  }
}
