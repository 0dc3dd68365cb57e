import Kindling
import TestSupport
import Testing

/// Every rung of the ladder of products gives the CPU's numbers.
@Suite struct CUDAMatmulTests {
  /// Batch, rows, inner, columns: one element, edges of tiles (8, 16, 64, 128) and just beyond, multiples of four (for
  /// vectors) and not, an inner dimension of 0.
  typealias Size = (Int, Int, Int, Int)
  static let sizes: [Size] = [
    (1, 1, 1, 1), (1, 16, 16, 16), (1, 17, 33, 65), (1, 128, 8, 128), (1, 132, 20, 136), (3, 5, 4, 8), (2, 64, 64, 64),
    (1, 3, 0, 2), (1, 1, 300, 1),
  ]

  /// What is not the CPU's with a kernel, straight and transposed, in each type. float32 and float64 add up to 300
  /// products in another order; integers are exact.
  static func problems(
    with kernel: MatmulKernel, on device: Device = .cudaEmulator, sizes: [Size] = sizes
  ) -> [String] {
    do { try device.setMatmulKernel(kernel) } catch { return ["\(error)"] }
    defer { try! device.setMatmulKernel(.automatic) }
    return sizes.flatMap { size -> [String] in
      let (batch, m, k, n) = size
      return [DType.float32, .float64, .int32, .int64].flatMap { dtype -> [String] in
        func numbers(_ shape: Shape, _ modulus: Int) -> Tensor {
          let values = (0..<shape.elementCount).map { Double(($0 * 31) % modulus) - 5 }
          return Tensor(values, shape: shape, dtype: dtype)
        }
        let (x, y) = (numbers([batch, m, k], 13), numbers([batch, k, n], 11))
        let (xT, yT) = (x.transpose(1, 2).contiguous(), y.transpose(1, 2).contiguous())
        let expected = x.bmm(y).toArray()
        return [false, true].flatMap { first in
          [false, true].compactMap { second in
            let a = first ? xT.to(device).transpose(1, 2) : x.to(device)
            let b = second ? yT.to(device).transpose(1, 2) : y.to(device)
            let tolerance = dtype.isFloatingPoint ? Tolerance.emulator : Tolerance.exact
            return difference(of: a.bmm(b).toArray(), from: expected, .float32, tolerance, .ofLargest).map {
              "\(kernel), \(size), \(dtype), transposed \(first) and \(second): \($0)"
            }
          }
        }
      }
    }
  }

  // One process each: the choice holds for the device.
  @Test(arguments: MatmulKernel.allCases.filter { $0 != .cublas }.map(\.rawValue))
  func everyRungAgrees(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      report(CUDAMatmulTests.problems(with: MatmulKernel(rawValue: name)!))
    }
  }

  /// Small integers are exact in every format; these numbers are not, so that products rounded to TF32's 11 bits (an
  /// error of 3e-4 for each, 0.01 in the sum) would be seen. float32 is off by less than 1e-5 times the root of k.
  static func roundingProblems(with kernel: MatmulKernel, on device: Device) throws -> [String] {
    try device.setMatmulKernel(kernel)
    defer { try! device.setMatmulKernel(.automatic) }
    return [(64, 784, 100), (130, 300, 72), (300, 64, 260)].compactMap { m, k, n in
      let generator = Generator(seed: 3)
      let x = Tensor.randn(m, k, generator: generator), y = Tensor.randn(k, n, generator: generator)
      let error = (x.to(device).mm(y.to(device)).to(.cpu).to(.float64) - x.to(.float64).mm(y.to(.float64))).abs().max()
      let bound = 1e-5 * Double(k).squareRoot()
      return error.item() <= bound ? nil : "\(kernel), \(m)x\(k)x\(n): off by \(error.item()), more than \(bound)"
    }
  }

  @Test(arguments: CUDADevices.names, MatmulKernel.allCases.map(\.rawValue))
  func everyRungRoundsAsFloat32Does(_ place: String, _ kernelName: String) async {
    await #expect(processExitsWith: .success) { [place, kernelName] in
      let (device, kernel) = (try Device(place), MatmulKernel(rawValue: kernelName)!)
      // cuBLAS is not everywhere.
      if kernel == .cublas && (try? device.setMatmulKernel(kernel)) == nil { return }
      report(try CUDAMatmulTests.roundingProblems(with: kernel, on: device))
    }
  }

  @Test(.enabled(if: Device.cuda.isAvailable, "no GPU here"), arguments: MatmulKernel.allCases.map(\.rawValue))
  func everyRungAgreesOnAGPU(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      let kernel = MatmulKernel(rawValue: name)!
      // cuBLAS is not everywhere.
      if kernel == .cublas && (try? Device.cuda.setMatmulKernel(kernel)) == nil { return }
      report(CUDAMatmulTests.problems(with: kernel, on: .cuda))
    }
  }

  /// A grid has at most 65535 blocks along y and z, and its tiles go along x.
  @Test(arguments: CUDADevices.names) func aTallMatrixIsNotTooTall(_ name: String) async {
    await #expect(processExitsWith: .success) { [name] in
      let device = try Device(name)
      try device.setMatmulKernel(.naive)
      let rows = 8 * 65535 + 1
      let product = Tensor.full([rows, 1], 3.0, device: device).mm(Tensor.full([1, 1], 2.0, device: device))
      #expect(product.sum().item() == Double(6 * rows))
    }
  }

  @Test func theChosenRungIsLaunchedWhereItCanBe() async {
    await #expect(processExitsWith: .success) {
      func kernel(_ kernel: MatmulKernel, _ columns: Int, _ dtype: DType) -> String {
        try! Device.cudaEmulator.setMatmulKernel(kernel)
        let x = Tensor.ones(4, columns, dtype: dtype, device: .cudaEmulator)
        return Device.cudaEmulator.launches { _ = x.t().mm(x) }.map(\.kernel).joined(separator: " ")
      }
      #expect(kernel(.naive, 4, .float32) == "matmul_naive_float32")
      #expect(kernel(.tiled, 4, .int64) == "matmul_tiled_int64")
      #expect(kernel(.blocked, 4, .float64) == "matmul_blocked_float64")
      #expect(kernel(.blocked, 4, .int64) == "matmul_tiled_int64", "one rung below")
      #expect(kernel(.vectorized, 8, .float32) == "matmul_vectorized_float32")
      #expect(kernel(.vectorized, 7, .float32) == "matmul_blocked_float32", "rows of 7 are no vectors of 4")
    }
  }

  @Test func saysWhereThereIsNoChoice() throws {
    let cpu = #expect(throws: KindlingError.self) { try Device.cpu.setMatmulKernel(.tiled) }
    #expect(cpu?.description == "cpu: products have one kernel here; only CUDA devices have kernels to choose from")
    let cublas = #expect(throws: KindlingError.self) { try Device.cudaEmulator.setMatmulKernel(.cublas) }
    #expect(cublas?.description.hasPrefix("cuda-emulator: cuBLAS ") ?? false)
  }
}
