import Foundation
import Kindling
import TestSupport
import Testing

/// int32 beside int64: what becomes of it, and where it ends. The numbers are PyTorch's.
@Suite struct Int32Tests {
  private static let devices = [Device.cpu, .cudaEmulator]
  private let least = Int(Int32.min)
  private let most = Int(Int32.max)

  @Test(arguments: devices) func arithmeticWrapsAroundAtItsOwnEnds(_ device: Device) {
    func int32(_ values: Int...) -> Tensor { Tensor(values, dtype: .int32, device: device) }
    func same(_ x: Tensor, _ values: Int...) -> Bool { x.dtype == .int32 && x.toArray(of: Int.self) == values }
    #expect(same(int32(most, least) + 1, least, least + 1) && same(int32(most) * int32(most), 1))
    #expect(same(-int32(least), least) && same(int32(least).abs(), least))
    #expect(same(int32(1, 2) + (1 << 40), 1, 2) && same(int32(1, 2) * (1 << 40), 0, 0))
    #expect(same(int32(least, 7).floorDivide(int32(-1, -2)), least, -4) && same(int32(7, -7) % -2, -1, -1))
    #expect(same(int32(1, 2, 3).pow(2), 1, 4, 9) && same(Tensor.pow(2, int32(1, 2, 31)), 2, 4, least))
    #expect(
      same(int32(least, 5, most).clamp(min: 0), 0, 5, most) && same(int32(least, 5, most).clamp(max: 6), least, 5, 6))
    #expect(same(int32(least, 5, most).clone().clamp_(min: 0), 0, 5, most) && same(int32(3, most).relu(), 3, most))
    #expect(same(int32(3, 1, 2).sort().values, 1, 2, 3) && same(int32(least, most).max(), most))
  }

  @Test(arguments: devices) func sumsAndProductsAreInt64(_ device: Device) {
    let x = Tensor([most, most, 2], dtype: .int32, device: device)
    for (result, expected) in [
      (x.sum(), [2 * most + 2]), (x.prod(), [2 * most * most]), (x.cumsum(dim: 0), [most, 2 * most, 2 * most + 2]),
      (x.cumprod(dim: 0), [most, most * most, 2 * most * most]), (x.argmax(), [0]),
    ] {
      #expect(result.dtype == .int64 && result.toArray(of: Int.self) == expected)
    }
    #expect(x.max().dtype == .int32 && x.median().dtype == .int32 && x.dot(x).dtype == .int32)
  }

  @Test(arguments: devices) func whatItCannotHoldBecomesTheLowest(_ device: Device) {
    for dtype in [DType.float32, .float64] {
      let x = Tensor([3e9, -3e9, Double.nan, .infinity, 2.7, -2.7], dtype: dtype, device: device).to(.int32)
      #expect(x.toArray(of: Int.self) == [least, least, least, least, 2, -2])
    }
    #expect(Tensor([(1 << 40) + 3, most + 1], device: device).to(.int32).toArray(of: Int.self) == [3, least])
  }

  @Test func numbersMeetItAsTheyMeetInt64() {
    let x = Tensor([1, 2, 3], dtype: .int32)
    #expect((x + 2).dtype == .int32 && (x + 2.5).dtype == .float32 && (x / 2).dtype == .float32)
    #expect((x + true).dtype == .int32 && Tensor.where(x > 1, x, 0).dtype == .int32)
    #expect(x.maximum(x > 1).dtype == .int32 && (x > 1).minimum(x).dtype == .int32 && (x > 0).pow(x).dtype == .int32)
    #expect(((x > 0) % x).dtype == .int32 && x.floorDivide(x > 0).dtype == .int32)
    #expect((Tensor(5) + x).dtype == .int32 && (Tensor(5, dtype: .int32) + Tensor([1])).dtype == .int64)
    #expect(
      Tensor([Int32(4), 5]).dtype == .int32 && x.toArray(of: Int32.self) == [1, 2, 3] && x[1].item(as: Int.self) == 2)
    #expect("\(x)" == "tensor([1, 2, 3], dtype=torch.int32)")
    #expect(Tensor.arange(0, 1 << 33, step: 1 << 31, dtype: .int32).toArray(of: Int.self) == [0, least, 0, least])
    #expect(Tensor.linspace(0, 5, steps: 4, dtype: .int32).toArray() == [0, 1, 3, 5])
  }

  @Test(arguments: devices) func itNamesPlaces(_ device: Device) {
    let y = Tensor.arange(12.0, 24, device: device).reshape(3, 4)
    let places = Tensor([0, -1], dtype: .int32, device: device)
    #expect(y[places].toArray() == y[Tensor([0, 2], device: device)].toArray())
    #expect(y[places, places].toArray() == [12, 23] && y[Tensor(1, dtype: .int32, device: device)].shape == [4])
    #expect(places.abs().embedding(y).shape == [2, 4])
    let z = y.clone()
    z[places] = 0
    #expect(z.sum(dim: 1).toArray() == [0, 70, 0])
  }

  @Test func aFileKeepsIt() throws {
    let path = FileManager.default.temporaryDirectory.appending(path: "kindling-\(UUID().uuidString)").path
    defer { try? FileManager.default.removeItem(atPath: path) }
    let x = Tensor([[least, -1], [0, most]], dtype: .int32)
    try Safetensors.save(["x": x], to: path)
    let read = try Safetensors.load(path).tensors["x"]!
    #expect(read.dtype == .int32 && read.toArray(of: Int.self) == [least, -1, 0, most])
  }
}
