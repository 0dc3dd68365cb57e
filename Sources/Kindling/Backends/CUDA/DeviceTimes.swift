import CUDADriver

// A call on a GPU returns before its kernel has run. When it did run, the device itself says.

extension CUDABackend {
  /// Waits for the device, and lets it note from here on when it is at work.
  func beginTimes() { check(KindlingCUDABeginTimes(handle), "taking the time") }

  /// Leaves out what follows, or no longer.
  func pauseTimes(_ pauses: Bool) { check(KindlingCUDAPauseTimes(handle, pauses), "taking the time") }

  /// Waits for the device, and gives what it did since the beginning, in seconds from there.
  func endTimes() -> [(name: String, start: Double, duration: Double)] {
    var times: UnsafePointer<KindlingCUDATime>?
    var count: Int32 = 0
    check(KindlingCUDAEndTimes(handle, &times, &count), "taking the time")
    return UnsafeBufferPointer(start: times, count: Int(count)).map { time in
      (
        withUnsafeBytes(of: time.name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }, time.start,
        time.duration
      )
    }
  }
}
