import CUDAEmulator
import Foundation
import Kindling
import KindlingNN
import KindlingOptim
import TestSupport
import Testing

/// Tensors, models and optimizers on devices: moved, mixed up, out of memory, not there.
@Suite struct CUDADeviceTests {
  // MARK: Moving

  @Test(arguments: CUDADevices.here, DType.allCases)
  func elementsSurviveTheWayThereAndBack(_ device: Device, _ dtype: DType) {
    let x = Tensor([[0.0, 1, 2], [3, 4, 5]], dtype: dtype)
    let moved = x.t().to(device)
    #expect(moved.device == device && moved.dtype == dtype && moved.shape == [3, 2])
    #expect(moved.to(.cpu).toArray() == x.t().toArray())
    #expect(moved.to(device) === moved)
    #expect(Tensor.zeros(0, 3, device: device).to(.cpu).shape == [0, 3])
    // More than goes through the pinned buffer at once.
    let many = Tensor.arange(300_000, dtype: .float64)
    #expect(many.to(device).toArray() == many.toArray())
  }

  /// Copies that turn rows into columns go by way of tiles: sizes of tiles, beyond them, and with a batch.
  static func problemsWithTransposedCopies(on device: Device) -> [String] {
    [[64, 64], [70, 130], [1, 300], [3, 40, 50]].flatMap { (shape: Shape) -> [String] in
      DType.allCases.compactMap { dtype in
        let x = Tensor((0..<shape.elementCount).map { $0 % 7 }, shape: shape).to(dtype)
        let copied = x.to(device).transpose(-2, -1).contiguous()
        if copied.toArray() == x.transpose(-2, -1).toArray() { return nil }
        return "\(dtype) \(shape) is not transposed"
      }
    }
  }

  @Test(arguments: CUDADevices.here) func transposedCopiesAreRight(_ device: Device) {
    report(Self.problemsWithTransposedCopies(on: device))
  }

  @Test(arguments: CUDADevices.here) func gradientsComeBackToWhereTheLeafIs(_ device: Device) {
    let x = Tensor([1.0, 2, 3], requiresGrad: true)
    (x.to(device).pow(2) * Tensor([1.0, 10, 100], device: device)).sum().backward()
    #expect(x.grad?.device == .cpu)
    #expect(x.grad?.toArray() == [2, 40, 600])
  }

  @Test(arguments: CUDADevices.here) func randomNumbersAreTheCPUs(_ device: Device) {
    manualSeed(7)
    let expected = Tensor.randn(20).toArray() + Tensor.rand(3, 3).toArray()
    manualSeed(7)
    let got = Tensor.randn(20, device: device).toArray() + Tensor.rand(3, 3, device: device).toArray()
    #expect(got == expected)
  }

