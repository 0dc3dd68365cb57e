import CUDADriver
import CUDAEmulator
import Kindling
import KindlingOptim
import Testing

/// When a device was at work, by its own clock: the lane of a profile that the calls cannot tell. Each test is a process of its
/// own, since profiling begins before the first tensor.
@Suite struct DeviceTimesTests {
  /// A profile of one step.
  private static func profile(_ step: () -> Void) -> [Profile.Event] {
    let profile = Profile()
    profile.begin()
    Watching.set(profile)
    step()
    Watching.set(nil)
    profile.end(0)
    return profile.events
  }

  @Test func aProfileHasEveryLaunchOfTheDevice() async {
    await #expect(processExitsWith: .success) {
      KernelTimes.isOn = true
      let device = Device.cudaEmulator
      let x = Tensor.randn(64, 32).to(device)
      func step() { _ = (x.mm(x.t()) + 1).relu().sum() }
      let launches = device.launches(in: step).map(\.kernel)
      let events = Self.profile(step)
      let device_ = events.filter { $0.lane == .device }
      #expect(device_.map(\.name) == launches && launches.count >= 4, "\(device_.map(\.name)), \(launches)")
      // The emulator works while it is called: a launch takes no longer than the call it belongs to, and they do not overlap.
      let calls = events.filter { $0.lane == .kernels }.reduce(0) { $0 + $1.duration }
      #expect(device_.allSatisfy { $0.duration >= 0 && $0.start >= 0 })
      #expect(device_.reduce(0) { $0 + $1.duration } <= calls)
      for (one, next) in zip(device_, device_.dropFirst()) { #expect(one.start + one.duration <= next.start + 1e-6) }
      // The next step begins anew.
      #expect(Self.profile(step).filter { $0.lane == .device }.count == launches.count)
    }
  }

  @Test func copiesAreTheDevicesWorkToo() async {
    await #expect(processExitsWith: .success) {
      KernelTimes.isOn = true
      let x = Tensor.ones(3, device: .cudaEmulator)
      let names = Self.profile {
        #expect((x + Tensor([1.0, 2, 3]).to(.float32).to(.cudaEmulator)).toArray() == [2, 3, 4])
      }
      .filter { $0.lane == .device }.map(\.name)
      #expect(names.first == "copy in" && names.last == "copy out" && names.count == 3, "\(names)")
    }
  }

  @Test func whatIsPausedIsNotTheSteps() async {
    await #expect(processExitsWith: .success) {
      KernelTimes.isOn = true
      let x = Tensor.ones(3, device: .cudaEmulator)
      let events = Self.profile {
        _ = x + 1
        KernelTimes.paused { _ = unwatched { x.exp() } }
        _ = x + 2
      }
      for lane in [Profile.Lane.kernels, .device] { #expect(events.count { $0.lane == lane } == 2, "\(events)") }
    }
  }

  @Test func theProcessorHasNoLaneOfItsOwn() async {
    await #expect(processExitsWith: .success) {
      KernelTimes.isOn = true
      let x = Tensor.ones(3)
      let lanes = Set(Self.profile { _ = x + 1 }.map(\.lane))
      #expect(lanes == [.step, .forward, .kernels], "\(lanes)")
    }
  }

  @Test func anOptimizersKernelHasItsName() async {
    await #expect(processExitsWith: .success) {
      KernelTimes.isOn = true
      let w = Tensor.ones(3, requiresGrad: true)
      w.grad = Tensor.ones(3)
      let optimizers: [(name: String, optimizer: Optimizer)] = [
        ("SGD step", SGD([w], learningRate: 0.1)), ("Adagrad step", Adagrad([w])), ("RMSprop step", RMSprop([w])),
        ("Adam step", Adam([w])), ("AdamW step", AdamW([w])),
      ]
      for (name, optimizer) in optimizers {
        let kernels = Self.profile { optimizer.step() }.filter { $0.lane == .kernels }.map(\.name)
        #expect(kernels.last == name, "\(kernels)")
      }
    }
  }

  @Test func aReplayIsOnePieceAndWhatIsCapturedNone() async {
    await #expect(processExitsWith: .success) {
      let emulator = RawEmulator()
      let device = emulator.device
      func names() -> [String] {
        var times: UnsafePointer<KindlingCUDATime>?
        var count: Int32 = 0
        #expect(KindlingCUDAEndTimes(device, &times, &count) == .success)
        return (0..<Int(count)).map { i in
          withUnsafeBytes(of: times![i].name) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        }
      }
      #expect(names() == [], "nobody has begun")
      #expect(KindlingCUDABeginTimes(device) == .success)
      var graph: OpaquePointer?
      #expect(KindlingCUDABeginCapture(device) == .success)
      #expect(KindlingCUDABeginTimes(device) == .unsupported)
      #expect(KindlingCUDAEndCapture(device, &graph) == .success)
      #expect(KindlingCUDAReplay(device, graph!) == .success)
      #expect(KindlingCUDAPauseTimes(device, true) == .success)
      _ = emulator.place([1])
      #expect(KindlingCUDAPauseTimes(device, false) == .success)
      _ = emulator.place([2])
      #expect(names() == ["replay", "copy in"])
      _ = emulator.place([3])
      #expect(KindlingCUDABeginTimes(device) == .success)
      #expect(names() == [], "what came between is nobody's")
      #expect(KindlingCUDAClose(device) == .success)
    }
  }
}
