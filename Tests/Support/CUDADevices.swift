import Kindling

/// The devices that the tests of CUDA run on: the emulator always, and a GPU where there is one.
package enum CUDADevices {
  package static let here: [Device] = [.cudaEmulator] + (Device.cuda.isAvailable ? [.cuda] : [])
  /// For tests that run in a process of their own, which only what can be encoded reaches.
  package static let names = here.map(\.description)
}
