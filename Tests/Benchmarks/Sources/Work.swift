/// One line of the table: something that both sides do, and what doing it must cost at least.
struct Work {
  /// Something made ready to be timed.
  typealias Call = () -> Void

  /// How our side is measured.
  enum Ours {
    /// In this program: makes the call ready, with as many threads as were asked for before.
    case call(() -> Call)
    /// By the lesson's own program, which records its seconds a step.
    case step(lesson: Int, problem: String)
    /// By the program of Lessons/GPT, which records its own as well.
    case gptStep
    /// From the start of the lesson's program to its first loss.
    case start(lesson: Int)
    /// The most memory that the lesson's program held while it trained.
    case memory(lesson: Int)
  }

  /// Whom we are compared with.
  enum Peer: String, CaseIterable {
    case numPy = "NumPy"
    case torch = "PyTorch"
    case jax = "JAX"

    /// The name that theirs.py knows it by.
    var argument: String {
      switch self {
      case .numPy: "numpy"
      case .torch: "torch"
      case .jax: "jax"
      }
    }
  }

  /// What theirs.py knows it by, and what the table says.
  let name: String
  let peer: Peer
  let ours: Ours
  /// Ways to do the least that has to be done; the fastest one counts. Each is made ready for a number of threads.
  var floors: [(_ threads: Int) -> Call] = []
  /// How many calls a batch of the floor has, where it is not to be chosen by the clock: a lesson's step is a mean over 500,
  /// and so must its floor be.
  var floorCalls: Int?
  /// How many times a call does the thing: the table gives the cost of one.
  var repetitions = 1
  /// What our time over theirs should be at most.
  var goal: Goal?
  /// What our time over the floor should be at most.
  var floorGoal: Goal?
  /// A number made of our results, which theirs.py makes of its own: the two sides must be doing the same.
  var outcome: (() -> Double)?

  var isMemory: Bool {
    if case .memory = ours { return true }
    return false
  }
}

/// The most that a ratio should be, with one thread and with two or more.
struct Goal {
  let oneThread, twoThreads: Double

  init(_ oneThread: Double, _ twoThreads: Double) { (self.oneThread, self.twoThreads) = (oneThread, twoThreads) }

  func ratio(threads: Int) -> Double { threads == 1 ? oneThread : twoThreads }
}

extension Work {
  /// Everything that is measured, in the order of the table.
  static func all() -> [Work] {
    lessons() + small() + chains() + elementwise() + reductions() + movement() + products() + convolutions()
      + normalizations() + embeddings() + optimizers() + networks() + epochs() + gpt() + programs()
  }
}
