import ArgumentParser
import Kindling
import KindlingDistributed
import Synchronization

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#else
  import Darwin
#endif

/// The wish that a program may stop: Ctrl-C (SIGINT), SIGTERM, or a terminal that is closed (SIGHUP). The first leaves it
/// the time to put its things in order, the second ends it at once.
package enum Interruption {
  /// The exit status with which to stop, 128 and the signal's number; 0 as long as nothing came.
  private static let wanted = Atomic<Int32>(0)
  /// The group of processes that is to end first, 0 where there is none.
  private static let child = Atomic<pid_t>(0)

  /// From here on signals are wishes.
  package static func watch() {
    _ = (wanted.load(ordering: .relaxed), child.load(ordering: .relaxed))  // made here, and not by a signal
    for number in [SIGINT, SIGTERM, SIGHUP] {
      // What was told to ignore a signal goes on doing so: nohup, for one.
      let before = signal(number) { Interruption.handle($0) }
      if unsafeBitCast(before, to: Int.self) == unsafeBitCast(SIG_IGN, to: Int.self) { signal(number, SIG_IGN) }
    }
    signal(SIGALRM) { _ in Interruption.endChild(SIGKILL) }
  }

  // The next two run in signal handlers, where little is allowed: they may not ask for memory.

  private static func handle(_ number: Int32) {
    let isFirst = wanted.exchange(128 + number, ordering: .relaxed) == 0
    endChild(isFirst ? SIGTERM : SIGKILL)
    if !isFirst { _exit(128 + number) }
  }

  private static func endChild(_ number: Int32) {
    let group = child.load(ordering: .relaxed)
    if group == 0 { return }
    kill(-group, number)
    if number == SIGTERM { alarm(1) }  // for a program that does not listen
  }

  /// Asks for the same without a signal.
  static func request(status: Int32) { wanted.store(status, ordering: .relaxed) }

  /// The exit status with which to stop; nil where nobody asks for it.
  package static var status: Int32? {
    let status = wanted.load(ordering: .relaxed)
    return status == 0 ? nil : status
  }

  /// The same, for all processes of a group at once: a signal may reach one of them a step sooner than another. Each of them must
  /// ask.
  package static func status(in group: ProcessGroup?) -> Int32? {
    guard let group, group.size > group.ranks.count else { return status }
    let agreed = Int32(group.allReduce(Double(wanted.load(ordering: .relaxed)), .max))
    if agreed == 0 { return nil }
    request(status: agreed)
    return agreed
  }

  /// Throws the exit status if the program is to stop.
  package static func check() throws { if let status { throw ExitCode(status) } }

  /// Hands signals on to a group of processes until `body` returns, which waits for them to end.
  package static func handedOn<Result>(to group: pid_t, while body: () -> Result) -> Result {
    child.store(group, ordering: .relaxed)
    defer { child.store(0, ordering: .relaxed) }
    // One may have come while the group was being started.
    if status != nil { endChild(SIGTERM) }
    return body()
  }

  /// The signal that came, if it was one.
  package static var name: String? {
    switch (status ?? 0) - 128 {
    case SIGINT: "SIGINT"
    case SIGTERM: "SIGTERM"
    case SIGHUP: "SIGHUP"
    default: nil
    }
  }
}

/// How many training steps to take. `for t in 0..<run.steps` counts them, and ends sooner if the run is to stop.
public struct StepCount {
  /// The number that was asked for.
  public let count: Int
  /// What is told of each step before it begins, and says whether it is to be taken one by one.
  var begins: (Int) -> Bool
  /// Those who take the steps together.
  var group: ProcessGroup?

  /// The steps from `first` on. Before each it is asked whether to stop, so that the one before is done with all that belongs
  /// to it.
  public static func ..< (first: Int, end: StepCount) -> some Sequence<Int> {
    (first..<max(first, end.count)).lazy.prefix { step in
      Interruption.status(in: end.group) == nil && end.begins(step)
    }
  }
}