  /// A model and its optimizer go on where they are moved to, as if they had been there from the start.
  @Test(arguments: CUDADevices.here, CUDAGraphTests.Rule.allCases)
  func trainingGoesOnAfterAMove(_ device: Device, _ rule: CUDAGraphTests.Rule) throws {
    func train(moving device: Device) -> [Double] {
      manualSeed(2)
      let (x, y) = (Tensor.randn(6, 5), Tensor.randn(6, 2))
      let model = Sequential(Linear(5, 4), Tanh(), Linear(4, 2))
      let optimizer = rule.optimizer(model.parameters())
      for step in 0..<8 {
        let place = step < 4 ? Device.cpu : device
        if step == 4 { model.to(device) }
        optimizer.zeroGrad()
        MSELoss()(model(x.to(place)), y.to(place)).backward()
        optimizer.step()
      }
      #expect(model.parameters().allSatisfy { $0.device == device && $0.grad?.device == device })
      return model.parameters().flatMap { $0.toArray() }
    }
    // 8 steps in float32.
    for (a, b) in zip(train(moving: device), train(moving: .cpu)) { #expect(abs(a - b) <= 1e-5) }
  }

  @Test(arguments: CUDADevices.here) func savesAndLoadsFromADevice(_ device: Device) throws {
    let file = Program.scratch("model.safetensors")
    defer { try? FileManager.default.removeItem(at: file) }
    let model = Linear(3, 2).to(device)
    let optimizer = Adam(model.parameters())
    model(Tensor.ones(1, 3, device: device)).sum().backward()
    optimizer.step()
    try Safetensors.save(model.stateDict(), to: file.path())
    let other = Linear(3, 2).to(device)
    try other.load(stateDict: try Safetensors.load(file.path()).tensors)
    #expect(other.weight.device == device)
    #expect(other.weight.toArray() == model.weight.toArray())
    let restored = Adam(other.parameters())
    try restored.load(stateDict: optimizer.stateDict())
    for parameters in [model.parameters(), other.parameters()] {
      for parameter in parameters { parameter.grad = Tensor.onesLike(parameter) }
    }
    optimizer.step()
    restored.step()
    #expect(other.weight.toArray() == model.weight.toArray())
  }

  // MARK: Philox

  @Test(arguments: CUDADevices.here) func philoxIsThePapers(_ device: Device) {
    // The first block of key 0 and counter 0, as the authors' Random123 has it among its known answers.
    let words: [UInt32] = [0x6627_e8d5, 0xe169_c58d, 0xbc57_ac4c, 0x9b00_dbd8]
    let first = Tensor.rand(4, device: device, generator: Generator(seed: 0, device: device))
    #expect(first.toArray() == words.map { Double($0 >> 8) / 0x1p24 })
    let generator = Generator(seed: -5, device: device)
    func draw() -> [Double] { Tensor.randn(7, device: device, generator: generator).toArray() }
    let (one, two) = (draw(), draw())
    #expect(one != two, "the stream goes on")
    generator.manualSeed(-5)
    #expect(draw() == one)
    #expect(draw() == two)
  }

  @Test(arguments: CUDADevices.here, [DType.float32, .float64])
  func philoxIsSpreadAsItShouldBe(_ device: Device, _ dtype: DType) {
    let generator = Generator(seed: 1, device: device)
    let n = 100_000
    let normal = Tensor.randn(n, dtype: dtype, device: device, generator: generator)
    let uniform = Tensor.zeros(n, dtype: dtype, device: device).uniform_(from: -1, to: 3, generator: generator)
    let coin = Tensor.zeros(n, dtype: dtype, device: device).bernoulli_(0.3, generator: generator)
    // Means and variances of 100,000 numbers, each within five standard errors.
    #expect(abs(normal.mean().item()) < 0.016)
    #expect(abs(normal.pow(2).mean().item() - 1) < 0.023)
    #expect(abs(uniform.mean().item() - 1) < 0.019)
    #expect(uniform.min().item() >= -1 && uniform.max().item() < 3)
    #expect(abs(coin.mean().item() - 0.3) < 0.008)
    // And into a view that is not contiguous.
    let matrix = Tensor.zeros(3, 5, dtype: dtype, device: device)
    matrix.t().normal_(generator: generator)
    #expect(Set(matrix.toArray()).count == 15)
  }

  // MARK: Names

  @Test func devicesHaveNames() throws {
    #expect(try Device("cpu") == .cpu)
    #expect(try Device("cuda-emulator") == .cudaEmulator)
    #expect(try Device("auto") == (Device.cuda.isAvailable ? .cuda : .cpu))
    #expect(["\(Device.cpu)", "\(Device.cuda(1))", "\(Device.cudaEmulator)"] == ["cpu", "cuda:1", "cuda-emulator"])
    #expect(Device.cudaEmulator.isAvailable && Device.cpu.isAvailable && !Device.cuda(1000).isAvailable)
    for name in ["tpu", "", "cuda:", "cuda:x", "cuda:-1", "cuda-emulator:0", "CPU"] {
      let error = #expect(throws: KindlingError.self) { try Device(name) }
      #expect(
        error?.description == "no device is called \(name); it can be cpu, cuda, cuda:1, cuda-emulator or auto")
    }
  }

