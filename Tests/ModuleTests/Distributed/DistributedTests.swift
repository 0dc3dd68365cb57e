import Kindling
import KindlingData
import KindlingDistributed
import KindlingNN
import TestSupport
import Testing

/// A group of one, groups of shards, and who gets which samples: all that needs no other process.
@Suite struct DistributedTests {
  private struct Numbers: Dataset {
    let count: Int
    subscript(_ index: Int) -> Tensor { Tensor(index) }
  }

  /// `list(DistributedSampler(range(10), num_replicas=3, rank=r, seed=5))` after `set_epoch(epoch)` of PyTorch 2.13.
  static let theirs: [(rank: Int, epoch: Int, dropLast: Bool, order: [Int])] = [
    (0, 0, false, [1, 6, 0, 7]),
    (1, 0, false, [4, 3, 2, 1]),
    (2, 0, false, [9, 5, 8, 4]),
    (0, 1, false, [0, 1, 9, 6]),
    (1, 1, false, [7, 8, 2, 0]),
    (2, 1, false, [5, 3, 4, 7]),
    (0, 0, true, [1, 6, 0]),
    (1, 0, true, [4, 3, 2]),
    (2, 0, true, [9, 5, 8]),
    (0, 1, true, [0, 1, 9]),
    (1, 1, true, [7, 8, 2]),
    (2, 1, true, [5, 3, 4]),
  ]

  @Test(arguments: theirs.indices) func dealsOutAsPyTorch(_ number: Int) {
    let (rank, epoch, dropLast, order) = Self.theirs[number]
    let sampler = DistributedSampler(10, rank: rank, of: 3, seed: 5, dropLast: dropLast)
    #expect(sampler.order(epoch: epoch) == order)
    #expect(sampler.count == order.count)
  }

  @Test func fewSamplesAreDealtSeveralTimes() {
    let orders = (0..<5).map { DistributedSampler(2, rank: $0, of: 5, shuffle: false).order(epoch: 0) }
    #expect(orders == [[0], [1], [0], [1], [0]])
  }

  /// PyTorch's `set_epoch`, which is easily forgotten.
  @Test func theLoaderCountsTheEpochs() {
    let sampler = DistributedSampler(10, rank: 1, of: 2, seed: 3)
    let loader = DataLoader(Numbers(count: 10), batchSize: 2, sampler: sampler)
    #expect(loader.count == 3)
    for epoch in 0..<3 {
      let batches = loader.map { $0.toArray(of: Int.self) }
      #expect(batches.map(\.count) == [2, 2, 1])
      #expect(batches.flatMap { $0 } == sampler.order(epoch: epoch))
    }
  }

  @Test func aLoaderWithASamplerGoesOnWhereItWas() throws {
    let sampler = DistributedSampler(10, rank: 0, of: 2)
    func loader() -> DataLoader<Numbers> { DataLoader(Numbers(count: 10), batchSize: 2, sampler: sampler) }
    let first = loader()
    _ = Array(first)
    let iterator = first.makeIterator()
    _ = iterator.next()
    let second = loader()
    try second.load(stateDict: first.stateDict())
    let order = sampler.order(epoch: 1)
    #expect(second.flatMap { $0.toArray(of: Int.self) } == Array(order[2...]))
    #expect(second.flatMap { $0.toArray(of: Int.self) } == sampler.order(epoch: 2))
    // Between two epochs.
    try second.load(stateDict: ["epoch": Tensor(7), "position": Tensor(0)])
    #expect(second.flatMap { $0.toArray(of: Int.self) } == sampler.order(epoch: 7))
    for (state, problem) in [
      (["epoch": Tensor(0), "position": Tensor(4)], "its position is [4], and an epoch has 3 batches there"),
      (["epoch": Tensor(-1), "position": Tensor(0)], "its epoch is [-1]"),
      (["order": Tensor([0]), "position": Tensor(0)], "there is no place for order"),
    ] {
      let error = #expect(throws: KindlingError.self) { try second.load(stateDict: state) }
      #expect(error?.description == "this state dict does not fit DataLoader: \(problem)")
    }
  }

  @Test func aGroupOfOneDoesNothing() throws {
    let group = try ProcessGroup()
    #expect((group.rank, group.size, group.ranks, group.library) == (0, 1, 0..<1, nil))
    #expect(ProcessGroup.launchedCount == 1)
    let x = Tensor([1.0, 2.0])
    for reduction in [ProcessGroup.Reduction.sum, .mean, .max] { group.allReduce(x, reduction) }
    group.broadcast(x)
    group.barrier()
    group.requireSame("x", x)
    group.end()
    #expect(x.toArray() == [1, 2] && group.allReduce(3) == 3)
    #expect(group.allGather(x).map { $0.toArray() } == [[1, 2]])
    let model = Linear(2, 1)
    let parallel = DistributedDataParallel(model, group)
    parallel(x.reshape(1, 2)).sum().backward()
    #expect(model.weight.grad?.toArray() == [1, 2])
  }

