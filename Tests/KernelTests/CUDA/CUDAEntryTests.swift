import CUDADriver
import CUDAEmulator
import Kindling
import KindlingOptim
import Testing

/// What the host passes to kernels is what they take: the driver copies as many bytes as the PTX says from wherever it is
/// pointed to, and nothing would notice a mistake.
@Suite struct CUDAEntryTests {
  private static let lines: [Substring] = (0..<100).lazy.map(KindlingCUDAPTX).prefix { $0 != nil }
    .flatMap { String(cString: $0!).split(separator: "\n") }

  /// The entries of the PTX, each with the sizes of its parameters in bytes.
  static let entries: [String: [Int]] = {
    var found: [String: [Int]] = [:]
    var entry = ""
    // One parameter a line, as NVIDIA's compiler writes them:
    //     .visible .entry fill_float32(
    //         .param .align 8 .b8 fill_float32_param_0[104],
    //         .param .u64 fill_float32_param_1
    for line in lines {
      let words = line.split { $0 == " " || $0 == "\t" || $0 == "," }
      if words.count == 3, words[1] == ".entry" {
        entry = String(words[2].dropLast())
        found[entry] = []
      } else if words.first == ".param", words.last!.hasPrefix("\(entry)_param_") {
        let bits = Int(words[words.count - 2].drop { !$0.isNumber })!
        let count = words.last!.split(separator: "[").dropFirst().first.map { Int($0.dropLast())! } ?? 1
        found[entry]!.append(bits / 8 * count)
      }
    }
    return found
  }()

  /// One row makes a kernel for each type, also where no operation on tensors asks for it.
  static let beyondTensors = [
    "binary_addScaled_int", "binary_pass", "binary_power_int", "scatter_bool", "scatterAdd_bool",
    "reduce_product_int64_strided",
  ]

  @Test func emulatorAndPTXHaveTheSameKernels() {
    var kernels: [String: [Int]] = [:]
    var index: Int32 = 0
    while let kernel = KindlingEmulatorKernelAt(index)?.pointee {
      kernels[String(cString: kernel.name)] = (0..<Int(kernel.parameterCount)).map { kernel.sizes[$0] }
      index += 1
    }
    // Those of broken.cu are for the emulator only.
    kernels = kernels.filter { !$0.key.hasPrefix("broken_") && !$0.key.hasPrefix("sound_") }
    #expect(CUDAEntryTests.entries.count > 250)
    #expect(Set(kernels.keys).symmetricDifference(CUDAEntryTests.entries.keys).sorted() == [])
    for (name, sizes) in CUDAEntryTests.entries { #expect(kernels[name] == sizes, "\(name)") }
  }

  /// Four floats at once must lie at a multiple of 16 bytes, and the compiler puts an array where it was told it may.
  @Test func sharedArraysAreAligned() {
    let declarations = Self.lines.filter { $0.contains(".shared .align ") }
    #expect(declarations.count > 20)
    for line in declarations { #expect(line.contains(".shared .align 16 "), "\(line)") }
  }

  /// While one of them waits for memory, the other multiplies: registers must do for two.
  @Test(arguments: ["blocked_float32", "blocked_float64", "vectorized_float32"])
  func twoBlocksOfAProductFitAMultiprocessor(_ rung: String) throws {
    let begin = try #require(Self.lines.firstIndex { $0.contains(".entry matmul_\(rung)(") })
    let head = Self.lines[begin...].prefix { $0 != "{" }
    #expect(head.contains(".maxntid 256, 1, 1") && head.contains(".minnctapersm 2"))
  }

  /// Everything that the tests of operations and optimizers launch, and every kernel for products and random numbers.
  @Test func launchesPassWhatTheEntriesTake() async {
    await #expect(processExitsWith: .success) {
      // As on a GPU, where products are cut into shares.
      CUDAHostTests.pretendToBeAGPU()
      let device = Device.cudaEmulator
      let launches = device.launches {
        for operation in CUDATables.operations {
          _ = operation.checkValues(on: device, .emulator)
          _ = operation.checkGradients(on: device, .emulator)
        }
        for operation in CUDATables.elementwise { _ = operation.checkLarge(on: device, .emulator) }
        for row in OptimizerTests.rows { _ = OptimizerTests.problems(of: row, on: device) }
        for test in CUDAReductions.cases { _ = test.problems(on: device) }
        _ = CUDASortTests.problems(on: device, shapes: [[5], [2049]])
        _ = CUDADeviceTests.problemsWithTransposedCopies(on: device)
        for kernel in MatmulKernel.allCases where kernel != .cublas { _ = CUDAMatmulTests.problems(with: kernel) }
        let generator = Generator(seed: 1, device: device)
        for dtype in [DType.float32, .float64] {
          _ = Tensor.rand(3, dtype: dtype, device: device, generator: generator)
          _ = Tensor.randn(3, dtype: dtype, device: device, generator: generator)
          _ = Tensor.zeros(600, 8200, dtype: dtype, device: device).softmax(dim: 1)  // rows enough to keep them whole
        }
        captureStep(on: device) {}.replay()
      }
      var launched: Set<String> = []
      for launch in launches where launched.insert(launch.kernel).inserted {
        #expect(CUDAEntryTests.entries[launch.kernel] == launch.parameterSizes, "\(launch.kernel)")
      }
      let neverLaunched = Set(CUDAEntryTests.entries.keys).subtracting(launched).sorted().filter { name in
        !CUDAEntryTests.beyondTensors.contains { name.hasPrefix($0) }
      }
      #expect(neverLaunched == [], "\(neverLaunched)")
    }
  }
}