  @Test(.enabled(if: !Device.cuda.isAvailable, "there is a GPU here")) func saysWhatWasLookedFor() async {
    let error = #expect(throws: KindlingError.self) { try Device("cuda") }
    let message = error?.description ?? ""
    #expect(message.hasPrefix("cuda:0: "))
    if message.contains("no CUDA driver") {
      #expect(message.contains("looked for libcuda.so.1 (") && message.contains("--device cuda-emulator"))
    }
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      _ = Tensor.zeros(2, device: .cuda)
    }
    #expect(fatalMessage(result) == "Device: \(message)")
  }

  @Test func describesTheEmulator() throws {
    let properties = try #require(try Device.cudaEmulator.properties())
    #expect(properties.name.hasPrefix("CUDA emulator (") && properties.memoryByteCount > 0)
    #expect(properties.computeCapability == (7, 5) && properties.driverVersion == (12, 0))
    #expect(try Device.cpu.properties() == nil)
  }

  // MARK: Mistakes

  private static let mixed = "one operand is on cpu and the other on DEVICE; move one with .to(_:)"

  static func mistakes(on device: Device) -> [Mistake] {
    [
      Mistake("add: \(mixed)") { _ = Tensor.ones(2) + Tensor.ones(2, device: device) },
      Mistake("mm: \(mixed)") { _ = Tensor.ones(2, 2).mm(Tensor.ones(2, 2, device: device)) },
      Mistake("lt: \(mixed)") { _ = Tensor.ones(2) < Tensor.ones(2, device: device) },
      Mistake("add_: one operand is on DEVICE and the other on cpu; move one with .to(_:)") {
        let x = Tensor.ones(2, device: device)
        x += Tensor.ones(2)
      },
      Mistake("cat: \(mixed)") { _ = cat([Tensor.ones(2), Tensor.ones(2, device: device)]) },
      Mistake("where: \(mixed)") {
        _ = Tensor.where(Tensor.full([2], true), Tensor.ones(2), Tensor.ones(2, device: device))
      },
      Mistake("gather: \(mixed)") { _ = Tensor.ones(2).gather(dim: 0, index: Tensor([0], device: device)) },
      Mistake("copy on DEVICE: gather: index 5 is out of range 0..<3") {
        let y = Tensor.ones(3, device: device).gather(dim: 0, index: Tensor([0, 5], device: device))
        let z = y + 1  // nobody has noticed yet
        _ = z.toArray()
      },
      Mistake("synchronize on DEVICE: scatter: index -1 is out of range 0..<3") {
        Tensor.ones(3, device: device).scatterAdd_(
          dim: 0, index: Tensor([-1], device: device), src: Tensor.ones(1, device: device))
        device.synchronize()
      },
      Mistake("uniform_: the generator draws on DEVICE, and the tensor is on cpu") {
        _ = Tensor.rand(3, generator: Generator(device: device))
      },
      Mistake("randint: the generator draws on DEVICE; use one of the CPU's, and copy with .to(_:)") {
        _ = Tensor.randint(0, 3, [2], device: device, generator: Generator(device: device))
      },
    ]
  }

  @Test(arguments: CUDADevices.names, mistakes(on: .cudaEmulator).indices)
  func endsWithItsMessage(_ name: String, _ number: Int) async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) { [name, number] in
      CUDADeviceTests.mistakes(on: try Device(name))[number].make()
    }
    let message = Self.mistakes(on: .cudaEmulator)[number].message
    #expect(fatalMessage(result) == message.replacingOccurrences(of: "DEVICE", with: name))
  }

  @Test func memoryThatIsNotThereEndsWithWhatWasAskedFor() async {
    let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
      KindlingEmulatorSetMemory(1 << 20)
      _ = Tensor.zeros(1000, 1000, device: .cudaEmulator)
    }
    // The emulator's name counts the processor's threads.
    let name = (try? Device.cudaEmulator.properties()?.name) ?? ""
    #expect(
      fatalMessage(result)
        == "Tensor: shape [1000, 1000] of float32 takes 3.8 MiB, and cuMemAlloc: CUDA_ERROR_OUT_OF_MEMORY: asked for "
        + "3.8 MiB; of 1.0 MiB on \(name), 1.0 are free, and 0.0 are in use by this program.")
  }
}
