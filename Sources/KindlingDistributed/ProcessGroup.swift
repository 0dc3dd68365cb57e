import Kindling
import MPIDriver

/// The processes that compute together: PyTorch's `torch.distributed`, on MPI.
///
/// `mpirun -n 2 PROGRAM` starts a program twice; each of the two is told its ``rank`` and the ``size`` of the group, and from
/// then on they are the same program but for that number:
///
/// ```swift
/// let group = try ProcessGroup()
/// let x = Tensor([Double(group.rank)])
/// group.allReduce(x)  // [1.0] in both of two processes: 0 + 1
/// group.end()
/// ```
///
/// Every process must make the same calls in the same order, with tensors of the same shapes and types: a call waits for the
/// others. They are to be made on the thread that made the group. The tensors may live on a GPU; what is sent goes through the
/// host's memory.
///
/// An MPI library is looked for when a launcher has started several processes: Open MPI, or one with the standard ABI of MPI 5,
/// such as MPICH. Without a launcher a program is process 0 of 1, nothing is loaded, and every call returns at once.
///
/// A process that ends before ``end()`` takes the others with it, since they would wait for it for ever.
public final class ProcessGroup {
  /// The number of this process, from 0 on.
  public let rank: Int
  /// How many processes there are: `world_size` of PyTorch.
  public let size: Int
  /// The ranks whose work this process does: its own, or all of them in a group of shards.
  public let ranks: Range<Int>
  /// Whether sums of floating-point numbers are added up by rank, and not in the library's order.
  ///
  /// A sum of two does not depend on the order. A sum of more does, in the last bits; in order of ranks it is that of one
  /// process which adds up the same shards. It takes longer: everybody is sent everybody's numbers.
  public let isOrdered: Bool

  /// Whether there are others to talk to.
  private let isConnected: Bool

  /// The group that the launcher has started this program in; process 0 of 1 if there was none.
  ///
  /// - Parameter isOrdered: Whether sums are added up by rank.
  /// - Throws: `KindlingError` if there are others, and no MPI library is found, or one of another kind than the launcher: a
  ///   process that a launcher has started never goes on alone.
  public init(isOrdered: Bool = false) throws {
    var (rank, size): (Int32, Int32) = (0, 1)
    let launched = ProcessGroup.launchedCount != 1
    if launched && !KindlingMPIBegin(&rank, &size) { throw KindlingError(String(cString: KindlingMPIMessage())) }
    (self.rank, self.size, self.isOrdered) = (Int(rank), Int(size), isOrdered)
    ranks = self.rank..<self.rank + 1
    isConnected = launched
  }

  /// A group of one process, which does the work of `shards`, one after the other: the numbers of so many processes, without
  /// them. Ends the program if there is to be less than one.
  ///
  /// What is handed to `allReduce` is then what this process has put together of all of them already.
  public init(shards: Int) {
    if shards < 1 { fail("ProcessGroup", "\(shards) shards; there must be at least 1") }
    (rank, size, ranks, isOrdered, isConnected) = (0, shards, 0..<shards, true, false)
  }

  /// How many processes a launcher has started, this one among them: 1 without a launcher; nil if it does not say, so that only
  /// a group knows. Loads no library.
  public static var launchedCount: Int? {
    let count = KindlingMPILaunched()
    return count < 0 ? nil : max(1, Int(count))
  }

  /// The variables that launchers write into the environment of those whom they start.
  package static var launcherVariables: [String] {
    sequence(state: Int32(0)) { index in
      defer { index += 1 }
      return KindlingMPILauncherVariable(index).map { String(cString: $0) }
    }
    .map { $0 }
  }

  /// The name and version of the MPI library, such as `Open MPI v4.1.4`; nil where none was needed.
  public var library: String? { isConnected ? String(cString: KindlingMPILibrary()) : nil }

  /// Waits until all processes have come here, and leaves the group. A program calls it last.
  public func end() { if isConnected { check(KindlingMPIEnd(), "end") } }

  /// Says `message`, and ends all processes of the group with `status`, wherever they are.
  public func abort(_ message: String, status: Int = 1) -> Never {
    StandardError.print("\(StandardOutput.prefix)rank \(rank) of \(size): \(message)")
    KindlingMPIAbort(Int32(clamping: status))
  }

  /// Waits until all processes have come here.
  public func barrier() { if isConnected { check(KindlingMPIBarrier(), "barrier") } }

  /// A call that fails here has failed for all, or soon will: there is no going on.
  private func check(_ succeeded: Bool, _ operation: String) {
    if !succeeded { abort("\(operation): \(String(cString: KindlingMPIMessage()))") }
  }
}

// MARK: Tensors