  /// Gives the tensor that it holds.
  private final class Holder: Module {
    let output = Tensor([[1.0]], requiresGrad: true) * 2
    override func forward(_ x: Tensor) -> Tensor { output }
  }

  /// A step with a group of one is the step without: the same output, and no hook on the way back.
  @Test func aGroupOfOneAddsNothingToAStep() throws {
    for (group, hooks) in [(try ProcessGroup(), 0), (ProcessGroup(shards: 1), 0), (ProcessGroup(shards: 2), 1)] {
      let holder = Holder()
      let output = DistributedDataParallel(holder, group)(Tensor([[1.0]]))
      #expect(output === holder.output)
      // Hooks are numbered from 1 on.
      let number = Mirror(reflecting: output.registerHook { _ in nil }).children.first { $0.label == "id" }?.value
      #expect(number as? Int == hooks + 1)
    }
  }

  @Test(arguments: [ProcessGroup.Reduction.sum, .mean]) func shardsAddUpToTheBatch(_ gradients: ProcessGroup.Reduction)
  {
    let x = Tensor.randn(8, 3, generator: Generator(seed: 0))
    let model = Linear(3, 2)
    let parallel = DistributedDataParallel(model, ProcessGroup(shards: 4), gradients: gradients)
    for step in 0..<2 {
      parallel.zeroGrad()
      for shard in 0..<4 {
        let loss = parallel(x[2 * shard..<2 * shard + 2]).pow(2)
        (gradients == .sum ? loss.sum() : loss.mean()).backward()
        #expect((model.weight.grad != nil) == (shard == 3), "all of them after the last, in step \(step)")
      }
      let loss = model(x).pow(2)
      let whole = grad(of: gradients == .sum ? loss.sum() : loss.mean(), wrt: model.parameters())
      for (parameter, expected) in zip(model.parameters(), whole) {
        #expect((parameter.grad! - expected).abs().max().item() < 1e-5)
      }
    }
  }

  @Test func aGradientOfTwoUsesIsOne() {
    // The hook of either output asks for the same sum, which is made once.
    let model = Linear(1, 1, bias: false)
    let parallel = DistributedDataParallel(model, ProcessGroup(shards: 2), gradients: .sum)
    for _ in 0..<2 { (parallel(Tensor([[1.0]])) + parallel(Tensor([[2.0]]))).sum().backward() }
    #expect(model.weight.grad?.toArray() == [6])
  }

  @Test func namesInTheStateAreThoseOfPyTorch() {
    let parallel = DistributedDataParallel(Linear(2, 1), ProcessGroup(shards: 2))
    #expect(parallel.stateDict().keys.sorted() == ["module.bias", "module.weight"])
    #expect(parallel.parameters().count == 2)
  }

  static let mistakes: [Mistake] = [
    Mistake("ProcessGroup: 0 shards; there must be at least 1") { _ = ProcessGroup(shards: 0) },
    Mistake("allReduce: there is no mean of elements of type int64") {
      ProcessGroup(shards: 2).allReduce(Tensor([1]), .mean)
    },
    Mistake("allReduce: there is no sum of elements of type bool") {
      ProcessGroup(shards: 2).allReduce(Tensor([true]))
    },
    Mistake("broadcast: there is no rank 2; there are 2, from 0 on") {
      ProcessGroup(shards: 2).broadcast(Tensor([1]), from: 2)
    },
    Mistake("allGather: one process does the work of 2 here, and has their tensors itself") {
      _ = ProcessGroup(shards: 2).allGather(Tensor([1]))
    },
    Mistake("DistributedSampler: there is no rank 2 of 2") { _ = DistributedSampler(5, rank: 2, of: 2) },
    Mistake("DistributedSampler: there are no samples to share") { _ = DistributedSampler(0, rank: 0, of: 1) },
    Mistake("DistributedSampler: this process does the work of 2: name the rank") {
      _ = DistributedSampler(5, ProcessGroup(shards: 2))
    },
    Mistake("DistributedDataParallel: gradients can be added up or averaged, and nothing else") {
      _ = DistributedDataParallel(Linear(1, 1), ProcessGroup(shards: 2), gradients: .max)
    },
  ]

  @Test(arguments: mistakes.indices) func mistakesAreSaid(_ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [number] in
      DistributedTests.mistakes[number].make()
    }
    #expect(fatalMessage(result) == Self.mistakes[number].message)
  }
}
