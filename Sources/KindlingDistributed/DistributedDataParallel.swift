import Kindling
import KindlingNN

/// A model that several processes train together, each on its own share of every batch: PyTorch's
/// `DistributedDataParallel`.
///
/// ```swift
/// let parallel = DistributedDataParallel(model, group)
/// let optimizer = SGD(model.parameters(), learningRate: 0.1)
/// for (x, y) in shareOfThisProcess {
///   optimizer.zeroGrad()
///   lossFunction(parallel(x), y).backward()  // and here the gradients of all processes become one
///   optimizer.step()                         // so that all make the same step
/// }
/// ```
///
/// The model begins everywhere with the parameters and buffers of rank 0. When `backward()` has come to its end, the gradients
/// of each type are laid in a row, added up over all processes in one call, and laid back. In training each `forward` begins
/// with the buffers of rank 0, such as the running means of a batch norm.
///
/// A parameter that got no gradient in one process, but in another, counts as zeros there, and is named once on standard error.
/// One that got none anywhere keeps none.
///
/// In a group of one there is nothing to do, and nothing is done.
public final class DistributedDataParallel: Module {
  /// What is trained. Its parameters are those to hand to an optimizer, and it is what to evaluate and to save.
  public let module: Module
  /// Who trains it.
  public let group: ProcessGroup
  /// What becomes of the gradients of all processes: their `mean`, as in PyTorch, or their `sum`.
  ///
  /// The mean is that of one process if the loss is a mean over the samples of a batch, and all processes have as many of them.
  /// With a loss that adds up, the gradient of the whole batch is the sum: the mean would be smaller, the more processes there
  /// are. Forget the last step's gradients before each step then: what is still there is added up as well; in a group of
  /// shards it counts for the first rank alone.
  public let gradients: ProcessGroup.Reduction

  /// Whether `backward()` is to bring the gradients together.
  private var isSynchronizing = true
  /// Whether the `backward()` that is under way will.
  private var isQueued = false
  /// How many of the ranks whose work this process does have had their turn in this step.
  private var turn = 0
  private var rows: [GradientRow] = []
  private var namedAsUnused: Set<String> = []
  private let buffersOfShards: BuffersOfShards

  /// A model that `group` trains together. Ends all processes if its parameters and buffers have not the same names, shapes and
  /// types in all of them; rank 0 says which rank has what.
  ///
  /// - Parameters:
  ///   - module: What is trained; it is to be on its device already.
  ///   - group: Who trains it.
  ///   - gradients: `mean` or `sum`.
  public init(_ module: Module, _ group: ProcessGroup, gradients: ProcessGroup.Reduction = .mean) {
    if gradients == .max { fail("DistributedDataParallel", "gradients can be added up or averaged, and nothing else") }
    (self.module, self.group, self.gradients) = (module, group, gradients)
    buffersOfShards = BuffersOfShards(module)
    super.init()
    if group.size == 1 { return }
    group.requireSame("model", description(of: module))
    for parameter in module.parameters() { group.broadcast(parameter) }
    for buffer in module.buffers() { group.broadcast(buffer) }
    rows = GradientRow.rows(module.namedParameters())
  }

  private func description(of module: Module) -> String {
    let members: [(String, Tensor)] =
      module.namedParameters().map { ($0.name, $0.parameter) } + module.namedBuffers().map { ($0.name, $0.buffer) }
    return members.map { "\($0) \($1.shape) of \($1.dtype)" }.joined(separator: "\n")
  }

  /// The model's output. Where gradients are recorded, the `backward()` that comes to it brings them together.
  public override func forward(_ x: Tensor) -> Tensor {
    if group.size == 1 { return module(x) }
    if isTraining && isSynchronizing { synchronizeBuffers() }
    let output = module(x)
    guard isSynchronizing && output.requiresGrad else { return output }
    output.registerHook { [weak self] gradient in
      self?.queue()
      return gradient
    }
    return output
  }

  /// Runs `body` without bringing gradients together: for adding up those of several batches first. The last batch goes without
  /// it, and brings together what all have added up.
  public func noSync<R>(_ body: () throws -> R) rethrows -> R {
    let before = isSynchronizing
    isSynchronizing = false
    defer { isSynchronizing = before }
    return try body()
  }

  /// The gradients are there when the whole walk is done, and not when it begins.
  private func queue() {
    if isQueued { return }
    isQueued = true
    AfterBackward.add { [self] in
      isQueued = false
      unwatched { noGrad { endTurn() } }
    }
  }

  /// The gradients of one rank are there. Those of all become one after the last of this process.
  private func endTurn() {
    let isLast = turn == group.ranks.count - 1
    for row in rows {
      row.collect(isFirst: turn == 0)
      nameUnused(row.unused, by: group.ranks.lowerBound + turn)
      if isLast {
        group.allReduce(row.numbers)
        row.handOut(dividedBy: gradients == .mean ? group.size : 1)
      }
    }
    turn = isLast ? 0 : turn + 1
    if isLast { buffersOfShards.end() }
  }

  private func nameUnused(_ names: [String], by rank: Int) {
    let new = names.filter { namedAsUnused.insert($0).inserted }
    if new.isEmpty { return }
    StandardError.print(
      "\(StandardOutput.prefix)DistributedDataParallel: on rank \(rank) nothing led to \(new.joined(separator: ", ")); "
        + "there its gradient counts as zeros.")
  }

  private func synchronizeBuffers() {
    if group.ranks.count > 1 { return buffersOfShards.begin(turn) }
    for buffer in module.buffers() { group.broadcast(buffer) }
  }
}

/// The buffers of a model that one process trains for several ranks: each begins a step with those of rank 0, and what the others
/// make of them is dropped.
private final class BuffersOfShards {
  private let module: Module
  private var turn = 0
  private var before: [Tensor] = []
  private var ofFirst: [Tensor] = []

  init(_ module: Module) { self.module = module }

  private var now: [Tensor] { module.buffers().map { buffer in noGrad { buffer.clone() } } }

  private func set(_ values: [Tensor]) {
    noGrad { for (buffer, value) in zip(module.buffers(), values) { buffer.copy_(value) } }
  }

  /// The turn of a rank begins, or goes on.
  func begin(_ turn: Int) {
    if turn == 0 && before.isEmpty { before = now }
    if turn > 0 && turn != self.turn {
      if turn == 1 { ofFirst = now }
      set(before)
    }
    self.turn = turn
  }

  /// All ranks have had their turn.
  func end() {
    if !ofFirst.isEmpty { set(ofFirst) }
    (turn, before, ofFirst) = (0, [], [])
  }
}