extension ProcessGroup {
  /// What becomes of the tensors of all processes: PyTorch's `ReduceOp`.
  public enum Reduction: String, Sendable {
    /// Added up, element by element.
    case sum
    /// Added up, and divided by the number of processes.
    case mean
    /// The largest of each.
    case max
  }

  /// Puts the sum, the mean or the largest of all processes' elements into the place of each process's own. All have the same
  /// bits afterwards.
  ///
  /// Ends the program if `tensor` is of type bool, or the mean of integers is asked for.
  public func allReduce(_ tensor: Tensor, _ reduction: Reduction = .sum) {
    guard let type = tensor.dtype.mpiType, reduction != .mean || tensor.dtype.isFloatingPoint else {
      fail("allReduce", "there is no \(reduction) of elements of type \(tensor.dtype)")
    }
    noGrad {
      if isConnected && size > 1 {
        onHost(tensor) { host in
          if isOrdered && reduction != .max && tensor.dtype.isFloatingPoint { return addByRank(host) }
          let operation: KindlingMPIOperation = reduction == .max ? .max : .sum
          check(KindlingMPIAllReduce(host.pointer, Int64(host.elementCount), type, operation), "allReduce")
        }
      }
      if reduction == .mean { tensor.div_(Double(size)) }
    }
  }

  /// The sum, the mean or the largest of a number of each process.
  public func allReduce(_ value: Double, _ reduction: Reduction = .sum) -> Double {
    allReduce([value], reduction)[0]
  }

  /// The same for several numbers at once, element by element.
  public func allReduce(_ values: [Double], _ reduction: Reduction = .sum) -> [Double] {
    if size == 1 { return values }
    let tensor = Tensor(values, dtype: .float64)
    allReduce(tensor, reduction)
    return tensor.toArray()
  }

  /// Hands the elements of process `root`'s tensor to all, into theirs.
  public func broadcast(_ tensor: Tensor, from root: Int = 0) {
    checkRank(root, in: "broadcast")
    if !isConnected || size == 1 { return }
    noGrad {
      onHost(tensor) { host in
        let byteCount = host.elementCount * host.dtype.byteCount
        check(KindlingMPIBroadcast(host.pointer, Int64(byteCount), Int32(root)), "broadcast")
      }
    }
  }

  /// The tensors of all processes, by rank. Ends the program in a group of shards, where there is nobody to gather from.
  public func allGather(_ tensor: Tensor) -> [Tensor] {
    if ranks.count > 1 { fail("allGather", "one process does the work of \(size) here, and has their tensors itself") }
    if !isConnected || size == 1 { return [tensor.detach().clone()] }
    return noGrad {
      gathered(tensor.to(.cpu).contiguous()).map { $0.to(tensor.device) }
    }
  }

  private func checkRank(_ rank: Int, in operation: String) {
    if !(0..<size).contains(rank) { fail(operation, "there is no rank \(rank); there are \(size), from 0 on") }
  }

  /// Runs `body` on the elements in a row in the host's memory, and brings what it leaves there to where they live.
  private func onHost(_ tensor: Tensor, _ body: (Tensor) -> Void) {
    let host = tensor.to(.cpu).contiguous()
    body(host)
    if host.storage !== tensor.storage { tensor.copy_(host) }
    // A graph that still needs the old elements is to notice.
    tensor.storage.version &+= 1
  }

  /// Each process's elements, in tensors over one block.
  private func gathered(_ host: Tensor) -> [Tensor] {
    let (count, byteCount) = (host.elementCount, host.elementCount * host.dtype.byteCount)
    if byteCount > Int(Int32.max) {
      fail("allGather", "a tensor of \(byteCount) bytes; at most \(Int32.max) can be sent")
    }
    let all = Tensor.zeros([size * count], dtype: host.dtype)
    check(KindlingMPIAllGather(host.pointer, all.pointer, Int32(byteCount)), "allGather")
    return (0..<size).map { all[$0 * count..<($0 + 1) * count].view(host.shape) }
  }

  /// Rank 0's and rank 1's elements, and to these rank 2's …, as one process adds up its shards. In parts, for everybody's
  /// elements take room.
  private func addByRank(_ host: Tensor) {
    let row = host.view([host.elementCount])
    for start in stride(from: 0, to: row.elementCount, by: 1 << 20) {
      let part = row[start..<Swift.min(start + 1 << 20, row.elementCount)]
      let all = gathered(part)
      part.copy_(all[0])
      for other in all.dropFirst() { part.add_(other) }
    }
  }
}

extension DType {
  /// How MPI calls it; nil for what it is not asked to add up.
  fileprivate var mpiType: KindlingMPIType? {
    switch self {
    case .float32: .float32
    case .float64: .float64
    case .int32: .int32
    case .int64: .int64
    case .bool: nil
    }
  }
}
